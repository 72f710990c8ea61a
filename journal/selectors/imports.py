"""Imports, and what came of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from django.db.models import Count, Min, QuerySet

from common.errors import NotFound, Rejected
from journal.models import BrokerAccount, CapturedRecord, DataIssue, ImportBatch
from journal.selectors.keyset import Key, Page, read_page

_NEWEST = [Key("id", descending=True)]


def get_import(batch_id: int) -> ImportBatch:
    """Within the open workspace. Raises NotFound for anybody else's."""
    batches = ImportBatch.objects.select_related(
        "file", "account", "progress", "created_by", "connection"
    )
    batch = batches.filter(pk=batch_id).first()
    if batch is None:
        raise NotFound("import_not_found", "There is no such import in this workspace.")
    return batch


def list_imports(*, limit: int, cursor: str = "") -> Page[ImportBatch]:
    """The newest first."""
    batches = ImportBatch.objects.select_related("file", "account", "created_by", "connection")
    return read_page([batches], _NEWEST, limit=limit, cursor=cursor)


def list_known_accounts() -> QuerySet[BrokerAccount]:
    """Accounts that a file may be expected to be about."""
    return BrokerAccount.objects.filter(archived_at=None).order_by("broker", "broker_id")


def known_account(number: str) -> BrokerAccount:
    """The account of this number. Raises NotFound, and Rejected where two brokers have one of it."""
    found = list(BrokerAccount.objects.filter(broker_id=number).order_by("pk")[:2])
    if not found:
        raise NotFound("account_not_found", f"There is no account {number} in this workspace.")
    if len(found) > 1:
        raise Rejected(
            "account_ambiguous",
            f"Two accounts have the number {number}. Leave it out where the file names its account, or choose it on "
            "the page of imports.",
        )
    return found[0]


def list_import_issues(
    batch: ImportBatch, *, severity: str = "", limit: int, cursor: str = ""
) -> Page[DataIssue]:
    """In the order of the file."""
    issues = DataIssue.objects.filter(batch=batch).select_related("account")
    if severity:
        issues = issues.filter(severity=severity)
    keys = [Key("row", nullable=True), Key("id")]
    return read_page([issues], keys, limit=limit, cursor=cursor)


def count_import_issues(batch: ImportBatch) -> Counter[str]:
    rows = DataIssue.objects.filter(batch=batch).values_list("severity").annotate(Count("pk"))
    return Counter(dict(rows.order_by()))


class Waiting(NamedTuple):
    """What was captured and is not booked yet. `since` is when the oldest of it came, None where nothing waits."""

    records: int
    since: datetime | None


def count_waiting() -> Waiting:
    rows = CapturedRecord.objects.filter(batch=None).aggregate(
        n=Count("pk"), since=Min("received_at")
    )
    return Waiting(rows["n"], rows["since"])


def is_brought_back(batch: ImportBatch) -> bool:
    """Whether what this undone batch had captured was booked again since, or waits for it."""
    return not CapturedRecord.objects.filter(batch=batch).exists()
