"""Deals as every MetaTrader source states them, and who the account is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from journal.domain.values import ZERO


class Entry(StrEnum):
    """What a deal does to its position. OUT_BY: closed by an opposite one, which has an OUT_BY of its own."""

    IN = "in"
    OUT = "out"
    INOUT = "in/out"
    OUT_BY = "out by"


@dataclass(slots=True)
class Deal:
    """One deal. Costs and profit are as MetaTrader writes them: negative where they cost, in the account's currency.

    `kind` is in the words of the reports ("buy", "sell", "balance", …). `position` is the ticket of the position, ""
    where the source does not name it. `at` is UTC. `commission` includes fees and swap too: `costs` is all of them.
    """

    row: int
    raw: dict[str, str]
    ticket: str
    order: str
    position: str
    at: datetime
    kind: str
    entry: Entry | None
    symbol: str = ""
    volume: Decimal = ZERO
    price: Decimal = ZERO
    costs: Decimal = ZERO
    profit: Decimal = ZERO
    comment: str = ""
    magic: str = ""

    @property
    def sign(self) -> int:
        return 1 if self.kind.startswith("buy") else -1

    @property
    def reference(self) -> str:
        """What a bot can be known by: its magic number, and the comment."""
        return " ".join(filter(None, (self.magic, self.comment)))

    @property
    def number(self) -> int:
        """Its place among the deals of one moment."""
        return int(self.ticket) if self.ticket.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class Listed:
    """A closed position as the report lists it beside the deals."""

    ticket: str
    symbol: str
    sign: int
    volume: Decimal
    open_price: Decimal
    close_price: Decimal
    closed_at: datetime | None
    profit: Decimal

    @property
    def units(self) -> Decimal:
        """Points times lots: what the profit was made of."""
        return (self.close_price - self.open_price) * self.volume * self.sign


@dataclass(slots=True)
class Head:
    """What the source says of the account. `is_hedging` None: it does not say."""

    row: int = 1
    account_id: str = ""
    currency: str = ""
    alias: str = ""
    is_hedging: bool | None = None
    generated_at: datetime | None = None
    balance: Decimal | None = None
    equity: Decimal | None = None
    raw: dict[str, str] = field(default_factory=dict)
