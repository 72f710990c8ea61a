"""Files that state round trips, orders or fills of one account: every fill once, at the profit that the broker states."""

from __future__ import annotations

from decimal import Decimal
from itertools import permutations
from pathlib import Path

import pytest
from django_scopes import scope

from journal.brokers.base import ExecutionRow
from journal.models import DataIssue, Execution, ImportState, OpenLot
from tests import people
from tests.brokers.reading import of, parse
from tests.doors import book_of, import_now

SAMPLES = Path(__file__).parents[2] / "brokers"
STATED = [("topstepx", "trades.csv")]

pytestmark = pytest.mark.django_db


def read(slug, name):
    return (SAMPLES / slug / "samples" / name).read_text()


def lines(text, *numbers):
    """The header and some rows of a file, by their place."""
    header, *rows = text.splitlines(keepends=True)
    return header + "".join(rows[number] for number in numbers)


def positions(workspace):
    with scope(workspace=workspace):
        lots = OpenLot.objects.values_list("instrument__symbol", "signed_quantity")
        held: dict[str, Decimal] = {}
        for symbol, quantity in lots:
            held[symbol] = held.get(symbol, Decimal(0)) + quantity
        return held


@pytest.mark.parametrize(("slug", "name"), STATED, ids=[slug for slug, _ in STATED])
def test_the_book_has_the_profit_that_the_file_states(slug, name):
    workspace = people.alice().workspace
    text = read(slug, name)
    assert import_now(workspace, text, account_number="F-1").state == ImportState.DONE
    stated = sorted(
        (one.executed_at, one.instrument.symbol, one.stated_pnl)
        for one in of(ExecutionRow, parse(text, slug))
        if one.stated_pnl is not None
    )
    with scope(workspace=workspace):
        closing = Execution.objects.exclude(net_pnl=None).order_by("executed_at")
        booked = sorted(
            (one.executed_at, one.instrument.symbol, one.net_pnl) for one in closing
            if one.effect == "close"
        )  # fmt: skip
        assert not DataIssue.objects.filter(code="profit_differs").exists()
    assert len(booked) > 2
    assert booked == stated
    assert positions(workspace) == {}


TOPSTEP = lines(read("topstepx", "trades.csv"), 3, 4)
TOPSTEP_ORDERS = lines(read("topstepx", "orders.csv"), 4, 5, 6)


@pytest.mark.parametrize("files", list(permutations([TOPSTEP, TOPSTEP_ORDERS, TOPSTEP])))
def test_trades_and_orders_of_topstepx_are_the_same_fills(files):
    """The order of 3 ended a long of 2 and began a short of 1; a file that comes twice changes nothing."""
    workspace = people.alice().workspace
    for text in files:
        import_now(workspace, text, account_number="50KTC-V2-1-77")
    assert positions(workspace) == {}
    with scope(workspace=workspace):
        fills = Execution.objects.order_by("executed_at", "pk")
        assert sorted((one.side, one.quantity) for one in fills) == [
            ("buy", 1), ("buy", 2), ("sell", 1), ("sell", 2),
        ]  # fmt: skip
        assert sum(one.net_pnl or 0 for one in fills) == Decimal("31.28")


def test_an_order_of_which_some_is_open_still_counts_for_all_of_it():
    """Of a purchase of 3 a round trip of 1 is stated: 2 are open."""
    bought = TOPSTEP_ORDERS.splitlines(keepends=True)
    order = bought[0] + bought[3].replace(",2,Bid", ",3,Bid")
    trades = TOPSTEP.splitlines(keepends=True)
    trade = trades[0] + trades[2].replace(",2,Long", ",1,Long").replace("42.5", "21.25")
    books = []
    for number, files in enumerate(permutations([order, trade])):
        person = people.owner(f"p{number}@example.org", workspace_name=f"P{number}")
        for text in files:
            import_now(person.workspace, text, account_number="50KTC-V2-1-77")
        assert positions(person.workspace) == {"MESM27": 2}
        books.append(book_of(person.workspace))
    assert books[0] == books[1]
