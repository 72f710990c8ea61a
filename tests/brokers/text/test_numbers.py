"""Numbers are read exactly, in any notation, and never guessed."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.numbers import decimal_point, read_number


@pytest.mark.parametrize(
    ("text", "point", "expected"),
    [
        ("1234.5", ".", "1234.5"),
        ("-1,234.50", ".", "-1234.50"),
        ("1.234,50", ",", "1234.50"),
        ("1 234,50", ",", "1234.50"),
        ("1\u202f234,50 €", ",", "1234.50"),
        ("1'234.50", ".", "1234.50"),
        ("12,34,567.5", ".", "1234567.5"),
        ("$1,234.50", ".", "1234.50"),
        ("-$694.48", ".", "-694.48"),
        ("$-694.48", ".", "-694.48"),
        ("($694.48)", ".", "-694.48"),
        ("694.48-", ".", "-694.48"),
        ("−5", ".", "-5"),
        ("+5", ".", "5"),
        ("89,162.28 SEK", ".", "89162.28"),
        ("USD 12.5", ".", "12.5"),
        ("12.5%", ".", "12.5"),
        (".5", ".", "0.5"),
        ("1e-7", ".", "1E-7"),
        ("-0", ".", "0"),
    ],
)
def test_numbers_of_all_notations(text, point, expected):
    found = read_number(text, point)
    assert found == Decimal(expected)
    assert not found.is_signed() or found


@pytest.mark.parametrize("text", ["", " ", "-", "--", "n/a", "N/A", "–"])
def test_nothing_is_none(text):
    assert read_number(text) is None


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("1,5", "."),
        ("1.5", ","),
        ("1,23,4.5", "."),
        ("1.2.3", "."),
        ("1,234.5,6", "."),
        ("abc", "."),
        ("12 apples", "."),
        ("1/2", "."),
        ("NaN", "."),
        ("Infinity", "."),
        ("--5", "."),
        ("1" * 80, "."),
        ("٣", "."),
    ],
)
def test_what_could_be_misread_is_refused(text, point):
    with pytest.raises(BadNumber):
        read_number(text, point)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,234.50"], "."),
        (["1.234,50"], ","),
        (["1,5", "x"], ","),
        (["0,001"], ","),
        (["1,234"], None),
        (["1,234,567"], "."),
        (["1'234"], None),
        (["12", ""], None),
        (["1,5", "2.5"], None),
    ],
)
def test_the_numbers_of_a_file_tell_their_decimal_point(cells, expected):
    assert decimal_point(cells) == expected


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12
    )
)
def test_any_number_is_read_back_in_both_notations(number):
    english = f"{number:,f}"
    german = english.translate(str.maketrans(",.", ".,"))
    assert read_number(english, ".") == read_number(german, ",") == number
