"""Tools that read trades: lists, searches, and one trade with all that is known of it."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from django.db.models import QuerySet
from pydantic import Field

from common.choices import enum_choices
from journal.domain.order_life import OrderStep
from journal.domain.values import AssetClass
from journal.filters import TradeFilter
from journal.models import Leg, Order, Source, Trade
from journal.selectors.data_quality import issues_around
from journal.selectors.orders import list_steps, orders_of_trade
from journal.selectors.tickets import find_by_ticket
from journal.selectors.trade_lists import ORDERS, read_trades
from journal.selectors.trade_pages import ExecutionLine, TradePage, build_trade_page
from journal.selectors.trades import tags_of
from journal.tools.answers import moment, number, untrusted
from journal.tools.problems import ArgumentsInvalid
from journal.tools.registry import ID_MAX, Arguments, Call
from journal.tools.tickets import Ticket, trade_of

FILLS_MAX = 40
ORDERS_MAX = 12
STEPS_MAX = 8
NOTES_MAX = 5

_UNKNOWN_COST = (
    "A part of it was opened before the first imported statement, and nobody states what it cost."
)


def _one_of(values: list[str]) -> dict[str, Any]:
    return {"enum": values}


class Selection(Arguments):
    account: int | None = Field(
        default=None, ge=1, le=ID_MAX, description="Id of an account, as in data_quality."
    )
    symbol: str | None = Field(
        default=None, max_length=64, description="Symbol or underlying, also a former one."
    )
    asset_class: str | None = Field(
        default=None,
        json_schema_extra=_one_of([value for value, _ in enum_choices(AssetClass)]),
        description="Kind of instrument.",
    )
    side: Literal["long", "short"] | None = Field(default=None, description="Direction.")
    source: str | None = Field(
        default=None,
        json_schema_extra=_one_of(list(Source.values)),
        description="By whom it was opened.",
    )
    start: date | None = Field(
        default=None, description="First trading day: of the close, or of the opening while open."
    )
    end: date | None = Field(default=None, description="Last trading day, included.")


class ListTrades(Selection):
    status: Literal["open", "closed"] | None = Field(default=None, description="Open or closed.")
    result: Literal["win", "loss", "flat", "unknown"] | None = Field(
        default=None, description="By net profit."
    )
    tag: str | None = Field(default=None, max_length=48, description="Name of a tag.")
    sort: Annotated[str, Field(json_schema_extra=_one_of(sorted(ORDERS)))] = Field(
        default="-last_at", description="Order of the list; a minus means the largest first."
    )
    limit: int = Field(default=20, ge=1, le=50, description="How many at most.")
    cursor: str = Field(
        default="", max_length=500, description="The `next_cursor` of the page before."
    )


class SearchTrades(ListTrades):
    text: str = Field(
        min_length=1,
        max_length=200,
        description="A word of a symbol or note, or a ticket: whatever a broker or bot calls an order or a fill.",
    )


class GetTrade(Arguments):
    ticket: Ticket


def list_trades(call: Call, wanted: ListTrades) -> dict[str, Any]:
    return _page(call, wanted, _filtered(call, wanted))


def search_trades(call: Call, wanted: SearchTrades) -> dict[str, Any]:
    named = find_by_ticket(wanted.text, account_id=call.account_id)
    trades = _filtered(call, wanted)
    if named:
        exact = _own(call).filter(pk__in=named)
        return {**_page(call, wanted, exact), "found_by": "ticket"}
    text = TradeFilter({"text": wanted.text}, trades)
    return {**_page(call, wanted, text.qs), "found_by": "text"}


def _own(call: Call) -> QuerySet[Trade]:
    trades: QuerySet[Trade] = Trade.objects.select_related("account")
    return trades if call.account_id is None else trades.filter(account_id=call.account_id)


def _filtered(call: Call, wanted: ListTrades) -> QuerySet[Trade]:
    names = set(TradeFilter.base_filters) & set(type(wanted).model_fields)
    data = {name: value for name in names if (value := getattr(wanted, name)) is not None}
    data.pop("text", None)
    found = TradeFilter(data, _own(call))
    if not found.is_valid():
        errors = found.form.errors.get_json_data()
        raise ArgumentsInvalid({k: [one["message"] for one in v] for k, v in errors.items()})
    trades: QuerySet[Trade] = found.qs
    return trades


def _page(call: Call, wanted: ListTrades, trades: QuerySet[Trade]) -> dict[str, Any]:
    if wanted.sort not in ORDERS:
        raise ArgumentsInvalid({"sort": [f"One of {', '.join(sorted(ORDERS))}."]})
    page = read_trades(
        trades,
        sort=wanted.sort,
        cursor=wanted.cursor,
        limit=wanted.limit,
        days=(wanted.start, wanted.end),
    )
    tags = tags_of([trade.pk for trade in page.rows])
    return {
        "trades": [summary_of(trade, tags.get(trade.pk, [])) for trade in page.rows],
        "next_cursor": page.next,
        "about_accounts": None if wanted.account is None else [wanted.account],
    }


def summary_of(trade: Trade, tags: list[str]) -> dict[str, Any]:
    """Figures are those of the book; None is unknown, and `unknown_because` says why."""
    known = trade.cost_known
    return {
        "id": trade.pk,
        "ticket": f"trade:{trade.pk}",
        "account": trade.account_id,
        "symbol": trade.symbol,
        "underlying": trade.underlying,
        "asset_class": trade.asset_class,
        "side": trade.direction,
        "status": "open" if trade.closed_at is None else "closed",
        "result": trade.result or None,
        "opened_at": moment(trade.opened_at),
        "closed_at": moment(trade.closed_at),
        "closed_on": moment(trade.closed_on),
        "quantity": number(trade.quantity),
        "average_open": number(trade.average_open),
        "average_close": number(trade.average_close),
        "currency": trade.currency,
        "gross_pnl": number(trade.gross_pnl) if known else None,
        "net_pnl": number(trade.net_pnl) if known else None,
        "fees": number(trade.fees),
        "base_currency": trade.account.base_currency,
        "net_base": number(trade.net_base) if known else None,
        "cost": number(trade.cost),
        "unknown_because": None if known else _UNKNOWN_COST,
        "legs": trade.leg_count,
        "fills": trade.execution_count,
        "source": trade.source,
        "tags": [untrusted(tag) for tag in tags],
    }


def get_trade(call: Call, wanted: GetTrade) -> dict[str, Any]:
    trade = trade_of(call, wanted.ticket)
    told = detail_of(build_trade_page(trade), orders_of_trade(trade.pk))
    return {"trade_id": trade.pk, **told, "about_accounts": [trade.account_id]}


def detail_of(page: TradePage, orders: list[Order]) -> dict[str, Any]:
    trade = page.trade
    return {
        "trade": summary_of(trade, [tag.name for tag in page.tags]),
        "legs": [_leg(leg) for leg in page.legs[:FILLS_MAX]],
        "fills": [_fill(line) for line in page.lines[:FILLS_MAX]],
        "fills_left_out": max(len(page.lines) - FILLS_MAX, 0),
        "fees": [
            {"kind": fee.kind, "currency": fee.currency, "amount": number(fee.amount)}
            for fee in page.fees
        ],
        "orders": orders_told(orders[:ORDERS_MAX]),
        "orders_left_out": max(len(orders) - ORDERS_MAX, 0),
        "notes": [
            {"written_at": moment(note.created_at), "text": untrusted(note.text)}
            for note in page.notes[-NOTES_MAX:]
        ],
        "notes_left_out": max(len(page.notes) - NOTES_MAX, 0),
        "issues": _issues(page),
    }


def _leg(leg: Leg) -> dict[str, Any]:
    instrument = leg.instrument
    return {
        "symbol": instrument.symbol,
        "asset_class": instrument.asset_class,
        "expiry_on": moment(instrument.expiry_on),
        "strike": number(instrument.strike),
        "right": instrument.right or None,
        "multiplier": number(instrument.multiplier),
        "side": leg.direction,
        "quantity": number(leg.quantity),
        "average_open": number(leg.average_open),
        "average_close": number(leg.average_close),
        "net_pnl": number(leg.net_pnl) if leg.cost_known else None,
        "opened_at": moment(leg.opened_at),
        "closed_at": moment(leg.closed_at),
    }


def _fill(line: ExecutionLine) -> dict[str, Any]:
    fill = line.execution
    return {
        "id": fill.pk,
        "broker_id": fill.broker_id or None,
        "order_id": fill.order_id or None,
        "symbol": line.instrument.symbol,
        "side": fill.side,
        "quantity": number(fill.quantity),
        "price": number(fill.known_price),
        "at": moment(fill.executed_at),
        "kind": fill.kind,
        "fee": number(fill.fee + fill.tax),
        "fee_currency": fill.fee_currency,
        "net_pnl": number(line.net_pnl),
        "position_after": number(line.running_quantity),
        "reported_by": sorted({report.source for report in line.reports}),
    }


def orders_told(orders: list[Order]) -> list[dict[str, Any]]:
    steps = list_steps(orders)
    return [
        {
            "id": order.pk,
            "client_order_id": untrusted(order.client_order_id),
            "order_id": order.order_id or None,
            "role": order.role or None,
            "side": order.side or None,
            "type": order.order_type or None,
            "quantity": number(order.quantity),
            "limit_price": number(order.limit_price),
            "stop_price": number(order.stop_price),
            "status": order.status,
            "filled_quantity": number(order.filled_quantity),
            "average_price": number(order.average_price),
            "placed_at": moment(order.placed_at),
            "closed_at": moment(order.closed_at),
            "plan_id": untrusted(order.plan_id),
            "recommendation_id": untrusted(order.recommendation_id),
            "reason": untrusted(order.reason),
            "history": [_step(step) for step in steps.get(order.pk, [])[-STEPS_MAX:]],
        }
        for order in orders
    ]


def _step(step: OrderStep) -> dict[str, Any]:
    return {
        "at": moment(step.moment.happened_at),
        "status": step.moment.status,
        "changed": [
            {"what": name, "from": number(before), "to": number(after)}
            for name, before, after in step.changes
        ],
    }


def _issues(page: TradePage) -> list[dict[str, Any]]:
    instruments = {leg.instrument_id for leg in page.legs}
    return [
        {"severity": issue.severity, "code": issue.code, "message": untrusted(issue.message)}
        for issue in issues_around(page.trade.account_id, instruments)
    ]
