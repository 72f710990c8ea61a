"""When what is held reports its earnings, as scanners last said: nobody else here knows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from journal.models import Recommendation

DAYS_NAMED = ("earnings_on", "earnings_date", "next_earnings", "earnings")
"""Features that state the day, as an ISO date or moment."""
DAYS_LEFT = ("days_to_earnings", "earnings_in_days")
"""Features that state how many days are left from when they were said."""


def earnings_of(workspace_id: int, symbols: Collection[str], as_of: datetime) -> dict[str, date]:
    """The next day of each that anybody stated by then, not before `as_of`; symbols of which none is known are left
    out."""
    stated = Q()
    for name in (*DAYS_NAMED, *DAYS_LEFT):
        stated |= Q(features__has_key=name)
    rows = Recommendation.objects.filter(
        stated, Q(received_at__lte=as_of) | Q(recommended_at__lt=F("workspace__created_at")),
        workspace_id=workspace_id, symbol__in=symbols, recommended_at__lte=as_of, batch__withdrawn_at=None,
    )  # fmt: skip
    newest = rows.order_by("symbol", "-recommended_at", "-pk").distinct("symbol")
    found = {}
    for symbol, features, at in newest.values_list("symbol", "features", "recommended_at"):
        day = stated_day(features, at)
        if day is not None and day >= as_of.date():
            found[symbol] = day
    return found


def stated_day(features: Mapping[str, Any], said_at: datetime) -> date | None:
    """The first that can be read of what one recommendation states."""
    for name in DAYS_NAMED:
        value, _ = _told(features.get(name), said_at)
        try:
            return date.fromisoformat(str(value)[:10])
        except ValueError:
            continue
    for name in DAYS_LEFT:
        value, at = _told(features.get(name), said_at)
        try:
            return at.date() + timedelta(days=round(float(str(value))))
        except (ValueError, OverflowError):
            continue
    return None


def _told(told: Any, said_at: datetime) -> tuple[Any, datetime]:
    if not isinstance(told, dict):
        return told, said_at
    as_of = told.get("as_of")
    return told.get("value"), said_at if as_of is None else datetime.fromisoformat(as_of)
