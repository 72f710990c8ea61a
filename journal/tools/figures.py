"""Tools that read sums: performance and open positions."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from journal.api.performance import as_json
from journal.domain.values import Direction
from journal.filters import called
from journal.selectors.performance import Basis, Slice, Unit, View, sum_months
from journal.selectors.positions import Position, list_positions
from journal.selectors.summaries import build_performance
from journal.tools.answers import moment, number, untrusted
from journal.tools.problems import ArgumentsInvalid
from journal.tools.registry import ID_MAX, Arguments, Call
from journal.tools.trades import Selection

MONTHS_MAX = 36
# What is said of a currency; the curve has a point for each day and is left to the pages.
_LEFT_OUT = ("equity",)


class GetPerformance(Selection):
    unit: Literal["base", "currency"] = Field(
        default="base", description="In each account's base currency, or as traded."
    )
    basis: Literal["net", "gross"] = Field(default="net", description="After fees, or before.")


class ListOpenPositions(Arguments):
    account: int | None = Field(
        default=None, ge=1, le=ID_MAX, description="Id of an account, as in data_quality."
    )
    symbol: str | None = Field(default=None, max_length=64, description="Only this symbol.")
    limit: int = Field(default=50, ge=1, le=100, description="How many at most.")
    cursor: str = Field(
        default="", max_length=12, description="The `next_cursor` of the page before."
    )


def get_performance(call: Call, wanted: GetPerformance) -> dict[str, Any]:
    accounts = wanted.account if call.account_id is None else call.account_id
    slice_ = Slice(
        workspace_id=call.workspace_id,
        account_ids=None if accounts is None else [accounts],
        start=wanted.start,
        end=wanted.end,
        asset_class=wanted.asset_class or "",
        direction="" if wanted.side is None else Direction(wanted.side),
        source=wanted.source or "",
        symbols=called(wanted.symbol) if wanted.symbol else (),
    )
    view = View(Unit(wanted.unit), Basis(wanted.basis))
    months = sum_months(slice_, view)
    results = []
    for figures in build_performance(slice_, view):
        told = as_json(figures, has_executions=slice_.holds_executions)
        own = [one for one in months if one[0] == figures.currency][-MONTHS_MAX:]
        results.append(
            {name: value for name, value in told.items() if name not in _LEFT_OUT}
            | {
                "months": [
                    {
                        "month": month.strftime("%Y-%m"),
                        "pnl": number(sums.pnl(view.basis)) if sums.is_known else None,
                        "trades": sums.trades,
                    }
                    for _, month, sums in own
                ]
            }
        )
    return {
        "unit": view.unit.value,
        "basis": view.basis.value,
        "results": results,
        "about_accounts": slice_.account_ids,
    }


def list_open_positions(call: Call, wanted: ListOpenPositions) -> dict[str, Any]:
    account = wanted.account if call.account_id is None else call.account_id
    positions = list_positions(
        call.workspace_id, account_ids=None if account is None else [account]
    )
    if wanted.symbol:
        positions = [one for one in positions if one.symbol == wanted.symbol.upper()]
    if wanted.cursor and not wanted.cursor.isdecimal():
        raise ArgumentsInvalid({"cursor": ["Not a cursor of this list. Start without one."]})
    begin = int(wanted.cursor or 0)
    end = begin + wanted.limit
    return {
        "positions": [_position(one) for one in positions[begin:end]],
        "next_cursor": str(end) if end < len(positions) else None,
        "about_accounts": None if account is None else [account],
    }


def _position(one: Position) -> dict[str, Any]:
    return {
        "ticket": None if one.trade_id is None else f"trade:{one.trade_id}",
        "account": one.account_id,
        "symbol": one.symbol,
        "description": untrusted(one.description),
        "asset_class": one.asset_class,
        "currency": one.currency,
        "side": one.side,
        "signed_quantity": number(one.signed_quantity),
        "average_price": number(one.average_price),
        "cost": number(one.cost),
        "mark_price": number(one.mark_price),
        "marked_on": moment(one.marked_on),
        "unrealized_pnl": number(one.unrealized_pnl),
        "unrealized_base": number(one.unrealized_base),
        "base_currency": one.base_currency,
        "broker_quantity": number(one.broker_quantity),
        "agrees_with_broker": None
        if one.broker_quantity is None
        else one.broker_quantity == one.signed_quantity,
        "opened_at": moment(one.opened_at),
        "is_stated_by_broker_only": one.is_stated,
        "unknown_because": _why_unknown(one),
    }


def _why_unknown(one: Position) -> str | None:
    if one.unrealized_pnl is not None:
        return None
    if one.mark_price is None:
        return "No statement has a price of it."
    return "What it cost is not known."
