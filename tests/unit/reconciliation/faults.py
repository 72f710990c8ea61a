"""One function per class of divergence: it makes an account on which both sides agree differ in that way and no other.

Each says whether it could: some accounts and some kinds of brokers do not have what it takes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from journal.domain.values import AssetClass, Side
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.records import Action, Cause, FillLine, PositionLine
from tests.unit.reconciliation.accounts import NOON, Account, told_inside

FAULTS: dict[Kind, Callable[[Account, Random], bool]] = {}
BY_ID = {"ids", "tickets"}


def fault(kind: Kind):
    def register(function):
        FAULTS[kind] = function
        return function

    return register


def _pick(account: Account, random: Random) -> int | None:
    return random.randrange(len(account.positions)) if account.positions else None


def _their_position(account: Account, place: int, **values: object) -> None:
    account.their_positions[place] = account.their_positions[place]._replace(**values)


def _their_fill(account: Account, random: Random, **values: object) -> bool:
    """A fill that the broker has and the book lacks, in its positions too."""
    place = _pick(account, random)
    if place is None:
        return False
    held = account.positions[place]
    closing = Side.SELL if held.signed_quantity > 0 else Side.BUY
    ids = ("b:new",) if account.broker in BY_ID else ()
    fill = FillLine(
        ids, "o-new" if account.broker != "nothing" else "", "", held.instrument_id, held.symbol, closing, Decimal(1),
        Decimal("33.33"), NOON - timedelta(hours=2, minutes=5), Decimal(1), "USD",
    )._replace(**values)  # fmt: skip
    account.their_fills.append(fill)
    _their_position(account, place, signed_quantity=held.signed_quantity + fill.signed_quantity)
    return True


@fault(Kind.MISSING_IN_JOURNAL)
def _(account, random):
    return _their_fill(account, random)


@fault(Kind.MANUAL_CLOSE)
def _(account, random):
    return _their_fill(account, random, is_closing=True, cause=Cause.BY_HAND)


@fault(Kind.STOP_TARGET_FILL)
def _(account, random):
    cause = random.choice([Cause.STOP, Cause.TARGET])
    return _their_fill(account, random, is_closing=True, cause=cause)


@fault(Kind.FORCED_CLOSE)
def _(account, random):
    return _their_fill(account, random, is_closing=True, cause=Cause.FORCED)


@fault(Kind.CANCEL_CORRECT)
def _(account, random):
    return _their_fill(account, random, reverses=("b:1",))


@fault(Kind.POST_LOCK_TRADE)
def _(account, random):
    """What the book has, too, is no less after the lock."""
    account.locked_at = NOON - timedelta(hours=2, minutes=6)
    found = [n for n, fill in enumerate(account.fills) if fill.at > account.locked_at]
    if len(found) != 1:
        return False
    account.fills[found[0]] = account.fills[found[0]]._replace(is_closing=False)
    account.their_fills[found[0]] = account.their_fills[found[0]]._replace(is_closing=False)
    return True


@fault(Kind.PHANTOM)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        del account.their_positions[place]
    return place is not None


@fault(Kind.QUANTITY)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        held = account.positions[place].signed_quantity
        _their_position(account, place, signed_quantity=held + (3 if held > 0 else -3))
    return place is not None


@fault(Kind.SIDE)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        _their_position(account, place, signed_quantity=-account.positions[place].signed_quantity)
    return place is not None


@fault(Kind.PRICE)
def _(account, random):
    place = told_inside(account, random)
    if place is None or account.broker == "nothing":
        return False
    line = account.their_fills[place]
    account.their_fills[place] = line._replace(price=line.price + Decimal("0.05"))
    return True


@fault(Kind.FEE)
def _(account, random):
    place = told_inside(account, random)
    if place is None:
        return False
    account.their_fills[place] = account.their_fills[place]._replace(fee=Decimal("1.75"))
    return True


@fault(Kind.FX)
def _(account, random):
    place = told_inside(account, random)
    if place is None:
        return False
    other = {"fx_rate": Decimal("0.91")} if random.random() < 0.5 else {"fee_currency": "BNB"}
    account.their_fills[place] = account.their_fills[place]._replace(**other)
    return True


@fault(Kind.DUPLICATE_FILL)
def _(account, random):
    """The book has one twice, and so twice as much of it."""
    place = told_inside(account, random)
    if place is None:
        return False
    line = account.fills[place]
    ids = ("b:again",) if line.ids else ()
    account.fills.append(
        line._replace(ids=ids, order_id=f"{line.order_id}x" if line.order_id else "")
    )
    for n, held in enumerate(account.positions):
        if held.instrument_id == line.instrument_id:
            quantity = held.signed_quantity + line.signed_quantity
            account.positions[n] = held._replace(signed_quantity=quantity)
            return True
    return False


@fault(Kind.TIMEZONE)
def _(account, random):
    # With no ids at all nothing but the pattern of times tells; what repeats has several.
    off = timedelta(minutes=random.choice([-300, -240, -60, 60, 330]))
    lines = [line._replace(at=line.at + off) for line in account.fills]
    if len(lines) < 3 or account.broker == "orders":
        return False
    if account.broker == "nothing":
        bodies = [(line.instrument_id, line.side, line.quantity) for line in lines]
        inside = all(NOON - timedelta(hours=40) < line.at < NOON - timedelta(hours=1) for line in (*lines, *account.fills))  # fmt: skip
        if len(set(bodies)) != len(bodies) or not inside:
            return False
    if any(line.at >= NOON - timedelta(seconds=10) for line in lines):
        return False
    account.fills = lines
    return True


@fault(Kind.INSTRUMENT_MAP)
def _(account, random):
    account.their_positions.append(PositionLine(None, "WHO", "", Decimal(4)))
    return True


@fault(Kind.PARTIAL_FILL)
def _(account, random):
    n = random.randrange(len(account.orders))
    account.their_orders[n] = account.their_orders[n]._replace(
        is_over=True, filled_quantity=Decimal(4)
    )
    return True


@fault(Kind.OVERFILL)
def _(account, random):
    n = random.randrange(len(account.orders))
    account.their_orders[n] = account.their_orders[n]._replace(
        is_over=True, filled_quantity=Decimal(11)
    )
    return True


@fault(Kind.UNKNOWN_ORDER_OUTCOME)
def _(account, random):
    n = random.randrange(len(account.orders))
    account.orders[n] = account.orders[n]._replace(is_uncertain=True)
    del account.their_orders[n]
    return True


@fault(Kind.SLTP_MODIFIED)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        _their_position(account, place, stop_price=Decimal("5.5"))
    return place is not None


@fault(Kind.PROTECTION_MISSING)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        _their_position(account, place, is_protected=False)
    return place is not None


@fault(Kind.SPLIT)
def _(account, random):
    place = _pick(account, random)
    if place is None:
        return False
    held = account.positions[place]
    _their_position(
        account,
        place,
        signed_quantity=held.signed_quantity * 2,
        average_price=held.average_price / 2,
    )
    if random.random() < 0.5:
        account.actions.append(Action(held.instrument_id, date(2026, 6, 9), "split"))
    return True


@fault(Kind.CORPORATE_ACTION)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        account.actions.append(
            Action(account.positions[place].instrument_id, date(2026, 6, 9), "merger")
        )
        del account.their_positions[place]
    return place is not None


@fault(Kind.TRANSFER)
def _(account, random):
    place = _pick(account, random)
    if place is not None:
        account.actions.append(
            Action(account.positions[place].instrument_id, date(2026, 6, 9), "transfer")
        )
        del account.positions[place]
    return place is not None


@fault(Kind.EXPIRY)
def _(account, random):
    for place, line in enumerate(account.positions):
        terms = account.terms[line.instrument_id]
        if terms.asset_class is AssetClass.OPTION:
            del account.their_positions[place]
            account.today = terms.expires_on + timedelta(days=4)
            return True
    return False


@fault(Kind.CASH_BALANCE)
def _(account, random):
    account.their_cash[random.choice(["USD", "EUR", "CHF"])] = Decimal("-0.02")
    return True


@fault(Kind.LOT_REALIZED)
def _(account, random):
    line = account.their_realized[0]
    account.their_realized[0] = line._replace(amount=line.amount + Decimal("0.02"))
    return True
