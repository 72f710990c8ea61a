"""A statement that starts in mid-position: what was held before is booked first, as far as the broker states it."""

from __future__ import annotations

from decimal import Decimal
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from journal.domain.booking import book
from journal.domain.values import ExecutionKind, LotMethod
from journal.models import (
    BrokerAccount,
    DataIssue,
    Execution,
    Leg,
    OpenLot,
    Trade,
    TradeNote,
)
from journal.services.annotations import add_note
from journal.services.booking.rebook import Rebooking
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import element, trade
from tests.doors import assert_one_book_in_any_order, import_now, undo
from tests.effort import examples
from tests.integration.journal.test_flex_book import action, flex
from tests.unit.journal.scenarios import contract
from tests.unit.journal.scenarios import fill as spoken

# Somebody else's shares in the same account: they show that the statement has a section of positions.
OTHER = {"symbol": "BOLT", "conid": "7099"}


def position(quantity: str, day: str = "20260630", **changes: str) -> str:
    row = {
        "currency": "USD", "fxRateToBase": "1", "assetCategory": "STK", "symbol": "ACME",
        "conid": "7001", "multiplier": "1", "reportDate": day, "position": quantity,
        "markPrice": "12", "levelOfDetail": "SUMMARY",
    }  # fmt: skip
    return element("OpenPosition", row | changes)


def fill(number: int, quantity: str, price: str, pnl: str = "", **changes: str) -> str:
    """Fill `number` is of that day of June, at 10:00 in New York."""
    row = {
        "transactionID": str(100 + number), "tradeID": str(number), "quantity": quantity,
        "tradePrice": price, "dateTime": f"202606{number:02d};100000",
        "buySell": "SELL" if quantity.startswith("-") else "BUY",
    }  # fmt: skip
    return trade(**row | ({"fifoPnlRealized": pnl} if pnl else {}) | changes)


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []


def realised() -> list[Decimal | None]:
    rows = Execution.objects.exclude(kind="opening").order_by("executed_at", "sequence")
    return [row.net_pnl for row in rows if row.net_pnl != 0]


def codes() -> list[str]:
    return sorted(DataIssue.objects.filter(batch=None).values_list("code", flat=True))


def opening() -> Execution | None:
    return Execution.objects.filter(kind=ExecutionKind.OPENING).first()


def held() -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for lot in OpenLot.objects.select_related("instrument"):
        symbol = lot.instrument.symbol
        sums[symbol] = sums.get(symbol, Decimal(0)) + lot.signed_quantity
    return sums


# 10 shares were bought before the statement at 7.00. FIFO sells those first.
MID_POSITION = {
    "Trades": [
        fill(2, "10", "10"),
        fill(3, "-6", "12", "28.4"),
        fill(4, "-8", "13", "34.2"),
        fill(5, "2", "11"),
    ],
    "OpenPositions": [position("8")],
}


def test_what_was_held_before_the_statement_closes_first(workspace):
    import_now(workspace, flex(**MID_POSITION))
    assert realised() == [Decimal("28.4"), Decimal("34.2")]
    assert held() == {"ACME": 8}
    assert codes() == ["opening_unknown"]
    first = opening()
    assert (first.side, first.quantity, first.report_id) == ("buy", 10, None)
    assert first.executed_at < Execution.objects.get(broker_id="102").executed_at
    message = DataIssue.objects.get().message
    assert "10" in message
    assert "Import the statement" in message


def test_a_cost_that_nobody_states_stays_unknown(workspace):
    import_now(workspace, flex(Trades=[fill(2, "10", "10"), fill(3, "-6", "12")],
                               OpenPositions=[position("14")]))  # fmt: skip
    assert realised() == [None]
    lots = OpenLot.objects.order_by("opened_at").values_list("signed_quantity", "cost_known")
    assert list(lots) == [(4, False), (10, True)]


def test_a_short_position_that_was_there_before(workspace):
    rows = [fill(2, "-5", "20"), fill(3, "8", "18", "15.2"), fill(4, "2", "17", "5.5")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("-5")]))
    assert realised() == [Decimal("15.2"), Decimal("5.5")]
    assert held() == {"ACME": -5}
    assert opening().side == "sell"
    assert codes() == ["opening_unknown"]


def test_a_fill_through_zero_closes_what_was_held_at_the_stated_profit(workspace):
    rows = [fill(2, "4", "10"), fill(3, "-20", "12", "41.3"), fill(4, "6", "11", "4.7")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("1", **OTHER)]))
    assert realised() == [Decimal("41.3"), Decimal("4.7")]
    assert opening().quantity == 10
    assert held() == {}


