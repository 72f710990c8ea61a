"""What structures bring at expiry, against tables that were worked out by hand. Options are on 100 shares."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from journal.domain.structures.payoff import payoff_of
from journal.domain.structures.shape import shape_of
from journal.domain.structures.values import SENTENCES, Unknown
from journal.domain.values import AssetClass
from tests.unit.journal.structures.legs import leg, legs

D = Decimal
DOCUMENT = Path(__file__).parents[4] / "docs" / "domain.md"

# legs, net premium, maximum profit, maximum loss, break-evens
AT_EXPIRY = [
    # Single options. Premium 2.50 x 100 = 250.
    ("+1C100@2.50", "-250", "unlimited", "250", "102.50"),
    ("-1C100@2.50", "250", "250", "unlimited", "102.50"),
    # (100 - 2.50) x 100 = 9,750 if it falls to zero.
    ("+1P100@2.50", "-250", "9750", "250", "97.50"),
    ("-1P100@2.50", "250", "250", "9750", "97.50"),
    # Three cash-secured puts of strike 50 at 1.20: 3 x 120; 3 x (50 - 1.20) x 100 = 14,640.
    ("-3P50@1.20", "360", "360", "14640", "48.80"),
    # Bull put: credit 2.00 - 0.80 = 1.20; width 5: loss 5 - 1.20 = 3.80; 95 - 1.20.
    ("-1P95@2.00 +1P90@0.80", "120", "120", "380", "93.80"),
    # Bear call: credit 1.00; width 5: 4.00; 105 + 1.00.
    ("-2C105@1.60 +2C110@0.60", "200", "200", "800", "106"),
    # Bull call: debit 3.00 - 1.10 = 1.90; width 10: profit 8.10; 100 + 1.90.
    ("+1C100@3.00 -1C110@1.10", "-190", "810", "190", "101.90"),
    # Bear put: debit 2.20; width 5: profit 2.80; 100 - 2.20.
    ("+1P100@3.70 -1P95@1.50", "-220", "280", "220", "97.80"),
    # Iron condor: credit 1.20 + 1.00 - 0.50 - 0.40 = 1.30; wings 5: loss 3.70; 95 - 1.30, 105 + 1.30.
    ("+1P90@0.50 -1P95@1.20 -1C105@1.00 +1C110@0.40", "130", "130", "370", "93.70 106.30"),
    # Unequal wings 5 and 10: the wider one loses 10 - 1.30 = 8.70 above.
    ("+1P90@0.50 -1P95@1.20 -1C105@1.00 +1C115@0.40", "130", "130", "870", "93.70 106.30"),
    # Iron butterfly: credit 3.20 + 3.00 - 0.60 - 0.50 = 5.10; wings 10: 4.90; 100 -+ 5.10.
    ("+1P90@0.60 -1P100@3.20 -1C100@3.00 +1C110@0.50", "510", "510", "490", "94.90 105.10"),
    # Long call butterfly: debit 6.00 - 2 x 3.00 + 1.20 = 1.20; most at 100: 10 - 1.20 = 8.80.
    ("+1C90@6.00 -2C100@3.00 +1C110@1.20", "-120", "880", "120", "91.20 108.80"),
    # Broken wing for a credit of 0.40: 2 x 2.00 - 3.00 - 0.60. At 95 5 + 0.40; above 110 loses
    # 20 - 2 x 15 + 0 + ... = (110-90) - 2 x (110-95) + 0.40 = -9.60.
    ("+1C90@3.00 -2C95@2.00 +1C110@0.60", "40", "540", "960", "100.40"),
    # Long put condor 90/95/105/110: debit 4.00 - 2.50 - 1.00 + 0.50 = 1.00; profit 5 - 1 = 4.
    ("+1P90@0.50 -1P95@1.00 -1P105@2.50 +1P110@4.00", "-100", "400", "100", "91 109"),
    # Long straddle 3.00 + 2.80 = 5.80; at zero 100 - 5.80.
    ("+1C100@3.00 +1P100@2.80", "-580", "unlimited", "580", "94.20 105.80"),
    ("-1C100@3.00 -1P100@2.80", "580", "580", "unlimited", "94.20 105.80"),
    # Short strangle 1.50 + 1.30 = 2.80.
    ("-1P95@1.50 -1C105@1.30", "280", "280", "unlimited", "92.20 107.80"),
    # Covered call: shares 5,000 less 150: at 55 5.00 + 1.50 = 6.50; at zero 50 - 1.50 = 48.50.
    ("+100S@50 -1C55@1.50", "150", "650", "4850", "48.50"),
    # 250 shares, two calls: 50 shares go on rising.
    ("+250S@50 -2C55@1.50", "300", "unlimited", "12200", "48.80"),
    # Protective put: below 45 it loses 50 - 45 + 1.20 = 6.20; 50 + 1.20.
    ("+100S@50 +1P45@1.20", "-120", "unlimited", "620", "51.20"),
    # Collar: 1.50 - 1.20 = 0.30 credit; 55 - 50 + 0.30; 50 - 45 - 0.30; 50 - 0.30.
    ("+100S@50 +1P45@1.20 -1C55@1.50", "30", "530", "470", "49.70"),
    # Covered strangle: 2.50 in all; at 55 5 + 2.50; at zero 50 + 45 - 2.50 = 92.50 a share.
    # Below 45: 2S - 50 - 45 + 2.50 > 0 from 46.25, which is above 45: so 50 - 2.50 = 47.50.
    ("+100S@50 -1C55@1.50 -1P45@1.00", "250", "750", "9250", "47.50"),
    # Ratio: +1 C100 at 4, -2 C110 at 1.50: debit 1.00; most at 110: 10 - 1 = 9; 101 and 110 + 9.
    ("+1C100@4.00 -2C110@1.50", "-100", "900", "unlimited", "101 119"),
    # Backspread for a credit of 1.00: -1 C100 at 4, +2 C110 at 1.50: worst at 110: 10 - 1 = 9.
    ("-1C100@4.00 +2C110@1.50", "100", "unlimited", "900", "101 119"),
    # Put ratio: +1 P100 at 4, -2 P90 at 1.50: debit 1; most at 90: 9; 99 and 81; at zero 81 x 100.
    ("+1P100@4.00 -2P90@1.50", "-100", "900", "8100", "81 99"),
    # Jade lizard: 2.00 + 1.60 - 0.50 = 3.10 against a call width of 3: no loss above (0.10 stays).
    ("-1P95@2.00 -1C105@1.60 +1C108@0.50", "310", "310", "9190", "91.90"),
    # Box: pays 10, cost 9.80 (+5.90 -1.20 +5.50 -0.40): a profit of 0.20 that is certain.
    ("+1C100@5.90 -1C110@1.20 +1P110@5.50 -1P100@0.40", "-980", "20", "-20", ""),
    # Synthetic long: like shares bought at 100.50.
    ("+1C100@3.00 -1P100@2.50", "-50", "unlimited", "10050", "100.50"),
    # Shares and futures alone.
    ("+100S@50", "0", "unlimited", "5000", "50"),
    ("-100S@50", "0", "5000", "unlimited", "50"),
    ("+1F30@5000", "0", "unlimited", "250000", "5000"),
]


@pytest.mark.parametrize(("text", "premium", "profit", "loss", "evens"), AT_EXPIRY)
def test_at_expiry(text, premium, profit, loss, evens):
    found = payoff_of(legs(text), with_fees=True)
    assert found.net_premium.value == D(premium)
    assert shown(found.max_profit) == shown(profit)
    assert shown(found.max_loss) == shown(loss)
    assert list(found.break_evens) == [D(each) for each in evens.split()]
    assert found.break_evens_unknown is None


def documented() -> list[tuple[str, ...]]:
    """Rows of docs/domain.md: legs, name, premium, maximum profit and loss, break-evens."""
    rows = re.findall(r"^\| `([+-][^`]+@[^`]+)` \|(.*)\|$", DOCUMENT.read_text(), re.MULTILINE)
    found = [(given, *(cell.strip() for cell in rest.split("|"))) for given, rest in rows]
    return [row for row in found if len(row) == 6]


@pytest.mark.parametrize("row", documented(), ids=lambda row: row[1])
def test_structures_in_the_document_are_as_written(row):
    text, name, premium, profit, loss, evens = row
    found = payoff_of(legs(text), with_fees=True)
    assert shape_of(legs(text)).name == name
    assert found.net_premium.value == D(premium)
    assert (shown(found.max_profit), shown(found.max_loss)) == (shown(profit), shown(loss))
    assert list(found.break_evens) == [D(each) for each in evens.split()]


def test_the_document_has_structures():
    assert len(documented()) >= 8


def shown(figure):
    """A number, or the word for why there is none."""
    if isinstance(figure, str):
        return figure if figure.isalpha() or "_" in figure else D(figure)
    return figure.value if figure.value is not None else str(figure.reason)


@pytest.mark.parametrize(
    ("text", "profit", "loss", "evens"),
    [
        # The bull put above with four fees of 0.65: 120 - 2.60, 380 + 2.60, 93.80 + 0.026.
        ("-1P95@2.00f1.30 +1P90@0.80f1.30", "117.40", "382.60", "93.826"),
        # A rebate works the other way.
        ("-1P95@2.00f-0.50 +1P90@0.80f0", "120.50", "379.50", "93.795"),
    ],
)
def test_fees_are_in_or_out_as_asked(text, profit, loss, evens):
    with_fees = payoff_of(legs(text), with_fees=True)
    assert with_fees.max_profit.value == D(profit)
    assert with_fees.max_loss.value == D(loss)
    assert with_fees.break_evens == (D(evens),)
    without = payoff_of(legs(text), with_fees=False)
    assert (without.max_profit.value, without.max_loss.value) == (120, 380)
    assert with_fees.net_premium == without.net_premium


def test_the_price_of_a_future_is_not_paid_and_that_of_shares_is():
    assert payoff_of(legs("+100S@50 -1C55@1.50"), with_fees=True).net_cash.value == D("-4850")
    assert payoff_of(legs("+1F30@5000"), with_fees=True).net_cash.value == 0


def test_a_break_even_that_never_ends_has_28_digits():
    # Three calls for 300 and a fee of 1: 100 + 301/300.
    found = payoff_of(legs("+3C100@1.00f1"), with_fees=True)
    assert found.break_evens == (D("101.003333333333333333333333333"),)


def test_a_stretch_of_exactly_nothing_has_its_ends_as_break_evens():
    # A butterfly that cost nothing: 10.00 - 2 x 6.00 + 2.00.
    found = payoff_of(legs("+1C90@10.00 -2C100@6.00 +1C110@2.00"), with_fees=True)
    assert found.break_evens == (90, 110)
    assert (found.max_profit.value, found.max_loss.value) == (1000, 0)


# Calendars and diagonals: the later long option is worth at least what exercising it brings.
@pytest.mark.parametrize(
    ("text", "premium", "profit", "loss"),
    [
        # Debit 4.00 - 2.20.
        ("-1C100@2.20/30 +1C100@4.00/60", "-180", "expiries_differ", "180"),
        ("-1P100@2.20/30 +1P100@4.00/60", "-180", "expiries_differ", "180"),
        # Diagonal, the long strike nearer: debit 7.00 - 1.20.
        ("+1C95@7.00/90 -1C105@1.20/30", "-580", "expiries_differ", "580"),
        # Diagonal, the long strike farther by 5: 5 + 1.50 - 2.00.
        ("-1C100@2.00/30 +1C105@1.50/60", "50", "expiries_differ", "450"),
        # The short one lives longer.
        ("+1C100@2.20/30 -1C100@4.00/60", "180", "expiries_differ", "expiries_differ"),
        # A collar with a later put: below 45 nothing more is lost.
        ("+100S@50 +1P45@1.80/60 -1C55@1.50/30", "-30", "expiries_differ", "530"),
        # Two calls short against one later long one.
        ("-2C100@2.20/30 +1C100@4.00/60", "40", "expiries_differ", "unlimited"),
    ],
)
def test_with_several_expiries(text, premium, profit, loss):
    found = payoff_of(legs(text), with_fees=True)
    assert found.net_premium.value == D(premium)
    assert shown(found.max_profit) == shown(profit)
    assert shown(found.max_loss) == shown(loss)
    assert found.break_evens_unknown is Unknown.EXPIRIES_DIFFER
    assert found.is_at_first_expiry == (found.max_loss.value is not None)
    assert found.curve is None


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ([], Unknown.NO_LEGS),
        ([leg("-1P95@?")], Unknown.PRICE_UNKNOWN),
        ([leg("-1P95@1", strike=None)], Unknown.TERMS_UNKNOWN),
        ([leg("-1P95@1", right=None)], Unknown.TERMS_UNKNOWN),
        ([leg("-1P95@1", expiry_on=None)], Unknown.TERMS_UNKNOWN),
        ([leg("-1P95@1", inverse=True)], Unknown.INVERSE_CONTRACT),
        ([leg("-1P95@1"), leg("+1P90@1", currency="EUR")], Unknown.CURRENCIES_DIFFER),
        (legs("+1F30@5000 -1F120@5010"), Unknown.UNDERLYINGS_DIFFER),
        ([leg("+1S@5"), leg("-1S@5", instrument_id=-1)], Unknown.UNDERLYINGS_DIFFER),
        (
            [leg(text, asset_class=AssetClass.FUTURE_OPTION) for text in ("-1P95@1", "+1P95@2/60")],
            Unknown.EXPIRIES_DIFFER,
        ),
        (
            [leg("+100S@50"), leg("-1C55@1", asset_class=AssetClass.FUTURE_OPTION)],
            Unknown.UNDERLYINGS_DIFFER,
        ),
    ],
)
def test_what_cannot_be_known_says_why(given, reason):
    found = payoff_of(given, with_fees=True)
    assert (found.max_profit.reason, found.max_loss.reason) == (reason, reason)
    assert found.break_evens_unknown is reason
    assert SENTENCES[reason]


def test_every_reason_has_a_sentence():
    assert set(SENTENCES) == set(Unknown)


def test_an_underlying_that_was_below_zero_can_fall_on():
    # Oil at -20: a long future loses without limit, and so does a short put of strike -5.
    assert payoff_of(legs("+1F30@-20"), with_fees=True).max_loss.reason is Unknown.UNLIMITED
    found = payoff_of(legs("-1P-5@2.00"), with_fees=True)
    assert found.max_loss.reason is Unknown.UNLIMITED
    assert found.break_evens == (-7,)
    found = payoff_of(legs("-1P-5@2.00 +1P-8@1.00"), with_fees=True)
    assert (found.max_profit.value, found.max_loss.value) == (100, 200)


def test_what_was_closed_is_money_only():
    # The bull put of 120; the short put bought back at 0.50: 150 made on it, 80 paid for the other.
    found = payoff_of(legs("-1P95@2.00 +1P90@0.80 +1P95@0.50"), with_fees=True)
    assert (found.max_profit.value, found.max_loss.value) == (D("70") + 9000, -70)
    flat = payoff_of(legs("-1P95@2.00 +1P95@0.50/30"), with_fees=True)
    assert (flat.max_profit.value, flat.max_loss.value, flat.break_evens) == (150, -150, ())
