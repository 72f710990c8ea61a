"""What was held before the first statement, at the cost that the broker states for what is left of it."""

from __future__ import annotations

from decimal import Decimal as D
from itertools import pairwise
from uuid import uuid4

import pytest
from django_scopes import scope
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from journal.domain.booking import book
from journal.domain.exact import exact_sums
from journal.domain.values import LotMethod
from journal.models import BrokerAccount, DataIssue, Execution, Leg, OpenLot, Trade
from journal.selectors.positions import list_positions
from journal.services.verification import verify_account
from tests import people
from tests.brokers.ibkr_flex.flex import element
from tests.doors import assert_one_book_in_any_order, book_of, import_now, undo
from tests.effort import examples
from tests.integration.journal.test_flex_book import action, flex
from tests.integration.journal.test_openings import OTHER, codes, fill, held, position, realised
from tests.unit.journal.scenarios import contract
from tests.unit.journal.scenarios import fill as spoken


@pytest.fixture
def workspace(db):
    workspace = people.alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace
        for account in BrokerAccount.objects.all():
            assert verify_account(account) == []


def lots() -> list[tuple[D, D | None]]:
    rows = OpenLot.objects.order_by("opened_at", "id")
    return [(one.signed_quantity, one.price and one.price * one.signed_quantity) for one in rows]


def lot(quantity: str, cost: str, opened: str, **changes: str) -> str:
    given = {"levelOfDetail": "LOT", "costBasisMoney": cost, "openDateTime": opened}
    return position(quantity, **given | changes)


# 4 of the 10 that were there before are left, and the 10 that came cost 101: the 4 cost 28.4.
TRADES = [fill(2, "10", "10"), fill(3, "-6", "12", "28.4")]
HELD = position("14", costBasisMoney="129.4")
JUNE = flex(Trades=TRADES, OpenPositions=[HELD])


def test_what_is_left_has_the_stated_cost(workspace):
    import_now(workspace, JUNE)
    assert lots() == [(4, D("28.4")), (10, 100)]
    assert realised() == [D("28.4")]
    assert codes() == ["opening_stated"]
    (one,) = list_positions(workspace.pk)
    # Marked at 12. The fee of a lot is no part of its price.
    assert (one.cost, one.unrealized_pnl) == (D("128.4"), D("39.6"))
    assert Leg.objects.get().cost_known


def test_a_later_close_without_a_stated_profit_has_that_cost(workspace):
    import_now(workspace, JUNE)
    import_now(workspace, flex(Trades=[fill(4, "-4", "13", dateTime="20260704;100000")]))
    assert realised() == [D("28.4"), D("22.6")]


def test_a_later_close_keeps_its_stated_profit_and_the_rest_follows(workspace):
    later = [fill(4, "-1", "13", "2", dateTime="20260704;100000"),
             fill(5, "-3", "13", dateTime="20260705;100000")]  # fmt: skip
    import_now(workspace, flex(Trades=TRADES + later, OpenPositions=[HELD]))
    # 13 - 1 - 2: it cost 10. The others cost 18.4, and bring 39 less 1.
    assert realised() == [D("28.4"), 2, D("19.6")]


def test_a_short_position(workspace):
    rows = [fill(2, "-5", "20"), fill(3, "8", "18", "15.2")]
    states = position("-7", costBasisMoney="-141")
    import_now(workspace, flex(Trades=rows, OpenPositions=[states]))
    # The 5 brought 100 less 1.
    assert lots() == [(-2, -42), (-5, -100)]
    (one,) = list_positions(workspace.pk)
    assert (one.cost, one.unrealized_pnl) == (142, 58)


def test_a_split_after_it(workspace):
    states = position("14", day="20260605", costBasisMoney="129.4")
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[states],
                               CorporateActions=[action(quantity="42")]))  # fmt: skip
    assert lots() == [(16, D("28.4")), (40, 100)]


def test_a_split_before_it(workspace):
    states = position("56", costBasisMoney="129.4")
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[states],
                               CorporateActions=[action(quantity="42")]))  # fmt: skip
    assert lots() == [(16, D("28.4")), (40, 100)]


