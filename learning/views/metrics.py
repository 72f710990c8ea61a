"""Figures of every part of the book, one part with its history, and what each figure means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from common.errors import NotFound
from journal.views.frame import trades_url
from journal.views.lists import page_links
from learning import charts
from learning.charts.base import in_r
from learning.domain.dictionary import METRICS, Metric, Space
from learning.models import MetricState, Part, ReturnState, RunKind
from learning.selectors import states
from learning.selectors.trials import PARTS_SLICE, tried
from learning.services.running import read
from learning.services.trials import note_slice
from learning.views.cards import lead_cards
from learning.views.overview import currency_links, part_url

# What a chart of groups shows; the table has them all.
_CHARTED = 20
# Of fewer trades with R a mean is no place in a ranking.
_RANKED = 5
_MANY = {
    Part.ACCOUNT: "accounts", Part.STRATEGY: "strategies", Part.SYMBOL: "symbols", Part.TAG: "tags", Part.BOT: "bots",
    Part.VERSION: "versions",
}  # fmt: skip
_BY_PART = [part for part in Part if part != Part.ALL]


@require_safe
def metrics(request: WorkspaceRequest) -> HttpResponse:
    """One kind of part in one currency, those of most trades first."""
    everything = states.list_everything()
    asked = request.GET.get("currency", "")
    shown = next((one for one in everything if one.currency == asked), None)
    shown = shown or (everything[0] if everything else None)
    counts = states.count_parts(shown.currency) if shown else {}
    part = request.GET.get("by", "")
    if part not in _BY_PART:
        part = next((one for one in (Part.STRATEGY, Part.SYMBOL) if counts.get(one)), Part.ACCOUNT)
    context: dict[str, Any] = {
        "tab": "metrics",
        "tried": tried(request.workspace.pk),
        "part": Part(part),
        "state": shown,
        "kinds": [_kind(request, one, counts.get(one, 0), part) for one in _BY_PART],
        "currencies": currency_links(request, [one.currency for one in everything], shown),
    }
    if shown is not None:
        if counts.get(part, 0) > 1:
            note_slice(request.workspace.pk, f"{PARTS_SLICE}{part}", timezone.now())
        page = states.read_parts(part, shown.currency, cursor=request.GET.get("cursor", ""))
        context |= _list(part, page.rows)
        context["page"] = {
            **page_links(request, page),
            "previous_word": "Larger",
            "next_word": "Smaller",
        }
    return render(request, "learning/metrics.html", context)


def _kind(request: WorkspaceRequest, part: str, number: int, current: str) -> dict[str, Any]:
    query = request.GET.copy()
    query.pop("cursor", None)
    query["by"] = part
    url = f"{request.path}?{query.urlencode()}"
    return {"label": Part(part).label, "number": number, "url": url, "current": part == current}


def _list(part: str, rows: Sequence[MetricState]) -> dict[str, Any]:
    run = states.latest_run(RunKind.OVERVIEW)
    lines = read(run)["slices"].get(part, {}).get("groups", {}) if run is not None else {}
    names = states.names_of(part, [one.key for one in rows])
    shown = [
        {
            "of": one,
            "name": names[one.key],
            "url": part_url(part, one.key, one.currency),
            "luck": lines.get(one.key),
            "luck_text": _between(lines.get(one.key)),
        }
        for one in rows
    ]
    groups = [_group(one) for one in shown[:_CHARTED]]
    known = [one for one in groups if one is not None]
    ranked = [one for one in known if one.n >= _RANKED]
    chart = None
    if ranked:
        few = len(known) - len(ranked)
        chart = charts.breakdown_chart(ranked, one=_one(part), many=_MANY[Part(part)], few=few)
    return {"rows": shown, "chart": chart, "run": run}


def _between(luck: Sequence[float] | None) -> str:
    return f"{in_r(luck[2])} … {in_r(luck[3])}" if luck else ""


def _one(part: str) -> str:
    return "version" if part == Part.VERSION else str(Part(part).label).lower()


def _group(row: dict[str, Any]) -> charts.Group | None:
    """None where no trade of it has R."""
    told = row["of"].figures.get("expectancy_r") or {}
    if told.get("value") is None:
        return None
    low, high = (told.get("ci") or [None, None])[:2]
    luck_low, luck_high = row["luck"][2:4] if row["luck"] else (None, None)
    return charts.Group(
        row["name"], told["n"], told["value"], low, high, luck_low, luck_high, row["url"]
    )


@require_safe
def part(request: WorkspaceRequest, part: str) -> HttpResponse:
    """All figures of one part, and one of them over time."""
    if part not in Part:
        raise NotFound("metrics_not_found", "There are no figures by this.")
    state = states.get_state(part, request.GET.get("key", ""), request.GET.get("currency", ""))
    returns = states.returns_of([state]).get((state.part, state.key, state.currency))
    metric = request.GET.get("metric", "")
    if metric and metric not in METRICS:
        return HttpResponseRedirect(part_url(part, state.key, state.currency))
    metric = metric or _first(state)
    name = states.names_of(part, [state.key])[state.key]
    return render(
        request,
        "learning/part.html",
        {
            "tab": "metrics",
            "part": Part(part),
            "state": state,
            "returns": returns,
            "name": name or "Everything",
            "metric": metric,
            "choices": _choices(returns),
            "chart": _history(state, returns, metric),
            "cards": lead_cards(state, returns),
            "trade_rows": _rows(state.figures, Space.TRADES),
            "time_rows": _rows(returns.figures, Space.TIME) if returns is not None else [],
            "trades_url": _trades(part, state.key),
            "back": f"{reverse('learning:metrics')}?by={part}" if part != Part.ALL else "",
            "zone": timezone.get_current_timezone_name(),
        },
    )


def _first(state: MetricState) -> str:
    has_r = state.figures.get("expectancy_r", {}).get("value") is not None
    return "expectancy_r" if has_r else "expectancy_money"


def _rows(figures: dict[str, Any], space: Space) -> list[dict[str, Any]]:
    return [
        {"metric": name, "of": one, "figure": figures[name]}
        for name, one in METRICS.items()
        if one.space == space and name in figures
    ]


def _choices(returns: ReturnState | None) -> list[tuple[str, Metric]]:
    """What has a history: all that follows from running sums."""
    has_weeks = returns is not None and returns.basis == "marked" and returns.n > 0
    return [
        (name, one)
        for name, one in METRICS.items()
        if one.is_running and (one.space == Space.TRADES or has_weeks)
    ]


def _history(state: MetricState, returns: ReturnState | None, metric: str) -> dict[str, Any] | None:
    of = METRICS[metric]
    if of.space == Space.TRADES:
        closes = states.history_of(state, metric)
        points = [(one.n, one.closed_at.date(), one.value) for one in closes]
        return charts.history_chart(metric, of, points, state.currency, number="Trades")
    if returns is None:
        return None
    weeks = [(one.n, one.on, one.value) for one in states.weeks_of(returns, metric)]
    return charts.history_chart(metric, of, weeks, state.currency, number="Periods")


def _trades(part: str, key: str) -> str:
    """The trades that it is of, where the list of trades can be filtered by that."""
    match part:
        case Part.SYMBOL:
            return trades_url(symbol=key)
        case Part.TAG:
            return trades_url(tag=key)
        case Part.ACCOUNT:
            return trades_url(accounts=key)
    return ""


@require_safe
def dictionary(request: WorkspaceRequest) -> HttpResponse:
    spaces = [
        {
            "name": "Per trade",
            "words": "One number per closed trade, in R or in money. Never mixed with what is counted over time.",
            "rows": [(name, one) for name, one in METRICS.items() if one.space == Space.TRADES],
        },
        {
            "name": "Over time",
            "words": "One return of the account per day or week, open positions at their marks, idle days included.",
            "rows": [(name, one) for name, one in METRICS.items() if one.space == Space.TIME],
        },
    ]
    return render(request, "learning/dictionary.html", {"tab": "metrics", "spaces": spaces})
