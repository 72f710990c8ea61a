"""What became of structures, worked out by hand. Options are on 100 shares."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.structures.life import Change, StepKind, life_of
from journal.domain.structures.risk import Risk, RiskBasis, in_risks, percent_of_maximum
from journal.domain.structures.shape import Kind
from journal.domain.structures.values import Figure, Unknown
from journal.domain.values import ExecutionKind
from tests.unit.journal.structures.legs import leg, number_of

D = Decimal
START = datetime(2026, 3, 2, 15, tzinfo=UTC)
KINDS = {
    "": ExecutionKind.TRADE,
    "x": ExecutionKind.EXPIRY,
    "a": ExecutionKind.ASSIGNMENT,
    "e": ExecutionKind.EXERCISE,
    "s": ExecutionKind.CASH_SETTLEMENT,
    "l": ExecutionKind.LIQUIDATION,
}
HEAD = re.compile(r"(\d+)([a-z]?)(?:#(\w+))?")
MAXIMUM_LOSS, FALL, STOP = (
    RiskBasis.MAXIMUM_LOSS,
    RiskBasis.FALL_TO_ZERO,
    RiskBasis.PLANNED_STOP,
)


def read(text: str) -> list[Change]:
    """`0: -1P95@2 | 60x: +1P95@0` sells a put in minute 0, which expires in minute 60; `0#A: ...` is of order A."""
    changes = []
    for part in text.split("|"):
        head, _, fills = part.partition(":")
        minute, kind, order = HEAD.fullmatch(head.strip()).groups()
        at = START + timedelta(minutes=int(minute))
        changes += [Change(at, leg(word), KINDS[kind], order or "") for word in fills.split()]
    return changes


def told(text: str, **options) -> str:
    life = life_of(read(text), **options)
    steps = [f"{step.kind} > {step.shape.name}" for step in life.steps]
    return ", ".join([f"{life.shape.name} x{life.shape.units}", *steps])


BULL_PUT = "0#A: -1P95@2.00 +1P90@0.80"
STRANGLE = "0#A: -1P95@1.50 -1C105@1.30"


@pytest.mark.parametrize(
    ("text", "story"),
    [
        (f"{BULL_PUT} | 99: +1P95@1 -1P90@0.40", "bull put spread x1, closed > flat"),
        (f"{BULL_PUT} | 99x: +1P95@0 -1P90@0", "bull put spread x1, expired > flat"),
        # Two orders twenty minutes apart: nothing was closed yet.
        (
            "0: +1P90@0.50 -1P95@1.20 | 20: -1C105@1 +1C110@0.40",
            "iron condor x1",
        ),
        (
            "0: -2P95@2 +2P90@0.80 | 99: +1P95@1 -1P90@0.40 | 200: +1P95@1 -1P90@0.40",
            "bull put spread x2, reduced > bull put spread, closed > flat",
        ),
        (
            "0: -2P95@2 | 99: +1P95@1 | 200: -3P95@1",
            "cash-secured put x2, reduced > cash-secured put, added > cash-secured put",
        ),
        (
            f"{BULL_PUT} | 99#B: +1P95@4 -1P90@2 -1P92@3/60 +1P87@1.40/60",
            "bull put spread x1, rolled > bull put spread",
        ),
        # The fills of one order, hours apart.
        (
            f"{BULL_PUT} | 99#B: +1P95@4 | 180#B: -1P90@2 -1P92@3/60 +1P87@1.40/60",
            "bull put spread x1, rolled > bull put spread",
        ),
        # Without an order: in one minute.
        (
            "0: -1C55@1 +100S@50 | 99: +1C55@2 | 100: -1C60@2/60",
            "covered call x1, rolled > covered call",
        ),
        (f"{STRANGLE} | 99a: +1P95@0 +100S@95", "short strangle x1, assigned > covered call"),
        ("0: +1C100@2 | 99e: -1C100@0 +100S@100", "long call x1, exercised > long"),
        ("0: +1C100@2 | 99s: -1C100@7", "long call x1, settled_in_cash > flat"),
        ("0: -1C100@2 | 99l: +1C100@9", "short call x1, liquidated > flat"),
        (
            "0: -1C100@2.20/30 +1C100@4.00/60 | 99x: +1C100@0/30",
            "call calendar x1, expired > long call",
        ),
        # Two of the four assigned.
        (
            "0: -2P95@2 +2P90@0.80 | 99a: +1P95@0 +100S@95",
            "bull put spread x2, assigned > combination of 3 legs",
        ),
        # Opened and closed within a minute, at one moment of a file that knows days only.
        ("0: -1P95@2 | 0: +1P95@1.80", "cash-secured put x1, closed > flat"),
    ],
)
def test_what_became_of_it(text, story):
    assert told(text) == story


def test_a_roll_and_the_risk_of_the_campaign():
    """Sold 95/90 at 1.20: 380 at risk. Bought back at 4.00 - 2.00 = 2.00, sold 92/87 at 3.00 - 1.40 = 1.60.

    The roll is a debit of 0.40. So far 120 - 200 = -80; the new spread can lose 500 - 160 = 340: 420 in all, and bring
    160 - 80 = 80 at most. Bought back at 0.40: 120 - 200 + 160 - 40 = 40, half of what it could still bring.
    """
    life = life_of(
        read(
            f"{BULL_PUT} | 99#B: +1P95@4 -1P90@2 -1P92@3/60 +1P87@1.40/60"
            " | 999#C: +1P92@0.90/60 -1P87@0.50/60"
        )
    )
    rolled, closed = life.steps
    assert (rolled.kind, closed.kind, life.is_rolled) == (StepKind.ROLLED, StepKind.CLOSED, True)
    assert rolled.net_premium == Figure(D(-40))
    assert rolled.risk == life.risk == Risk(D(420), MAXIMUM_LOSS)
    assert life.payoff.max_loss.value == 380
    assert life.max_profit == Figure(D(80))
    assert percent_of_maximum(D(40), life.max_profit) == Figure(D(50))
    assert round(in_risks(D(40), life.risk).value, 4) == D("0.0952")
    assert life.now.kind is Kind.FLAT


def test_a_roll_with_less_risk_keeps_the_risk_of_its_entry():
    # Rolled for a credit: 120 - 60 + 130 = 190 in all against a width of 5: 310, less than 380.
    life = life_of(read(f"{BULL_PUT} | 99#B: +1P95@1 -1P90@0.40 -1P92@2/60 +1P87@0.70/60"))
    assert life.steps[0].risk.amount == 310
    assert life.risk == Risk(D(380), MAXIMUM_LOSS)
    assert life.max_profit.value == 190


def test_fees_are_in_the_risk_and_in_the_maximum():
    # Four fees of 0.65 at entry, four at the roll: 420 + 5.20 and 80 - 5.20.
    life = life_of(
        read(
            "0#A: -1P95@2.00f1.30 +1P90@0.80f1.30"
            " | 99#B: +1P95@4f0.65 -1P90@2f0.65 -1P92@3/60f0.65 +1P87@1.40/60f0.65"
        )
    )
    assert life.payoff.max_loss.value == D("382.60")
    assert life.risk.amount == D("425.20")
    assert life.max_profit.value == D("74.80")


def test_a_put_in_part_assigned_loses_no_more_than_the_spreads_did():
    """2 x 95/90 for 1.20: 760 at risk. One put assigned: 100 shares for 9,500.

    At 90 or below: 240 - 9,500 + 9,000 (shares and a long put) - 500 (the other spread) = -760.
    """
    life = life_of(read("0: -2P95@2 +2P90@0.80 | 99a: +1P95@0 +100S@95"))
    assert life.steps[0].risk == life.risk == Risk(D(760), MAXIMUM_LOSS)
    # The shares can rise without limit.
    assert life.max_profit.reason is Unknown.UNLIMITED


def test_the_wheel():
    """Put of 50 sold at 1.20: 5,000 - 120 at risk. Assigned, a call of 52 sold at 1.00, called away.

    In all 120 + 100 + 200 = 420, and that was all it could bring.
    """
    life = life_of(
        read(
            "0: -1P50@1.20 | 9000a: +1P50@0 +100S@50 | 9999: -1C52@1.00/60"
            " | 20000a: +1C52@0/60 -100S@52"
        )
    )
    assert [step.kind for step in life.steps] == ["assigned", "added", "assigned"]
    assert [step.shape.name for step in life.steps] == ["long", "covered call", "flat"]
    assert life.risk == Risk(D(4880), FALL)
    assert life.max_profit.value == 420
    assert percent_of_maximum(D(420), life.max_profit).value == 100


@pytest.mark.parametrize("assigned", ["9000a", "9001a"])
def test_shares_that_come_and_go_in_one_night_are_nothing_to_win(assigned):
    """95/90 for 1.20, both in the money: 100 shares go at 90 and come at 95. Short for a moment, they won nothing."""
    life = life_of(
        read(f"{BULL_PUT} | 9000e: -1P90@0 -100S@90 | {assigned}: +1P95@0 +100S@95"),
    )
    assert life.now.kind is Kind.FLAT
    assert life.max_profit == Figure(D(120))


def test_a_roll_in_two_orders_at_once_is_what_it_was_in_the_end():
    # 120 + 130 - 60, as if it were one order: not what both spreads together would have brought.
    life = life_of(read(f"{BULL_PUT} | 99#B: -1P92@2/60 +1P87@0.70/60 | 100#C: +1P95@1 -1P90@0.40"))
    assert life.max_profit == Figure(D(190))


def test_a_calendar_keeps_its_risk_when_the_near_leg_expires():
    life = life_of(
        read("0: -1C100@2.20/30 +1C100@4.00/60 | 9000x: +1C100@0/30 | 9999: -1C100@2.50/60")
    )
    assert life.risk == Risk(D(180), MAXIMUM_LOSS)
    assert life.max_profit.reason is Unknown.EXPIRIES_DIFFER


def test_taking_a_structure_apart_within_minutes_is_no_new_risk():
    quick = life_of(read(f"{BULL_PUT} | 990: -1P90@0.40 | 1000: +1P95@1"))
    assert quick.risk == Risk(D(380), MAXIMUM_LOSS)
    # The short put alone, for a day: 9,500 if it falls to zero, less 120 and 40.
    slow = life_of(read(f"{BULL_PUT} | 990: -1P90@0.40 | 2500: +1P95@1"))
    assert slow.risk == Risk(D(9340), FALL)
    naked = life_of(read("0: -1C105@1 +1C110@0.40 | 990: -1C110@0.30 | 2500: +1C105@0.50"))
    assert naked.risk == Risk(None, reason=Unknown.RISK_UNDEFINED)


def test_a_planned_stop_counts_where_the_legs_limit_nothing():
    assert life_of(read(STRANGLE)).risk.reason is Unknown.RISK_UNDEFINED
    assert life_of(read(STRANGLE), planned_loss=D(560)).risk == Risk(D(560), STOP)


def test_what_the_book_holds_otherwise_leaves_what_followed_unknown():
    shares = read("0: +100S@50")
    number = number_of("S")
    assert life_of(shares, open_now={number: D(100)}).now.name == "long"
    # Split 2 for 1: the fills do not say so.
    life = life_of(shares, open_now={number: D(200)})
    assert (life.steps, life.now, life.shape.name) == ((), None, "long")
    assert life.risk.reason is life.max_profit.reason is Unknown.QUANTITIES_DIFFER
    assert life_of(read(f"{BULL_PUT} | 99: +1P95@1 -1P90@0.40"), open_now={}).now.name == "flat"


@st.composite
def lives(draw) -> list[Change]:
    changes, minute = [], 0
    for _ in range(draw(st.integers(1, 8))):
        minute += draw(st.sampled_from([0, 1, 5, 20, 600]))
        quantity = draw(st.integers(-3, 3).filter(bool))
        what = draw(st.sampled_from(["P90", "P95", "C100", "C105", "S"]))
        price = draw(st.integers(1, 40))
        size = quantity * 100 if what == "S" else quantity
        kind = draw(st.sampled_from(list(KINDS.values())))
        order = draw(st.sampled_from(["", "A", "B"]))
        at = START + timedelta(minutes=minute)
        changes.append(Change(at, leg(f"{size:+d}{what}@{price}"), kind, order))
    return changes


@given(lives())
def test_every_fill_is_in_the_entry_or_in_one_step(changes):
    life = life_of(changes)
    followed = [change for step in life.steps for change in step.changes]
    assert followed == changes[len(changes) - len(followed) :]
    net = {}
    for change in changes:
        number = change.leg.terms.instrument_id
        net[number] = net.get(number, 0) + change.leg.signed_quantity
    assert (life.now.kind is Kind.FLAT) == (not any(net.values()))
    assert life_of(changes, open_now=net) == life


@given(lives())
def test_a_fill_in_two_parts_changes_no_life(changes):
    parts = [
        change._replace(leg=change.leg._replace(signed_quantity=change.leg.signed_quantity / 2))
        for change in changes
        for _ in range(2)
    ]
    one, other = life_of(changes), life_of(parts)
    assert other.risk == one.risk
    assert other.max_profit == one.max_profit
    assert [(step.kind, step.shape) for step in other.steps] == [
        (step.kind, step.shape) for step in one.steps
    ]


@given(lives())
def test_no_ending_loses_more_than_the_last_step_says(changes):
    """Whatever the underlying does after the last fill: what came and went, and what is held then."""
    life = life_of(changes)
    last = life.steps[-1].risk if life.steps else life.risk
    if last.basis is not MAXIMUM_LOSS and last.basis is not FALL:
        return
    for price in (D(0), D(80), D(90), D("93.5"), D(95), D(100), D(105), D(500)):
        worth = sum(
            change.leg.signed_quantity * change.leg.terms.multiplier
            * (value(change.leg.terms, price) - change.leg.price)
            for change in changes
        )  # fmt: skip
        assert worth >= -last.amount


def value(terms, price):
    if terms.right is None:
        return price
    over = price - terms.strike
    return max(over if terms.right == "call" else -over, D(0))