def test_a_position_that_is_not_listed_any_more_is_closed(workspace):
    rows = [fill(2, "10", "10"), fill(3, "-6", "12", "29"), fill(4, "-14", "13", "45.4")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("1", **OTHER)]))
    assert realised() == [Decimal(29), Decimal("45.4")]
    assert held() == {}
    assert codes() == ["opening_unknown"]
    assert Trade.objects.get().cost_known


def test_without_a_section_of_positions_nothing_is_assumed(workspace):
    rows = [fill(2, "10", "10"), fill(3, "-6", "12", "29"), fill(4, "-14", "13", "45.4")]
    import_now(workspace, flex(Trades=rows))
    assert opening() is None


def test_a_split_in_between_multiplies_what_was_held(workspace):
    """5 before the statement and 5 in it become 40; 30 are sold: 20 of the old ones, 10 of the new."""
    rows = [fill(2, "5", "40"), fill(12, "-30", "11", "96.5"), fill(13, "-10", "12", "18.5")]
    split = action(quantity="30")
    import_now(workspace, flex(Trades=rows, CorporateActions=[split],
                               OpenPositions=[position("1", **OTHER)]))  # fmt: skip
    assert opening().quantity == 5
    assert realised() == [Decimal("96.5"), Decimal("18.5")]
    assert held() == {}
    assert codes() == ["opening_unknown"]


def test_a_split_that_is_reported_a_day_later_is_not_in_the_position_of_its_own_day(workspace):
    split = action(quantity="30", reportDate="20260611")
    import_now(workspace, flex(Trades=[fill(2, "5", "40"), fill(12, "-1", "11", "2")],
                               CorporateActions=[split],
                               OpenPositions=[position("10", day="20260610")]))  # fmt: skip
    assert opening().quantity == 5
    assert held() == {"ACME": 39}


def test_fills_after_the_report_do_not_count_for_it(workspace):
    rows = [fill(2, "10", "10"), fill(3, "-6", "12", "29"), fill(20, "-9", "13", "33")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("14", day="20260610")]))
    assert opening().quantity == 10
    assert held() == {"ACME": 5}


def test_a_fill_of_the_evening_belongs_to_the_day_that_the_broker_says(workspace):
    late = fill(3, "-6", "12", "29", dateTime="20260603;201500", reportDate="20260604")
    import_now(workspace, flex(Trades=[fill(2, "10", "10"), late],
                               OpenPositions=[position("20", day="20260603")]))  # fmt: skip
    assert opening().quantity == 10
    assert held() == {"ACME": 14}


def test_a_currency_pair_is_in_no_section_of_positions(workspace):
    pair = {"assetCategory": "CASH", "symbol": "EUR.USD", "conid": "7098"}
    import_now(workspace, flex(Trades=[fill(2, "100", "1.1", **pair)],
                               OpenPositions=[position("1", **OTHER)]))  # fmt: skip
    assert opening() is None


# -- what the fills themselves say against it


def test_a_position_that_left_unseen_is_no_opening(workspace):
    """Bought in the statement and not listed at its end: it went by a way that was not imported."""
    import_now(workspace, flex(Trades=[fill(2, "10", "10", "0", openCloseIndicator="O")],
                               OpenPositions=[position("1", **OTHER)]))  # fmt: skip
    assert opening() is None
    assert held() == {"ACME": 10}
    assert codes() == ["position_unexplained"]


def test_units_that_came_later_do_not_close_before_those_that_the_broker_closed(workspace):
    """The stated profit is that of the known shares: the others came between two statements."""
    rows = [fill(2, "10", "10"), fill(3, "-10", "12", "18"), fill(20, "4", "9")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("7")]))
    assert opening() is None
    assert realised() == [Decimal(18)]
    assert codes() == ["position_unexplained"]
    assert "3" in DataIssue.objects.get().message


# -- lots that cost as much as what was held before


def test_a_profit_that_is_a_cent_off_speaks_for_neither_and_the_position_is_believed(workspace):
    """It is that of the share that was sold before, at 500.00. The known one would have made it -2.01."""
    rows = [fill(2, "-1", "500.01"), fill(3, "1", "500.02", "-2.02")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("-1")]))
    assert held() == {"ACME": -1}
    assert realised() == [Decimal("-2.02")]
    assert codes() == ["opening_unknown"]


