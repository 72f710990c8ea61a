"""eToro's workbook: what was sold short or with leverage, at the market's prices and the stated profits."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from journal.brokers.base import (
    ClosedLotRow,
    ExecutionRow,
    ProblemRow,
    StatementInfo,
    UnreadableStatement,
)
from journal.brokers.registry import detect
from journal.domain.values import PositionEffect, Side
from tests.brokers.etoro.statements import ACTIVITY, CLOSED, SAMPLE, SHEETS
from tests.brokers.reading import of, parse, problem_codes
from tests.brokers.workbooks import workbook_of


@pytest.fixture(scope="module")
def records():
    return parse(SAMPLE, "etoro")


def fill(records, broker_id):
    (found,) = [one for one in of(ExecutionRow, records) if one.broker_id == broker_id]
    return found


def test_the_sample_is_what_the_module_writes():
    assert SAMPLE.read_bytes() == workbook_of(SHEETS)


def test_a_short_position_is_sold_first_at_the_markets_price(records):
    """100 put in at 20 to 1 are 2,000 for 0.1 of the index: 20,000. The profit of 15 is 150 points below."""
    opened, closed = fill(records, "open:3100000002"), fill(records, "close:3100000002")
    assert (opened.side, opened.price, opened.net_cash) == (Side.SELL, 20000, -100)
    assert (closed.side, closed.price, closed.net_cash) == (Side.BUY, 19850, 115)
    assert (opened.effect, closed.effect) == (PositionEffect.OPEN, PositionEffect.CLOSE)
    assert closed.stated_pnl == 15


def test_a_position_with_leverage_has_the_markets_price_too(records):
    opened, closed = fill(records, "open:3100000003"), fill(records, "close:3100000003")
    assert (opened.side, opened.quantity, opened.price) == (Side.BUY, 3000, 1)
    assert closed.price == Decimal("0.998")


def test_an_opening_before_the_statement_is_told_by_its_close(records):
    opened = fill(records, "open:3100000003")
    assert opened.executed_at == datetime(2027, 4, 1, 9, tzinfo=UTC)
    assert opened.net_cash is None


def test_profits_are_the_stated_ones(records):
    by_id = {one.broker_id: one for one in of(ExecutionRow, records)}
    for closed in (one for one in by_id.values() if one.stated_pnl is not None):
        opened = by_id[closed.broker_id.replace("close", "open")]
        move = closed.price - opened.price
        made = (move if opened.side is Side.BUY else -move) * closed.quantity
        assert made == closed.stated_pnl
    assert [one.realized_pnl for one in of(ClosedLotRow, records)] == [15, -6, 60]


def test_positions_are_booked_each_by_itself(records):
    assert of(StatementInfo, records)[0].is_hedging is True
    assert fill(records, "open:3100000001").trade_id == "position:3100000001"


def test_what_is_still_open_may_be_either_way_and_is_told(records):
    assert problem_codes(records) == {"margin_price": 1}
    assert fill(records, "open:3100000004").price == 5


def test_a_row_of_the_closed_positions_that_cannot_be_read_leaves_the_others():
    odd = [[*CLOSED[2][:7], "lots", *CLOSED[2][8:]]]
    book = workbook_of(SHEETS | {"Closed Positions": [CLOSED[0], CLOSED[1], *odd, CLOSED[3]]})
    records = parse(book, "etoro")
    assert fill(records, "open:3100000002").side is Side.BUY
    (told,) = [one for one in of(ProblemRow, records) if one.code == "margin_price"]
    assert "(3 rows)" in told.message
    assert fill(records, "open:3100000003").price == 1


def test_older_workbooks_say_the_direction_with_the_action():
    def older(row, said):
        return [row[0], f"{said} {row[1]}", *row[3:]]

    sheet = [
        ["Position ID", "Action", *CLOSED[0][3:]],
        older(CLOSED[1], "Buy"), older(CLOSED[2], "Sell"), older(CLOSED[3], "Buy"),
    ]  # fmt: skip
    records = parse(workbook_of(SHEETS | {"Closed Positions": sheet}), "etoro")
    assert fill(records, "open:3100000002").side is Side.SELL
    assert fill(records, "open:3100000001").side is Side.BUY


def test_a_workbook_without_activity_is_refused():
    with pytest.raises(UnreadableStatement) as refusal:
        parse(workbook_of({"Closed Positions": CLOSED}), "etoro")
    assert refusal.value.code == "header_missing"


def test_activity_alone_is_read_as_the_table_is():
    table = "\n".join(",".join(row) for row in ACTIVITY)
    alone = parse(workbook_of({"Account Activity": ACTIVITY}), "etoro")

    def prices(found):
        return {(one.broker_id, one.side, one.price) for one in of(ExecutionRow, found)}

    assert prices(alone) == prices(parse(table, "etoro"))


def test_the_workbook_is_told_by_its_front():
    data = SAMPLE.read_bytes()
    assert detect(data[: len(data) // 2], "etoro-account-statement.xlsx").slug == "etoro"
