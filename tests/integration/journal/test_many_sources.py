"""One account by Flex queries with these ids and those, by activity statements, and by a program's own reports."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from itertools import permutations
from typing import NamedTuple
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from journal.brokers.base import InstrumentRow
from journal.domain.values import AssetClass
from journal.models import BrokerAccount, Execution, ImportBatch, JoinedFill
from journal.services.annotations import add_note
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now, undo
from tests.effort import examples
from tests.integration.journal.rows import account_of, import_rows
from tests.integration.journal.rows import fill as reported
from tests.integration.journal.test_two_formats import CONTRACTS, activity

# Which ids a query states.
IDS = {
    "all ids": ("transactionID", "tradeID", "ibExecID"),
    "bookings": ("transactionID",),
    "bookings and trades": ("transactionID", "tradeID"),
    "executions": ("ibExecID",),
    "trades": ("tradeID",),
    "no ids": (),
}
STATEMENTS = ("activity statement", "activity statement without contracts")
BOTS = ("bot with ids", "bot without")
SOURCES = (*IDS, *STATEMENTS, *BOTS)
# Without the broker's id, in the words of a program.
ACME = InstrumentRow("", AssetClass.STOCK, "ACME", "USD", Decimal(1))


class Deal(NamedTuple):
    """What happened on that day of June, so many seconds after half past nine in New York."""

    number: int
    day: int
    second: int
    quantity: int
    price: int


class File(NamedTuple):
    """`late`: by how many seconds the program's clock is off."""

    source: str
    deals: tuple[Deal, ...]
    late: int = 0


def _query(source: str, deals: Sequence[Deal]) -> str:
    rows = []
    for one in deals:
        ids = {
            "transactionID": str(1000 + one.number),
            "tradeID": str(5000 - one.number),
            "ibExecID": f"e.{one.number * 7 % 10}.{one.number}",
        }
        rows.append(
            trade(
                **{name: text if name in IDS[source] else "" for name, text in ids.items()},
                dateTime=f"202606{one.day:02};0930{one.second:02}", quantity=str(one.quantity),
                tradePrice=str(one.price), buySell="BUY" if one.quantity > 0 else "SELL",
            )
        )  # fmt: skip
    return statement(*rows)


def _activity(source: str, deals: Sequence[Deal]) -> str:
    lines = [
        f'Stocks,USD,ACME,"2026-06-{one.day:02}, 09:30:{one.second:02}",NYSE,{one.quantity},{one.price},{one.price},'
        f"{-one.quantity * one.price},-1,{one.quantity * one.price + 1},0,0,O"
        for one in deals
    ]
    return activity(*lines, contracts=CONTRACTS if source == STATEMENTS[0] else "")


def _program(source: str, file: File) -> list[object]:
    rows = []
    for one in file.deals:
        row = reported(one.number, one.quantity, str(one.price), instrument=ACME)
        at = row.executed_at.replace(year=2026, month=6, day=one.day, hour=13, minute=30, second=0)
        rows.append(
            row._replace(
                broker_id="", trade_id="", order_id="", authority=25, row=len(rows) + 1,
                exec_id=f"e.{one.number * 7 % 10}.{one.number}" if source == BOTS[0] else "",
                executed_at=at + timedelta(seconds=one.second + file.late, milliseconds=300), fee=None, tax=None,
            )
        )  # fmt: skip
    return rows


def take(workspace, file: File) -> ImportBatch:
    if file.source not in BOTS:
        write = _query if file.source in IDS else _activity
        return import_now(workspace, write(file.source, file.deals))
    with scope(workspace=workspace):
        account = account_of(workspace.pk, base_currency="USD", zone="America/New_York")
        import_rows(account, _program(file.source, file), source="bot")
        return ImportBatch.objects.latest("pk")


def new_workspace():
    name = f"many{uuid4().hex}"
    return people.owner(f"{name}@example.org", workspace_name=name).workspace


def fills_after(files: Sequence[File], undone: Sequence[int] = ()) -> Counter[tuple[object, ...]]:
    """The fills of the book, but for their seconds, which programs may have wrong."""
    workspace = new_workspace()
    batches = [take(workspace, file) for file in files]
    for place in undone:
        undo(workspace, batches[place])
    with scope(workspace=workspace):
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []
        rows = Execution.objects.values_list("executed_at", "side", "quantity", "price")
        return Counter((at.day, side, int(units), int(price)) for at, side, units, price in rows)


