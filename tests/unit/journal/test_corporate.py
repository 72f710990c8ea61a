"""Rows of corporate actions, in the texts that Interactive Brokers writes, and what the book makes of them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal as D

import pytest

from journal.domain.corporate import ActionKind, ActionRow, understand
from journal.domain.ratios import split_ratio
from journal.domain.values import ExecutionKind, LotMethod, Split
from tests.unit.journal.scenarios import (
    at,
    booked,
    contract,
    fills,
    legs,
    lots,
    matches,
    total_gross,
)

CONTRACTS = tuple(contract(number) for number in (1, 2, 3))


def row(
    entry: int, quantity: int | str, kind: ActionKind, instrument: int = 1, **more
) -> ActionRow:
    given = {"effective_at": at(50), "sequence": 0} | more
    return ActionRow(entry, instrument, kind, signed_quantity=D(quantity), **given)


def after(stream: str, *rows: ActionRow, method: LotMethod = LotMethod.FIFO):
    history = fills(stream)
    understood = understand(rows, history)
    booking = booked([*history, *understood.events], method, CONTRACTS)
    booking.problems.extend(understood.problems)
    return booking


def codes(booking) -> list[str]:
    return [problem.code for problem in booking.problems]


@pytest.mark.parametrize(
    ("text", "quantity", "kind", "expected"),
    [
        ("XYZ(US1) SPLIT 4 FOR 1 (XYZ, XYZ INC, US1)", 300, ActionKind.SPLIT, "400@5"),
        ("XYZ(US1) SPLIT 1 FOR 25 (XYZ, XYZ INC, US1)", -96, ActionKind.REVERSE_SPLIT, "4@500"),
        (
            "XYZ(US1) STOCK DIVIDEND 1 FOR 10 (XYZ, XYZ INC, US1)",
            10,
            ActionKind.STOCK_DIVIDEND,
            "110@18.18",
        ),
        ("no ratio in the text", 100, ActionKind.SPLIT, "200@10"),
    ],
)
def test_a_split_stated_as_the_units_added_or_removed(text, quantity, kind, expected):
    booking = after("+100@20", row(9, quantity, kind, description=text))
    assert lots(booking)[: len(expected)] == expected
    assert codes(booking) == []


def test_the_text_is_exact_where_a_quotient_is_not():
    action = row(9, -200, ActionKind.REVERSE_SPLIT, description="SPLIT 1 FOR 3", ratio=D("0.3333"))
    assert lots(after("+300@1", action)) == "100@3"


@pytest.mark.parametrize(
    ("text", "more", "expected"),
    [
        ("SPLIT 3 FOR 2", {}, (3, 2)),
        ("SPLIT 3:2", {}, None),
        ("SPLIT 3 : 2", {}, (3, 2)),
        ("DIVIDEND 1 FOR 20", {"adds": True}, (21, 20)),
        ("", {"held": D(100), "change": D(-50)}, (50, 100)),
        ("", {"held": D(100), "change": D(-100)}, None),
        ("", {"stated": D(2)}, (2, 1)),
        ("", {"stated": D("0.05"), "adds": True}, (D("1.05"), 1)),
        ("SPLIT 0 FOR 2", {}, None),
    ],
)
def test_a_ratio_is_read_from_the_best_source(text, more, expected):
    given = {"stated": None, "held": D(0), "change": D(0)} | more
    assert split_ratio(text, **given) == expected


def test_a_fraction_that_the_broker_took_is_told_from_a_wrong_book():
    action = row(9, "-105.6", ActionKind.REVERSE_SPLIT, description="SPLIT 1 FOR 25 (")
    (event,) = understand([action], fills("+110@1")).events
    assert isinstance(event, Split)
    assert event.quantity_after == D("4.4")
    (event,) = understand([action], fills("+500@1")).events
    assert event.quantity_after is None


def test_cash_for_a_fraction_comes_with_the_split():
    action = row(9, -106, ActionKind.REVERSE_SPLIT, description="SPLIT 1 FOR 25 (", cash=D(50))
    booking = after("+110@1", action)
    assert matches(booking) == "0.4@25>125"
    assert lots(booking) == "4@25"


def test_a_split_that_changes_the_isin_comes_as_two_rows():
    text = "GCM(CA38501D2041) SPLIT 1 FOR 25 ({}, GRAN COLOMBIA GOLD CORP, X)"
    rows = [
        row(8, 480, ActionKind.REVERSE_SPLIT, 2, description=text.format("GCM")),
        row(9, -12000, ActionKind.REVERSE_SPLIT, 1, description=text.format("GCM.OLD")),
    ]
    booking = after("+12000@2", *rows)
    assert lots(booking) == "480@50"
    assert legs(booking) == "1:long 480 .. 0"
    assert codes(booking) == []


def test_a_split_in_two_rows_of_one_instrument_is_a_split():
    rows = [
        row(8, -100, ActionKind.SPLIT, action_id="A"),
        row(9, 200, ActionKind.SPLIT, action_id="A"),
    ]
    assert lots(after("+100@20", *rows)) == "200@10"


def test_a_tender_and_its_payment_realise_the_profit_once():
    tender = "UUU(CA91701P1053) TENDERED TO CA91701P1TN3 1 FOR 1 ({}, URANIUM ONE INC., X)"
    rows = [
        row(7, -12000, ActionKind.TENDER, 1, description=tender.format("UUU")),
        row(8, 12000, ActionKind.TENDER, 2, description=tender.format("UUU.TEN")),
        row(9, -12000, ActionKind.MERGER, 2, cash=D(34320), effective_at=at(60)),
    ]
    booking = after("+12000@2.66f42", *rows)
    assert matches(booking) == "12000@2.66>2.86"
    assert legs(booking) == "1:long 12000 > 2358"
    assert codes(booking) == []


def test_only_the_tendered_part_of_a_position_moves():
    rows = [
        row(8, -40, ActionKind.TENDER, 1, action_id="A"),
        row(9, 40, ActionKind.TENDER, 2, action_id="A"),
    ]
    booking = after("+100@10", *rows)
    assert lots(booking) == "60@10 40@10"


def test_a_short_position_is_exchanged_too():
    rows = [
        row(8, 100, ActionKind.MERGER, 1, action_id="A"),
        row(9, -50, ActionKind.MERGER, 2, action_id="A"),
    ]
    assert lots(after("-100@10", *rows)) == "-50@20"


def test_a_merger_for_stock_and_cash_shares_the_cost_by_value():
    rows = [
        row(8, -100, ActionKind.MERGER, 1, action_id="A", cash=D(500)),
        row(9, 50, ActionKind.MERGER, 2, action_id="A", value=D(1500)),
    ]
    booking = after("+100@10", *rows)
    assert total_gross(booking) == 250
    assert lots(booking) == "50@15"


def test_a_merger_whose_units_have_no_stated_value_says_so():
    rows = [
        row(8, -100, ActionKind.MERGER, 1, action_id="A", cash=D(500)),
        row(9, 50, ActionKind.MERGER, 2, action_id="A"),
    ]
    booking = after("+100@10", *rows)
    assert codes(booking) == ["boot_allocation_unknown"]
    assert total_gross(booking) == 500
    assert lots(booking) == "50@20"


def test_a_spin_off_costs_nothing_until_somebody_says_what_it_cost():
    spun = row(9, 20, ActionKind.SPIN_OFF, 2, parent_id=1)
    booking = after("+100@10", spun)
    assert lots(booking) == "100@10 20@0"
    assert booking.lots[1].opened_at == at(1)
    assert codes(booking) == ["spin_off_allocation_unknown"]
    booking = after("+100@10", spun._replace(cost_fraction=D("0.2")))
    assert lots(booking) == "100@8 20@10"
    assert codes(booking) == []


@pytest.mark.parametrize("kind", [ActionKind.SPIN_OFF, ActionKind.RIGHTS])
def test_units_of_a_parent_that_is_not_known_are_received_at_zero(kind):
    booking = after("", row(9, 20, kind, 2))
    assert lots(booking) == "20@0"
    assert codes(booking) == ["spin_off_allocation_unknown"]


def test_a_delisting_loses_what_it_cost():
    assert legs(after("+100@10", row(9, -100, ActionKind.DELISTING))) == "1:long 100 > -1000"


def test_a_bond_that_matures_is_sold_at_what_was_paid_back():
    action = row(9, -10, ActionKind.MATURITY, cash=D(10000), multiplier=D(1000))
    (event,) = understand([action]).events
    assert (event.price, event.quantity, event.kind) == (1, 10, ExecutionKind.CORPORATE_ACTION)


def test_a_maturity_of_what_the_book_never_had_opens_nothing():
    booking = after("", row(9, -10, ActionKind.MATURITY, cash=D(1000), stated_pnl=D(7)))
    assert lots(booking) == ""
    assert booking.matches[0].net_pnl == 7


def test_an_action_of_an_unknown_kind_keeps_the_quantity_of_the_broker():
    booking = after("+100@10", row(9, -30, ActionKind.OTHER))
    assert lots(booking) == "70@10"
    assert booking.matches[0].gross_pnl is None
    assert codes(booking) == ["corporate_action_unknown"]


def test_rows_that_make_no_sense_together_keep_the_quantity_of_the_broker():
    rows = [row(number, 10, ActionKind.MERGER, number - 6, action_id="A") for number in (7, 8, 9)]
    booking = after("", *rows)
    assert lots(booking) == "10@? 10@? 10@?"
    assert set(codes(booking)) == {"corporate_action_unknown"}


def test_two_splits_that_share_an_id_are_two_splits():
    rows = [
        row(8, 100, ActionKind.SPLIT, 1, action_id="A", description="SPLIT 2 FOR 1"),
        row(9, 100, ActionKind.SPLIT, 2, action_id="A", description="SPLIT 2 FOR 1"),
    ]
    assert lots(after("+100@10 +100@20i2", *rows)) == "200@5 200@10"


def test_a_split_without_any_ratio_is_an_adjustment():
    assert codes(after("", row(9, 30, ActionKind.SPLIT))) == ["corporate_action_unknown"]


def test_cash_alone_moves_no_position():
    booking = after("+100@10", row(9, 0, ActionKind.OTHER, cash=D(12)))
    assert lots(booking) == "100@10"
    assert codes(booking) == ["corporate_cash_only"]


def test_an_action_that_was_taken_back_never_happened():
    done = row(7, 100, ActionKind.SPLIT, description="SPLIT 2 FOR 1 (")
    back = row(8, -100, ActionKind.SPLIT, description="SPLIT 2 FOR 1 (", code="Ca")
    again = row(9, 200, ActionKind.SPLIT, description="SPLIT 3 FOR 1 (")
    booking = after("+100@30", done, back, again)
    assert lots(booking) == "300@10"


def test_an_action_counts_what_earlier_actions_changed():
    first = row(8, 100, ActionKind.SPLIT)
    second = replace_at(row(9, 200, ActionKind.SPLIT), 60)
    assert lots(after("+100@40", first, second)) == "400@10"


def replace_at(action: ActionRow, minute: int) -> ActionRow:
    return action._replace(effective_at=at(minute))


def test_fills_at_the_moment_of_an_action_come_after_it():
    history = fills("+100@10 +50@5")
    history[1] = replace(history[1], executed_at=at(50))
    (event,) = understand([row(9, 100, ActionKind.SPLIT)], history).events
    assert (event.ratio, event.per) == (200, 100)


@pytest.mark.parametrize(
    ("cash", "expected", "realised"),
    [
        (0, "50@32 100@4", 0),
        (500, "50@24 100@3", 500 - 500),
        (-200, "50@32 100@6", 0),  # what is paid is cost
    ],
)
def test_one_line_that_becomes_several_divides_its_cost_by_their_values(cash, expected, realised):
    rows = [
        row(7, -100, ActionKind.MERGER, 1, action_id="m", cash=D(cash)),
        row(8, 50, ActionKind.MERGER, 2, action_id="m", value=D(1200)),
        row(9, 100, ActionKind.MERGER, 3, action_id="m", value=D(300)),
    ]
    booking = after("+100@20", *rows)
    assert lots(booking) == expected
    assert total_gross(booking) == realised
    assert codes(booking) == []


def test_several_lines_of_no_stated_value_have_no_known_cost():
    rows = [
        row(7, -100, ActionKind.MERGER, 1, action_id="m"),
        row(8, 50, ActionKind.MERGER, 2, action_id="m"),
        row(9, 100, ActionKind.MERGER, 3, action_id="m"),
    ]
    assert codes(after("+100@20", *rows)) == ["corporate_action_unknown"] * 3
