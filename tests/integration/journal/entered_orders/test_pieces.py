"""An order that was entered by hand as one fill, and the statement that has it in pieces: booked once, in any order."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import pytest
from django_scopes import scope

from journal.models import Execution, Leg, TradeNote
from journal.services.annotations import add_note, tag_trade
from tests.doors import undo
from tests.integration.journal.entered_orders.files import (
    ALONE,
    BOOKED,
    ENTRY,
    PIECES,
    book,
    bot,
    entry,
    flex,
    issues,
    take,
)
from tests.integration.journal.test_many_sources import new_workspace


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
