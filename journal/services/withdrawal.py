"""Undo of an import: the evidence stays, stops counting, and the book is derived without it."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from common.errors import Conflict, Rejected
from journal.brokers.base import UnreadableStatement
from journal.models import (
    BrokerAccount,
    ConversionRate,
    DataIssue,
    ImportBatch,
    ImportState,
    InstrumentName,
)
from journal.selectors.evidence import list_booked_in
from journal.selectors.openings import list_accounts_stated
from journal.services.booking.changes import Changes
from journal.services.booking.openings import touch_openings
from journal.services.booking.rebook import rebook_account
from journal.services.evidence import Touched, touch_rated
from journal.services.imports import ATTEMPTS_MAX, require_done
from journal.services.ingest import COUNTED, Ingested, ingest
from journal.services.locks import is_import_running, lock_imports, try_lock_import
from journal.services.naming import settle_names
from journal.services.progress import Silence
from journal.services.stored_files import StoredFileUnusable

_GAVE_UP = (
    f"The undo was interrupted {ATTEMPTS_MAX} times and was given up; nothing was undone, and the import counts as "
    "before. Most often the machine ran out of memory or the database out of space: the log of the worker says which. "
    "Mend that, then undo it once more."
)
# Evidence that the book is derived from. Balance and rate reports are only looked up, position reports for openings.
_BOOKED_TABLES = (
    "journal_executionreport",
    "journal_corporateactionreport",
    "journal_optioneventreport",
    "journal_transferreport",
    "journal_closedlotreport",
)


class _Unrepeatable(Exception):
    """A later file that has to be read again cannot be. The message is for whoever asked for the undo."""


def withdraw_import(batch: ImportBatch) -> Changes:
    """All of it or nothing, once, however often this is called.

    Raises Conflict for a batch that was not imported or that another worker is at, and Rejected where it cannot be
    undone: the import then counts as before, and says why.
    """
    if is_import_running(batch.pk):
        raise Conflict("undo_running", "This import is being undone by another worker.")
    batch.refresh_from_db()
    if batch.state == ImportState.WITHDRAWN:
        return Changes()
    require_done(batch)
    if batch.attempts >= ATTEMPTS_MAX:
        raise _left_as_it_was(batch, "undo_gave_up", _GAVE_UP)
    ImportBatch.objects.filter(pk=batch.pk).update(attempts=F("attempts") + 1)
    try:
        return _withdraw(batch)
    except _Unrepeatable as error:
        raise _left_as_it_was(batch, "undo_failed", str(error)) from error


def _left_as_it_was(batch: ImportBatch, code: str, message: str) -> Rejected:
    left = (ImportState.DONE, ImportState.WITHDRAWING)
    ImportBatch.objects.filter(pk=batch.pk, state__in=left).update(
        state=ImportState.DONE, attempts=0, error_code=code, error_message=message
    )
    return Rejected(code, message)


@transaction.atomic
def _withdraw(batch: ImportBatch) -> Changes:
    if not try_lock_import(batch.pk):
        raise Conflict("undo_running", "This import is being undone by another worker.")
    lock_imports(batch.workspace_id)
    batch.refresh_from_db()
    if batch.state == ImportState.WITHDRAWN:
        return Changes()
    _mark_withdrawn(batch)
    # What the file could not say goes with what it said.
    DataIssue.objects.filter(batch=batch).delete()
    total = _read_later_files_again(batch)
    held = _held_by(batch)
    for account_id, instrument_id in _renamed_by(batch):
        held.setdefault(account_id, set()).add(instrument_id)
    rates_from = _rates_of(batch)
    stated = set(list_accounts_stated(batch.pk))
    for account in BrokerAccount.objects.filter(pk__in=held.keys() | rates_from.keys() | stated):
        touched = Touched(dict.fromkeys(held.get(account.pk, ())))
        touch_rated(account, rates_from.get(account.pk), touched)
        touch_openings(account, batch.pk, touched)
        total.merge(rebook_account(account, touched=touched.since))
    return total


def _mark_withdrawn(batch: ImportBatch) -> None:
    batch.state = ImportState.WITHDRAWN
    batch.withdrawn_at = timezone.now()
    batch.attempts, batch.error_code, batch.error_message = 0, "", ""
    batch.save(update_fields=["state", "withdrawn_at", "attempts", "error_code", "error_message"])


def _renamed_by(batch: ImportBatch) -> list[tuple[int, int]]:
    """What is called by an earlier file's name again, with the accounts that have it."""
    named = InstrumentName.objects.filter(batch=batch).values_list("instrument_id", flat=True)
    changed = settle_names(batch.workspace_id, set(named))
    return list_booked_in(batch.workspace_id, changed)


def _rates_of(batch: ImportBatch) -> dict[int, date]:
    rates = ConversionRate.objects.filter(batch=batch).values_list("account_id")
    return dict(rates.annotate(first=Min("reported_on")))


def _read_later_files_again(batch: ImportBatch) -> Changes:
    """What a later file repeated was skipped as known. It is not known any more, so that file has to say it."""
    accounts = {account["broker_id"] for account in (batch.result or {}).get("accounts", [])}
    total = Changes()
    later = ImportBatch.objects.filter(state=ImportState.DONE, pk__gt=batch.pk)
    for other in later.select_related("file", "account").order_by("pk"):
        if other.result and _repeats(other.result, accounts):
            DataIssue.objects.filter(batch=other).delete()
            ingested = _read_again(other)
            total.merge(ingested.changes)
            other.result = _with_more(other.result, ingested.as_dict(other))
            other.save(update_fields=["result"])
    return total


def _read_again(other: ImportBatch) -> Ingested:
    number = f"“{other.file.name}” (import number {other.pk}) repeats rows of this file"
    try:
        return ingest(other, Silence())
    except StoredFileUnusable as error:
        raise _Unrepeatable(
            f"Nothing was undone: {number} and has to be read again, but it {error.trouble}. Upload that same file "
            f"again, which puts it back (its import need not be confirmed), and undo this one once more. Or undo "
            f"import number {other.pk} first."
        ) from error
    except (UnreadableStatement, Rejected) as error:
        raise _Unrepeatable(
            f"Nothing was undone: {number} and had to be read again, which failed. Undo import number {other.pk} "
            f"first, then this one. The reason: {error.message}"
        ) from error


def _repeats(result: dict[str, Any], accounts: set[str]) -> bool:
    return any(
        account["broker_id"] in accounts
        and (account["positions"] or any(account[kind]["duplicate"] for kind in COUNTED))
        for account in result["accounts"]
    )


def _with_more(result: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The result of an import, with what it says now that it did not have to say before."""
    added = {account["broker_id"]: account for account in found["accounts"]}
    for account in result["accounts"]:
        for kind in COUNTED:
            new = added[account["broker_id"]][kind]["new"]
            account[kind]["new"] += new
            account[kind]["duplicate"] -= new
    return result


def _held_by(batch: ImportBatch) -> dict[int, set[int]]:
    """The instruments that the batch says something about, by account."""
    held: dict[int, set[int]] = {}
    with connection.cursor() as cursor:
        for table in _BOOKED_TABLES:
            cursor.execute(
                f"SELECT DISTINCT account_id, instrument_id FROM {table} "
                "WHERE batch_id = %s AND instrument_id IS NOT NULL",
                [batch.pk],
            )
            for account_id, instrument_id in cursor.fetchall():
                held.setdefault(account_id, set()).add(instrument_id)
    return held
