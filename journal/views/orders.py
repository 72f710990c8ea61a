"""Orders: what was sent, what became of it, and what it protects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from journal.brokers.base import OrderStatus
from journal.domain.order_life import OrderStep
from journal.filters import OrderFilter
from journal.models import Order, OrderReport, Recommendation
from journal.selectors.orders import (
    fills_of,
    get_order,
    list_history,
    list_steps,
    read_orders,
    relatives_of,
)
from journal.selectors.prelogged import trade_that_took
from journal.views.lens import Lens, read_lens
from journal.views.lists import (
    at_bare_address,
    chosen_in,
    days_pills,
    dressed,
    filter_pills,
    page_links,
)

_FILTERS = (
    "text",
    "symbol",
    "account",
    "role",
    "status",
    "is_open",
    "source",
    "client_order_id",
    "order_id",
)
# What the menu “More” of the filter bar holds.
_IN_MENU = {"symbol", "account", "source", "start", "end"}
_TONES = {
    OrderStatus.PLACED: "badge--accent",
    OrderStatus.MODIFIED: "badge--accent",
    OrderStatus.TRIGGERED: "badge--accent",
    OrderStatus.PARTIALLY_FILLED: "badge--accent",
    OrderStatus.REJECTED: "badge--error",
}
_TERMS = {"quantity": "Quantity", "limit_price": "Limit", "stop_price": "Stop"}


@dataclass(frozen=True, slots=True)
class OrderLine:
    """An order as lists show it; `stops` and `limits` are all the prices that it had, the first one first."""

    of: Order
    tone: str
    stops: Sequence[Decimal] = ()
    limits: Sequence[Decimal] = ()


@dataclass(frozen=True, slots=True)
class Moment:
    """A step of an order's life with the report that tells it; `moves` are (what, before, after)."""

    report: OrderReport
    tone: str
    moves: list[tuple[str, Decimal | None, Decimal]]


def order_lines(orders: Sequence[Order]) -> list[OrderLine]:
    """Of one account, with the way that their prices went."""
    steps = list_steps(orders)
    return [
        OrderLine(
            of=order,
            tone=_tone(order.status),
            stops=_way(steps.get(order.pk, ()), "stop_price"),
            limits=_way(steps.get(order.pk, ()), "limit_price"),
        )
        for order in orders
    ]


def _way(steps: Sequence[OrderStep], term: str) -> list[Decimal]:
    return [after for step in steps for name, _, after in step.changes if name == term]


def _tone(status: str) -> str:
    return _TONES.get(OrderStatus(status), "")


@require_safe
@at_bare_address
def orders(request: HttpRequest) -> HttpResponse:
    lens = read_lens(request)
    filters = OrderFilter(request.GET, queryset=Order.objects.all(), request=request)
    form = filters.form
    own = chosen_in(form)
    found = filters.qs.select_related("instrument", "account")
    if "account" not in own and lens.account_ids:
        found = found.filter(account_id__in=lens.account_ids)
    page = read_orders(found, cursor=request.GET.get("cursor", ""))
    context = {
        "form": dressed(form, placeholder="Symbol or id of an order"),
        "has_more_filters": bool(_IN_MENU & own.keys()),
        "pills": _pills(request, form, own),
        "rows": [OrderLine(order, _tone(order.status)) for order in page.rows],
        "page": page_links(request, page),
        "is_filtered": bool(own) or bool(lens.account_ids),
        "base_url": request.build_absolute_uri("/").rstrip("/"),
        "many_accounts": _shows_several(lens, own),
    }
    return render(request, "journal/orders.html", context)


def _shows_several(lens: Lens, own: dict[str, Any]) -> bool:
    return "account" not in own and len(lens.chosen) > 1


def _pills(request: HttpRequest, form: forms.Form, own: dict[str, Any]) -> list[dict[str, str]]:
    url = "journal:orders"
    words = {"is_open": "Still open" if own.get("is_open") else "Over"}
    return [
        *filter_pills(request, url, form, own, _FILTERS, words=words),
        *days_pills(request, url, own),
    ]


@require_safe
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    found = get_order(order_id)
    relatives = relatives_of(found)
    fills = fills_of(found)
    trade_ids = {fill.leg.trade_id for fill in fills if fill.leg is not None}
    taken = None if fills else trade_that_took(found)
    context = {
        "order": found,
        "tone": _tone(found.status),
        "account": found.account,
        "zone": found.account.zone,
        "moments": _moments(found),
        "fills": fills,
        "trade_ids": sorted(trade_ids | ({taken} if taken is not None else set())),
        "relatives": [(one, _relation(found, one)) for one in order_lines(relatives)],
        "recommendation": _recommendation(found),
        "held": (found.closed_at - found.placed_at) if found.closed_at else None,
    }
    return render(request, "journal/order.html", context)


def _moments(found: Order) -> list[Moment]:
    reports = {report.pk: report for report in list_history(found)}
    (steps,) = list_steps([found]).values()
    return [
        Moment(
            report=reports[step.moment.id],
            tone=_tone(step.moment.status),
            moves=[(_TERMS[name], before, after) for name, before, after in step.changes],
        )
        for step in steps
        if step.moment.id in reports
    ]


def _relation(found: Order, line: OrderLine) -> str:
    """What the other order is to this one."""
    other = line.of
    if found.parent_id and found.parent_id in (other.client_order_id, other.order_id):
        return "Protects" if found.role in ("stop_loss", "take_profit") else "Belongs to"
    if other.parent_id and other.parent_id in (found.client_order_id, found.order_id):
        return "Protected by" if other.role in ("stop_loss", "take_profit") else "Has with it"
    return (
        "One cancels the other"
        if other.group_id and other.group_id == found.group_id
        else "Beside it"
    )


def _recommendation(found: Order) -> Recommendation | None:
    if not found.recommendation_id:
        return None
    proposals = Recommendation.objects.filter(
        record_id=found.recommendation_id, batch__withdrawn_at=None
    )
    return proposals.first()
