"""One contract by many names."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from journal.brokers.text.futures import PRODUCTS, point_value, read_future

NEAR = date(2026, 10, 5)


@pytest.mark.parametrize(
    "name",
    ["ESZ6", "ESZ26", "ESZ2026", "/ESZ6", "/ESZ26", "ES 12-26", "ES 12-2026", "ES DEC26", "es dec2026",
     "CON.F.US.EP.Z26", "CME_MINI:ESZ2026", " ESZ6 "],
)  # fmt: skip
def test_one_contract_has_one_name(name):
    assert read_future(name, NEAR) == ("ESZ26", "ES", 2026, 12)


@pytest.mark.parametrize(
    ("name", "symbol", "root"),
    [
        ("MESZ2026", "MESZ26", "MES"),
        ("M2KU6", "M2KU26", "M2K"),
        ("NGN6", "NGN26", "NG"),
        ("HGH7", "HGH27", "HG"),
        ("6EZ6", "6EZ26", "6E"),
        ("2YYX6", "2YYX26", "2YY"),
        ("MGC 02-27", "MGCG27", "MGC"),
        ("FDAX MAR27", "FDAXH27", "FDAX"),
        ("CON.F.US.MCLE.X26", "MCLX26", "MCL"),
        ("CON.F.US.MNQ.Z26", "MNQZ26", "MNQ"),
    ],
)
def test_roots_end_where_the_month_begins(name, symbol, root):
    assert read_future(name, NEAR)[:2] == (symbol, root)


@pytest.mark.parametrize(
    "name", ["ES", "AAPL", "ES 13-26", "ES ABC26", "ES1!", "", "ESZ", "EUR/USD", "CON.F.US.EP.A26"]
)
def test_what_is_no_future_is_none(name):
    assert read_future(name, NEAR) is None


@pytest.mark.parametrize(
    ("day", "year"), [("2019-12-01", 2026), ("2026-12-31", 2026), ("2027-06-01", 2026), ("2028-01-02", 2036)]
)  # fmt: skip
def test_one_digit_of_the_year_is_the_next_from_last_year_on(day, year):
    assert read_future("ESZ6", date.fromisoformat(day)).year == year


def test_points_of_contracts_and_their_micros():
    for large, micro in [("ES", "MES"), ("NQ", "MNQ"), ("YM", "MYM"), ("RTY", "M2K"), ("CL", "MCL"),
                         ("GC", "MGC"), ("NG", "MNG"), ("HG", "MHG"), ("6E", "M6E"), ("6J", "MJY")]:  # fmt: skip
        assert point_value(large) == 10 * point_value(micro)
    assert (PRODUCTS["FDAX"].point_value, PRODUCTS["FDAX"].currency) == (25, "EUR")
    assert point_value("BTC") == 50 * point_value("MBT") == Decimal(5)
    assert point_value("QXZ") is None
