"""A broker while it is open: what an account holds at this moment, and how a position is closed.

A part is a small Protocol beside the fetcher's (`journal.brokers.fetching`), present or absent. A reading that is not
whole says what it lacks: nothing is ever concluded from what a broker did not say. What is raised is a `PullFault`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Credential, Link
from journal.domain.fate import Reply
from journal.domain.values import Side


class Ability(StrEnum):
    """What a connection can do."""

    READ_HISTORY = "read_history"
    READ_POSITIONS = "read_positions"
    STREAM = "stream"
    CLOSE = "close"


# Of fetchers that can close: not before a person says so, for that takes a key that may trade.
MAY_CLOSE = Credential(
    "closing",
    "Closing by guards",
    "Whether a guard that fires may close positions through this connection. It takes a key or grant that may trade.",
    is_secret=False,
    is_required=False,
    choices=(("no", "No, only read"), ("yes", "Yes, close positions")),
)


class Holding(NamedTuple):
    """One position. `ticket` where the account has several of one instrument; what is None the broker does not say.
    `price` is what the broker values it at, `bid` and `ask` what others would, for `size` (the smaller of both, counted
    as the position is). `price_at` is when the market was last quoted, as far as the broker tells. `is_halted`: nothing
    of it can be traded at the broker now."""

    instrument: InstrumentRow
    ticket: str
    signed_quantity: Decimal
    average_price: Decimal | None = None
    price: Decimal | None = None
    price_at: datetime | None = None
    open_pnl: Decimal | None = None
    stop_price: Decimal | None = None
    target_price: Decimal | None = None
    bid: Decimal | None = None
    ask: Decimal | None = None
    size: Decimal | None = None
    is_halted: bool | None = None


class WorkingOrder(NamedTuple):
    order_id: str
    client_order_id: str
    instrument: InstrumentRow
    side: Side
    quantity: Decimal
    filled_quantity: Decimal
    limit_price: Decimal | None
    stop_price: Decimal | None
    is_reduce_only: bool
    at: datetime


class AccountReading(NamedTuple):
    """An account at `as_of`, in `currency`. `equity` holds what is open at its present worth, `balance` does not.

    `cash` by currency, None where the broker does not tell. `lacking` names the parts that could not be read: then
    nobody may conclude that what is not listed is not there.
    """

    account_id: str
    as_of: datetime
    currency: str
    holdings: tuple[Holding, ...]
    orders: tuple[WorkingOrder, ...]
    equity: Decimal | None
    balance: Decimal | None
    cash: dict[str, Decimal] | None = None
    margin_used: Decimal | None = None
    lacking: tuple[str, ...] = ()

    @property
    def is_complete(self) -> bool:
        return not self.lacking


class ClosingOrder(NamedTuple):
    """Makes a position less and never more. `client_id` is ours: sent twice, it is one order."""

    instrument: InstrumentRow
    ticket: str
    side: Side
    quantity: Decimal
    client_id: str


@runtime_checkable
class Reading(Protocol):
    """A broker that tells what an account holds."""

    def read_account(self, link: Link, account_id: str) -> AccountReading: ...


@runtime_checkable
class Closing(Protocol):
    """A broker at which positions can be closed. A time-out, or any answer that leaves it open, is Fate.UNKNOWN.

    `send_close` raises for what is as open; an order that was certainly not sent is Fate.NEVER.
    """

    def send_close(self, link: Link, account_id: str, order: ClosingOrder) -> Reply: ...

    def find_order(self, link: Link, account_id: str, client_id: str) -> Reply: ...

    def cancel_orders(self, link: Link, account_id: str, instrument: InstrumentRow) -> bool:
        """Takes back what is at work in the instrument; False while something still is."""
        ...


@runtime_checkable
class Settling(Protocol):
    """A closing broker of which it is known when an order that was not answered would have come in: one that is not
    found (Fate.NOT_FOUND) so long after it was sent did not arrive, and never will."""

    settles_within: timedelta