def test_a_profit_that_is_rounded_to_cents_still_speaks_against_it(workspace):
    rows = [fill(2, "3", "10", ibCommission="-0.994"), fill(3, "-3", "12", "4.01")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("7")]))
    assert opening() is None
    assert codes() == ["position_unexplained"]


def test_the_cost_of_what_is_left_tells_which_of_equal_lots_was_closed(workspace):
    """A contract of the same price was sold before. What is left cost what the known one did."""
    rows = [fill(2, "-1", "500"), fill(3, "1", "490", "8")]
    states = position("-1", costBasisMoney="-499")
    import_now(workspace, flex(Trades=rows, OpenPositions=[states]))
    assert held() == {"ACME": -1}
    assert codes() == ["opening_stated"]


def test_what_is_left_at_another_cost_came_later(workspace):
    rows = [fill(2, "-1", "500"), fill(3, "1", "490", "8")]
    states = position("-1", costBasisMoney="-520")
    import_now(workspace, flex(Trades=rows, OpenPositions=[states]))
    assert opening() is None
    assert codes() == ["position_unexplained"]


def test_a_later_fill_tells_which_of_equal_lots_was_closed_before(workspace):
    rows = [fill(2, "-1", "500"), fill(3, "1", "490", "8"), fill(4, "1", "480", "18")]
    import_now(workspace, flex(Trades=rows, OpenPositions=[position("1", **OTHER)]))
    assert held() == {}
    assert realised() == [8, 18]
    assert codes() == ["opening_unknown"]


def test_two_positions_of_one_day_that_differ_say_nothing(workspace):
    rows = [position("8"), position("9", markPrice="13")]
    import_now(workspace, flex(**MID_POSITION | {"OpenPositions": rows}))
    assert opening() is None


def test_a_position_without_its_day_says_nothing(workspace):
    import_now(workspace, flex(**MID_POSITION | {"OpenPositions": [position("8", reportDate="")]}))
    assert opening() is None


@pytest.mark.parametrize("column_last", [True, False])
def test_a_file_without_a_column_does_not_take_back_what_another_said_in_it(workspace, column_last):
    without = flex(
        Trades=[fill(2, "10", "10"), fill(3, "-6", "12"), fill(4, "-8", "13"), fill(5, "2", "11")],
        OpenPositions=[position("8")],
    )
    files = (without, JUNE) if column_last else (JUNE, without)
    for content in files:
        import_now(workspace, content)
    assert realised() == [Decimal("28.4"), Decimal("34.2")]


# -- files in any order, and undone


MAY = flex(
    Trades=[fill(1, "10", "7", dateTime="20260504;100000")],
    OpenPositions=[position("10", day="20260529")],
)
JUNE = flex(**MID_POSITION)
JULY = flex(
    Trades=[fill(8, "-8", "14", "27.4", dateTime="20260708;100000")],
    OpenPositions=[position("1", day="20260731", **OTHER)],
)
JUNE_WITHOUT_POSITIONS = flex(Trades=MID_POSITION["Trades"])


@pytest.mark.parametrize(
    "files",
    [
        (MAY, JUNE, JULY),
        (JUNE, JULY),
        (JUNE_WITHOUT_POSITIONS, JULY, MAY),
        (JUNE_WITHOUT_POSITIONS, flex(OpenPositions=[position("8")])),
    ],
    ids=["all", "without the first", "one without positions", "positions apart"],
)
def test_files_in_any_order_make_the_same_book(db, files):
    assert_one_book_in_any_order(files)


def test_the_earlier_statement_makes_the_opening_vanish(workspace):
    import_now(workspace, JUNE)
    assert opening() is not None
    earlier = import_now(workspace, MAY)
    assert opening() is None
    assert codes() == []
    assert held() == {"ACME": 8}
    undo(workspace, earlier)
    assert opening().quantity == 10
    assert codes() == ["opening_unknown"]


def test_a_note_on_such_a_trade_stays_when_the_earlier_statement_comes(workspace):
    import_now(workspace, JUNE)
    note = add_note(Trade.objects.get(), text="Held since spring", author_id=None)
    import_now(workspace, MAY)
    assert TradeNote.objects.get(pk=note.pk).trade_id == Trade.objects.get().pk


def test_undoing_the_statement_of_positions_takes_the_opening_along(workspace):
    import_now(workspace, JUNE_WITHOUT_POSITIONS)
    positions = import_now(workspace, flex(OpenPositions=[position("8")]))
    assert opening().quantity == 10
    undo(workspace, positions)
    assert opening() is None
    assert "profit_differs" in codes()


