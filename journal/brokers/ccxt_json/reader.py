"""A document into records: first who it speaks of, then what happened, then what was held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from functools import partial
from typing import BinaryIO

from journal.brokers.base import OtherRow, Record, StatementInfo
from journal.brokers.ccxt_json.cash import Cashier, Quotes
from journal.brokers.ccxt_json.contracts import Contracts
from journal.brokers.ccxt_json.document import Document, read_document
from journal.brokers.ccxt_json.fills import (
    Desk,
    oldest_first,
    read_order,
    read_settlement,
    read_trade,
)
from journal.brokers.ccxt_json.item import Item, read_ms
from journal.brokers.ccxt_json.orders import read_life
from journal.brokers.ccxt_json.remarks import new_notices, remedy
from journal.brokers.ccxt_json.state import read_balance, read_position, read_rate
from journal.brokers.ccxt_json.told import is_funding
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.safely import FAULTS, left_out
from journal.domain.values import LotMethod


def read_ccxt(stream: BinaryIO) -> Iterator[Record]:
    """Raises UnreadableStatement."""
    return _Reader(read_document(stream)).records()


class _Reader:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._contracts = Contracts(document.exchange, document.markets)
        self._desk = Desk(document.account, self._contracts, new_notices())
        self._trades = oldest_first([one for one in document.of("trades") if not is_funding(one)])
        self._payments = [one for one in document.of("trades") if is_funding(one)]
        self._base = _word(document, "base_currency") or self._common_currency()
        quotes = Quotes(self._trades, _texts(document.head.get("quotes")), self._base or "USDT")
        self._cashier = Cashier(self._desk, quotes)

    def records(self) -> Iterator[Record]:
        self._prepare()
        yield self._info()
        if left_out := _word(self._document, "left_out"):
            self._desk.notices.add(self._desk.account_id, 1, "not_permitted", left_out)
        yield from self._each(self._trades, partial(read_trade, desk=self._desk))
        settled = partial(read_settlement, desk=self._desk)
        yield from self._each(self._document.of("settlements"), settled)
        yield from self._orders()
        payments = [*self._payments, *self._document.of("funding")]
        yield from self._each(payments, self._cashier.funding)
        yield from self._each(self._document.of("ledger"), self._cashier.entry)
        yield from self._each(self._document.of("deposits"), self._cashier.movement)
        yield from self._each(self._document.of("withdrawals"), self._cashier.movement)
        yield from self._state()
        for item in self._document.others:
            yield OtherRow(item.row, self._desk.account_id, item.section, item.raw)
        yield from self._desk.notices.tell()

    def _prepare(self) -> None:
        desk = self._desk
        desk.orders = {one.text("id"): one for one in self._document.of("orders") if one.text("id")}
        for item in (*self._document.of("positions"), *self._trades):
            with suppress(Missing, BadValue, ArithmeticError):
                self._contracts.learn(item)
        for item in self._document.of("positions"):
            if item.told("positionIdx") in ("1", "2"):
                desk.hedged.add(item.text("symbol"))

    def _orders(self) -> Iterator[Record]:
        """Their lives; without trades, each is one fill as well."""
        for item in oldest_first(self._document.of("orders")):
            records = list(self._read(item, partial(read_life, desk=self._desk)))
            if not self._trades:
                records += self._read(item, partial(read_order, desk=self._desk))
            yield from records or self._kept([item])

    def _state(self) -> Iterator[Record]:
        on = self._fetched_on() or self._day("until")
        yield from self._each(self._document.of("rates"), partial(read_rate, desk=self._desk))
        positions = partial(read_position, desk=self._desk)
        yield from self._each(self._document.of("positions"), positions)
        balances = partial(read_balance, desk=self._desk, on=on)
        yield from self._each(self._document.of("balances"), balances)

    def _kept(self, items: Iterable[Item]) -> Iterator[Record]:
        for item in items:
            yield OtherRow(item.row, self._desk.account_id, item.section.capitalize(), item.raw)

    def _each(
        self, items: Iterable[Item], read: Callable[[Item], Iterable[Record]]
    ) -> Iterator[Record]:
        for item in items:
            yield from self._read(item, read)

    def _read(self, item: Item, read: Callable[[Item], Iterable[Record]]) -> Iterator[Record]:
        try:
            records = list(read(item))
        except FAULTS as fault:
            what = " ".join(filter(None, (item.section.removesuffix("s"), item.text("id")[:40])))
            yield left_out(item.row, self._desk.account_id, item.raw, fault, remedy, what)
        else:
            yield from records

    def _info(self) -> StatementInfo:
        document = self._document
        raw = {
            name: value for name, value in document.head.items() if isinstance(value, str) and value
        }
        return StatementInfo(
            row=1,
            account_id=document.account,
            base_currency=self._base,
            account_alias="",
            from_on=self._day("since"),
            to_on=self._day("until"),
            generated_at=self._fetched_at(),
            zone="UTC",
            raw=raw,
            is_hedging=True if self._is_hedged() else None,
            lot_method=LotMethod.AVERAGE if self._states_profits() else None,
            broker=document.exchange,
        )

    def _is_hedged(self) -> bool:
        return any(
            one.told("positionSide") in ("LONG", "SHORT")
            or one.told("positionIdx") in ("1", "2")
            or (one.told("posSide") in ("long", "short") and one.told("instType") != "OPTION")
            for section in ("trades", "orders", "positions")
            for one in self._document.of(section)
        )

    def _states_profits(self) -> bool:
        """Exchanges compute them from the average price of the position."""
        return any(one.told("realizedPnl", "fillPnl") for one in self._trades)

    def _common_currency(self) -> str:
        """What most trades are paid in."""
        counted: Counter[str] = Counter()
        for item in self._trades:
            with suppress(BadValue):
                counted[self._contracts.market(item.text("symbol")).currency] += 1
        return counted.most_common(1)[0][0] if counted else ""

    def _fetched_at(self) -> datetime | None:
        return _moment(self._document, "fetched_at")

    def _fetched_on(self) -> date | None:
        at = self._fetched_at()
        return None if at is None else at.astimezone(UTC).date()

    def _day(self, name: str) -> date | None:
        at = _moment(self._document, name)
        return None if at is None else at.date()


def _word(document: Document, name: str) -> str:
    value = document.head.get(name)
    return value if isinstance(value, str) else ""


def _moment(document: Document, name: str) -> datetime | None:
    stated = _word(document, name)
    try:
        return read_ms(stated) if stated else None
    except BadValue:
        return None


def _texts(found: object) -> dict[str, str]:
    if not isinstance(found, dict):
        return {}
    return {name: value for name, value in found.items() if isinstance(value, str)}