def test_another_currency_than_the_base(workspace):
    euro = {"currency": "EUR", "fxRateToBase": "1.2", "ibCommissionCurrency": "EUR"}
    rows = [fill(2, "10", "10", **euro), fill(3, "-6", "12", "28.4", **euro)]
    states = position("14", costBasisMoney="129.4", **euro)
    import_now(workspace, flex(Trades=rows, OpenPositions=[states]))
    assert lots() == [(4, D("28.4")), (10, 100)]
    (one,) = list_positions(workspace.pk)
    assert one.unrealized_base == D("47.52")


def test_what_it_cost_in_base_follows_from_a_rate_of_the_same_file(workspace):
    euro = {"currency": "EUR", "fxRateToBase": "1.2", "ibCommissionCurrency": "EUR"}
    rates = {"fromCurrency": "EUR", "toCurrency": "USD", "reportDate": "20260602", "rate": "1.1"}
    rows = [fill(2, "10", "10", **euro)]
    states = position("14", costBasisMoney="129.4", **euro)
    import_now(workspace, flex(Trades=rows, OpenPositions=[states],
                               ConversionRates=[element("ConversionRate", rates)]))  # fmt: skip
    assert OpenLot.objects.get(signed_quantity=4).fx_rate == D("1.1")


def test_an_average_account(workspace):
    BrokerAccount.objects.create(
        workspace=workspace, broker="ibkr", broker_id="U7000001", lot_method=LotMethod.AVERAGE
    )
    import_now(workspace, JUNE)
    ((quantity, cost),) = lots()
    assert quantity == 14
    assert round(cost + OpenLot.objects.get().fee, 12) == D("129.4")


def test_where_files_differ_about_the_cost_it_is_unknown(workspace):
    other = position("14", costBasisMoney="130", markPrice="13")
    import_now(workspace, JUNE)
    import_now(workspace, flex(OpenPositions=[other]))
    assert lots() == [(4, None), (10, 100)]
    assert codes() == ["opening_unknown"]


def test_a_cost_that_cannot_be_is_told(workspace):
    states = position("14", costBasisMoney="90")
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[states]))
    assert lots() == [(4, None), (10, 100)]
    assert codes() == ["opening_stated", "stated_cost_differs"]
    message = DataIssue.objects.get(code="stated_cost_differs").message
    assert "90" in message
    assert "101" in message


# -- the broker's lots


LOTS = [
    lot("1", "9", "20250311;093000", originatingTransactionID="1"),
    lot("3", "19.4", "20260204;120000", originatingTransactionID="2"),
    lot("10", "101", "20260602;100000", originatingTransactionID="102"),
]


def test_lots_that_the_broker_lists_have_their_own_time(workspace):
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[HELD, *LOTS]))
    assert [(quantity, round(cost, 20)) for quantity, cost in lots()] == [
        (1, 9), (3, D("19.4")), (10, 100),
    ]  # fmt: skip
    first = OpenLot.objects.order_by("opened_at").first()
    assert f"{first.opened_at:%Y-%m-%d}" == "2025-03-11"
    assert Trade.objects.get().opened_at == first.opened_at
    import_now(workspace, flex(Trades=[fill(4, "-1", "13", dateTime="20260704;100000")]))
    assert realised() == [D("28.4"), 3]


def test_lots_in_a_file_of_their_own(workspace):
    import_now(workspace, JUNE)
    apart = import_now(workspace, flex(OpenPositions=LOTS))
    assert len(lots()) == 3
    undo(workspace, apart)
    assert lots() == [(4, D("28.4")), (10, 100)]


def test_lots_without_a_time_say_nothing(workspace):
    timeless = [lot("4", "28.4", "")]
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[HELD, *timeless]))
    assert lots() == [(4, D("28.4")), (10, 100)]


# -- a report from before the first movement


MAY = flex(OpenPositions=[position("10", "20260529", costBasisMoney="103")])
SOLD = fill(4, "-4", "13")


def test_what_a_report_lists_before_the_first_movement_was_there(workspace):
    import_now(workspace, MAY)
    assert not Execution.objects.exists()
    import_now(workspace, flex(Trades=[SOLD]))
    # 52 less 1, and 41.2 of the cost.
    assert realised() == [D("9.8")]
    assert lots() == [(6, D("61.8"))]
    assert codes() == ["opening_stated"]


