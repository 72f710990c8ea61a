"""How figures read: huge, tiny, negative nothing, unknown."""

from datetime import timedelta
from decimal import Decimal

import pytest

from common import numbers

HUGE = "1234567890123456789012345678.905"


@pytest.mark.parametrize(
    ("value", "currency", "text"),
    [
        ("1234.5", "USD", "1,234.50 USD"),
        ("-1234567.891", "EUR", "−1,234,567.89 EUR"),
        ("0", "USD", "0.00 USD"),
        ("-0", "USD", "0.00 USD"),
        ("-0.0", "", "0.00"),
        ("0.005", "USD", "0.01 USD"),
        ("-0.005", "USD", "−0.01 USD"),
        ("0.0049", "USD", "0.0049 USD"),
        ("-0.000012345", "USD", "−0.000012 USD"),
        ("0.0000000000001", "USD", "0.00 USD"),
        ("2.675", "USD", "2.68 USD"),
        ("1234.5", "JPY", "1,235 JPY"),
        ("1.2345", "KWD", "1.235 KWD"),
        ("0.12345678", "BTC", "0.12345678 BTC"),
        (HUGE, "USD", "1,234,567,890,123,456,789,012,345,678.91 USD"),
        ("5", "A" * 40, "5.00 " + "A" * 40),
        ("1E+3", "USD", "1,000.00 USD"),
        (None, "USD", "–"),
        ("NaN", "USD", "–"),
        ("", "USD", "–"),
        ("n/a", "USD", "–"),
        ("Infinity", "", "∞"),
        ("-Infinity", "", "−∞"),
    ],
)
def test_money_reads_as_a_statement_prints_it(value, currency, text):
    assert numbers.write_money(None if value is None else value, currency) == text


def test_a_gain_has_a_plus_and_nothing_has_no_sign():
    assert numbers.write_money(Decimal(10), "USD", plus=True) == "+10.00 USD"
    assert numbers.write_money(Decimal("-0.00"), "USD", plus=True) == "0.00 USD"


def test_fixed_places_round_even_a_small_amount():
    assert numbers.write_money(Decimal("0.0049"), "USD", places=2) == "0.00 USD"
    assert numbers.write_money(Decimal("1234.5"), "USD", places=0) == "1,235 USD"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("100", "100"),
        ("100.000000", "100"),
        ("-1500", "−1,500"),
        ("0.00000001", "0.00000001"),
        ("1234567.12345678", "1,234,567.12345678"),
        ("-0", "0"),
        (None, "–"),
    ],
)
def test_a_quantity_is_never_rounded(value, text):
    assert numbers.write_quantity(value) == text


@pytest.mark.parametrize(
    ("value", "tick", "text"),
    [
        ("187.5", "0.01", "187.50"),
        ("187.123456", "0.01", "187.1235"),
        ("1.0845", "0.00005", "1.08450"),
        ("4512.25", "0.25", "4,512.25"),
        ("5", "1", "5"),
        ("12.5", None, "12.50"),
        ("0.00001234", None, "0.00001234"),
        ("-37.63", "0.01", "−37.63"),
        (None, "0.01", "–"),
    ],
)
def test_a_price_has_the_precision_of_its_instrument(value, tick, text):
    assert numbers.write_price(value, tick) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        ("0.4567", 1, "45.7%"),
        ("-0.1", 2, "−10.00%"),
        ("-0.0000001", 1, "0.0%"),
        ("12345.678", 0, "1,234,568%"),
        (None, 1, "–"),
    ],
)
def test_a_percentage_is_written_from_a_ratio(value, places, text):
    assert numbers.write_percent(value, places) == text


def test_a_multiple_of_risk_always_has_its_sign():
    assert numbers.write_multiple("1.254") == "+1.25R"
    assert numbers.write_multiple("-0.5") == "−0.50R"
    assert numbers.write_multiple("-0.001") == "0.00R"
    assert numbers.write_multiple(None) == "–"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("en", "−1,234,567.50 EUR"),
        ("de", "−1.234.567,50 EUR"),
        ("fr", "−1\u202f234\u202f567,50 EUR"),
        ("de-ch", "−1’234’567.50 EUR"),
        ("en-in", "−12,34,567.50 EUR"),
        ("plain", "−1234567.50 EUR"),
        ("xx", "−1,234,567.50 EUR"),
    ],
)
def test_separators_follow_the_person(name, text):
    with numbers.number_format(name):
        assert numbers.write_money(Decimal("-1234567.5"), "EUR") == text
    assert numbers.write(Decimal(1000), 0) == "1,000"


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("de-DE,de;q=0.9,en;q=0.8", "de"),
        ("de-CH", "de-ch"),
        ("sv", "fr"),
        ("en-IN,en;q=0.5", "en-in"),
        ("en-US", "en"),
        ("", "en"),
        ("*;q=0.1", "en"),
    ],
)
def test_the_browser_says_which_separators_it_is_used_to(header, name):
    assert numbers.format_for_language(header) == name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (125, "2 min 5 s"),
        (3600, "1 h"),
        (273_900, "3 d 4 h"),
        (timedelta(days=400, seconds=59), "400 d"),
        (-61, "−1 min 1 s"),
        (None, "–"),
    ],
)
def test_a_duration_names_its_two_largest_units(value, text):
    assert numbers.write_duration(value) == text


def test_binary_floats_read_as_they_were_written():
    assert numbers.write_ratio(0.1 + 0.2) == "0.30"
    assert numbers.write_percent(0.285, 0) == "29%"


def test_a_word_goes_with_every_colour():
    tones = [numbers.tone(value) for value in ("1", "-1", "0", None)]
    assert tones == ["profit", "loss", "flat", "unknown"]
