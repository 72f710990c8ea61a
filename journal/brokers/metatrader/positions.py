"""Open positions as the terminal lists them, as the positions that an account held at the end of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from journal.brokers.base import OtherRow, PositionRow
from journal.brokers.text.lots import Contract, Contracts
from journal.domain.values import ONE, ZERO


@dataclass(frozen=True, slots=True)
class Held:
    """A position by its ticket; a netting account has one for each symbol. `sign` is 1 for long, -1 for short."""

    row: int
    raw: dict[str, str]
    symbol: str
    sign: int
    volume: Decimal
    open_price: Decimal
    mark_price: Decimal
    opened_at: datetime

    @property
    def signed(self) -> Decimal:
        return self.sign * self.volume


def position_rows(
    held: Iterable[Held], contracts: Contracts, account_id: str, on: date
) -> Iterator[PositionRow | OtherRow]:
    """Each ticket as a lot, and their sum for each symbol, unless long and short cancel each other out."""
    by_symbol: defaultdict[str, list[Held]] = defaultdict(list)
    for one in held:
        by_symbol[one.symbol].append(one)
    for symbol, tickets in by_symbol.items():
        contract = contracts.find(symbol)
        if contract is None:
            yield from (OtherRow(one.row, account_id, "positions", one.raw) for one in tickets)
            continue
        net = sum((one.signed for one in tickets), ZERO)
        if net:
            yield _row(contract, tickets, net, account_id, on, is_lot=False)
        for one in tickets:
            yield _row(contract, [one], one.signed, account_id, on, is_lot=True)


def _row(
    contract: Contract,
    tickets: list[Held],
    net: Decimal,
    account_id: str,
    on: date,
    *,
    is_lot: bool,
) -> PositionRow:
    first = tickets[0]
    # Of long and short together nobody can say what the rest has cost.
    is_plain = len({one.sign for one in tickets}) == 1
    cost = sum((one.volume * one.open_price for one in tickets), ZERO)
    return PositionRow(
        row=first.row,
        account_id=account_id,
        raw=first.raw,
        instrument=contract.instrument,
        signed_quantity=net,
        mark_price=first.mark_price,
        value=None,
        cost=cost * contract.instrument.multiplier if is_plain else None,
        unrealized_pnl=None,
        fx_rate=ONE if contract.is_own else None,
        reported_on=on,
        is_lot=is_lot,
        opened_at=first.opened_at if is_lot else None,
        opening_broker_id="",
    )