def test_with_a_report_afterwards_both_count(workspace):
    import_now(workspace, MAY)
    import_now(workspace, flex(Trades=[SOLD], OpenPositions=[position("6")]))
    assert realised() == [D("9.8")]
    assert lots() == [(6, D("61.8"))]


def test_a_report_afterwards_decides_how_many_there_were(workspace):
    import_now(workspace, MAY)
    states = position("4", costBasisMoney="44")
    import_now(workspace, flex(Trades=[SOLD], OpenPositions=[states]))
    assert realised() == [None]
    assert lots() == [(4, 44)]


def test_fills_can_speak_against_a_report_from_before(workspace):
    import_now(workspace, MAY)
    import_now(workspace, flex(Trades=[fill(4, "-4", "13", openCloseIndicator="O")]))
    assert held() == {"ACME": -4}
    assert codes() == ["position_unexplained"]


def test_undoing_a_report_from_before(workspace):
    import_now(workspace, flex(Trades=[SOLD]))
    stated = import_now(workspace, MAY)
    assert held() == {"ACME": 6}
    import_now(workspace, flex(Trades=[fill(8, "-1", "13", dateTime="20260708;100000")]))
    assert held() == {"ACME": 5}
    undo(workspace, stated)
    assert held() == {"ACME": -5}


# -- files in any order, and undone


PARTS = {
    "apart": (flex(Trades=TRADES), flex(OpenPositions=[HELD]), flex(OpenPositions=LOTS)),
    "without cost first": (flex(Trades=TRADES, OpenPositions=[position("14")]), flex(OpenPositions=[HELD])),
    "a later report": (
        JUNE,
        flex(Trades=[fill(4, "-1", "13", "2", dateTime="20260704;100000")],
             OpenPositions=[position("13", "20260731", costBasisMoney="119.4")]),
        flex(Trades=[fill(5, "-3", "14", dateTime="20260804;100000")]),
    ),
    "a report before": (MAY, flex(Trades=[SOLD]), flex(Trades=[fill(8, "-1", "13", dateTime="20260708;100000")])),
    "reports before and after": (MAY, flex(Trades=[SOLD]), flex(OpenPositions=[position("6")])),
    "another report before": (
        MAY,
        flex(OpenPositions=[position("9", "20260515", costBasisMoney="90")]),
        flex(Trades=[SOLD]),
    ),
    "the earlier statement": (
        flex(Trades=[fill(1, "10", "7", dateTime="20260504;100000")],
             OpenPositions=[position("10", "20260529", costBasisMoney="71")]),
        JUNE,
        flex(Trades=[fill(5, "-3", "14", dateTime="20260804;100000")]),
    ),
}  # fmt: skip


@pytest.mark.parametrize("files", PARTS.values(), ids=PARTS)
def test_files_in_any_order_make_the_same_book(db, files):
    assert_one_book_in_any_order(files)


def test_undoing_the_file_that_states_the_cost(workspace):
    import_now(workspace, flex(Trades=TRADES, OpenPositions=[position("14", day="20260628")]))
    assert codes() == ["opening_unknown"]
    stated = import_now(
        workspace, flex(OpenPositions=[position("14", day="20260625", costBasisMoney="129.4")])
    )
    assert lots() == [(4, D("28.4")), (10, 100)]
    undo(workspace, stated)
    assert lots() == [(4, None), (10, 100)]


def test_a_later_cost_books_nothing_again(workspace):
    import_now(workspace, JUNE)
    before = list(Execution.objects.order_by("pk").values_list("pk", flat=True))
    import_now(workspace, flex(OpenPositions=[position("14", "20260701", costBasisMoney="500")]))
    assert lots() == [(4, D("28.4")), (10, 100)]
    assert list(Execution.objects.order_by("pk").values_list("pk", flat=True)) == before


# -- property: a history that is cut anywhere


