"""Every kind of structure from the fills of a statement alone: its name, what it could lose, and R, by hand.

The terse language of `tests/unit/journal/structures/legs.py`: options are on 100, `/60` expires 60 days after the first.
Every fill costs 1. R is the net result over the most that it could lose.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from journal.domain.structures.values import StructureLeg
from journal.models import BrokerAccount, Trade
from journal.selectors.trade_risks import TradeRisk, risk_of_trade
from journal.services.structures import join_trades
from journal.services.verification import verify_account
from journal.tools.structures import structure_told
from tests import people
from tests.brokers.ibkr_flex.flex import trade
from tests.doors import import_now
from tests.integration.journal.test_flex_book import flex
from tests.unit.journal.structures.legs import FIRST, legs

D = Decimal


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace


def fills_of(story: str) -> list[str]:
    """`0#51: -1P95@2.00 | 7a: +1P95@0`: on the first day order 51; a week later an assignment."""
    rows = []
    for part in story.split("|"):
        head, _, said = part.partition(":")
        when, _, order = head.strip().partition("#")
        note = when[-1] if when[-1].isalpha() else ""
        at = FIRST + timedelta(days=int(when.rstrip("ax")))
        for one in legs(said):
            rows.append(_row(one, f"{at:%Y%m%d}", order, note, str(len(rows) + 1)))
    return rows


def _row(one: StructureLeg, day: str, order: str, note: str, number: str) -> str:
    terms, quantity = one.terms, one.signed_quantity
    row = {
        "quantity": f"{quantity:f}", "tradePrice": f"{one.price:f}", "buySell": "BUY" if quantity > 0 else "SELL",
        "dateTime": f"{day};{'162000' if note else '100000'}", "tradeDate": day, "ibOrderID": order,
        "transactionID": number, "tradeID": number, "ibExecID": f"x{number}",
        "notes": {"a": "A", "x": "Ep"}.get(note, ""), "ibCommission": "0" if note else "-1",
        "transactionType": "BookTrade" if note else "ExchTrade",
    }  # fmt: skip
    if terms.right is None:
        return trade(conid="7001", **row)
    right = "P" if terms.right == "put" else "C"
    return trade(
        assetCategory="OPT", symbol=f"ACME  {terms.expiry_on:%y%m%d}{right}{int(terms.strike * 1000):08d}",
        conid=f"9{terms.instrument_id}", underlyingConid="7001", underlyingSymbol="ACME", multiplier="100",
        strike=f"{terms.strike:f}", expiry=f"{terms.expiry_on:%Y%m%d}", putCall=right, **row,
    )  # fmt: skip


def told(workspace, story: str) -> tuple[Trade, dict, TradeRisk]:
    import_now(workspace, flex(Trades=fills_of(story)))
    (found,) = Trade.objects.all()
    assert verify_account(BrokerAccount.objects.get()) == []
    return found, structure_told(found), risk_of_trade(found, [])


ROLLED = "0#1: -1P95@2.00 +1P90@0.80 | 7#2: +1P95@4.00 -1P90@2.00 -1P92@3.00/60 +1P87@1.40/60"
# Opened by order 1, closed by order 2 a week later: name, net result, most that it could lose, R.
WHOLE = [
    # 1.20 in, 0.60 out, four fees: 56. 500 - 120 + 2 fees = 382.
    ("0#1: -1P95@2.00 +1P90@0.80 | 7#2: +1P95@1.00 -1P90@0.40", "bull put spread", "56", "382", "0.1466"),
    # Bought for 1.90, sold for 4.00: 210 - 4. 190 + 2.
    ("0#1: +1C100@3.00 -1C110@1.10 | 7#2: -1C100@5.50 +1C110@1.50", "bull call spread", "206", "192", "1.0729"),
    # Debit 1.80, sold for 2.50: 70 - 4. 180 + 2.
    (
        "0#1: -1C100@2.20/30 +1C100@4.00/60 | 7#2: +1C100@1.50/30 -1C100@4.00/60",
        "call calendar", "66", "182", "0.3626",
    ),
    # Debit 5.80, sold for 5.00: -80 - 4. 580 + 2.
    (
        "0#1: +1C95@7.00/90 -1C105@1.20/30 | 7#2: -1C95@5.40/90 +1C105@0.40/30",
        "call diagonal", "-84", "582", "-0.1443",
    ),
    # Credit 1.30, bought for 0.40: 90 - 8. 500 - 130 + 4.
    (
        "0#1: +1P90@0.50 -1P95@1.20 -1C105@1.00 +1C110@0.40 | 7#2: -1P90@0.10 +1P95@0.30 +1C105@0.30 -1C110@0.10",
        "iron condor", "82", "374", "0.2193",
    ),
    # Debit 1.20, sold for 3.00 (8 - 2 x 2.80 + 0.60): 180 - 6. 120 + 3.
    (
        "0#1: +1C90@6.00 -2C100@3.00 +1C110@1.20 | 7#2: -1C90@8.00 +2C100@2.80 -1C110@0.60",
        "long call butterfly", "174", "123", "1.4146",
    ),
    # Credit 5.10, bought for 4.10: 100 - 8. 1,000 - 510 + 4.
    (
        "0#1: +1P90@0.60 -1P100@3.20 -1C100@3.00 +1C110@0.50 | 7#2: -1P90@0.30 +1P100@2.40 +1C100@2.30 -1C110@0.30",
        "iron butterfly", "92", "494", "0.1862",
    ),
    # 5.80 paid, 7.00 got: 120 - 4. 580 + 2.
    ("0#1: +1C100@3.00 +1P100@2.80 | 7#2: -1C100@6.50 -1P100@0.50", "long straddle", "116", "582", "0.1993"),
    # 2.80 got, 1.00 paid: 180 - 4; nothing limits what it could lose.
    ("0#1: -1P95@1.50 -1C105@1.30 | 7#2: +1P95@0.60 +1C105@0.40", "short strangle", "176", None, None),
    # Shares +200, call +100: 300 - 4. To zero: 5,000 - 150 + 2.
    ("0#1: +100S@50 -1C55@1.50 | 7#2: -100S@52 +1C55@0.50", "covered call", "296", "4852", "0.0610"),
    # 1.20 got, 0.30 paid: 90 - 2. To zero: 5,000 - 120 + 1.
    ("0#1: -1P50@1.20 | 7#2: +1P50@0.30", "cash-secured put", "88", "4881", "0.0180"),
    # It expires worthless: 120 - 1.
    ("0#1: -1P50@1.20 | 30x: +1P50@0", "cash-secured put", "119", "4881", "0.0244"),
    # Rolled: 120 - 200 + 160 - 40 = 40, eight fees: 32. After the roll 500 - 120 + 200 - 160 = 420 and six fees, of
    # which four were of the roll.
    (
        f"{ROLLED} | 14#3: +1P92@0.90/60 -1P87@0.50/60",
        "bull put spread", "32", "426", "0.0751",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("story", "name", "net", "risk", "r"), WHOLE)
def test_every_kind_from_fills_alone(workspace, story, name, net, risk, r):
    found, structure, risked = told(workspace, story)
    assert structure["name"] == name
    assert (found.closed_at is not None, found.net_pnl) == (True, D(net))
    assert risked.amount == (None if risk is None else D(risk))
    multiple = risked.multiple(found.net_pnl)
    assert (None if multiple is None else round(multiple, 4)) == (None if r is None else D(r))


def test_the_most_that_a_rolled_spread_could_lose_at_entry_and_over_its_life(workspace):
    _, structure, risked = told(workspace, WHOLE[-1][0])
    assert structure["was_rolled"]
    assert [(one["what"], one["net_premium"]) for one in structure["steps"]] == [
        ("rolled", "-40"),
        ("closed", "-40"),
    ]
    # At entry 382. What it could bring after the roll: 120 - 200 + 160 = 80, less six fees; 32 of 74 is 43.24 %.
    assert (structure["max_loss"], risked.amount) == ("382", D(426))
    assert structure["max_profit_since_adjusted"] == "74"
    assert round(D(structure["percent_of_max_profit"]), 2) == D("43.24")


def test_spreads_of_which_one_put_was_assigned(workspace):
    """Two spreads for 1.20: 240 less two fees of 1; 760 + 2 could be lost, also with a hundred shares and one put fewer.

    The shares that came at 95 go at 93, the other put is bought back at 2.50, both long ones are sold at 0.70:
    240 - 200 - 250 + 140 = -70, less five fees.
    """
    found, structure, risked = told(
        workspace,
        "0#1: -2P95@2.00 +2P90@0.80 | 7a: +1P95@0 +100S@95 | 8#2: -100S@93 +1P95@2.50 -2P90@0.70",
    )
    assert structure["name"] == "bull put spread"
    assert [(one["what"], one["then_open"]) for one in structure["steps"]] == [
        ("assigned", "combination of 3 legs"),
        ("closed", "flat"),
    ]
    assert (structure["units"], structure["max_loss"], risked.amount) == ("2", "762", D(762))
    assert found.net_pnl == D(-75)
    assert round(risked.multiple(found.net_pnl), 4) == D("-0.0984")


def test_a_roll_by_two_orders_is_one_trade_once_a_person_says_so(workspace):
    """A put bought back and the next one sold by another order: proposed as a roll, and joined it is one campaign."""
    import_now(
        workspace,
        flex(Trades=fills_of("0#1: -1P50@1.20 | 7#2: +1P50@2.00 | 7#3: -1P48@1.80/60")),
    )
    first, second = Trade.objects.order_by("opened_at", "id")
    joined = join_trades([first, second], author_id=None)
    structure = structure_told(joined)
    assert structure["was_rolled"]
    # 120 - 200 + 180 = 100 less three fees: 97 at most; 4,800 - 97 = 4,703, less than the 4,881 of its entry.
    assert structure["max_profit_since_adjusted"] == "97"
    assert risk_of_trade(joined, []).amount == D(4881)
