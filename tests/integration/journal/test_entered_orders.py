"""An order that was entered by hand as one fill, and the statement that has it in pieces: booked once, in any order."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from journal.models import (
    BrokerAccount,
    Correction,
    DataIssue,
    Execution,
    ImportBatch,
    ImportState,
    Leg,
    TradeNote,
)
from journal.services.annotations import add_note, tag_trade
from journal.services.booking.rebook import rebook_account
from journal.services.corrections import correct_fill, withdraw_correction
from journal.services.verification import verify_account
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now, undo
from tests.effort import examples
from tests.integration.journal.rows import account_of, import_rows
from tests.integration.journal.rows import fill as reported
from tests.integration.journal.test_many_sources import ACME, new_workspace

NUMBERS = iter(range(1, 10**9))


def entry(*fills: str) -> str:
    """`+10@10.05 10:31`, of an order if `A` stands before it."""
    rows = []
    for text in fills:
        what, clock = text.split(" ")
        order, _, what = what.rpartition(":")
        amount, price = what.split("@")
        hour, _, minute = clock.partition(":")
        rows.append(
            {
                "record_id": f"m{next(NUMBERS)}", "symbol": "ACME", "asset_class": "stock", "currency": "USD",
                "side": "sell" if amount.startswith("-") else "buy", "quantity": amount.lstrip("+-"), "price": price,
                "executed_at": f"2026-06-02T{hour}:{minute}:00-04:00", "fee": "1", "fee_currency": "USD",
                **({"order_id": order} if order else {}),
            }
        )  # fmt: skip
    account = {"broker": "ibkr", "number": "U7000001", "currency": "USD"}
    return json.dumps(
        {
            "fillbook_entry": 1,
            "entered_at": "2026-06-02T20:00:00+00:00",
            "zone": "America/New_York",
            "account": account,
            "fills": rows,
        }
    )


def flex(*fills: str, **more: str) -> str:
    """`1:A:+4@10.04 103112`: fill 1, of order A. Before the clock may stand another day: `3;000001`."""
    rows = []
    for text in fills:
        what, clock = text.split(" ")
        number, order, what = what.split(":")
        amount, price = what.split("@")
        rows.append(
            trade(
                transactionID=number, tradeID=f"9{number}", ibExecID=f"e.{number}", ibOrderID=order,
                dateTime=f"2026060{clock if ';' in clock else f'2;{clock}'}", quantity=amount.lstrip("+"), tradePrice=price,
                buySell="SELL" if amount.startswith("-") else "BUY", **more,
            )
        )  # fmt: skip
    return statement(*rows)


def bot(*fills: str) -> str:
    """As a statement's fills, and a second later; only executions and orders are named."""
    return "bot " + "|".join(fills)


def _reported(content: str) -> list[object]:
    rows = []
    for text in content.removeprefix("bot ").split("|"):
        what, clock = text.split(" ")
        number, order, what = what.split(":")
        amount, price = what.split("@")
        day, _, clock = clock.rpartition(";")
        at = datetime.strptime(f"2026060{day or 2}{clock} -0400", "%Y%m%d%H%M%S %z")
        row = reported(int(number), int(amount), price, instrument=ACME)
        rows.append(
            row._replace(
                broker_id="", trade_id="", exec_id=f"e.{number}", order_id=order, authority=26, fee=None, tax=None,
                executed_at=(at + timedelta(seconds=1)).astimezone(UTC),
            )
        )  # fmt: skip
    return rows


ENTRY = entry("+10@10.05 10:31")
PIECES = flex("1:A:+4@10.04 103112", "2:A:+6@10.057 103340")
BOOKED = Counter({("buy", "4", "10.04"): 1, ("buy", "6", "10.057"): 1})
ALONE = Counter({("buy", "10", "10.05"): 1})


def plain(number: Decimal) -> str:
    return f"{number.normalize():f}"


def book(workspace) -> Counter[tuple[str, str, str]]:
    with scope(workspace=workspace):
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []
        return Counter(
            (side, plain(quantity), plain(price))
            for side, quantity, price in Execution.objects.values_list("side", "quantity", "price")
        )


def take(workspace, content: str) -> ImportBatch:
    if content.startswith("bot "):
        with scope(workspace=workspace):
            account = account_of(workspace.pk, base_currency="USD", zone="America/New_York")
            import_rows(account, _reported(content), source="bot")
            return ImportBatch.objects.latest("pk")
    batch = import_now(workspace, content, name="x.json" if content[0] == "{" else "x.xml")
    assert batch.state == ImportState.DONE, batch.error_message
    return batch


def issues(workspace) -> set[str]:
    with scope(workspace=workspace):
        return set(DataIssue.objects.values_list("code", flat=True))