def booked_again(workspace, monkeypatch, content: str) -> list[set[str]]:
    """The symbols that an import books again, call by call."""
    seen = []
    book = Rebooking.book

    def spy(self, touched, progress):
        seen.append(touched)
        book(self, touched, progress)

    monkeypatch.setattr(Rebooking, "book", spy)
    import_now(workspace, content)
    return seen


def test_a_later_report_of_the_position_books_nothing_again(workspace, monkeypatch):
    import_now(workspace, JUNE)
    import_now(workspace, flex(Trades=[fill(9, "1", "9", **OTHER)]))
    later = flex(OpenPositions=[position("8", day="20260701"), position("1", "20260701", **OTHER)])
    assert booked_again(workspace, monkeypatch, later) == []


def test_a_first_report_of_the_position_that_is_explained_books_nothing_again(
    workspace, monkeypatch
):
    import_now(workspace, flex(Trades=[fill(2, "10", "10"), fill(3, "-6", "12", "10.8")]))
    assert booked_again(workspace, monkeypatch, flex(OpenPositions=[position("4")])) == []


def test_a_first_report_of_the_position_that_is_not_explained_books_that_instrument(
    workspace, monkeypatch
):
    import_now(workspace, JUNE_WITHOUT_POSITIONS)
    import_now(workspace, flex(Trades=[fill(9, "1", "9", **OTHER)]))
    report = flex(OpenPositions=[position("8"), position("1", **OTHER)])
    (touched,) = booked_again(workspace, monkeypatch, report)
    assert list(touched.values()) == [None]
    assert held() == {"ACME": 8, "BOLT": 1}


def test_a_late_fill_within_the_first_statement_changes_what_was_held(workspace):
    import_now(workspace, JUNE)
    import_now(workspace, flex(Trades=[fill(6, "3", "9")]))
    assert opening().quantity == 7
    assert held() == {"ACME": 8}


def test_a_late_fill_after_the_first_statement_is_booked_from_its_leg(workspace):
    import_now(workspace, JUNE)
    import_now(workspace, JULY)
    first = Leg.objects.get()
    import_now(workspace, flex(Trades=[fill(1, "5", "9", dateTime="20260803;100000")]))
    import_now(workspace, flex(Trades=[fill(2, "-5", "10", dateTime="20260804;100000",
                                            transactionID="150", tradeID="50")]))  # fmt: skip
    assert Leg.objects.get(pk=first.pk).digest == first.digest
    assert Leg.objects.count() == 2


# -- property: a history that is cut anywhere


MOVES = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.integers(500, 5000)), min_size=2, max_size=14
)


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES, data=st.data())
def test_the_later_part_of_a_history_realises_what_the_broker_states(db, moves, data):
    # No two prices are alike, so that no lot's profit is another's by chance.
    fills = [
        spoken(f"{quantity:+}@{price + number / 100:.2f}f1", number + 1)
        for number, (quantity, price) in enumerate(moves)
    ]
    whole = book(fills, contracts={1: contract()}, method=LotMethod.FIFO)
    stated: dict[int, Decimal] = {}
    for match in whole.matches:
        stated[match.closing_id] = stated.get(match.closing_id, Decimal(0)) + match.net_pnl
    cut = data.draw(st.integers(0, len(fills) - 1))
    ends = sum(one.signed_quantity for one in fills)
    later = [
        fill(one.id, str(one.signed_quantity), str(one.price), str(stated.get(one.id, 0)))
        for one in fills[cut:]
    ]
    positions = [position("1", **OTHER), *([position(str(ends))] if ends else [])]
    name = f"cut{uuid4().hex}"
    workspace = people.owner(f"{name}@example.org", workspace_name=name).workspace
    import_now(workspace, flex(Trades=later, OpenPositions=positions))
    with scope(workspace=workspace):
        rows = Execution.objects.exclude(kind="opening").values_list("broker_id", "net_pnl")
        # To the cent: the figures of the broker are rounded too.
        booked = {int(broker_id) - 100: net and round(net, 2) for broker_id, net in rows}
        assert booked == {one.id: round(stated.get(one.id, Decimal(0)), 2) for one in fills[cut:]}
        assert held().get("ACME", 0) == ends
        assert "profit_differs" not in codes()
        assert verify_account(BrokerAccount.objects.get()) == []
