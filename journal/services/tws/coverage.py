"""Until when the book has every fill, kept as that of pulls: with the same gaps, and the same word for complete.

TWS tells the fills of its own day and no more. What is older, and happened while nobody listened, is a gap until a Flex
statement fills it.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Greatest

from journal.models import Connection, Pull, PullDocument, PullState
from journal.selectors.coverage import WHOLE
from journal.services.tws.connecting import NEW_YORK

SOURCE = "tws"


def day_began(at: datetime, zone: str) -> datetime:
    """Since when TWS tells all fills, at the latest: whether its day is that of its own zone or New York's is not said
    anywhere."""
    midnights = [_midnight(at, one) for one in {zone, NEW_YORK}]
    return max(midnights)


def _midnight(at: datetime, zone: str) -> datetime:
    local = at.astimezone(ZoneInfo(zone))
    return datetime.combine(local.date(), time(0), tzinfo=local.tzinfo).astimezone(UTC)


@transaction.atomic
def hold(
    connection: Connection, numbers: Iterable[str], since: datetime, until: datetime, note: str = ""
) -> None:
    """All fills of these accounts between the two are in the book, or wait for a worker to book them."""
    if since >= until:
        return
    pull = connection.pulls.filter(source=SOURCE).order_by("-pk").first()
    if pull is None or pull.until is None or pull.until < since:
        pull = Pull.objects.create(
            workspace_id=connection.workspace_id, connection=connection, state=PullState.DONE, source=SOURCE,
            since=since, until=until, started_at=until, finished_at=until,
        )  # fmt: skip
    begins = max(since, pull.since or since)
    for number in (WHOLE, *numbers):
        _extend(pull, number, begins, until)
    Pull.objects.filter(pk=pull.pk).update(until=until, finished_at=until, note=note[:255])


@transaction.atomic
def hold_no_longer(connection: Connection, since: datetime) -> None:
    """Something that happened then is not in the book: what was claimed of later times was too much."""
    ends = Greatest("since", Value(since))
    claimed = PullDocument.objects.filter(pull__connection=connection, until__gt=since)
    claimed.filter(pull__source=SOURCE).update(until=ends)
    connection.pulls.filter(source=SOURCE, until__gt=since).update(until=ends)


def _extend(pull: Pull, number: str, since: datetime, until: datetime) -> None:
    last = pull.documents.filter(account_number=number).order_by("-pk").first()
    if last is None or last.until is None or last.until < since:
        PullDocument.objects.create(
            workspace_id=pull.workspace_id, pull=pull, account_number=number, since=since, until=until
        )  # fmt: skip
    elif last.until < until:
        PullDocument.objects.filter(pk=last.pk).update(until=until)
