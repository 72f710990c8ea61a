"""Names of options, as brokers write them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from journal.brokers.text.contracts import read_option
from journal.domain.values import Right


@pytest.mark.parametrize(
    ("text", "underlying", "expiry_on", "strike", "right"),
    [
        ("QXA270117C00150500", "QXA", date(2027, 1, 17), "150.5", Right.CALL),
        ("QXA   270117P00150000", "QXA", date(2027, 1, 17), "150", Right.PUT),
        ("-QXA270117C150.5", "QXA", date(2027, 1, 17), "150.5", Right.CALL),
        ("-QXA1270117P7", "QXA1", date(2027, 1, 17), "7", Right.PUT),
        ("QXA 01/17/2027 1,250.00 C", "QXA", date(2027, 1, 17), "1250", Right.CALL),
        ("QXA 1/17/2027 Put $55.00", "QXA", date(2027, 1, 17), "55", Right.PUT),
        ("PUT  QXA   01/17/27   370.000", "QXA", date(2027, 1, 17), "370", Right.PUT),
        ("CALL QXA 01/17/27 312.500", "QXA", date(2027, 1, 17), "312.5", Right.CALL),
        ("QXA Jan 17 '27 $150 Put", "QXA", date(2027, 1, 17), "150", Right.PUT),
        ("BRK.B Dec 06 '27 $1,150.50 Call", "BRK.B", date(2027, 12, 6), "1150.5", Right.CALL),
    ],
)
def test_a_name_says_the_whole_contract(text, underlying, expiry_on, strike, right):
    assert read_option(text) == (underlying, expiry_on, Decimal(strike), right)


@pytest.mark.parametrize(
    "text",
    [
        "QXA",
        "",
        "-QXA271317C150",
        "PUT QXA 13/45/27 1.0",
        "QXA Foo 17 '27 $1 Put",
        "CALL (QXA) QUIXA",
    ],
)
def test_what_is_no_name_of_an_option_is_none(text):
    assert read_option(text) is None


def test_different_names_of_one_contract_have_one_plain_name():
    names = ("-QXA270117C150", "CALL QXA 01/17/27 150.000", "QXA Jan 17 '27 $150.00 Call")
    assert {read_option(name).plain for name in names} == {"QXA 01/17/2027 150 C"}
