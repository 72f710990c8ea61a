"""How much was tried."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, datetime
from itertools import accumulate
from typing import NamedTuple

from django.db.models import Count, Sum

from learning.models import Trial, TrialKind


class Tried(NamedTuple):
    """Hypotheses that runs tested, slices that people opened, settings that were tried."""

    tests: int
    slices: int
    settings: int

    @property
    def all(self) -> int:
        return self.tests + self.slices + self.settings


def tried(workspace_id: int, as_of: datetime | None = None) -> Tried:
    """So far, or by then."""
    ledger = Trial.objects.filter(workspace_id=workspace_id)
    if as_of is not None:
        ledger = ledger.filter(first_at__lte=as_of)
    rows = ledger.values_list("kind")
    found = {kind: total for kind, total, _ in rows.annotate(total=Sum("count"), n=Count("id"))}
    return Tried(
        *(found.get(kind, 0) for kind in (TrialKind.TEST, TrialKind.SLICE, TrialKind.SETTING))
    )


class Ledger(NamedTuple):
    """How much was tried, by when: days in their order, and all that was tried by the end of each."""

    days: tuple[date, ...]
    sums: tuple[int, ...]

    def by(self, day: date) -> int:
        at = bisect_right(self.days, day)
        return self.sums[at - 1] if at else 0


def ledger_of(workspace_id: int, as_of: datetime) -> Ledger:
    rows = Trial.objects.filter(workspace_id=workspace_id, first_at__lte=as_of).order_by("first_at")
    counts: dict[date, int] = {}
    for first_at, count in rows.values_list("first_at", "count"):
        counts[first_at.date()] = counts.get(first_at.date(), 0) + count
    return Ledger(tuple(counts), tuple(accumulate(counts.values())))


PARTS_SLICE = "metrics by "


def opened_parts(workspace_id: int, as_of: datetime) -> list[str]:
    """Parts of the book by which somebody had looked at the figures by then."""
    rows = Trial.objects.filter(
        workspace_id=workspace_id,
        kind=TrialKind.SLICE,
        name__startswith=PARTS_SLICE,
        first_at__lte=as_of,
    )
    return sorted(name.removeprefix(PARTS_SLICE) for name in rows.values_list("name", flat=True))
