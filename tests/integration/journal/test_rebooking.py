"""The book is the same however its evidence arrives, and a rebuild changes nothing."""

from __future__ import annotations

import random
from decimal import Decimal

import pytest
from django_scopes import scope, scopes_disabled
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from journal.brokers.base import ReportKind
from journal.domain.values import LotMethod
from journal.models import DayRollup, Execution, Leg, LotMatch, OpenLot, Trade, TradeNote
from journal.services.annotations import add_note
from journal.services.verification import verify_account
from tests.effort import examples
from tests.integration.journal.rows import account_of, fill, import_rows, stock
from tests.people import alice

INSTRUMENTS = [stock("ACME"), stock("BOLT"), stock("CRUX", currency="EUR")]


def book_of(account):
    """The book without ids: what must be equal when the same evidence came another way."""
    executions = {row.pk: row.fill_key for row in Execution.objects.filter(account=account)}
    trades = sorted(
        (executions[trade.pk], trade.direction, trade.net_pnl, trade.fees, trade.closed_at)
        for trade in Trade.objects.filter(account=account)
        if trade.closed_at
    )
    matches = sorted(
        (
            executions[match.closing_id],
            executions.get(match.opening_id),
            match.quantity,
            match.net_pnl,
        )
        for match in LotMatch.objects.filter(account=account)
    )
    lots = sorted(
        (executions.get(lot.opening_id), lot.signed_quantity, lot.price, lot.fee)
        for lot in OpenLot.objects.filter(account=account)
    )
    days = sorted(
        (day.day, day.currency, day.net_pnl, day.net_base, day.trades, day.fees_paid)
        for day in DayRollup.objects.filter(account=account)
    )
    return trades, matches, lots, days


fills = st.lists(
    st.tuples(
        st.sampled_from([-300, -200, -100, 100, 200, 300]),
        st.integers(900, 1100),
        st.sampled_from(INSTRUMENTS),
        st.integers(0, 4000),
    ),
    min_size=1,
    max_size=30,
)


class TestAnyOrder(TestCase):
    @settings(max_examples=examples(20))
    @given(
        drawn=fills,
        seed=st.integers(0, 2**32),
        cuts=st.integers(1, 5),
        method=st.sampled_from([LotMethod.FIFO, LotMethod.LIFO, LotMethod.HIFO, LotMethod.AVERAGE]),
    )
    def test_batches_in_any_order_give_the_book_of_one_file(self, drawn, seed, cuts, method):
        rows = [
            fill(number, quantity, f"{price / 10}", instrument=instrument, minutes=minutes)
            for number, (quantity, price, instrument, minutes) in enumerate(drawn)
        ]
        order = random.Random(seed)
        shuffled = order.sample(rows, len(rows))
        workspace = alice().workspace
        with scope(workspace=workspace.pk):
            whole = account_of(workspace.pk, "U1", lot_method=method)
            import_rows(whole, rows)
            parts = account_of(workspace.pk, "U2", lot_method=method)
            for part in range(cuts):
                # Batches overlap: each repeats a few rows of the others.
                again = order.sample(rows, min(3, len(rows)))
                import_rows(parts, shuffled[part::cuts] + again)
                assert verify_account(parts) == []
            assert book_of(parts) == book_of(whole)
            assert verify_account(whole) == []


@pytest.fixture
def account(db):
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        yield account_of(workspace.pk)


def test_the_same_rows_again_change_nothing(account):
    rows = [fill(1, 100, "10"), fill(2, -100, "11")]
    import_rows(account, rows)
    changes = import_rows(account, rows)
    assert (changes.legs, changes.executions, Execution.objects.count()) == (0, 0, 2)


def test_a_late_fill_touches_its_own_leg_only(account):
    import_rows(
        account, [fill(1, 100, "10"), fill(2, -100, "11"), fill(5, 100, "12"), fill(7, -100, "13")]
    )
    first = Leg.objects.order_by("opened_at").first()
    changes = import_rows(account, [fill(6, 50, "12.5")])
    assert changes.legs == 1
    assert Leg.objects.get(pk=first.pk).digest == first.digest
    assert OpenLot.objects.get().signed_quantity == 50


def test_a_late_fill_that_joins_two_trades_takes_their_notes_along(account):
    import_rows(
        account, [fill(1, 100, "10"), fill(2, -100, "11"), fill(3, 100, "12"), fill(4, -100, "13")]
    )
    one, two = Trade.objects.order_by("opened_at")
    add_note(one, text="first", author_id=None)
    add_note(two, text="second", author_id=None)
    import_rows(account, [fill(9, 10, "9", minutes=0)])
    joined = Trade.objects.get()
    assert sorted(note.text for note in TradeNote.objects.filter(trade_id=joined.pk)) == [
        "first",
        "second",
    ]
    assert verify_account(account) == []


def test_a_reversal_is_booked_again_from_the_leg_before_it(account):
    import_rows(account, [fill(1, 100, "10"), fill(2, -200, "11"), fill(3, 100, "9")])
    import_rows(account, [fill(8, -50, "11", minutes=2)])
    assert verify_account(account) == []
    assert Trade.objects.count() == 2


def test_a_cancelled_fill_leaves_the_book_and_stays_as_evidence(account):
    import_rows(account, [fill(1, 100, "10"), fill(2, -100, "12")])
    cancel = fill(
        3, -100, "12", report=ReportKind.CANCEL, exec_id="", original_ids=("10002",), minutes=2
    )
    import_rows(account, [cancel])
    assert Execution.objects.count() == 1
    assert Trade.objects.get().closed_at is None
    assert verify_account(account) == []


def test_a_cancel_that_arrives_first_waits_for_its_fill(account):
    cancel = fill(
        3, -100, "12", report=ReportKind.CANCEL, exec_id="", original_ids=("10002",), minutes=2
    )
    import_rows(account, [cancel])
    import_rows(account, [fill(1, 100, "10"), fill(2, -100, "12")])
    assert Execution.objects.count() == 1
    assert verify_account(account) == []


def test_a_confirmation_and_a_statement_report_one_fill(account):
    confirmation = fill(1, 100, "10", broker_id="", authority=30, fee=Decimal(1))
    statement = fill(1, 100, "10", fee=Decimal("1.02"))
    for rows in ([confirmation], [statement], [confirmation]):
        import_rows(account, rows)
    execution = Execution.objects.get()
    assert execution.fee == Decimal("1.02")
    assert verify_account(account) == []


def test_equal_fills_without_an_id_are_counted_not_merged(account):
    nameless = {"broker_id": "", "exec_id": "", "trade_id": "", "minutes": 1}
    two = [fill(1, 100, "10", **nameless), fill(2, 100, "10", **nameless)]
    import_rows(account, two)
    assert Execution.objects.count() == 2
    import_rows(account, two[:1])
    assert Execution.objects.count() == 2
    import_rows(account, [*two, fill(3, 100, "10", **nameless)])
    assert Execution.objects.count() == 3


def test_an_order_gives_way_to_its_fills(account):
    order = fill(1, 100, "10", broker_id="order:7", exec_id="", order_id="7", authority=20)
    parts = [fill(2, 60, "10", order_id="7", minutes=1), fill(3, 40, "10", order_id="7", minutes=1)]
    import_rows(account, [order])
    import_rows(account, parts)
    assert sorted(Execution.objects.values_list("quantity", flat=True)) == [40, 60]
    assert verify_account(account) == []


def test_a_query_outside_a_workspace_raises(account):
    with scopes_disabled():
        assert Trade.objects.count() == 0
