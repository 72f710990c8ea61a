"""Snapshots and the log, page by page, and one snapshot with all that was made of it."""

from __future__ import annotations

from django.db.models import QuerySet

from common.errors import NotFound
from journal.domain.values import AssetClass
from journal.selectors.keyset import Key, Page, read_page
from reconciliation.models import (
    Divergence,
    ReconciliationLog,
    ReconciliationRun,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
    ToleranceVersion,
)
from reconciliation.selectors.divergences import told

_BY_SNAPSHOT = [Key("as_of", descending=True), Key("id", descending=True)]
_BY_ENTRY = [Key("created_at", descending=True), Key("id", descending=True)]


def read_snapshots(
    rows: QuerySet[Snapshot], *, cursor: str = "", limit: int = 50
) -> Page[Snapshot]:
    beside = rows.select_related("account", "worth").prefetch_related("runs")
    return read_page([beside], _BY_SNAPSHOT, limit=limit, cursor=cursor)


def read_log(
    rows: QuerySet[ReconciliationLog], *, cursor: str = "", limit: int = 50
) -> Page[ReconciliationLog]:
    return read_page([rows.select_related("account")], _BY_ENTRY, limit=limit, cursor=cursor)


def get_snapshot(snapshot_id: int) -> Snapshot:
    """Within the open workspace. Raises NotFound for anybody else's."""
    rows = Snapshot.objects.select_related("account", "connection", "worth")
    found = rows.filter(pk=snapshot_id).first()
    if found is None:
        raise NotFound("snapshot_not_found", "There is no such snapshot in this workspace.")
    return found


def positions_in(snapshot: Snapshot) -> list[SnapshotPosition]:
    rows = SnapshotPosition.objects.filter(snapshot_id=snapshot.pk)
    return list(rows.select_related("instrument").order_by("symbol", "ticket", "id"))


def orders_in(snapshot: Snapshot) -> list[SnapshotOrder]:
    rows = SnapshotOrder.objects.filter(snapshot_id=snapshot.pk)
    return list(rows.select_related("instrument").order_by("placed_at", "id"))


def runs_of(snapshot: Snapshot) -> list[ReconciliationRun]:
    return list(snapshot.runs.select_related("asked_by").order_by("-began_at", "-id"))


def found_by(runs: list[ReconciliationRun]) -> list[Divergence]:
    """What was last seen by one of the runs; a difference that was seen again later is told there."""
    rows = told().filter(last_run__in=[run.pk for run in runs])
    return list(rows.select_related("account", "assignee").order_by("-first_seen_at", "-id")[:50])


def neighbours(snapshot: Snapshot) -> tuple[int | None, int | None]:
    """(newer, older) of the same account."""
    own = Snapshot.objects.filter(account_id=snapshot.account_id)
    page = read_page(
        [own.filter(as_of__gte=snapshot.as_of).exclude(pk=snapshot.pk)],
        [Key("as_of"), Key("id")],
        limit=1,
    )
    older = read_page(
        [own.filter(as_of__lte=snapshot.as_of).exclude(pk=snapshot.pk)], _BY_SNAPSHOT, limit=1
    )
    return (
        page.rows[0].pk if page.rows else None,
        older.rows[0].pk if older.rows else None,
    )


def versions_of(asset_class: AssetClass) -> list[ToleranceVersion]:
    """Of the open workspace, the latest first."""
    return list(ToleranceVersion.objects.filter(asset_class=asset_class).order_by("-number"))
