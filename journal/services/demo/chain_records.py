"""Ideas and what became of them, in the words in which scanners and bots report: see docs/api.md."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from journal.domain.values import Side
from journal.services.demo.catalogue import TRADING, Product
from journal.services.demo.chain_options import Leg, Spread, credit_of
from journal.services.demo.chain_script import Fate
from journal.services.demo.chain_shares import Course, Idea, When
from journal.services.demo.ledger import charges
from journal.services.demo.market import Market

NEW_YORK = ZoneInfo("America/New_York")
SCANNER, SPREADS = "breakouts", "premium"
_CENT = Decimal("0.01")
_LASTS = timedelta(hours=6)
_RECORD = dict[str, Any]


def moment(market: Market, product: Product, when: When) -> datetime:
    return market.moment(product, *when).replace(tzinfo=NEW_YORK)


# -- what the scanner says ---------------------------------------------------------------------------------


def recommend_shares(idea: Idea, market: Market, name: str, dice: Random) -> _RECORD:
    at = moment(market, idea.product, idea.made)
    risk = abs(idea.entry - idea.stop) * idea.quantity
    reward = abs(idea.target - idea.entry) * idea.quantity
    volume = f"{dice.uniform(1.4, 4.2):.1f}"
    is_up = idea.side is Side.BUY
    said = {
        "record_id": name, "symbol": idea.product.symbol, "side": idea.side.value, "source": "scanner", "at": at,
        "strategy": "breakout" if is_up else "breakdown", "quantity": idea.quantity, "entry_price": idea.entry,
        "stop_price": idea.stop, "target_price": idea.target, "expected_profit": reward, "expected_loss": risk,
        "probability": f"{dice.uniform(0.38, 0.56):.2f}",
        "features": {
            "relative_volume": {"value": volume, "as_of": (at - timedelta(minutes=2)).isoformat()},
            "atr_percent": f"{abs(idea.entry - idea.stop) / idea.entry * 100:.2f}",
            "gap_percent": f"{dice.uniform(-1.5, 2.5):.2f}",
            "sector": dice.choice(("leads", "follows", "lags")),
        },
        "reason": f"{'Closed above' if is_up else 'Fell out of'} a range of {dice.randint(5, 20)} days on "
                  f"{volume} times its usual volume.",
        "scanner": SCANNER, "scanner_version": "2.3",
        "parameters": {"min_relative_volume": "1.4", "max_hold_days": "6"},
        "pool": "shadow" if idea.fate is Fate.SHADOW else "shown",
    }  # fmt: skip
    if idea.fate in {Fate.EXPIRED, Fate.SHADOW}:
        said["expires_at"] = at + _LASTS
    return said


def recommend_spread(spread: Spread, market: Market, name: str, dice: Random) -> _RECORD:
    at = moment(market, spread.product, spread.made)
    said = {
        "record_id": name, "symbol": spread.product.symbol, "strategy": spread.shape.strategy, "quantity": spread.units,
        "source": "scanner", "at": at, "legs": [told_leg(leg) for leg in spread.legs],
        "probability": f"{dice.uniform(0.55, 0.78):.2f}",
        "features": {
            "iv_rank": {"value": f"{dice.uniform(32, 88):.1f}", "as_of": (at - timedelta(seconds=40)).isoformat()},
            "dte": min((leg.contract.expiry - at.date()).days for leg in spread.legs if leg.contract.expiry),
            "credit" if spread.credit > 0 else "debit": str(abs(spread.credit)),
            "term": dice.choice(("contango", "flat", "backwardation")),
        },
        "reason": "Implied volatility is high beside what the last weeks have brought.",
        "scanner": SPREADS, "scanner_version": "1.8", "parameters": {"min_iv_rank": "30", "profit_taking": "0.5"},
        "pool": "shadow" if spread.shape.fate is Fate.SHADOW else "shown", "needs_approval": True,
    }  # fmt: skip
    if spread.credit > 0:
        said["expected_profit"] = (spread.credit * 50 * spread.units).quantize(_CENT)
    risk = at_risk(spread.legs)
    if risk is not None:
        said["expected_loss"] = (risk * 100 * spread.units).quantize(_CENT)
    return said


def at_risk(legs: tuple[Leg, ...]) -> Decimal | None:
    """By the price of one share, where the legs of one expiry limit it: at the worst strike."""
    contracts = [leg.contract for leg in legs]
    is_even = all(
        sum(leg.sign for leg in legs if leg.contract.right == right) >= 0 for right in "CP"
    )
    if not is_even or len({one.expiry for one in contracts}) > 1:
        return None
    return max(-credit_of(legs) - _worth_at(legs, one.strike) for one in contracts if one.strike)


def _worth_at(legs: tuple[Leg, ...], price: Decimal) -> Decimal:
    worth = Decimal(0)
    for leg in legs:
        over = price - (leg.contract.strike or Decimal(0))
        worth += leg.sign * max(Decimal(0), over if leg.contract.right == "C" else -over)
    return worth


def told_leg(leg: Leg) -> _RECORD:
    told = {"side": leg.side.value, "quantity": abs(leg.sign), "price": str(leg.price)}
    if leg.is_shares:
        return {**told, "symbol": leg.contract.symbol}
    terms = {"right": "call" if leg.contract.right == "C" else "put", "strike": str(leg.contract.strike)}  # fmt: skip
    return {**told, **terms, "expiry_on": str(leg.contract.expiry)}


def plan_shares(idea: Idea, name: str, recommendation: str, account: str) -> _RECORD:
    is_up = idea.side is Side.BUY
    said = {
        "plan_id": name, "account": account, "symbol": idea.product.symbol, "side": idea.side.value,
        "strategy": "breakout" if is_up else "breakdown", "timeframe": "swing, up to a week",
        "entry_price": str(idea.entry),
        "stop_price": str(idea.stop), "target_price": str(idea.target), "quantity": str(idea.quantity),
        "conditions": [
            f"trades {'above' if is_up else 'below'} {idea.entry}",
            "volume of the bar above its average",
            "no earnings within the week",
        ],
        "notes": "Half of the usual size if the index is against it.",
        "source": "bot",
    }  # fmt: skip
    return said | ({"recommendation_id": recommendation} if recommendation else {})


# -- what the bot says --------------------------------------------------------------------------------------


@dataclass(slots=True)
class Tape:
    """The orders and fills of one trade, in the order of time. `names` are what they refer to."""

    market: Market
    dice: Random
    account: str
    name: str
    names: dict[str, str]
    orders: list[_RECORD] = field(default_factory=list)
    fills: list[_RECORD] = field(default_factory=list)

    @property
    def ends_at(self) -> datetime:
        ends: datetime = max(one["at"] for one in self.orders)
        return ends

    def order(self, word: str, status: str, at: datetime, **said: Any) -> None:
        self.orders.append({
            "record_id": f"{self.name}-o{len(self.orders) + 1}", "account": self.account, "source": "bot",
            "client_order_id": f"{self.name}-{word}", "status": status, "at": at, **self.names, **said,
        })  # fmt: skip

    def fill(self, word: str, leg: Leg, units: Decimal, at: datetime, price: Decimal) -> None:
        contract = leg.contract
        charge = charges(TRADING, contract, units * leg.sign, price, self.dice)
        number = f"{self.name}-x{len(self.fills) + 1}"
        self.fills.append({
            "record_id": number, "exec_id": number, "account": self.account, "source": "bot", **contract_of(leg),
            "client_order_id": f"{self.name}-{word}", "side": leg.side.value, "quantity": units * abs(leg.sign),
            "price": price, "fee": charge.fee, "fee_currency": charge.currency, "executed_at": at, **self.names,
        })  # fmt: skip


def contract_of(leg: Leg) -> _RECORD:
    contract = leg.contract
    said = {"symbol": contract.symbol, "currency": contract.product.currency}
    if leg.is_shares:
        return said
    return said | {
        "asset_class": "option", "underlying": contract.product.symbol, "expiry_on": str(contract.expiry),
        "strike": contract.strike, "right": "call" if contract.right == "C" else "put", "multiplier": 100,
    }  # fmt: skip


def trade_shares(tape: Tape, idea: Idea, course: Course, leg: Leg) -> None:
    """Entry in pieces, its stop and target as one group, the move of the stop, and the way out. `leg` is one share."""
    entered = _enter(tape, idea, course, leg)
    is_guarded = idea.fate is not Fate.UNPLANNED
    out = leg._replace(sign=-leg.sign)
    if is_guarded:
        _guard(tape, idea, course, out, entered)
    if course.left is None:
        return
    at = moment(tape.market, idea.product, course.left)
    word = course.reason if is_guarded and course.reason in {"stop", "target"} else "out"
    if word == "out":
        why = _WHY.get(course.reason, "By hand")
        tape.order(word, "placed", at, role="exit", order_type="market", reason=why, **contract_of(out),
                   side=out.side.value, quantity=course.quantity)  # fmt: skip
    at += timedelta(seconds=1)
    done = {"filled_quantity": course.quantity, "average_price": course.left_at}
    tape.order(word, "filled", at, **done)
    tape.fill(word, out, course.quantity, at, course.left_at)
    over = "The position was closed" if word == "out" else "The other one was filled"
    for other in ("stop", "target") if is_guarded else ():
        if other != word:
            tape.order(other, "cancelled", at + timedelta(seconds=1), reason=over)


def _guard(tape: Tape, idea: Idea, course: Course, out: Leg, at: datetime) -> None:
    group = {
        "group_id": f"{tape.name}-exit", "parent_id": f"{tape.name}-entry", **contract_of(out),
        "side": out.side.value, "quantity": course.quantity,
    }  # fmt: skip
    stop = {**group, "role": "stop_loss", "order_type": "stop"}
    target = {**group, "role": "take_profit", "order_type": "limit"}
    tape.order("stop", "placed", at, **stop, stop_price=idea.stop)
    tape.order("target", "placed", at, **target, limit_price=idea.target)
    if course.moved is not None:
        moved = moment(tape.market, idea.product, course.moved)
        why = "Moved by hand" if idea.fate is Fate.WIDENED else "Moved by the bot"
        tape.order("stop", "modified", moved, **stop, stop_price=course.stop, reason=why)


_WHY = {"time": "Time stop after a week", "hand": "By hand"}


def _enter(tape: Tape, idea: Idea, course: Course, leg: Leg) -> datetime:
    """When the last piece was in."""
    at = moment(tape.market, idea.product, course.entered)
    tape.order("entry", "placed", at - timedelta(minutes=4), role="entry", order_type="limit", limit_price=course.price,
               **contract_of(leg), side=leg.side.value, quantity=course.quantity)  # fmt: skip
    done = Decimal(0)
    for piece in _pieces(course.quantity, tape.dice):
        done += piece
        tape.fill("entry", leg, piece, at, course.price)
        status = "filled" if done == course.quantity else "partially_filled"
        tape.order("entry", status, at, filled_quantity=done, average_price=course.price)
        at += timedelta(seconds=tape.dice.randint(5, 50))
    return at


def _pieces(quantity: Decimal, dice: Random) -> Iterator[Decimal]:
    count = dice.choice((1, 2, 3, 3))
    size = int(quantity / count / 5) * Decimal(5)
    if not size:
        count = 1
    for _ in range(count - 1):
        yield size
        quantity -= size
    yield quantity


def trade_spread(tape: Tape, spread: Spread) -> None:
    opened = spread.made._replace(part=spread.made.part + 0.05)
    trade_combined(tape, spread, "entry", spread.legs, opened, role="entry")
    if spread.rolled_at is not None:
        trade_combined(
            tape,
            spread,
            "roll",
            spread.rolled,
            spread.rolled_at,
            role="exit",
            reason="Rolled to the next month",
        )
    if spread.left is not None and spread.closing:
        why = (
            "By hand"
            if spread.shape.fate is Fate.CUT
            else "Half of the profit, or three weeks before expiry"
        )
        trade_combined(tape, spread, "exit", spread.closing, spread.left, role="exit", reason=why)


def trade_combined(
    tape: Tape, spread: Spread, word: str, legs: tuple[Leg, ...], when: When, **said: str
) -> None:
    """One order of several legs, and their fills within seconds."""
    at = moment(tape.market, spread.product, when)
    units = Decimal(spread.units)
    price = abs(sum((leg.sign * leg.price for leg in legs), Decimal(0)))
    first = legs[0]
    tape.order(word, "placed", at - timedelta(minutes=2), order_type="limit", limit_price=price,
               side=first.side.value, quantity=units, **contract_of(first), **said)  # fmt: skip
    for place, leg in enumerate(legs):
        tape.fill(word, leg, units, at + timedelta(seconds=place), leg.price)
    done = {"filled_quantity": units, "average_price": price}
    tape.order(word, "filled", at + timedelta(seconds=len(legs)), **done)