@pytest.mark.parametrize("files", list(permutations([ENTRY, PIECES])), ids=["entered", "stated"])
def test_an_order_in_pieces_is_the_entry(db, files):
    workspace = new_workspace()
    first, second = [take(workspace, one) for one in files]
    assert book(workspace) == BOOKED
    assert "sources_differ" not in issues(workspace)
    undo(workspace, first)
    assert book(workspace) == (BOOKED if files[0] == ENTRY else ALONE)
    undo(workspace, second)
    assert book(workspace) == Counter()


@pytest.mark.parametrize("files", list(permutations([ENTRY, PIECES])), ids=["entered", "stated"])
def test_the_second_undone(db, files):
    workspace = new_workspace()
    _, second = [take(workspace, one) for one in files]
    undo(workspace, second)
    assert book(workspace) == (ALONE if files[0] == ENTRY else BOOKED)


def test_one_fill_at_another_minute_is_the_entry(db):
    workspace = new_workspace()
    take(workspace, ENTRY)
    batch = take(workspace, flex("1:A:+10@10.05 155501"))
    with scope(workspace=workspace):
        fill = Execution.objects.get()
        assert (fill.executed_at.hour, fill.source, fill.fee) == (19, "manual", 1)
    assert book(workspace) == ALONE
    undo(workspace, batch)
    assert book(workspace) == ALONE


def test_what_was_said_of_the_entry_goes_to_the_first_of_its_fills(db):
    workspace = new_workspace()
    take(workspace, ENTRY)
    with scope(workspace=workspace):
        entered = Leg.objects.get()
        add_note(entered.trade, text="Too early", author_id=None)
        tag_trade(entered.trade, name="Gap", author_id=None)
    stated = take(workspace, PIECES)
    with scope(workspace=workspace):
        assert Leg.objects.get().trade_id == entered.trade_id == TradeNote.objects.get().trade_id
        first = Execution.objects.order_by("executed_at").first()
        assert (first.pk, first.quantity, first.source) == (entered.pk, 4, "manual")
    undo(workspace, stated)
    with scope(workspace=workspace):
        assert Leg.objects.get().trade_id == entered.trade_id == TradeNote.objects.get().trade_id


def test_a_round_trip_among_shorts_and_covers(db):
    workspace = new_workspace()
    take(workspace, entry("-10@10.05 10:31", "+10@9.5 11:00"))
    take(
        workspace,
        flex(
            "1:A:-4@10.04 103112", "2:A:-6@10.057 103340", "3:B:+10@9.5 105944", "4:C:+5@9.4 120000",
            "5:C:-5@9.45 120100",
        ),
    )  # fmt: skip
    assert book(workspace).total() == 5
    with scope(workspace=workspace):
        assert sum(leg.quantity for leg in Leg.objects.all()) == 15


def test_two_entries_that_no_order_comes_out_even_with_stay(db):
    workspace = new_workspace()
    take(workspace, entry("+5@10.05 10:31", "+5@10.05 10:32"))
    take(workspace, PIECES)
    assert book(workspace) == BOOKED + Counter({("buy", "5", "10.05"): 2})


def test_a_typed_order_id_is_that_order_and_no_other(db):
    workspace = new_workspace()
    take(workspace, entry("A:+10@10.5 10:31"))
    take(workspace, PIECES)
    assert book(workspace) == BOOKED
    other = new_workspace()
    take(other, entry("B:+10@10.05 10:31"))
    take(other, PIECES)
    assert book(other) == BOOKED + ALONE


def test_the_pieces_come_one_by_one(db):
    """The entry stands until its order is whole; what comes hours later is far from the entry."""
    workspace = new_workspace()
    take(workspace, ENTRY)
    take(workspace, flex("1:A:+4@10.04 093112"))
    assert book(workspace) == ALONE + Counter({("buy", "4", "10.04"): 1})
    second = take(workspace, flex("2:A:+6@10.057 150000"))
    assert book(workspace) == BOOKED
    third = take(workspace, flex("3:A:+6@10.057 153000"))
    assert book(workspace) == BOOKED + ALONE + Counter({("buy", "6", "10.057"): 1})
    undo(workspace, third)
    assert book(workspace) == BOOKED
    undo(workspace, second)
    assert book(workspace) == ALONE + Counter({("buy", "4", "10.04"): 1})


def test_more_fills_of_that_day_leave_the_entry_with_its_own(db):
    """What comes later of the day is booked from there on; the first fill stays who it was."""
    workspace = new_workspace()
    take(workspace, entry("+10@10.05 09:40"))
    take(workspace, flex("1:A:+4@10.04 140000", "2:A:+6@10.057 140001"))
    take(workspace, flex("4:C:+1@10 110000"))
    take(workspace, flex("3:B:+1@10 120000"))
    assert book(workspace) == BOOKED + Counter({("buy", "1", "10"): 2})
    with scope(workspace=workspace):
        assert Counter(Execution.objects.values_list("source", flat=True))["manual"] == 1
    # One that makes the order another sum brings the entry back, hours before all that came.
    take(workspace, flex("5:A:+1@10 150000"))
    assert book(workspace) == BOOKED + ALONE + Counter({("buy", "1", "10"): 3})


