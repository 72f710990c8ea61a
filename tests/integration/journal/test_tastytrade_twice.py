"""One tastytrade account by its export and by its API: the same transactions, whichever file says them."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import permutations
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.models import (
    BrokerAccount,
    CashReport,
    DataIssue,
    Execution,
    OpenLot,
    Trade,
)
from journal.services.verification import verify_account
from tests import people
from tests.doors import import_now, undo
from tests.effort import examples
from tests.integration.journal.tastytrade_files import (
    ACCOUNT,
    OPTION,
    Row,
    api,
    csv,
    moment,
    traded,
)

HISTORY = [
    Row(1, moment(2, 22), "Money Movement", "Deposit", "", "ACH DEPOSIT", value=D(5000)),
    traded(2, moment(5, 15, 8, 199), "Sell to Open", OPTION, 1, "0.85"),
    traded(3, moment(5, 15, 8, 199), "Sell to Open", OPTION, 1, "0.85"),
    traded(4, moment(5, 15, 8, 870), "Sell to Open", OPTION, 1, "0.85"),
    traded(5, moment(6, 15, 0, 1), "Buy to Open", "FERN", 100, "21.50"),
    traded(6, moment(7, 15, 0, 999), "Sell to Close", "FERN", 40, "22.25"),
    Row(7, moment(8, 22), "Money Movement", "Dividend", "FERN", "FERN CORP", value=D("12.30")),
    Row(8, moment(8, 22), "Money Movement", "Dividend", "FERN", "FERN CORP", value=D("-1.85")),
    traded(9, moment(9, 15, 3, 400), "Buy to Close", OPTION, 1, "0.40"),
    Row(10, moment(12, 22), "Receive Deliver", "ACAT", "MOSS", "ACAT", "Buy to Open", 10, None),
    Row(11, moment(16, 22), "Receive Deliver", "Expiration", OPTION, "Removal of option", "", 1),
    Row(12, moment(16, 22, 1), "Receive Deliver", "Assignment", OPTION, "Removal of option", "", 1),
    Row(
        13, moment(16, 22, 1), "Receive Deliver", "Buy to Open", "FERN", "Buy to Open 100 FERN @ 20.00", "Buy to Open",
        100, D("20.00"), D(-2000), D(0), D(5),
    ),
]  # fmt: skip


def figures() -> dict[str, list[object]]:
    """The book and the money, but for the fractions of seconds, which the export leaves out."""
    fills = Execution.objects.values_list(
        "instrument__symbol", "kind", "side", "quantity", "price", "executed_at", "fee", "net_pnl"
    )
    return {
        "fills": sorted(
            (*row[:5], f"{row[5]:%d %H:%M:%S}", *map(_exact, row[6:])) for row in fills
        ),
        "lots": sorted(
            (lot.instrument.symbol, lot.signed_quantity, _exact(lot.price), _exact(lot.fee))
            for lot in OpenLot.objects.select_related("instrument")
        ),
        "trades": sorted(
            (symbol, _exact(net), _exact(fees))
            for symbol, net, fees in Trade.objects.values_list("symbol", "net_pnl", "fees")
        ),
        "cash": sorted(
            CashReport.objects.filter(batch__withdrawn_at=None).values_list("kind", "amount")
        ),
        "issues": sorted(
            DataIssue.objects.filter(batch=None).values_list("code", flat=True).distinct()
        ),
    }


def _exact(number: D | None) -> str:
    return "" if number is None else f"{number.normalize():f}"


def take(workspace, content: str):
    by_api = content.startswith("{")
    given = {} if by_api else {"account_number": ACCOUNT}
    batch = import_now(
        workspace, content, name="history.json" if by_api else "history.csv", **given
    )
    assert batch.state == "done", (batch.error_code, batch.error_message)
    return batch


def new_workspace():
    name = f"twice{uuid4().hex}"
    return people.owner(f"{name}@example.org", workspace_name=name).workspace


def book_after(files, undone=()) -> dict[str, list[object]]:
    """`undone` are places among the files."""
    workspace = new_workspace()
    batches = [take(workspace, content) for content in files]
    for place in undone:
        undo(workspace, batches[place])
    with scope(workspace=workspace):
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []
        return figures()


@pytest.mark.parametrize("order", list(permutations([csv, api])))
def test_the_other_file_adds_nothing(db, order):
    first, second = (write(HISTORY) for write in order)
    alone = book_after([api(HISTORY)])
    assert len(alone["cash"]) == 3
    assert book_after([csv(HISTORY)]) == alone
    assert book_after([first, second]) == alone
    assert book_after([first, second, first, second]) == alone


@pytest.mark.parametrize("order", list(permutations([csv, api])))
@pytest.mark.parametrize("undone", [0, 1])
def test_after_an_undo_the_other_file_says_it_all(db, order, undone):
    files = [write(HISTORY) for write in order]
    assert book_after(files, [undone]) == book_after([api(HISTORY)])


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_an_expiration_whose_file_does_not_say_which_way_round_it_was_happens_once(db, order):
    ended = [row for row in HISTORY if row.sub_kind == "Expiration"]
    opened = [row for row in HISTORY if row.id in (2, 3)]
    files = [csv(ended), api(ended), api(opened)]
    assert book_after([files[place] for place in order]) == book_after(files[1:])


def test_the_api_counts_where_both_state_a_fill(db):
    workspace = new_workspace()
    for content in (api(HISTORY), csv(HISTORY)):
        take(workspace, content)
    with scope(workspace=workspace):
        fill = Execution.objects.get(side="buy", price=D("21.50"))
        assert (fill.broker_id, fill.executed_at) == ("5", moment(6, 15, 0, 1))


def test_what_the_second_file_adds_is_counted(db):
    workspace = new_workspace()
    take(workspace, api(HISTORY[:6]))
    (account,) = take(workspace, csv(HISTORY)).result["accounts"]
    # The two of the same second that are new, and what came later.
    assert (
        account["executions"]["new"]
        == len([row for row in HISTORY[6:] if row.price or row.id == 12]) + 1
    )
    assert account["cash"]["new"] == 2


ACTIONS = ("Buy to Open", "Sell to Close", "Sell to Open", "Buy to Close")
EVENTS = st.tuples(
    st.integers(5, 7),  # day
    st.integers(0, 3),  # second
    st.integers(0, 999),
    st.sampled_from(ACTIONS),
    st.sampled_from(["FERN", OPTION]),
    st.sampled_from(["20.00", "20.01"]),
)
PAID = st.tuples(st.integers(5, 7), st.sampled_from([D("12.30"), D("-1.85")]))


@st.composite
def histories(draw) -> list[Row]:
    rows = [
        traded(0, moment(day, 15, second, part), action, symbol, 1, price)
        for day, second, part, action, symbol, price in draw(st.lists(EVENTS, max_size=7))
    ]
    rows += [
        Row(0, moment(day, 22), "Money Movement", "Dividend", "FERN", "FERN CORP", value=value)
        for day, value in draw(st.lists(PAID, max_size=3))
    ]
    rows.sort(key=lambda row: row.at)
    return [row._replace(id=number) for number, row in enumerate(rows, 1)]


@settings(
    max_examples=examples(12),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(rows=histories(), data=st.data())
def test_any_files_in_any_order_and_undone_are_the_book_of_what_is_left(db, rows, data):
    """Every file has whole days, as exports do."""
    days = st.lists(st.sampled_from([5, 6, 7]), min_size=1, max_size=3, unique=True)
    # The same bytes are one file: what was imported twice is undone once.
    files: dict[str, list[Row]] = {}
    for write in data.draw(st.lists(st.sampled_from([csv, api]), min_size=1, max_size=4)):
        own = set(data.draw(days))
        if some := [row for row in rows if row.at.day in own]:
            files[write(some)] = some
    undone = data.draw(st.sets(st.integers(0, len(files) - 1))) if files else set()
    kept = [some for place, some in enumerate(files.values()) if place not in undone]
    left = [row for row in rows if any(row in some for some in kept)]
    assert book_after(files, sorted(undone)) == book_after([api(left)] if left else [])
