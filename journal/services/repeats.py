"""What a file repeated of others was skipped as known. It is read again where that is not enough any more.

Where another file is undone, this one has to say it. Where a file that was made in between says otherwise, this one may
be the last to have spoken: the book would follow from the order of imports, had it not said so again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from django.db.models import QuerySet

from common.errors import Rejected
from journal.brokers.base import UnreadableStatement
from journal.models import DataIssue, ImportBatch, ImportState
from journal.services.booking.changes import Changes
from journal.services.ingest import COUNTED, Ingested, ingest
from journal.services.progress import Silence
from journal.services.stored_files import StoredFileUnusable

_LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
# Of positions nobody counts which of them were known.
_UNCOUNTED = "positions"
_KINDS = (*COUNTED, _UNCOUNTED)


class CannotRepeat(Exception):
    """`batch` has to be read again and cannot be. `trouble`: what is wrong with its stored file, "" when nothing is."""

    def __init__(self, batch: ImportBatch, reason: str, trouble: str = "") -> None:
        super().__init__(reason)
        self.batch = batch
        self.reason = reason
        self.trouble = trouble


def read_repeats_again(batches: QuerySet[ImportBatch], accounts: Collection[str]) -> Changes:
    """Those of the imports that repeated something of these accounts (the broker's numbers). Raises CannotRepeat."""
    total, contradicted = _read_again(batches, dict.fromkeys(accounts, _LONG_AGO), _KINDS)
    total.merge(hear_contradicted(contradicted))
    return total


def hear_contradicted(contradicted: Mapping[str, datetime]) -> Changes:
    """By account number the moment from which on files may have said again what another one now contradicts.

    Nearly always there is no such file: statements are imported in the order in which they were made. Raises
    CannotRepeat.
    """
    total = Changes()
    while contradicted:
        everything = ImportBatch.objects.all()
        changes, contradicted = _read_again(everything, contradicted, ("executions",))
        total.merge(changes)
    return total


def _read_again(
    batches: QuerySet[ImportBatch], since: Mapping[str, datetime], kinds: Collection[str]
) -> tuple[Changes, dict[str, datetime]]:
    total = Changes()
    contradicted: dict[str, datetime] = {}
    # What was captured repeats nothing: a record comes once.
    files = batches.exclude(file=None)
    done = files.filter(state=ImportState.DONE).select_related("file", "account")
    for other in done.order_by("pk"):
        if not other.result or not _repeats(other.result, since, kinds):
            continue
        DataIssue.objects.filter(batch=other).delete()
        ingested = _ingest(other)
        total.merge(ingested.changes)
        for number, at in ingested.contradicted.items():
            contradicted[number] = min(at, contradicted.get(number, at))
        other.result = _with_more(other.result, ingested.as_dict(other))
        other.save(update_fields=["result"])
    return total, contradicted


def _ingest(batch: ImportBatch) -> Ingested:
    try:
        return ingest(batch, Silence())
    except StoredFileUnusable as error:
        raise CannotRepeat(batch, error.message, error.trouble) from error
    except (UnreadableStatement, Rejected) as error:
        raise CannotRepeat(batch, error.message) from error


def _repeats(result: dict[str, Any], since: Mapping[str, datetime], kinds: Collection[str]) -> bool:
    """Whether it repeats something of an account, in a statement made at that time or later."""
    return any(
        account["broker_id"] in since
        and datetime.fromisoformat(account["stated_at"]) >= since[account["broker_id"]]
        and any(_count(account, kind) for kind in kinds)
        for account in result["accounts"]
    )


def _count(account: Mapping[str, Any], kind: str) -> int:
    count: int = account[kind] if kind == _UNCOUNTED else account[kind]["duplicate"]
    return count


def _with_more(result: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    """The result of an import, with what it says now that it did not have to say before."""
    added = {account["broker_id"]: account for account in found["accounts"]}
    for account in result["accounts"]:
        for kind in COUNTED:
            new = added[account["broker_id"]][kind]["new"]
            account[kind]["new"] += new
            account[kind]["duplicate"] -= new
    return result
