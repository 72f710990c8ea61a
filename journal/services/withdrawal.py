"""Undo of an import: the evidence stays, stops counting, and the book is derived without it."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.db.models import F, Min
from django.utils import timezone

from common.errors import Conflict, Rejected
from journal.models import (
    BrokerAccount,
    ConversionRate,
    DataIssue,
    ImportBatch,
    ImportState,
    InstrumentName,
    OrderReport,
    Recommendation,
)
from journal.selectors.evidence import list_booked_in
from journal.selectors.openings import list_accounts_stated
from journal.selectors.orders import list_order_ids
from journal.services.account_terms import adopt_without
from journal.services.booking.changes import Changes
from journal.services.booking.openings import touch_openings
from journal.services.booking.rebook import rebook_account
from journal.services.chain.refresh import (
    refresh_after_orders,
    refresh_chain,
    trades_of_order_ids,
)
from journal.services.evidence import Touched, touch_rated
from journal.services.imports import ATTEMPTS_MAX, require_done
from journal.services.joined_fills import settle_instruments
from journal.services.locks import is_import_running, lock_imports, try_lock_import
from journal.services.naming import settle_names
from journal.services.orders import refresh_orders
from journal.services.recommendations.standing import refresh_standings
from journal.services.repeats import CannotRepeat, read_repeats_again

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
    except CannotRepeat as error:
        raise _left_as_it_was(batch, "undo_failed", _in_words(error)) from error


def _in_words(error: CannotRepeat) -> str:
    other = error.batch
    number = f"“{other.title}” (import number {other.pk}) repeats rows of this file"
    if error.trouble:
        return (
            f"Nothing was undone: {number} and has to be read again, but it {error.trouble}. Upload that same file "
            f"again, which puts it back (its import need not be confirmed), and undo this one once more. Or undo "
            f"import number {other.pk} first."
        )
    return (
        f"Nothing was undone: {number} and had to be read again, which failed. Undo import number {other.pk} "
        f"first, then this one. The reason: {error.reason}"
    )


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
    otherwise = adopt_without(batch)
    # What the file could not say goes with what it said.
    DataIssue.objects.filter(batch=batch).delete()
    accounts = {account["broker_id"] for account in (batch.result or {}).get("accounts", [])}
    total = read_repeats_again(ImportBatch.objects.filter(pk__gt=batch.pk), accounts)
    held = _held_by(batch)
    for account_id, instrument_id in _renamed_by(batch):
        held.setdefault(account_id, set()).add(instrument_id)
    rates_from = _rates_of(batch)
    stated = set(list_accounts_stated(batch.pk))
    ordered = set(OrderReport.objects.filter(batch=batch).values_list("account_id", flat=True))
    proposed = Recommendation.objects.filter(batch=batch).values_list("record_id", flat=True)
    refresh_standings(batch.workspace_id, set(proposed))
    touching = held.keys() | rates_from.keys() | stated | ordered | otherwise
    for account in BrokerAccount.objects.filter(pk__in=touching):
        reported = list_order_ids(account.pk, batch.pk)
        # Before the orders are gone, and with them what their fills are found by.
        linked = trades_of_order_ids(account, reported)
        refresh_orders(account, reported)
        touched = Touched(dict.fromkeys(held.get(account.pk, ())))
        settle_instruments(batch.workspace_id, account.pk, held.get(account.pk, ()))
        touch_rated(account, rates_from.get(account.pk), touched)
        touch_openings(account, batch.pk, touched)
        since = None if account.pk in otherwise else touched.since
        total.merge(rebook_account(account, touched=since))
        refresh_chain(account, linked)
        refresh_after_orders(account, reported)
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