def expected(deals: Sequence[Deal]) -> Counter[tuple[object, ...]]:
    return Counter(
        (one.day, "buy" if one.quantity > 0 else "sell", abs(one.quantity), one.price)
        for one in set(deals)
    )


TWO = (Deal(1, 2, 1, 10, 10), Deal(2, 2, 1, 10, 10))
THREE = (Deal(1, 2, 0, 10, 10), Deal(2, 2, 0, 10, 10), Deal(3, 2, 1, 10, 10))


@pytest.mark.parametrize("sources", list(permutations(SOURCES, 2)), ids=" then ".join)
def test_two_sources_make_one_book(db, sources):
    assert fills_after([File(source, TWO, late=1) for source in sources]) == expected(TWO)


@pytest.mark.parametrize("undone", [0, 1, 2])
@pytest.mark.parametrize(
    "sources",
    list(permutations(["bookings", "activity statement", "executions"])),
    ids=" then ".join,
)
def test_after_an_undo_another_id_doubles_nothing(db, sources, undone):
    files = [File(source, TWO) for source in sources]
    assert fills_after(files, [undone]) == expected(TWO)
    # And where the third comes after the undo.
    workspace = new_workspace()
    batches = [take(workspace, file) for file in files[:2]]
    undo(workspace, batches[0])
    take(workspace, files[2])
    with scope(workspace=workspace):
        assert Execution.objects.count() == 2


@st.composite
def worlds(draw) -> tuple[list[File], list[int]]:
    deals = [
        Deal(number, *values)
        for number, values in enumerate(
            draw(
                st.lists(
                    st.tuples(st.integers(2, 3), st.integers(0, 6), st.sampled_from([10, -10]), st.just(10)),
                    min_size=1,
                    max_size=6,
                )
            ),
            1,
        )
    ]  # fmt: skip
    deals.sort(key=lambda one: (one.day, one.second, one.number))
    late = draw(st.integers(-2, 2))
    files: list[File] = []
    for source in draw(st.lists(st.sampled_from(SOURCES), min_size=1, max_size=4)):
        days = draw(st.sampled_from([(2,), (3,), (2, 3)]))
        own = tuple(one for one in deals if one.day in days)
        file = File(source, own, late)
        # A program says each thing once, and the same bytes are one file.
        is_said = source in BOTS and any(
            set(own) & set(one.deals) for one in files if one.source in BOTS
        )
        if own and not is_said and file not in files:
            files.append(file)
    undone = draw(st.sets(st.integers(0, len(files) - 1))) if files else set()
    return files, sorted(undone)


@settings(
    max_examples=examples(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds())
@example(world=([File("bookings", TWO), File("bot without", TWO, 2), File("executions", TWO)], [0]))
@example(world=([File("trades", THREE, 2), File("bot with ids", THREE, 2)], []))
def test_any_sources_in_any_order_and_undone_make_the_book_of_what_is_left(db, world):
    files, undone = world
    left = [one for place, file in enumerate(files) if place not in undone for one in file.deals]
    assert fills_after(files, undone) == expected(left)


# -- what people said of a fill stays with it


def test_a_fill_keeps_its_number_and_notes_whichever_file_names_it(db):
    workspace = new_workspace()
    program = take(workspace, File("bot without", TWO[:1], 1))
    with scope(workspace=workspace):
        first = Execution.objects.get()
        note = add_note(first.leg.trade, text="Too early", author_id=None)
    query = take(workspace, File("bookings", TWO[:1]))
    with scope(workspace=workspace):
        second = Execution.objects.get()
        assert (second.pk, second.fill_key) == (first.pk, first.fill_key)
        assert second.executed_at == first.executed_at - timedelta(seconds=1, milliseconds=300)
        assert JoinedFill.objects.get().key == "b:1001"
    undo(workspace, program)
    with scope(workspace=workspace):
        assert Execution.objects.get().pk == first.pk
        note.refresh_from_db()
        assert note.trade_id == first.leg.trade_id
    take(workspace, File("activity statement", TWO[:1]))
    undo(workspace, query)
    with scope(workspace=workspace):
        assert Execution.objects.get().pk == first.pk
