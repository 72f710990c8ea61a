"""The first page of the learner: what closed trades come to, and how far that can be trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from journal.views.frame import day_addresses
from learning import charts
from learning.charts.base import in_r, in_words, say_day
from learning.models import MetricState, Part, RunKind
from learning.selectors import states
from learning.services.running import read
from learning.views.cards import lead_cards

_MONTHS = 12


@require_safe
def overview(request: WorkspaceRequest) -> HttpResponse:
    everything = states.list_everything()
    shown = _in_focus(everything, request.GET.get("currency", ""))
    run = states.latest_run(RunKind.OVERVIEW)
    context: dict[str, Any] = {
        "tab": "overview",
        "state": shown,
        "currencies": currency_links(request, [one.currency for one in everything], shown),
        "zone": timezone.get_current_timezone_name(),
        "run": run,
    }
    if shown is not None:
        returns = states.returns_of([shown]).get((shown.part, shown.key, shown.currency))
        context |= {"cards": lead_cards(shown, returns), "returns": returns}
    told = read(run) if run is not None else None
    if run is not None and told and told["course"]["n"]:
        context |= _plots(told, request.GET.get("year", ""), run.config["zone"])
    context |= _of_others()
    return render(request, "learning/overview.html", context)


def _in_focus(everything: list[MetricState], currency: str) -> MetricState | None:
    first = everything[0] if everything else None
    return next((one for one in everything if one.currency == currency), first)


def currency_links(
    request: WorkspaceRequest, currencies: list[str], shown: MetricState | None
) -> list[dict[str, Any]]:
    """The other currencies of the same page, where there are several."""
    if len(currencies) < 2 or shown is None:
        return []
    links = []
    for one in currencies:
        query: QueryDict = request.GET.copy()
        query["currency"] = one
        links.append(
            {
                "label": one,
                "url": f"{request.path}?{query.urlencode()}",
                "current": one == shown.currency,
            }
        )
    return links


def _plots(told: Mapping[str, Any], year: str, zone: str) -> dict[str, Any]:
    placed = told["places"]["strategy"]
    return {
        "course": charts.course_chart(told["course"]),
        "spread": charts.spread_chart(told["distribution"]),
        "rolling": charts.rolling_chart(told["rolling"]),
        "plane": charts.plane_chart(placed, _of_strategy, one="strategy", many="strategies")
        if placed
        else None,
        "year": _year(told["days"], year, zone),
    }


def _of_others() -> dict[str, Any]:
    """What runs about decisions, fills and exits left, where there was something to see."""
    habits, exits = states.latest_run(RunKind.BEHAVIOUR), states.latest_run(RunKind.EXITS)
    found: dict[str, Any] = {}
    if habits is not None:
        told = read(habits)
        decisions, execution = told.get("decisions") or {}, told.get("execution") or {}
        if decisions.get("quadrants") and decisions.get("points"):
            found["decisions"] = charts.decisions_chart(decisions, _of_trade)
        if execution.get("steps"):
            figures = execution.get("figures") or {}
            quoted = (figures.get("quoted") or {}).get("value") or len(execution["steps"])
            found["slippage"] = charts.slippage_chart(
                execution["steps"], figures.get("r"), int(quoted)
            )
    if exits is not None:
        groups = [one for one in read(exits).get("groups", []) if one.get("points")]
        if groups:
            most = max(groups, key=lambda one: one["n"])
            found["excursions"] = charts.excursions_chart(
                most["points"], _of_trade, most.get("best")
            )
    return found


def _of_trade(trade_id: int) -> str:
    return reverse("journal:trade", args=[trade_id])


def _of_strategy(word: str) -> str:
    return part_url(Part.STRATEGY, word)


def part_url(part: str, key: str, currency: str = "") -> str:
    query = QueryDict(mutable=True)
    query["key"] = key
    if currency:
        query["currency"] = currency
    return f"{reverse('learning:metrics-part', args=[part])}?{query.urlencode()}"


def _year(days: Mapping[str, Any], asked: str, zone: str) -> dict[str, Any] | None:
    """The year that was asked for, else the latest, in the shape of components/calendar_year.html."""
    if not days:
        return None
    years = sorted({day[:4] for day in days})
    number = asked if asked in years else years[-1]
    place = years.index(number)
    broke = states.days_of_breaches(int(number), ZoneInfo(zone))
    known = sorted(abs(row[0]) for day, row in days.items() if row[0] is not None)
    return {
        "number": number,
        "previous": years[place - 1] if place else None,
        "broke": sum(broke.values()),
        "next": years[place + 1] if place + 1 < len(years) else None,
        "months": [
            _month(date(int(number), month, 1), days, known, broke)
            for month in range(1, _MONTHS + 1)
        ],
    }


def _month(
    first: date, days: Mapping[str, Any], known: list[float], broke: Mapping[date, int]
) -> dict[str, Any]:
    following = (first.replace(day=28) + timedelta(days=7)).replace(day=1)
    own = {day: row for day, row in days.items() if day[:7] == f"{first:%Y-%m}"}
    sums = [row[0] for row in own.values() if row[0] is not None]
    before = first - timedelta(days=first.weekday())
    span = -(-(following - before).days // 7) * 7
    # A large day is one of the largest tenth.
    scale = known[int(len(known) * 0.9)] if known else 0.0
    return {
        "name": f"{first:%B}",
        "url": day_addresses()(first, following - timedelta(days=1)),
        "total": in_r(sum(sums)) if sums else None,
        "is_loss": sum(sums) < 0,
        "trades": sum(row[1] for row in own.values()),
        "scale": Decimal(str(scale)),
        "days": [_day(before + timedelta(days=place), first, days, broke) for place in range(span)],
    }


def _day(
    day: date, first: date, days: Mapping[str, Any], broke: Mapping[date, int]
) -> dict[str, Any]:
    if day.month != first.month:
        return {"out": True}
    row = days.get(day.isoformat())
    if row is None:
        return {"out": False}
    r, trades = row
    closed = f"{trades} closed"
    says = f"{say_day(day.isoformat())}: {closed}, " + (in_r(r) if r is not None else "R not known")
    if day in broke:
        says += f", {in_words(broke[day], 'trade')} broke a rule"
    total = None if r is None else Decimal(str(r))
    return {"out": False, "total": total, "says": says, "broke": day in broke}