BOT = bot("1:A:+4@10.04 103112", "2:A:+6@10.057 103340")


@pytest.mark.parametrize("files", list(permutations([ENTRY, PIECES, BOT])))
@pytest.mark.parametrize("undone", [ENTRY, PIECES, BOT], ids=["entry", "statement", "bot"])
def test_a_bot_and_a_statement_have_the_pieces(db, files, undone):
    workspace = new_workspace()
    batches = [take(workspace, one) for one in files]
    assert book(workspace) == BOOKED
    undo(workspace, batches[files.index(undone)])
    assert book(workspace) == BOOKED


# -- orders as one row, cancels, corrections of the broker


def order_row(*, price: str = "10.0502") -> str:
    row = trade(
        "Order", levelOfDetail="ORDER", transactionID="", tradeID="", ibExecID="", ibOrderID="A",
        dateTime="20260602;103340", quantity="10", tradePrice=price,
    )  # fmt: skip
    return statement(row)


@pytest.mark.parametrize("files", list(permutations([ENTRY, PIECES, order_row()])))
def test_the_orders_own_row_doubles_nothing(db, files):
    workspace = new_workspace()
    batches = [take(workspace, one) for one in files]
    assert book(workspace) == BOOKED
    undo(workspace, batches[files.index(PIECES)])
    assert sum(count * int(units) for (_, units, _), count in book(workspace).items()) == 10


@pytest.mark.parametrize("undone", [None, 0, 1, 2])
def test_a_fill_that_the_broker_takes_back(db, undone):
    cancel = statement(
        trade(
            transactionID="7", tradeID="97", ibExecID="e.7", ibOrderID="A", dateTime="20260602;103340", quantity="-6",
            tradePrice="10.057", origTransactionID="2", origTradeID="92", transactionType="TradeCancel",
            buySell="BUY (Ca.)", notes="Ca",
        )
    )  # fmt: skip
    workspace = new_workspace()
    batches = [take(workspace, one) for one in (ENTRY, PIECES, cancel)]
    four = Counter({("buy", "4", "10.04"): 1})
    assert book(workspace) == four
    if undone is not None:
        undo(workspace, batches[undone])
        assert book(workspace) == (four, ALONE, BOOKED)[undone]


# -- what a person corrected


def correct(workspace, found_at: str, **changes: str) -> Correction:
    with scope(workspace=workspace):
        fill = Execution.objects.select_related("report").get(price=Decimal(found_at))
        kind = "amend" if changes else "exclude"
        return correct_fill(fill, kind=kind, changes=changes, reason="typo", author_id=None)


def test_a_corrected_entry_is_compared_as_it_was_corrected(db):
    workspace = new_workspace()
    take(workspace, entry("+12@10.5 10:31"))
    correction = correct(workspace, "10.5", price="10.05", quantity="10")
    assert book(workspace) == ALONE
    stated = take(workspace, PIECES)
    assert book(workspace) == BOOKED
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED + Counter({("buy", "12", "10.5"): 1})
    undo(workspace, stated)
    correct(workspace, "10.5", price="10.05", quantity="10")
    take(workspace, PIECES)
    assert book(workspace) == BOOKED


def test_an_entry_that_was_moved_to_its_day(db):
    """Typed for another day, corrected before or after the statement comes."""
    typo = entry("+10@10.05 10:31").replace("2026-06-02T10:31", "2026-05-20T10:31")
    moved = {"executed_at": "2026-06-02T10:31:00-04:00"}
    workspace = new_workspace()
    take(workspace, typo)
    take(workspace, PIECES)
    assert book(workspace) == BOOKED + ALONE
    correction = correct(workspace, "10.05", **moved)
    assert book(workspace) == BOOKED
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED + ALONE
    before = new_workspace()
    take(before, typo)
    correct(before, "10.05", **moved)
    stated = take(before, PIECES)
    assert book(before) == BOOKED
    undo(before, stated)
    assert book(before) == ALONE


def test_the_trading_day_is_the_accounts(db):
    """That of these ends at midnight in New York."""
    workspace = new_workspace()
    take(workspace, entry("+10@10.05 23:30"))
    take(workspace, flex("1:A:+4@10.04 3;001012", "2:A:+6@10.057 3;001040"))
    assert book(workspace) == BOOKED + ALONE
    with scope(workspace=workspace):
        account = BrokerAccount.objects.get()
        account.day_rollover_minutes = 18 * 60
        account.save()
        rebook_account(account)
    assert book(workspace) == BOOKED


