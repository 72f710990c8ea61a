"""Undo of an import: the evidence stays, stops counting, and the book is derived without it."""

from __future__ import annotations

from django.db import connection, transaction
from django.utils import timezone

from journal.models import BrokerAccount, DataIssue, ImportBatch, ImportState
from journal.services.booking.rebook import rebook_account
from journal.services.booking.store import Changes
from journal.services.imports import require_done
from journal.services.locks import lock_imports

# Evidence that the book is derived from. Position, balance and rate reports are only looked up.
_BOOKED_TABLES = (
    "journal_executionreport",
    "journal_corporateactionreport",
    "journal_optioneventreport",
    "journal_transferreport",
    "journal_closedlotreport",
)


@transaction.atomic
def withdraw_import(batch: ImportBatch) -> Changes:
    """Raises Conflict for a batch that was not imported. Withdrawing twice changes nothing."""
    lock_imports(batch.workspace_id)
    batch.refresh_from_db()
    if batch.state == ImportState.WITHDRAWN:
        return Changes()
    require_done(batch)
    batch.state = ImportState.WITHDRAWN
    batch.withdrawn_at = timezone.now()
    batch.save(update_fields=["state", "withdrawn_at"])
    # What the file could not say goes with what it said.
    DataIssue.objects.filter(batch=batch).delete()
    total = Changes()
    for account_id, instrument_ids in _held_by(batch).items():
        account = BrokerAccount.objects.get(pk=account_id)
        total.merge(rebook_account(account, touched=dict.fromkeys(instrument_ids)))
    return total


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
