"""The first page: how it stands, how it got there, and what wants a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.numbers import write_money
from common.templatetags.figures import write_day
from journal import charts
from journal.models import Source, Trade
from journal.selectors.calendar import MonthOfDays, build_year_grid
from journal.selectors.issues import list_issues
from journal.selectors.performance import Basis
from journal.selectors.positions import list_positions
from journal.selectors.summaries import (
    Performance,
    build_performance,
    build_sources,
)
from journal.selectors.trade_lists import read_trades
from journal.views.frame import currency_links, day_addresses, trades_url
from journal.views.lens import Lens, context_of, focus, position_figure, read_lens
from journal.views.luck import luck_lines
from journal.views.rows import is_active, large_day, trade_rows

RECENT_TRADES = 8
POSITIONS_SHOWN = 12
ISSUES_SHOWN = 3


@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    lens = read_lens(request)
    if not lens.accounts:
        return render(request, "journal/welcome.html", {"heading": "Dashboard"})
    found = build_performance(lens.slice, lens.view)
    currencies = [one.currency for one in found]
    currency = focus(lens, currencies)
    shown = next((one for one in found if one.currency == currency), None)
    positions = list_positions(lens.workspace_id, account_ids=lens.account_ids or None)
    context = {
        **context_of(lens),
        "pnl_name": f"{lens.basis.value.capitalize()} P&L",
        "currency": currency,
        "currencies": currency_links(request, currencies, currency),
        "figures": _figures(lens, shown) if shown else None,
        "chart": _equity_chart(lens, shown) if shown and shown.curve and shown.is_known else None,
        "year": _year(lens, currency, shown),
        "sources": _sources(lens, currency),
        "positions": [(one, position_figure(lens, one)) for one in positions[:POSITIONS_SHOWN]],
        "positions_more": max(0, len(positions) - POSITIONS_SHOWN),
        "positions_count": len(positions),
        "recent": trade_rows(lens, _recent(lens)),
        "issues": list_issues()[:ISSUES_SHOWN],
    }
    return render(request, "journal/dashboard.html", context)


def _recent(lens: Lens) -> list[Trade]:
    trades = Trade.objects.select_related("account")
    if lens.account_ids:
        trades = trades.filter(account_id__in=lens.account_ids)
    return read_trades(trades, limit=RECENT_TRADES).rows


def _figures(lens: Lens, shown: Performance) -> dict[str, Any]:
    """Money through the lens: in percent, all of it is over what the closed trades cost."""
    summary, cost = shown.summary, shown.cost
    amounts: dict[str, Decimal | None] = {
        "pnl": shown.pnl,
        "expectancy": summary.expectancy,
        "average_win": summary.average_win,
        "average_loss": summary.average_loss,
        "drawdown": _drawdown(shown),
        "fees": shown.fees_paid,
    }
    if not shown.is_known:
        amounts = dict.fromkeys(amounts)
    average_cost = _average(cost, summary.trades)
    per_trade = {"expectancy", "average_win", "average_loss"}
    return {
        "unit": lens.unit_of(shown.currency),
        "summary": summary,
        "closed": summary.trades + summary.unknown,
        "drawdown_of": shown.drawdown,
        "executions": shown.executions,
        "unknown": shown.unknown,
        **{
            name: lens.figure(amount, average_cost if name in per_trade else cost)
            for name, amount in amounts.items()
        },
    }


def _average(cost: Decimal, trades: int) -> Decimal | None:
    return cost / trades if trades else None


def _sources(lens: Lens, currency: str) -> list[dict[str, Any]]:
    """A row for each source; none where statements are all there is."""
    found = [one for one in build_sources(lens.slice, lens.view) if one.currency == currency]
    if all(one.source == Source.STATEMENT for one in found):
        return []
    lines = luck_lines("source")
    return [
        {
            "name": Source(one.source).label,
            "luck": lines.get(one.source),
            "url": trades_url(source=one.source),
            "of": one,
            "trades": one.summary.trades + one.summary.unknown,
            "pnl": lens.figure(one.pnl if one.is_known else None, one.cost),
            "expectancy": lens.figure(
                one.summary.expectancy, _average(one.cost, one.summary.trades)
            ),
            "fees": lens.figure(one.fees_paid, one.cost),
            "unit": lens.unit_of(currency),
        }
        for one in found
    ]


def _drawdown(shown: Performance) -> Decimal | None:
    if shown.drawdown:
        return shown.drawdown.amount
    return Decimal(0) if shown.is_known else None


def _equity_chart(lens: Lens, shown: Performance) -> dict[str, Any]:
    unit = lens.unit_of(shown.currency)
    days = [
        charts.EquityDay(
            on=point.on,
            equity=lens.figure(point.net, shown.cost) or Decimal(0),
            drawdown=lens.figure(point.drawdown, shown.cost) or Decimal(0),
        )
        for point in shown.curve
    ]
    return {
        "figure_id": "equity",
        "figure": charts.equity_curve(days, currency=unit, address=day_addresses()("{x}", "{x}")),
        "size": "l",
        "says": _equity_sentence(lens, shown, days),
        "columns": ["Month", "P&L", "Cumulative", "Drawdown at its end"],
        "rows": _equity_rows(days, unit),
    }


def _equity_sentence(lens: Lens, shown: Performance, days: list[charts.EquityDay]) -> str:
    unit = lens.unit_of(shown.currency)
    last = days[-1]
    basis = "Net" if lens.basis is Basis.NET else "Gross"
    text = f"{basis} P&L adds up to {write_money(last.equity, unit, plus=True)} on {_say(last.on)}"
    if last.drawdown:
        text += f", {write_money(-last.drawdown, unit)} below its highest point"
    if shown.drawdown is None:
        return f"{text}. It never fell below an earlier high."
    deepest = write_money(lens.figure(shown.drawdown.amount, shown.cost), unit)
    start = _say(shown.drawdown.peak_on) if shown.drawdown.peak_on else "the start"
    over = shown.drawdown.recovered_on
    end = f"made good on {_say(over)}" if over else "not made good yet"
    return (
        f"{text}. The deepest drawdown, {deepest}, ran from {start} to "
        f"{_say(shown.drawdown.trough_on)}, {end}."
    )


def _say(day: date) -> str:
    return write_day(day)


def _equity_rows(days: list[charts.EquityDay], unit: str) -> list[list[str]]:
    """One row for each month: a day-by-day table would be longer than anybody reads."""
    ends: dict[date, charts.EquityDay] = {day.on.replace(day=1): day for day in days}
    rows = []
    before = Decimal(0)
    for month, day in ends.items():
        amounts = (day.equity - before, day.equity, day.drawdown)
        rows.append([f"{month:%b %Y}", *(write_money(one, unit, plus=True) for one in amounts)])
        before = day.equity
    return rows[::-1]


def _year(lens: Lens, currency: str, shown: Performance | None) -> dict[str, Any]:
    """The whole year that the period ends in: the way into the calendar."""
    latest = shown.curve[-1].on if shown and shown.curve else (lens.end or timezone.localdate())
    grid = build_year_grid(
        replace(lens.slice, start=None, end=None), lens.view, year=latest.year, currency=currency
    )
    return {"number": latest.year, "months": year_months(lens, grid, currency)}


def year_months(
    lens: Lens, grid: tuple[MonthOfDays, ...], currency: str, *, current: int = 0
) -> list[dict[str, Any]]:
    """In the shape of components/calendar_year.html."""
    unit = lens.unit_of(currency)
    calendar = reverse("journal:calendar")
    scale = large_day(
        lens.pnl(day.sums) for month in grid for day in month.days if day.in_month and day.sums
    )
    return [
        {
            "name": f"{month.first:%B}",
            "url": f"{calendar}?year={month.first.year}&month={month.first.month}",
            "current": month.first.month == current,
            "total": lens.pnl(month.total) if month.total else None,
            "trades": month.total.trades if month.total else 0,
            "active": month.total is not None and is_active(month.total),
            "unit": unit if lens.is_percent else "",
            "places": None if lens.is_percent else 0,
            "scale": scale,
            "days": [
                {
                    "out": not day.in_month,
                    "total": lens.pnl(day.sums) if day.sums else None,
                    "says": f"{write_day(day.on)}: {write_money(lens.pnl(day.sums), unit, plus=True)}"
                    if day.sums
                    else "",
                }
                for day in month.days
            ],
        }
        for month in grid
    ]
