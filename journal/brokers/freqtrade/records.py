"""Trades of the bot into records. What it keeps are orders; a fill of its exchange is more exact and takes the place of
the order that it is of, whenever it is imported.

Amounts are in coins, also of contracts; they become numbers of contracts where the size of one is stated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import NamedTuple

from journal.brokers.base import (
    POSITION,
    CashKind,
    CashRow,
    ExecutionRow,
    InstrumentRow,
    Record,
    ReportKind,
    StatementInfo,
)
from journal.brokers.ccxt_json.contracts import contract_row
from journal.brokers.freqtrade.orders import read_life
from journal.brokers.freqtrade.remarks import left_out, new_notices, several
from journal.brokers.freqtrade.values import BotOrder, BotTrade, Row, moment, number, truth
from journal.brokers.text.faults import BadValue, Missing
from journal.domain.exact import divide
from journal.domain.values import ONE, ZERO, ExecutionKind, PositionEffect, Side

AUTHORITY_ORDER = 20
DRY_RUN = "dryrun"
BACKTEST = "backtest"
_SIDES = {"buy": Side.BUY, "sell": Side.SELL}


class Said(NamedTuple):
    """One fill as the bot has it. `is_alone`: it is the only one that opened, or closed, its trade."""

    row: int
    raw: Row
    at: datetime
    quantity: Decimal
    price: Decimal
    is_entry: bool
    is_alone: bool


class Source(NamedTuple):
    """`simulated` says of what, "" for what really happened."""

    trades: list[BotTrade]
    simulated: str = ""
    is_backtest: bool = False
    is_unfinished: bool = False


def records_of(source: Source) -> Iterator[Record]:
    """Raises UnreadableStatement where the file mixes accounts."""
    return _Teller(source).records()


class _Teller:
    def __init__(self, source: Source) -> None:
        self._notices = new_notices()
        self._contracts: dict[tuple[str, Decimal], InstrumentRow] = {}
        self._is_dry = not source.is_backtest and _is_dry(source.trades)
        self._source = source
        self._trades = source.trades
        self._is_simulated = source.is_backtest or self._is_dry
        if not self._is_simulated:
            self._trades = [one for one in source.trades if not one.is_dry]
            for one in source.trades:
                if one.is_dry:
                    self._notices.add("", one.row, "dry_run_left_out")

    def records(self) -> Iterator[Record]:
        yield self._info()
        if self._source.is_unfinished:
            self._notices.add("", 1, "database_unfinished")
        simulated = self._source.simulated or ("a dry run" if self._is_dry else "")
        for trade in self._trades:
            if simulated:
                self._notices.add("", trade.row, "simulated", simulated)
            yield from self._trade(trade)
        yield from self._notices.tell()

    def _info(self) -> StatementInfo:
        exchanges = sorted({one.raw.get("exchange", "").lower() for one in self._trades} - {""})
        stakes = sorted({one.raw.get("stake_currency", "").upper() for one in self._trades} - {""})
        broker = exchanges[0] if exchanges else ""
        if self._is_simulated:
            broker = BACKTEST if self._source.is_backtest else DRY_RUN
        elif len(exchanges) > 1:
            raise several("exchanges", exchanges)
        return StatementInfo(
            row=1, account_id="", base_currency=stakes[0] if len(stakes) == 1 else "",
            account_alias="", from_on=None, to_on=None, generated_at=None, zone="UTC", raw={},
            is_hedging=True if self._is_simulated else None, broker=broker,
        )  # fmt: skip

    def _trade(self, trade: BotTrade) -> Iterator[Record]:
        for one in trade.orders:
            yield from self._safely(one.row, one.raw, partial(self._life, trade, one))
        orders = [one for one in trade.orders if _is_filled(one.raw)]
        if orders:
            counted = Counter(_is_entry(trade, one) for one in orders)
            for one in orders:
                is_alone = counted[_is_entry(trade, one)] == 1
                read = partial(self._order, trade, one, is_alone=is_alone)
                yield from self._safely(one.row, one.raw, read)
        elif not trade.orders:
            yield from self._safely(trade.row, trade.raw, partial(self._whole, trade))
        yield from self._safely(trade.row, trade.raw, partial(self._funding, trade))

    def _safely(self, row: int, raw: Row, read: Callable[[], Iterable[Record]]) -> Iterator[Record]:
        try:
            found = list(read())
        except (Missing, BadValue, ArithmeticError) as error:
            yield left_out(row, raw, error)
        else:
            yield from found

    def _life(self, trade: BotTrade, order: BotOrder) -> Iterator[Record]:
        """What is wrong with its contract is told with its fill."""
        with suppress(BadValue, Missing):
            is_entry = _is_entry(trade, order)
            yield from list(read_life(trade, order, self._contract(trade), is_entry=is_entry))

    def _order(self, trade: BotTrade, order: BotOrder, *, is_alone: bool) -> Iterator[Record]:
        if not (self._is_dry or self._source.is_backtest):
            self._notices.add("", order.row, "order_rows_booked")
        raw = order.raw
        at = moment(
            raw, "order_filled_date", "order_filled_timestamp", "order_update_date", "order_date"
        )
        quantity = number(raw, "filled", "amount").copy_abs()
        price = number(raw, "average", "safe_price", "price")
        is_entry = _is_entry(trade, order)
        said = Said(order.row, raw, at, quantity, price, is_entry, is_alone)
        yield self._fill(trade, said)

    def _whole(self, trade: BotTrade) -> Iterator[Record]:
        """Opening and closing in one fill each."""
        raw = trade.raw
        if not self._source.is_backtest:
            self._notices.add("", trade.row, "trade_without_orders")
        at = moment(raw, "open_timestamp", "open_date")
        opened = Said(
            trade.row,
            raw,
            at,
            number(raw, "amount").copy_abs(),
            number(raw, "open_rate"),
            True,
            True,
        )
        yield self._fill(trade, opened)
        if not truth(raw, "is_open"):
            at, price = moment(raw, "close_timestamp", "close_date"), number(raw, "close_rate")
            yield self._fill(trade, opened._replace(at=at, price=price, is_entry=False))

    def _fill(self, trade: BotTrade, said: Said) -> ExecutionRow:
        if not said.quantity:
            raise Missing("no_quantity", "it states no amount")
        if not said.price:
            raise Missing("no_price", "it states no price")
        instrument = self._contract(trade)
        size = instrument.multiplier
        fee, currency = self._fee(trade, said)
        reason = trade.raw.get("enter_tag" if said.is_entry else "exit_reason", "")
        is_forced = not said.is_entry and reason == "liquidation"
        return ExecutionRow(
            row=said.row, account_id="", raw={**_about(trade), **said.raw}, instrument=instrument,
            report=ReportKind.FILL,
            kind=ExecutionKind.LIQUIDATION if is_forced else ExecutionKind.TRADE, broker_id="",
            exec_id="", trade_id=self._ticket(trade), order_id=said.raw.get("order_id", ""),
            order_reference=trade.raw.get("strategy", ""), original_ids=(),
            side=Side.BUY if said.is_entry is not trade.is_short else Side.SELL,
            quantity=said.quantity if size == ONE else divide(said.quantity, size),
            price=said.price, executed_at=said.at, zone="UTC", reported_on=None, settled_on=None,
            fee=fee, tax=ZERO, fee_currency=currency, fx_rate=None,
            effect=PositionEffect.OPEN if said.is_entry else PositionEffect.CLOSE, proceeds=None,
            net_cash=None, stated_cost=None, stated_pnl=None,
            order_type=said.raw.get("order_type", ""), ordered_at=None, exchange="",
            notes=(reason[:64],) if reason else (), authority=AUTHORITY_ORDER,
        )  # fmt: skip

    def _ticket(self, trade: BotTrade) -> str:
        """What never was at an exchange was never netted there: each trade of the bot is a position of its own."""
        if not self._is_simulated:
            return ""
        return f"{POSITION}{trade.raw.get('id') or trade.raw.get('trade_id') or trade.row}"

    def _fee(self, trade: BotTrade, said: Said) -> tuple[Decimal | None, str]:
        """What was taken in the coin lowered the bot's amount. A cost that is stated is that of one order; where there
        are several, and always in a backtest, it follows from the rate."""
        base, quote = _currencies(trade)
        in_coin = number(said.raw, "ft_fee_base")
        if in_coin and said.is_entry:
            return in_coin, base
        side = "open" if said.is_entry else "close"
        stated = number(trade.raw, f"fee_{side}_cost")
        currency = trade.raw.get(f"fee_{side}_currency", "")
        if stated and currency and said.is_alone:
            return (stated * said.price, quote) if currency == base else (stated, currency)
        if f"fee_{side}" not in trade.raw:
            return None, quote
        if not self._source.is_backtest:
            self._notices.add("", said.row, "fee_estimated")
        return number(trade.raw, f"fee_{side}") * said.quantity * said.price, quote

    def _funding(self, trade: BotTrade) -> Iterator[Record]:
        """Positive where it reached the account."""
        amount = number(trade.raw, "funding_fees")
        if not amount:
            return
        self._notices.add("", trade.row, "funding_summed")
        id_ = trade.raw.get("id") or trade.raw.get("trade_id", "")
        yield CashRow(
            row=trade.row, account_id="", raw=trade.raw,
            broker_id=f"freqtrade:{id_}:funding:{amount.normalize():f}" if id_ else "",
            kind=CashKind.FUNDING, amount=amount, currency=_currencies(trade)[1], fx_rate=None,
            occurred_at=moment(trade.raw, "close_timestamp", "close_date", "open_timestamp", "open_date"),
            reported_on=None, description="Funding of the whole trade",
            instrument=self._contract(trade), trade_id="", is_reversal=False,
        )  # fmt: skip

    def _contract(self, trade: BotTrade) -> InstrumentRow:
        pair = trade.raw.get("pair", "")
        if not pair:
            raise Missing("no_symbol", "it names no pair")
        key = (pair, number(trade.raw, "contract_size") or ONE)
        if key not in self._contracts:
            self._contracts[key] = contract_row(*key)
        return self._contracts[key]


def _is_dry(trades: list[BotTrade]) -> bool:
    told = [one for one in trades if one.orders]
    return bool(told) and all(one.is_dry for one in told)


def _is_filled(raw: Row) -> bool:
    """And will not be filled any further. Orders of a backtest have an amount only."""
    if truth(raw, "ft_is_open") or truth(raw, "is_open"):
        return False
    filled = number(raw, "filled") if "filled" in raw else number(raw, "amount")
    return bool(filled) and ("filled" in raw or "order_filled_timestamp" in raw or "status" in raw)


def _is_entry(trade: BotTrade, order: BotOrder) -> bool:
    if "ft_is_entry" in order.raw:
        return truth(order.raw, "ft_is_entry")
    side = _SIDES.get(order.raw.get("ft_order_side", "")) or _SIDES.get(order.raw.get("side", ""))
    return side is (Side.SELL if trade.is_short else Side.BUY)


def _currencies(trade: BotTrade) -> tuple[str, str]:
    base, _, rest = trade.raw.get("pair", "").partition("/")
    return base, rest.partition(":")[2].partition("-")[0] or rest.partition(":")[0]


def _about(trade: BotTrade) -> Row:
    """What the trade says beside the order: the bot's stops and reasons."""
    names = ("strategy", "enter_tag", "exit_reason", "stop_loss", "stop_loss_abs", "initial_stop_loss",
             "leverage", "min_rate", "max_rate")  # fmt: skip
    return {f"trade.{name}": trade.raw[name] for name in names if name in trade.raw}