OVER_MIDNIGHT_IN_UTC = [
    ENTRY,
    flex("1:A:+4@10.04 103112", "2:A:+6@10.057 200001"),
    bot("1:A:+4@10.04 103112"),
]


@pytest.mark.parametrize("files", list(permutations(OVER_MIDNIGHT_IN_UTC)))
def test_the_day_of_a_new_account_is_its_brokers_whatever_came_first(db, files):
    workspace = new_workspace()
    for content in files:
        take(workspace, content)
    with scope(workspace=workspace):
        assert BrokerAccount.objects.get().zone == "America/New_York"
    assert book(workspace) == BOOKED


def test_an_entry_that_was_left_out_is_nobodys_sum(db):
    workspace = new_workspace()
    take(workspace, entry("+10@10.05 10:31"))
    correct(workspace, "10.05")
    assert book(workspace) == Counter()
    take(workspace, entry("+10@10.05 10:32"))
    take(workspace, PIECES)
    assert book(workspace) == BOOKED


def test_a_correction_of_the_fill_is_the_fills_own(db):
    workspace = new_workspace()
    batch = take(workspace, ENTRY)
    stated = take(workspace, PIECES)
    correction = correct(workspace, "10.04", price="10.03")
    corrected = Counter({("buy", "4", "10.03"): 1, ("buy", "6", "10.057"): 1})
    assert book(workspace) == corrected
    undo(workspace, stated)
    assert book(workspace) == ALONE
    take(workspace, PIECES)
    undo(workspace, batch)
    assert book(workspace) == corrected
    with scope(workspace=workspace):
        withdraw_correction(correction)
    assert book(workspace) == BOOKED


# -- any entries and fills, in any order, undone or not

PRICES = ("10", "10.05", "10.1")
FILLS = st.tuples(
    st.sampled_from(["A", "B", ""]), st.sampled_from(["+", "-"]), st.integers(1, 4), st.sampled_from(PRICES),
    st.sampled_from(["093112", "103140", "200001", "235959", "3;000001", "3;103100"]),
)  # fmt: skip
ENTRIES = st.tuples(
    st.sampled_from(["", "", "A:"]), st.sampled_from(["+", "-"]), st.integers(1, 8), st.sampled_from(PRICES),
    st.sampled_from(["09:31", "10:31", "23:59"]),
).map(lambda one: "{}{}{}@{} {}".format(*one))  # fmt: skip


@st.composite
def worlds(draw) -> tuple[list[str], list[int], list[int]]:
    fills = [
        f"{number}:{order}:{sign}{units}@{price} {clock}"
        for number, (order, sign, units, price, clock) in enumerate(
            draw(st.lists(FILLS, min_size=1, max_size=6)), 1
        )
    ]
    cut = draw(st.integers(0, len(fills)))
    files = [flex(*some) for some in (fills[:cut], fills[cut:]) if some]
    told = [one for one in fills if draw(st.booleans())]
    if told:
        files.append(bot(*told))
    entered = draw(st.lists(ENTRIES, min_size=1, max_size=3))
    files += [entry(one) for one in entered]
    order = draw(st.permutations(range(len(files))))
    undone = draw(st.sets(st.integers(0, len(files) - 1), max_size=2))
    return files, list(order), sorted(undone)


def after(files: Sequence[str], order: Sequence[int], undone: Sequence[int] = ()):
    workspace = new_workspace()
    batches = {number: take(workspace, files[number]) for number in order}
    for number in undone:
        undo(workspace, batches[number])
    return book(workspace)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds())
@example(world=([PIECES, ENTRY, entry("+4@10.04 10:32")], [1, 2, 0], [0]))
@example(
    world=(
        [
            flex(
                "1:A:-2@10 093112", "2:A:+1@10 093112", "3:A:+1@10 093112", "4:A:-2@10 200001",
                "5:A:+1@10 093112", "6:A:+1@10 093112",
            ),
            bot("3:A:+1@10 093112"), entry("+1@10 09:31"), entry("-4@10 09:31"), entry("+1@10 09:31"),
        ],
        [4, 0, 1, 3, 2],
        [],
    )
)  # fmt: skip
def test_the_book_follows_from_what_is_left(db, world):
    files, order, undone = world
    left = [number for number in range(len(files)) if number not in undone]
    assert after(files, order, undone) == after(files, left)


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds())
def test_no_fill_of_a_statement_is_lost_to_an_entry(db, world):
    files, order, _ = world
    stated = [number for number in order if files[number][0] == "<"]
    assert not after(files, stated) - after(files, order)
