"""A year of months, one of them opened into its weeks and days."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from journal.selectors.calendar import (
    Day,
    Month,
    MonthOfDays,
    Week,
    build_month,
    build_year_grid,
    list_months,
)
from journal.selectors.performance import Sums, sum_totals
from journal.views.dashboard import year_months
from journal.views.frame import currency_links, day_addresses
from journal.views.lens import Lens, context_of, focus, read_lens
from journal.views.rows import is_active, large_day

WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    lens = read_lens(request)
    if not lens.accounts:
        return render(request, "journal/welcome.html", {"heading": "Calendar"})
    everything = replace(lens.slice, start=None, end=None)
    currencies = [sums.currency for sums in sum_totals(everything, lens.view)]
    currency = focus(lens, currencies)
    today = timezone.localdate()
    active = list_months(everything, lens.view, currency)
    year, month = _asked(request, active[-1] if active else today)
    years = sorted({one.year for one in active} | {year})
    grid = build_year_grid(everything, lens.view, year=year, currency=currency)
    total = _total(currency, grid)
    opened = build_month(everything, lens.view, year=year, month=month, currency=currency)
    context = {
        **context_of(lens),
        "currency": currency,
        "currencies": currency_links(request, currencies, currency),
        "year": year,
        "years": [(one, _url(one, month)) for one in years],
        "months": year_months(lens, grid, currency, current=month),
        "year_total": lens.pnl(total),
        "year_trades": total.trades,
        "unit": lens.unit_of(currency),
        "opened": opened,
        "opened_total": lens.pnl(opened.total),
        "month": _month(lens, opened, currency, today=today),
        "previous_url": _url(opened.previous.year, opened.previous.month),
        "next_url": _url(opened.next.year, opened.next.month),
        "trades_url": day_addresses()(opened.first, opened.last),
    }
    return render(request, "journal/calendar.html", context)


def _asked(request: HttpRequest, latest: date) -> tuple[int, int]:
    """The month of the address; without one, or where it is none, the latest with anything in it."""
    try:
        year = int(request.GET.get("year", latest.year))
        month = int(request.GET.get("month", latest.month if year == latest.year else 1))
    except ValueError:
        return latest.year, latest.month
    if not (_FIRST_YEAR <= year <= _LAST_YEAR and 1 <= month <= 12):
        return latest.year, latest.month
    return year, month


def _total(currency: str, grid: Iterable[MonthOfDays]) -> Sums:
    total = Sums(currency)
    for month in grid:
        if month.total is not None:
            total.add(month.total)
    return total


def _url(year: int, month: int) -> str:
    return f"{reverse('journal:calendar')}?year={year}&month={month}"


def _month(lens: Lens, month: Month, currency: str, *, today: date) -> dict[str, Any]:
    """In the shape of components/calendar_month.html."""
    days = [day for week in month.weeks for day in week.days if day.in_month]
    address = day_addresses()
    return {
        "weekdays": WEEKDAYS,
        "weeks": [_week(lens, week, month, today, address) for week in month.weeks],
        "scale": large_day(lens.pnl(day.sums) for day in days if day.sums),
        "unit": lens.unit_of(currency) if lens.is_percent else "",
        "places": None if lens.is_percent else 0,
    }


def _week(
    lens: Lens, week: Week, month: Month, today: date, address: Callable[[date, date], str]
) -> dict[str, Any]:
    start, end = max(week.start, month.first), min(week.end, month.last)
    active = is_active(week.total)
    return {
        "label": f"W{week.start.isocalendar().week}",
        "total": lens.pnl(week.total),
        "trades": week.total.trades,
        "active": active,
        "url": address(start, end) if week.total.executions else "",
        "days": [_day(lens, day, today, address) for day in week.days],
    }


def _day(lens: Lens, day: Day, today: date, address: Callable[[date, date], str]) -> dict[str, Any]:
    sums = day.sums if day.in_month else None
    return {
        "date": day.on,
        "number": day.on.day,
        "out": not day.in_month,
        "today": day.on == today,
        "url": address(day.on, day.on) if sums else "",
        "total": lens.pnl(sums) if sums else None,
        "trades": sums.trades if sums else 0,
        "active": sums is not None and is_active(sums),
        "fills": sums.executions if sums else 0,
    }
