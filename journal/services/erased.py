"""Which rows of a file are left out: those of accounts that were erased after the file was handed in, and of accounts
that the connection which brought it is not to fill."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.utils import timezone

from journal.brokers.base import ProblemRow, StatementInfo
from journal.domain.identity import digest
from journal.domain.values import Severity
from journal.models import BrokerAccount, ErasedInFile, ImportBatch, StatementFile

T = TypeVar("T")

_NOT_CHOSEN = (
    "The connection that brought this file is not to fill this account, so its rows were left out. Add the account to "
    "those of the connection to have it."
)

_LEFT_OUT = (
    "An account of this file was erased after the file was handed in, so its rows were left out. Upload the file "
    "anew to import them."
)


class ErasedRows:
    """Sorts out the rows of one import, and says so once for each account."""

    def __init__(self, batch: ImportBatch, broker: str) -> None:
        self._broker = batch.account.broker if batch.account is not None else broker
        self._unnamed = batch.expected_number
        self._erased = set(
            ErasedInFile.objects.filter(
                file_id=batch.file_id, erased_at__gt=batch.received_at
            ).values_list("number_hash", flat=True)
        )
        connection = batch.connection
        self._chosen = set(connection.account_numbers) if connection else set()
        if connection is not None:
            self._erased |= set(connection.erased)
        self._known: dict[str, bool] = {}
        self.notices: list[ProblemRow] = []

    def without(self, records: Sequence[T]) -> Sequence[T]:
        """Those that are about other accounts."""
        if not (self._erased or self._chosen):
            return records
        return [record for record in records if not self._is_left_out(record)]

    def _is_left_out(self, record: object) -> bool:
        number = str(getattr(record, "account_id", "")) or self._unnamed
        if isinstance(record, StatementInfo) and record.broker:
            self._broker = record.broker
        if number not in self._known:
            row = int(getattr(record, "row", 0))
            is_erased = number_hash(self._broker, number) in self._erased
            is_chosen = not (self._chosen and number) or number in self._chosen
            self._known[number] = is_erased or not is_chosen
            if is_erased:
                self.notices.append(
                    ProblemRow(row, "", Severity.INFO, "account_erased", _LEFT_OUT, {})
                )
            elif not is_chosen:
                self.notices.append(
                    ProblemRow(row, "", Severity.INFO, "account_not_chosen", _NOT_CHOSEN, {})
                )
        return self._known[number]


def note_erased(account: BrokerAccount, file_ids: set[int]) -> None:
    """Files that are kept for other accounts forget this one."""
    for file in StatementFile.objects.filter(pk__in=file_ids):
        ErasedInFile.objects.update_or_create(
            workspace_id=account.workspace_id,
            file=file,
            number_hash=number_hash(account.broker, account.broker_id),
            defaults={"erased_at": timezone.now()},
        )


def number_hash(broker: str, number: str) -> str:
    return digest(broker, number[:64])
