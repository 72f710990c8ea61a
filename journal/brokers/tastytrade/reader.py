"""Transactions in, records out, for every layout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from journal.brokers.base import (
    InstrumentRow,
    OtherRow,
    Record,
    StatementInfo,
    TransferRow,
)
from journal.brokers.tastytrade.cash import read_cash
from journal.brokers.tastytrade.deliveries import Deliveries
from journal.brokers.tastytrade.directions import Directions, Settled, Waiting
from journal.brokers.tastytrade.fills import (
    make_end,
    make_fill,
    make_undirected,
    price_of,
    quantity_of,
)
from journal.brokers.tastytrade.instruments import OPTIONS, Instruments
from journal.brokers.tastytrade.kinds import (
    REMOVALS,
    SIDES_OF_REMOVALS,
    Move,
    What,
    move_of,
    sub_kind_of,
    what_is,
)
from journal.brokers.tastytrade.notices import SENTENCES, SEVERITIES
from journal.brokers.tastytrade.pairs import Half
from journal.brokers.tastytrade.refusals import REMEDIES
from journal.brokers.tastytrade.row import Transaction
from journal.brokers.text.faults import Missing
from journal.brokers.text.notices import Notices
from journal.brokers.text.safely import FAULTS, left_out
from journal.domain.values import ExecutionKind, PositionEffect, Side

SECTION = "Transactions"


@dataclass(slots=True)
class Period:
    row: int
    first: date
    last: date
    zone: str
    currency: str
    alias: str


class TransactionReader:
    def __init__(self) -> None:
        self.notices = Notices(SENTENCES, SEVERITIES)
        self._instruments = Instruments(self.notices)
        self._directions = Directions()
        self._deliveries = Deliveries(self.notices)
        self._periods: dict[str, Period] = {}
        self._downloads: dict[str, StatementInfo] = {}

    def introduce(self, info: StatementInfo) -> Iterator[Record]:
        """What a download says of itself: its period is known before its rows are, and there are others before it."""
        self._downloads[info.account_id] = info
        yield info

    def contract_of(self, one: Transaction) -> InstrumentRow:
        """Raises Missing."""
        return self._instruments.find(one)

    def take(self, one: Transaction, alias: str = "") -> Iterator[Record]:
        """What the row says, and what was held back until now."""
        yield from self._deliveries.release(one)
        if one.account_id not in self._periods and one.account_id not in self._downloads:
            self._periods[one.account_id] = Period(
                one.row, one.day, one.day, one.zone, one.currency, alias
            )
            yield self._info(one.account_id)
        if period := self._periods.get(one.account_id):
            period.first, period.last = min(period.first, one.day), max(period.last, one.day)
        try:
            # All of it before any is given: a row that fails in the middle must leave nothing behind.
            yield from list(self._read(one))
        except FAULTS as fault:
            yield left_out(one.row, one.account_id, one.raw, fault, REMEDIES.get)

    def finish(self) -> Iterator[Record]:
        yield from self._deliveries.rest()
        for settled in self._directions.rest():
            yield self._end(settled)
        for account_id in self._periods:
            # Again, now that the period is known: files start with the newest row.
            yield self._info(account_id)
        yield from self.notices.tell()

    def _info(self, account_id: str) -> StatementInfo:
        period = self._periods[account_id]
        return StatementInfo(
            row=period.row,
            account_id=account_id,
            base_currency=period.currency,
            account_alias=period.alias,
            from_on=period.first,
            to_on=period.last,
            generated_at=None,
            zone=period.zone,
            raw={},
        )

    def _read(self, one: Transaction) -> Iterator[Record]:
        what = what_is(one)
        if what is What.MONEY:
            instrument = self._instruments.find(one) if one.symbol else None
            yield read_cash(one, instrument, self.notices)
        elif what is What.UNKNOWN:
            self.notices.add(
                one.account_id,
                one.row,
                "unknown_transaction",
                " ".join(filter(None, (one.kind, sub_kind_of(one)))),
            )
            yield OtherRow(one.row, one.account_id, SECTION, one.raw)
        elif one.quantity is not None and not one.quantity:
            self.notices.add(one.account_id, one.row, "zero_quantity")
            yield OtherRow(one.row, one.account_id, SECTION, one.raw)
        elif what is What.REMOVAL:
            yield from self._remove(one)
        else:
            yield from self._move(one, what)

    def _move(self, one: Transaction, what: What) -> Iterator[Record]:
        move = move_of(one) or _described_move(one, what)
        instrument = self._instruments.find(one)
        half = Half(one, instrument, move)
        quantity_of(one)
        if what is What.TRADE or what is What.SETTLEMENT:
            kind = ExecutionKind.TRADE if what is What.TRADE else ExecutionKind.CASH_SETTLEMENT
            yield make_fill(one, instrument, move, kind, price_of(one, instrument, self.notices))
        elif what is What.TRANSFER:
            yield _transfer(half)
        elif what is What.ACTION:
            self._deliveries.act(half)
        else:
            self._deliveries.deliver(half, price_of(one, instrument, self.notices))
        if instrument.asset_class in OPTIONS:
            for settled in self._directions.note(one, instrument, move):
                yield self._end(settled)

    def _remove(self, one: Transaction) -> Iterator[Record]:
        instrument = self._instruments.find(one)
        quantity = quantity_of(one)
        stated = move_of(one)
        side = stated.side if stated else SIDES_OF_REMOVALS.get(sub_kind_of(one))
        if side is not None:
            yield self._end(Settled(Waiting(one, instrument, quantity), side))
        elif settled := self._directions.ask(Waiting(one, instrument, quantity)):
            yield self._end(settled)
        self._deliveries.remove(one, instrument)

    def _end(self, settled: Settled) -> Record:
        one, instrument, _ = settled.waiting
        kind = REMOVALS[sub_kind_of(one)]
        if settled.side is not None:
            return make_end(one, instrument, settled.side, kind)
        if one.account_id not in self._downloads:
            self.notices.add(one.account_id, one.row, "direction_unknown")
        return make_undirected(one, instrument, kind)


def _described_move(one: Transaction, what: What) -> Move:
    text = one.description.lower()
    if what is What.TRADE and text.startswith(("bought", "sold")):
        return Move(Side.BUY if text.startswith("bought") else Side.SELL, PositionEffect.UNKNOWN)
    raise Missing("no_side", "it does not say whether it was bought or sold")


def _transfer(half: Half) -> TransferRow:
    one = half.one
    quantity = quantity_of(one)
    return TransferRow(
        row=one.row,
        account_id=one.account_id,
        raw=one.raw,
        broker_id=one.id,
        instrument=half.instrument,
        signed_quantity=quantity if half.move.side is Side.BUY else -quantity,
        price=None,
        cash=one.money,
        currency=one.currency,
        fx_rate=None,
        occurred_at=one.at,
        reported_on=None,
        kind=sub_kind_of(one).upper()[:32],
        counterparty="",
        stated_cost=None,
    )
