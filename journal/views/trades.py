"""The list of trades: filtered, sorted, paged, added up and taken away as a file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from common.errors import NotFound
from common.templatetags.figures import write_day
from journal.filters import TradeFilter
from journal.models import Trade
from journal.selectors.performance import Slice
from journal.selectors.plans import has_plans
from journal.selectors.trade_lists import (
    LATEST,
    ORDERS,
    ListTotals,
    read_trades,
    totals_from_rollups,
    totals_from_trades,
)
from journal.selectors.trades import chains_of, tags_of
from journal.tables import EXPORT_COLUMNS, TRADE_COLUMNS, export_rows
from journal.views.lens import Lens, context_of, read_lens
from journal.views.lists import at_bare_address, days_pills, dressed, filter_pills, page_links, pill
from journal.views.rows import trade_rows

FIELDS = (
    "text", "symbol", "account", "asset_class", "side", "source", "result", "status", "tag", "structure",
    "planned", "plan", "close_reason", "batch", "start", "end",
)  # fmt: skip
# A list filtered by anything else is added up trade by trade.
_IN_ROLLUPS = {"account", "asset_class", "side", "source", "start", "end"}
# What the menu “More” of the filter bar holds.
_IN_MENU = {
    "symbol", "account", "asset_class", "source", "structure", "tag", "planned", "plan", "close_reason", "start",
    "end",
}  # fmt: skip
_EXPORT_CHUNK = 2000
# Less than half of the smallest coin is the same figure to a reader.
_WORTH_SAYING = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for. `own` are the filters of the address, without those of the lens."""

    lens: Lens
    form: forms.Form
    own: dict[str, Any]
    trades: QuerySet[Trade]
    days: tuple[date | None, date | None]
    sort: str

    @property
    def account_ids(self) -> tuple[int, ...]:
        account = self.own.get("account")
        return (account.pk,) if account else self.lens.account_ids

    @property
    def slice(self) -> Slice | None:
        """The part of the rollups that holds these trades, where there is one."""
        if not _IN_ROLLUPS.issuperset(self.own):
            return None
        return replace(
            self.lens.slice,
            account_ids=self.account_ids or None,
            start=self.days[0],
            end=self.days[1],
            asset_class=self.own.get("asset_class", ""),
            direction=self.own.get("side", ""),
            source=self.own.get("source", ""),
        )


def read_query(request: HttpRequest) -> Query:
    """Days and account in the address come before those of the lens."""
    lens = read_lens(request)
    data = request.GET.copy()
    if not (data.get("start") or data.get("end")):
        data["start"], data["end"] = _iso(lens.start), _iso(lens.end)
    filters = TradeFilter(data, queryset=Trade.objects.select_related("account"), request=request)
    form = filters.form
    if form.errors.get("account"):
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    trades = filters.qs
    cleaned = {name: value for name, value in form.cleaned_data.items() if value}
    if "account" not in cleaned and lens.account_ids:
        trades = trades.filter(account_id__in=lens.account_ids)
    sort = request.GET.get("sort", LATEST)
    return Query(
        lens=lens,
        form=form,
        own={name: value for name, value in cleaned.items() if request.GET.get(name)},
        trades=trades,
        days=(cleaned.get("start"), cleaned.get("end")),
        sort=sort if sort in ORDERS else LATEST,
    )


@require_safe
@at_bare_address
def trades(request: HttpRequest) -> HttpResponse:
    query = read_query(request)
    if not query.lens.accounts:
        return render(request, "journal/welcome.html", {"heading": "Trades"})
    page = read_trades(
        query.trades, sort=query.sort, cursor=request.GET.get("cursor", ""), days=query.days
    )
    is_latest = query.sort == LATEST
    context = {
        **context_of(query.lens),
        "form": dressed(query.form, placeholder="Symbol or note"),
        "is_filtered": bool(query.own),
        "has_more_filters": bool(_IN_MENU & query.own.keys()),
        "pills": _pills(request, query),
        "rows": trade_rows(query.lens, page.rows, tags_of([trade.pk for trade in page.rows])),
        "columns": TRADE_COLUMNS,
        "sort": query.sort,
        "page": {
            **page_links(request, page),
            "previous_word": "Newer" if is_latest else "Back",
            "next_word": "Older" if is_latest else "On",
            "says": "",
        },
        "totals": _totals(query, at_once=bool(request.GET.get("totals"))),
        "filters": _filters(request),
        "has_plans": has_plans(),
        "own_plan": query.own.get("plan", ""),
        "own_batch": query.own.get("batch", ""),
        "own_start": _iso(query.own.get("start")),
        "own_end": _iso(query.own.get("end")),
        "days_differ": bool({"start", "end"} & query.own.keys()),
    }
    return render(request, "journal/trades.html", context)


@require_safe
def totals(request: HttpRequest) -> HttpResponse:
    """The footer of a list that no rollup holds, asked for when the page is there."""
    query = read_query(request)
    context = {**context_of(query.lens), "totals": _totals(query, at_once=True)}
    return render(request, "journal/trade_totals.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    query = read_query(request)
    name = f"trades-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _export_lines(query),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def _export_lines(query: Query) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(EXPORT_COLUMNS)
    cursor: str | None = ""
    while cursor is not None:
        page = read_trades(
            query.trades, sort=query.sort, cursor=cursor, limit=_EXPORT_CHUNK, days=query.days
        )
        tags = tags_of([trade.pk for trade in page.rows])
        chains = chains_of([trade.pk for trade in page.rows])
        yield from map(writer.writerow, export_rows(page.rows, tags, chains))
        cursor = page.next


def _totals(query: Query, *, at_once: bool) -> list[dict[str, Any]] | None:
    """None where they have to be added up trade by trade, which the page does not wait for."""
    slice_ = query.slice
    if slice_ is not None:
        found = totals_from_rollups(slice_, query.lens.view)
    elif at_once:
        found = totals_from_trades(query.trades, query.lens.view)
    else:
        return None
    return [_total(query.lens, one) for one in found]


def _total(lens: Lens, total: ListTotals) -> dict[str, Any]:
    is_known = total.trades > total.unknown
    differs = total.realised is not None and abs(total.realised - total.pnl) >= _WORTH_SAYING
    return {
        "of": total,
        "unit": lens.unit_of(total.currency),
        "currency": total.currency,
        "pnl": lens.figure(total.pnl, total.cost) if is_known else None,
        "realised": lens.figure(total.realised, total.cost) if differs else None,
    }


def _filters(request: HttpRequest) -> str:
    """The filters of this page as a query, for its other addresses."""
    params = request.GET.copy()
    for name in ("cursor", "totals"):
        params.pop(name, None)
    return params.urlencode()


def _pills(request: HttpRequest, query: Query) -> list[dict[str, str]]:
    url, own = "journal:trades", query.own
    names = [name for name in FIELDS if name not in ("start", "end")]
    pills = filter_pills(request, url, query.form, own, names)
    if own.get("start") and own["start"] == own.get("end"):
        return [*pills, pill(request, url, "Day", write_day(own["start"]), "start", "end")]
    return [*pills, *days_pills(request, url, own)]


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
