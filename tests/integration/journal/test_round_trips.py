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
STATED = [
    ("topstepx", "trades.csv"),
    ("tradovate", "performance.csv"),
    ("tradovate", "position_history.csv"),
    ("ninjatrader", "trades.csv"),
]

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


@pytest.mark.parametrize(("slug", "name"), STATED, ids=[" ".join(one) for one in STATED])
def test_the_book_has_the_profit_that_the_file_states(slug, name):
    workspace = people.alice().workspace
    text = read(slug, name)
    named = {one.account_id for one in of(ExecutionRow, parse(text, slug))} - {""}
    number = named.pop() if named else "F-1"
    assert import_now(workspace, text, account_number=number).state == ImportState.DONE
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


TRADOVATE = [
    lines(read("tradovate", "fills.csv"), 0, 1, 2, 3),
    lines(read("tradovate", "orders.csv"), 0, 1, 4),
    lines(read("tradovate", "performance.csv"), 0, 1, 2),
    read("tradovate", "position_history.csv"),
]


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 0, 3, 2), (2, 0, 1, 0, 2, 1)])
def test_all_reports_of_tradovate_together_are_the_fills(order):
    workspace = people.alice().workspace
    for number in order:
        import_now(workspace, TRADOVATE[number], account_number="PAAPEX-1")
    with scope(workspace=workspace):
        found = Execution.objects.order_by("executed_at", "sequence")
        assert [one.fill_key for one in found] == [
            "b:700000000004", "b:700000000012", "b:700000000013", "b:700000000022",
        ]  # fmt: skip
        # 58.50 + 19.00 - 9.00 less the commissions that the fills state
        assert sum(one.net_pnl or 0 for one in found) == Decimal("63.82")
    assert positions(workspace) == {}


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1), (2, 1, 2)])
def test_orders_give_way_to_the_pairs_that_make_them(order):
    """The order of 6 was filled at two prices, of which it states the average."""
    workspace = people.alice().workspace
    for number in order:
        import_now(workspace, TRADOVATE[number], account_number="PAAPEX-1")
    with scope(workspace=workspace):
        found = Execution.objects.all()
        assert sorted((one.side, one.quantity) for one in found) == [
            ("buy", 1), ("buy", 2), ("buy", 3), ("sell", 1), ("sell", 2), ("sell", 3),
        ]  # fmt: skip
        assert sum(one.net_pnl or 0 for one in found) == Decimal("68.5")
    assert positions(workspace) == {}


def test_pairs_that_were_read_in_another_zone_still_give_way_to_their_fills():
    workspace = people.alice().workspace
    import_now(workspace, TRADOVATE[2], account_number="PAAPEX-1", zone="Europe/Berlin")
    import_now(workspace, TRADOVATE[0], account_number="PAAPEX-1")
    with scope(workspace=workspace):
        assert Execution.objects.count() == 4
    assert positions(workspace) == {}


def test_a_fill_that_was_closed_over_two_exports_is_whole():
    """Of 4 bought, 3 were sold in the one period and 1 in the other: two pairs of one fill."""
    workspace = people.alice().workspace
    for number in (0, 1):
        import_now(
            workspace, lines(read("tradovate", "performance.csv"), number), account_number="P"
        )
    with scope(workspace=workspace):
        bought = Execution.objects.filter(side="buy")
        assert sorted(one.quantity for one in bought) == [1, 3]
    assert positions(workspace) == {}


NINJATRADER = [
    lines(read("ninjatrader", "executions_us.csv"), 0, 1, 2),
    lines(read("ninjatrader", "trades.csv"), 0, 1),
    # The account was not flat when the period began, so the report begins earlier.
    lines(read("ninjatrader", "trades.csv"), 0, 1, 2, 3, 4),
]


@pytest.mark.parametrize("order", [(0, 1), (1, 0), (1, 0, 1), (1, 1)])
def test_executions_and_trades_of_ninjatrader_are_the_same_fills(order):
    """Neither grid states the other's ids; the sale of 2 ended one trade and began the next."""
    workspace = people.alice().workspace
    for number in order:
        import_now(workspace, NINJATRADER[number])
    with scope(workspace=workspace):
        found = Execution.objects.all()
        assert len(found) == (3 if 0 in order else 4)
        assert sum(one.net_pnl or 0 for one in found) == Decimal("329.34")
    assert positions(workspace) == {}


def test_trades_without_ids_count_once_in_reports_that_overlap():
    workspace = people.alice().workspace
    for number in (1, 2, 2):
        import_now(workspace, NINJATRADER[number])
    with scope(workspace=workspace):
        assert Execution.objects.count() == 10
        assert sum(one.net_pnl or 0 for one in Execution.objects.all()) == Decimal("470.62")
    assert positions(workspace) == {}
