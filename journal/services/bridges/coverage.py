"""What time the pushes of a bridge hold, kept as that of pulls: with the same gaps, and the same word for complete."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from journal.brokers.mt5_deals.snapshot import server_time
from journal.models import Connection, ImportBatch, Pull, PullDocument, PullState
from journal.selectors.coverage import WHOLE
from journal.services.bridges.header import Header

SOURCE = "bridge"


def utc(seconds: int, zone: str) -> datetime:
    return server_time(seconds * 1_000).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def begin(connection: Connection, header: Header, batch: ImportBatch, *, now: datetime) -> None:
    """A push with a window is a pull of its own."""
    since, until = header.push.since, header.push.until
    assert since is not None
    assert until is not None
    # All of the history begins with its first deal. Seconds count as whole, so a window holds the one before it too.
    first = header.first_deal if since == 0 else since
    start = utc(max((until if first is None else min(first, until)) - 1, 0), connection.zone)
    end = utc(until, connection.zone)
    pull = Pull.objects.create(
        workspace_id=connection.workspace_id,
        connection=connection,
        state=PullState.DONE,
        source=SOURCE,
        since=start,
        until=end,
        started_at=now,
        finished_at=now,
        note=f"Push {header.push.sequence} of the bridge",
    )
    _hold(pull, header.account_number, start, end, batch)
    _hold(pull, WHOLE, start, end, None)


def extend(connection: Connection, header: Header, since: int, until: int) -> None:
    """A push without any deals makes what the last one holds longer. Seconds are of the server's clock."""
    pull = connection.pulls.filter(source=SOURCE).order_by("-pk").first()
    if pull is None:
        return
    start, end = utc(since, connection.zone), utc(until, connection.zone)
    for account in (header.account_number, WHOLE):
        rows = pull.documents.filter(account_number=account, batch=None, until=start)
        if not rows.update(until=end):
            _hold(pull, account, start, end, None)


def _hold(
    pull: Pull, account: str, since: datetime, until: datetime, batch: ImportBatch | None
) -> None:
    if since < until:
        PullDocument.objects.create(
            workspace_id=pull.workspace_id, pull=pull, batch=batch, account_number=account, since=since, until=until
        )  # fmt: skip
