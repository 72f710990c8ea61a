"""Exports that other people wrote: the cash of every row, and what becomes of every option that ended."""

import csv
from decimal import Decimal

import pytest

from journal.brokers.base import (
    CashRow,
    CorporateActionRow,
    ExecutionRow,
    OptionEventRow,
    ProblemRow,
)
from journal.brokers.registry import detect
from journal.domain.values import ExecutionKind, Side
from tests.brokers.reading import corpus_folder, of, parse
from tests.brokers.tastytrade_csv.book import booked, open_quantity

SLUG = "tastytrade_csv"
FILES = ("2018_2020-05.csv", "individual_2021-01.csv", "uso.csv")
# Fills, cash, halves of actions.
COUNTS = {
    "2018_2020-05.csv": (134, 37, 4),
    "individual_2021-01.csv": (31, 6, 0),
    "uso.csv": (4, 0, 4),
}
ENDS = (ExecutionKind.EXPIRY, ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE)
CASH_OF = {
    ExecutionRow: lambda one: one.proceeds - one.fee - one.tax,
    CashRow: lambda one: one.amount,
    CorporateActionRow: lambda one: one.cash,
}
# Fees with the noise of binary fractions are read without it.
NOISE = Decimal("1e-9")


@pytest.fixture(scope="module")
def folder():
    return corpus_folder("tastytrade")


@pytest.fixture(params=FILES)
def file(request, folder):
    return folder / request.param


def test_every_file_is_recognised_and_every_row_becomes_what_it_is(file):
    assert detect(file.read_bytes()[: 64 * 1024], file.name).slug == SLUG
    records = parse(file, SLUG)
    kinds = (ExecutionRow, CashRow, CorporateActionRow)
    assert tuple(len(of(kind, records)) for kind in kinds) == COUNTS[file.name]
    assert of(ProblemRow, records) == of(OptionEventRow, records) == []


def test_cash_is_value_less_costs_in_every_row(file):
    """In these files commissions are negative and fees positive, and both are costs."""
    stated = {}
    with file.open(newline="") as lines:
        for line in csv.DictReader(lines):
            row = len(stated) + 2
            costs = abs(Decimal(line["Commissions"] or 0)) + abs(Decimal(line["Fees"] or 0))
            stated[row] = Decimal(line["Value"]) - costs
    derived = {
        one.row: CASH_OF[type(one)](one) for one in parse(file, SLUG) if type(one) in CASH_OF
    }
    assert derived.keys() == stated.keys()
    assert {row for row in stated if abs(stated[row] - derived[row]) > NOISE} == set()
    assert abs(sum(stated.values()) - sum(derived.values())) < NOISE


def test_price_and_quantity_make_the_value_of_every_fill(file):
    for one in of(ExecutionRow, parse(file, SLUG)):
        value = one.quantity * one.price * one.instrument.multiplier
        assert (value if one.side is Side.SELL else -value) == one.proceeds, one.row


def test_what_expired_or_was_assigned_ends_flat(file):
    records = parse(file, SLUG)
    booking, numbers, problems = booked(records)
    ended = {one.instrument for one in of(ExecutionRow, records) if one.kind in ENDS}
    options = [one for one in ended if one.right]
    assert [open_quantity(booking, numbers[one.symbol]) for one in options] == [0] * len(options)
    ids = {numbers[one.symbol] for one in options}
    assert [one for one in problems if one.instrument_id in ids] == []


def test_assigned_shares_come_at_the_strike(folder):
    fills = of(ExecutionRow, parse(folder / "2018_2020-05.csv", SLUG))
    ended = {
        (one.executed_at, one.instrument.underlying_symbol): one
        for one in fills
        if one.kind is ExecutionKind.ASSIGNMENT and one.instrument.right
    }
    delivered = [
        one
        for one in fills
        if one.kind is ExecutionKind.ASSIGNMENT and one.instrument.right is None
    ]
    assert len(delivered) == len(ended) == 2
    for one in delivered:
        option = ended[one.executed_at, one.instrument.symbol]
        assert one.price == option.instrument.strike
        assert one.quantity == option.quantity * option.instrument.multiplier


def test_premium_and_shares_of_an_assignment_make_one_profit(folder):
    """A put sold at 15.65 (fees 1.182), assigned at 190 (fees 5.00), the shares sold at 160.73 (fees 1.432)."""
    booking, numbers, _ = booked(parse(folder / "2018_2020-05.csv", SLUG))
    ids = (numbers["BABA"], numbers["BABA  190816P00190000"])
    net = sum(one.net_pnl for one in booking.matches if one.instrument_id in ids)
    assert net == Decimal(16073) - 19000 + 1565 - Decimal("1.182") - 5 - Decimal("1.432")


def test_a_reverse_split_of_options_keeps_cost_and_ends_flat(folder):
    """Sold at 648.00 and bought back at 378.00; bought at 174.00 and sold at 30.00: 270.00 - 144.00, less the four
    commissions of 1.00 and fees of 5.862, 0.83, 5.83 and 0.852.
    """
    booking, numbers, problems = booked(parse(folder / "uso.csv", SLUG))
    assert (booking.lots, problems) == ([], [])
    net = sum(one.net_pnl for one in booking.matches)
    assert net == Decimal("126.00") - 4 - Decimal("13.374")
    assert len(numbers) == 2
