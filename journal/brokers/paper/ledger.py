"""What the paper broker knows of one account, and how it behaves: plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.paper.prices import Market, Shock
from journal.domain.values import ZERO, Side


class Conduct(NamedTuple):
    """How the broker behaves: chances from 0 to 1, seconds, and times at which it gives no answer. An order that
    `goes_missing` has no answer, and half of those were taken all the same."""

    latency: float = 0
    in_parts: float = 0
    refuses: float = 0
    goes_missing: float = 0
    outages: tuple[tuple[datetime, datetime], ...] = ()
    fee: Decimal = Decimal("0.5")


class PaperFill(NamedTuple):
    id: str
    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    price: Decimal
    fee: Decimal
    at: datetime


class PaperFlow(NamedTuple):
    """Money that came (or, below nothing, went) without a trade."""

    id: str
    amount: Decimal
    at: datetime
    text: str = ""


@dataclass(slots=True)
class PaperOrder:
    """`limit_price` None is at market. `parts` are still to be filled: when, and how much. `number` is the broker's."""

    client_id: str
    symbol: str
    side: Side
    quantity: Decimal
    placed_at: datetime
    limit_price: Decimal | None = None
    stop_price: Decimal | None = None
    is_reduce_only: bool = False
    is_triggered: bool = False
    filled: Decimal = ZERO
    state: str = "working"
    reason: str = ""
    parts: list[tuple[datetime, Decimal]] = field(default_factory=list)
    number: int = 0
    ended_at: datetime | None = None

    @property
    def left(self) -> Decimal:
        return self.quantity - self.filled


@dataclass(slots=True)
class Ledger:
    """All of one account. `at` is the latest moment that it has seen: its time never goes back, whatever the clock of
    the worker that asks. `refused` are client ids that were asked for before any order of theirs came: none will be
    taken. `outages` and `shocks` are those that somebody wanted."""

    currency: str
    cash: Decimal
    positions: dict[str, Decimal] = field(default_factory=dict)
    averages: dict[str, Decimal] = field(default_factory=dict)
    orders: dict[str, PaperOrder] = field(default_factory=dict)
    fills: list[PaperFill] = field(default_factory=list)
    flows: list[PaperFlow] = field(default_factory=list)
    outages: list[tuple[datetime, datetime]] = field(default_factory=list)
    shocks: list[Shock] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    markets: dict[str, Market] = field(default_factory=dict)
    seed: int = 0
    opened_at: datetime | None = None
    at: datetime | None = None
