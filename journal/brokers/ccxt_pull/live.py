"""What an account at a crypto exchange holds now, and closing there: what the exchanges share.

Contracts are positions, and are closed by orders at market that may only reduce. Coins are held, and are told; they are
not sold, for nothing says which of them were bought and which are somebody's savings.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_json.contracts import contract_row
from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.quotes import Market
from journal.brokers.ccxt_pull.talk import Row, Talk
from journal.brokers.ccxt_pull.venue import number
from journal.brokers.fetching import PullFault
from journal.brokers.live import AccountReading, ClosingOrder, Holding, WorkingOrder
from journal.brokers.pull_faults import half_answer
from journal.brokers.text.faults import BadValue
from journal.domain.fate import Fate, Reply
from journal.domain.values import ONE, AssetClass, Side

# A signed question is refused when it comes later than ten seconds after it was signed (`talk._RECEIVE_MS`).
SETTLES_WITHIN = timedelta(seconds=12)
# How tickets of the two sides of a market are called in the book, in hedge mode.
LONG, SHORT = "long", "short"
# The kind of a market of coins, at every exchange.
SPOT = "spot"
# In these words ccxt says that an exchange looked at an order and did not take it.
_REFUSED = frozenset(
    {"InvalidOrder", "InsufficientFunds", "BadRequest", "BadSymbol", "OperationRejected", "NotSupported"}
)  # fmt: skip
_NO_LEAVE = frozenset({"AuthenticationError", "PermissionDenied", "AccountSuspended"})
# It never looked.
_TURNED_AWAY = frozenset({"RateLimitExceeded", "DDoSProtection", "InvalidNonce"})


class LiveVenue(Protocol):
    """One exchange. All but `place` and `cancel` raise PullFault."""

    def account(self) -> str: ...

    def read(self, account_id: str) -> AccountReading: ...

    def place(self, order: ClosingOrder) -> Reply: ...

    def find(self, client_id: str) -> Reply: ...

    def orders(self) -> list[WorkingOrder]: ...

    def holdings(self) -> list[Holding]: ...

    def cancel(self, order: WorkingOrder) -> None: ...


def take_back(venue: LiveVenue, instrument: InstrumentRow) -> bool:
    """All that is at work in the market, but stops that can only close while there is something to protect."""
    is_held = any(one.instrument == instrument for one in venue.holdings())

    def left() -> list[WorkingOrder]:
        return [
            one
            for one in venue.orders()
            if one.instrument == instrument
            and not (is_held and one.is_reduce_only and one.stop_price is not None)
        ]

    found = left()
    for one in found:
        venue.cancel(one)
    return not found or not left()


def send_once(talk: Talk, method: str, params: Mapping[str, Any] | list[Row]) -> Row | Reply:
    """The exchange's answer to something that changes something, or what is known where it is none. Never again."""
    try:
        answer = getattr(talk.ccxt, method)(params if isinstance(params, list) else dict(params))
    except PullFault as fault:
        # No turn was to be had, or no time was left: nothing was sent.
        fate = Fate.NEVER if fault.code == "desk_too_slow" else Fate.UNKNOWN
        return Reply(fate, reason=fault.message)
    except Exception as error:
        return _fate_of(error, talk)
    return answer if isinstance(answer, dict) else Reply(Fate.UNKNOWN)


def _fate_of(error: Exception, talk: Talk) -> Reply:
    """Without ccxt's own words: they hold the address with its signature."""
    kinds = frozenset(kind.__name__ for kind in type(error).__mro__)
    reason = f"{type(error).__name__}{faults.status_words(talk.heard.status)}"
    if "DuplicateOrderId" in kinds or talk.heard.status is None:
        return Reply(Fate.UNKNOWN, reason=reason)
    # Binance says so of keys in a way that ccxt takes for a crowd.
    if kinds & _NO_LEAVE or talk.heard.status == 401:
        return Reply(Fate.REJECTED, is_final=True, reason=reason)
    if kinds & _TURNED_AWAY:
        return Reply(Fate.NEVER, reason=reason)
    if kinds & _REFUSED and talk.heard.status < 500:
        return Reply(Fate.REJECTED, reason=reason)
    return Reply(Fate.UNKNOWN, reason=reason)


def contract(talk: Talk, unified: Callable[[], str], size: Decimal = ONE) -> InstrumentRow:
    try:
        return contract_row(unified(), size)
    except BadValue:
        raise half_answer(talk.name) from None


def coins(
    talk: Talk, totals: Mapping[str, Decimal], between: str = ""
) -> tuple[list[tuple[Holding, Market]], dict[str, Decimal]]:
    """What was traded for money is held, everything else is money. `between` coin and money where the exchange names
    their market."""
    quotes = talk.link.state.get("quotes") or {}
    held, cash = [], {}
    for name, amount in totals.items():
        quote = quotes.get(name)
        if quote:
            row = InstrumentRow("", AssetClass.CRYPTO, name, str(quote), ONE)
            market = Market(SPOT, f"{name}{between}{quote}")
            held += [(Holding(row, "", amount), market)] if amount else []
        else:
            cash[name] = amount
    return held, cash


def side_of(talk: Talk, stated: object) -> Side:
    found = {"buy": Side.BUY, "sell": Side.SELL}.get(str(stated).lower())
    if found is None:
        raise half_answer(talk.name)
    return found


def some(stated: object) -> Decimal | None:
    """None for nothing, as exchanges write 0 for it."""
    return number(stated) or None


def check_is_contract(order: ClosingOrder) -> Reply | None:
    if order.instrument.asset_class is AssetClass.CRYPTO:
        return Reply(
            Fate.REJECTED,
            is_final=True,
            reason="These are coins that are held, not a position: Fillbook does not sell them.",
        )
    return None


class Held:
    """A position with the row that tells of it."""

    def __init__(self, holding: Holding, row: Row) -> None:
        self.holding, self.row = holding, row


def position_for(order: ClosingOrder, found: list[Held]) -> Held | Reply:
    """The position that the order makes less, or why there is none."""
    for one in found:
        held = one.holding.signed_quantity
        if (one.holding.instrument, one.holding.ticket) != (order.instrument, order.ticket):
            continue
        if (held > 0) is not (order.side is Side.SELL) or order.quantity > abs(held):
            return Reply(Fate.REJECTED, reason=f"The position is {held:f} by now.")
        return one
    return Reply(Fate.REJECTED, reason="There is no such position any more.")


def reply_of(
    status: object, fates: Mapping[str, Fate], filled: object, price: object, order_id: object
) -> Reply:
    """A status that is not known is no fate."""
    done = number(filled)
    fate = fates.get(str(status), Fate.UNKNOWN)
    reason = str(status) if fate in (Fate.REJECTED, Fate.UNKNOWN) else ""
    return Reply(
        fate, done, str(order_id or ""), reason=reason[:80], price=some(price) if done else None
    )