MOVES = st.lists(
    st.tuples(st.integers(-9, 9).filter(bool), st.integers(500, 5000)), min_size=2, max_size=12
)


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES, place=st.integers(0, 11))
@example(moves=[(-1, 500), (-1, 500), (1, 500)], place=1)
@example(moves=[(-2, 500), (-2, 500), (1, 500)], place=1)
def test_a_cut_history_ends_at_the_cost_of_the_whole_and_becomes_it(db, moves, place):
    fills = [
        spoken(f"{quantity:+}@{price + number / 100:.2f}f1", number + 1)
        for number, (quantity, price) in enumerate(moves)
    ]
    with exact_sums():
        whole = book(fills, contracts={1: contract()}, method=LotMethod.FIFO)
        stated: dict[int, D] = {}
        for match in whole.matches:
            stated[match.closing_id] = stated.get(match.closing_id, D(0)) + match.net_pnl
        cost = sum((one.signed_quantity * one.price + one.fee for one in whole.lots), D(0))
    ends = sum(one.signed_quantity for one in fills)
    rows = [
        fill(one.id, str(one.signed_quantity), str(one.price), f"{stated.get(one.id, 0):f}")
        for one in fills
    ]
    cut = place % len(fills)
    positions = [position("1", **OTHER)]
    positions += [position(str(ends), costBasisMoney=f"{cost:f}")] if ends else []
    early, late = flex(Trades=rows[:cut]), flex(Trades=rows[cut:], OpenPositions=positions)
    once, twice = (
        people.owner(f"{name}@example.org", workspace_name=name).workspace
        for name in (f"once{uuid4().hex}", f"twice{uuid4().hex}")
    )
    import_now(twice, late)
    with scope(workspace=twice):
        assert held().get("ACME", 0) == ends
        own = OpenLot.objects.filter(instrument__symbol="ACME")
        if own.exists():
            booked = sum(one.signed_quantity * one.price + one.fee for one in own)
            assert round(booked, 12) == round(cost, 12)
        assert verify_account(BrokerAccount.objects.get()) == []
    if cut:
        import_now(twice, early)
    import_now(once, flex(Trades=rows, OpenPositions=positions))
    assert book_of(twice) == book_of(once)


@settings(
    max_examples=examples(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(moves=MOVES, data=st.data())
def test_months_with_reports_make_the_same_book_in_any_order(db, moves, data):
    """Each file has the fills of a few days; at the end of each day the broker states what is open and what it cost.

    Nothing is known of the first days, some closes have no stated profit, and some files state no positions.
    """
    fills = [
        spoken(f"{quantity:+}@{price + number / 100:.2f}f1", number + 1)
        for number, (quantity, price) in enumerate(moves)
    ]
    days = st.integers(0, len(fills))
    cuts = [*sorted({data.draw(days), data.draw(days), data.draw(days)}), len(fills)]
    files = []
    for start, end in pairwise(cuts):
        rows = []
        for number in range(start, end):
            one = fills[number]
            profit = _profit(fills[: number + 1]) - _profit(fills[:number])
            words = f"{profit:f}" if data.draw(st.booleans()) else ""
            rows.append(fill(one.id, str(one.signed_quantity), str(one.price), words))
        if data.draw(st.booleans()):
            files.append(flex(Trades=rows, OpenPositions=_positions(fills[:end], end)))
        else:
            files.append(flex(Trades=rows))
    if cuts[0]:
        files.append(flex(OpenPositions=_positions(fills[: cuts[0]], cuts[0])))
    orders = [files, files[::-1], data.draw(st.permutations(files))]
    books = []
    for order in orders:
        name = f"any{uuid4().hex}"
        workspace = people.owner(f"{name}@example.org", workspace_name=name).workspace
        for content in order:
            import_now(workspace, content)
        with scope(workspace=workspace):
            books.append((book_of(workspace), codes()))
            for account in BrokerAccount.objects.all():
                assert verify_account(account) == []
    assert books[0] == books[1]
    assert books[0] == books[2]


def _booked(fills):
    return book(fills, contracts={1: contract()}, method=LotMethod.FIFO)


def _profit(fills) -> D:
    with exact_sums():
        return sum((one.net_pnl for one in _booked(fills).matches), D(0))


def _positions(fills, day: int) -> list[str]:
    on = f"202606{day:02d}"
    with exact_sums():
        lots = _booked(fills).lots
        quantity = sum((one.signed_quantity for one in lots), D(0))
        cost = sum((one.signed_quantity * one.price + one.fee for one in lots), D(0))
    own = [position(f"{quantity:f}", on, costBasisMoney=f"{cost:f}")] if quantity else []
    return [position("1", on, **OTHER), *own]
