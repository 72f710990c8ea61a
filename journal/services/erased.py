"""Which rows of a kept file are about accounts that were erased after the file was handed in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.utils import timezone

from journal.brokers.base import ProblemRow, StatementInfo
from journal.domain.identity import digest
from journal.domain.values import Severity
from journal.models import BrokerAccount, ErasedInFile, ImportBatch, StatementFile

T = TypeVar("T")

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
        self._known: dict[str, bool] = {}
        self.notices: list[ProblemRow] = []

    def without(self, records: Sequence[T]) -> Sequence[T]:
        """Those that are about other accounts."""
        if not self._erased:
            return records
        return [record for record in records if not self._is_erased(record)]

    def _is_erased(self, record: object) -> bool:
        number = str(getattr(record, "account_id", "")) or self._unnamed
        if isinstance(record, StatementInfo) and record.broker:
            self._broker = record.broker
        if number not in self._known:
            self._known[number] = _hash(self._broker, number) in self._erased
            if self._known[number]:
                row = int(getattr(record, "row", 0))
                self.notices.append(
                    ProblemRow(row, "", Severity.INFO, "account_erased", _LEFT_OUT, {})
                )
        return self._known[number]


def note_erased(account: BrokerAccount, file_ids: set[int]) -> None:
    """Files that are kept for other accounts forget this one."""
    for file in StatementFile.objects.filter(pk__in=file_ids):
        ErasedInFile.objects.update_or_create(
            workspace_id=account.workspace_id,
            file=file,
            number_hash=_hash(account.broker, account.broker_id),
            defaults={"erased_at": timezone.now()},
        )


def _hash(broker: str, number: str) -> str:
    return digest(broker, number[:64])
