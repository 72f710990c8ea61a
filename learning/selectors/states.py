"""Figures as pages show them: of what is kept, never of all trades."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, F, FloatField, Q
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Mod

from common.errors import NotFound
from journal.models import BrokerAccount
from journal.selectors.keyset import Key, Page, read_page
from learning.models import (
    LearningRun,
    MetricPoint,
    MetricState,
    Part,
    ProcessGrade,
    ReturnPoint,
    ReturnState,
    RunKind,
    TradeInsight,
)

POINTS_MAX = 500
_LARGEST = [Key("n", descending=True), Key("id")]


class AtClose(NamedTuple):
    """A figure after the `n`th close; None where it had no value."""

    n: int
    closed_at: datetime
    value: float | None


class AtWeek(NamedTuple):
    n: int
    on: date
    value: float | None


def list_everything() -> list[MetricState]:
    """Of the whole book, one for each currency, the one of most trades first."""
    rows = MetricState.objects.filter(part=Part.ALL, key="").defer("state")
    return sorted(rows, key=lambda one: (-one.n, one.currency))


def get_state(part: str, key: str, currency: str) -> MetricState:
    """Within the open workspace; of most trades where no currency is asked for. Raises NotFound."""
    rows = MetricState.objects.filter(part=part, key=key).defer("state")
    if currency:
        rows = rows.filter(currency=currency)
    # No text of the database has a NUL, and it refuses to be asked for one.
    found = None if "\0" in key + currency else rows.order_by("-n", "currency").first()
    if found is None:
        raise NotFound("metrics_not_found", "Nothing of this name was closed in this workspace.")
    return found


def read_parts(part: str, currency: str, *, cursor: str = "", limit: int = 50) -> Page[MetricState]:
    """The parts of one kind, those of most trades first."""
    rows = MetricState.objects.filter(part=part, currency=currency).defer("state")
    return read_page([rows], _LARGEST, limit=limit, cursor=cursor)


def count_parts(currency: str) -> dict[str, int]:
    """How many there are of each kind."""
    rows = MetricState.objects.filter(currency=currency).order_by().values_list("part")
    return dict(rows.annotate(number=Count("pk")))


def returns_of(states: Sequence[MetricState]) -> dict[tuple[str, str, str], ReturnState]:
    """Of these parts, by part, key and currency."""
    named = Q(pk__in=[])
    for one in states:
        named |= Q(part=one.part, key=one.key, currency=one.currency)
    return {(one.part, one.key, one.currency): one for one in ReturnState.objects.filter(named)}


def history_of(state: MetricState, metric: str) -> list[AtClose]:
    """After each close, or after every so many of a long series: at most POINTS_MAX and the latest."""
    step = max(1, -(-state.n // POINTS_MAX))
    rows = MetricPoint.objects.filter(of=state)
    if step > 1:
        newest = rows.order_by("-n").values("n")[:1]
        rows = rows.annotate(rest=Mod(F("n"), step)).filter(Q(rest=0) | Q(n__in=newest))
    told = rows.annotate(told=Cast(KT(f"values__{metric}"), FloatField())).order_by("n")
    return [AtClose(*row) for row in told.values_list("n", "closed_at", "told")]


def weeks_of(state: ReturnState, metric: str) -> list[AtWeek]:
    rows = ReturnPoint.objects.filter(of=state).order_by("on")
    told = rows.annotate(told=Cast(KT(f"values__{metric}"), FloatField()))
    return [AtWeek(*row) for row in told.values_list("n", "on", "told")]


def days_of_breaches(year: int, zone: ZoneInfo) -> dict[date, int]:
    """Days of the year on which trades were closed that broke a rule, and how many."""
    begin, end = (datetime(one, 1, 1, tzinfo=zone) for one in (year, year + 1))
    rows = TradeInsight.objects.filter(
        grade=ProcessGrade.BROKEN, closed_at__gte=begin, closed_at__lt=end
    )
    closed = rows.values_list("closed_at", flat=True)
    return dict(Counter(one.astimezone(zone).date() for one in closed))


def latest_run(kind: RunKind) -> LearningRun | None:
    """Of the whole open workspace."""
    rows = LearningRun.objects.filter(kind=kind, account__isnull=True)
    return rows.order_by("-as_of", "-id").first()


def names_of(part: str, keys: Sequence[str]) -> dict[str, str]:
    """What to call them: accounts by their names, all else by its key."""
    if part != Part.ACCOUNT:
        return {key: key for key in keys}
    ids = [int(key) for key in keys if key.isdigit()]
    found: dict[str, Any] = {
        str(one.pk): str(one) for one in BrokerAccount.objects.filter(pk__in=ids)
    }
    return {key: found.get(key, key) for key in keys}
