"""What was held when the file was written: positions, balances, and rates between currencies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from journal.brokers.base import CashBalanceRow, ConversionRateRow, OtherRow, PositionRow
from journal.brokers.ccxt_json.fills import Desk
from journal.brokers.ccxt_json.item import Item
from journal.brokers.text.faults import BadDate, Missing
from journal.domain.values import ZERO


def read_position(item: Item, desk: Desk) -> Iterator[PositionRow | OtherRow]:
    """Raises Missing, BadValue. It has no day: it was so in the middle of one, and a day's position is that at its
    end."""
    contracts = item.number("contracts") or ZERO
    side = item.text("side").lower()
    if not contracts:
        yield OtherRow(item.row, desk.account_id, "Positions", item.raw)
        return
    if side not in ("long", "short"):
        raise Missing("no_direction", "it does not say whether it is long or short")
    units = contracts.copy_abs()
    yield PositionRow(
        row=item.row, account_id=desk.account_id, raw=item.raw,
        instrument=desk.contracts.instrument(item.text("symbol")),
        signed_quantity=units if side == "long" else -units, mark_price=item.number("markPrice"),
        value=item.number("notional"), cost=None, unrealized_pnl=item.number("unrealizedPnl"),
        fx_rate=None, reported_on=None, is_lot=False, opened_at=None, opening_broker_id="",
    )  # fmt: skip


def read_balance(item: Item, desk: Desk, on: date | None) -> Iterator[CashBalanceRow | OtherRow]:
    """Raises Missing, BadNumber."""
    total = item.number("total")
    if not total:
        yield OtherRow(item.row, desk.account_id, "Balances", item.raw)
        return
    currency = item.text("currency")
    if not currency:
        raise Missing("no_currency", "it names no currency")
    yield CashBalanceRow(item.row, desk.account_id, item.raw, currency[:12], False, total, None, on)


def read_rate(item: Item, desk: Desk) -> Iterator[ConversionRateRow]:
    """Raises Missing, BadValue."""
    rate = item.needed("no_rate", "it states no rate", "rate")
    try:
        on = date.fromisoformat(item.text("on"))
    except ValueError:
        raise BadDate(item.text("on")) from None
    yield ConversionRateRow(item.row, desk.account_id, item.text("from"), item.text("to"), on, rate)
