"""Readings into guards: what fires, once, and what never does."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django_scopes import scope

from journal.models import ImportBatch
from reconciliation.domain.codec import load
from reconciliation.domain.guards.machine import Blindness, Settings, State
from reconciliation.domain.guards.watching import Kept
from reconciliation.models import (
    AccountWorth,
    DrawdownAlert,
    FiringOutcome,
    Guard,
    GuardFiring,
    GuardSample,
    ReconciliationLog,
    Tally,
    TradingLock,
)
from reconciliation.selectors.locks import lock_of, locked_since
from reconciliation.services.guards.keeping import kept_of
from reconciliation.services.guards.listening import listen_all
from reconciliation.services.guards.watching import watch
from reconciliation.services.guards.worth import worths_of
from reconciliation.signals import guard_fired
from tests.guarding import FIVE_A_DAY, TEN_PERCENT, account, at, guard, look, pay, seen
from tests.people import alice


def test_a_breach_that_lasts_fires_once_and_leaves_everything_behind(workspace):
    one = account(workspace)
    row = guard(workspace, one)
    told = []
    guard_fired.connect(listener := lambda firing, **_: told.append(firing), weak=False)
    try:
        assert look(one, 1, 100) == []
        assert look(one, 20, 94) == []
        assert look(one, 40, 89) == []
        (firing,) = look(one, 60, 89)
        assert look(one, 80, 80) == []
    finally:
        guard_fired.disconnect(listener)
    row.refresh_from_db()
    assert (row.state, told) == (State.FIRED, [firing])
    assert (firing.figures["floor"], firing.outcome) == ("90.0", FiringOutcome.CLOSING)
    lock = TradingLock.objects.get()
    assert (lock.firing, lock.began_at, lock.until) == (firing, at(60), None)
    assert locked_since(one.pk) == at(60)
    assert lock_of(workspace.pk, one.pk, "EURUSD") == lock
    kinds = DrawdownAlert.objects.order_by("created_at", "pk").values_list(
        "alert_type", "action_taken"
    )
    assert list(kinds) == [
        ("warning", "warning_sent"),
        ("warning", "warning_sent"),
        ("execution", "pending"),
    ]
    execution = DrawdownAlert.objects.get(alert_type="execution")
    assert (execution.drawdown_percent, execution.threshold_percent) == (11, 10)
    assert (execution.total_loss, execution.position_count) == (11, 0)
    logged = ReconciliationLog.objects.order_by("pk").values_list("event", flat=True)
    assert list(logged) == ["warning", "warning", "guard_trigger"]
    samples = GuardSample.objects.order_by("at").values_list("value", "state", "steps")
    assert [value for value, _, _ in samples] == [100, 94, 89, 89]
    assert list(samples)[-1][1:] == ("fired", ["fire"])


@pytest.mark.parametrize(("flow", "equity"), [(50, 145), (-50, 45), (0, 95)])
def test_the_worked_example_in_the_database(workspace, flow, equity):
    one = account(workspace)
    guard(workspace, one)
    look(one, 1, 100)
    look(one, 20, 95)
    if flow:
        pay(one, 30, flow)
    for seconds in (40, 60, 80):
        assert look(one, seconds, equity, moved=False) == []
    worth = worths_of([one.pk])[one.pk]
    assert worth.drawdown == Decimal("0.05")
    assert worth.money_drawdown == 5
    assert GuardSample.objects.first().used == Decimal("0.5")


def test_a_withdrawal_that_is_booked_later_holds_the_guard_and_is_made_good(workspace):
    one = account(workspace)
    row = guard(workspace, one)
    look(one, 1, 100)
    look(one, 20, 98)
    for seconds in range(40, 400, 20):
        assert look(one, seconds, 48, moved=False) == []
    row.refresh_from_db()
    assert row.state == State.SUSPECT
    assert worths_of([one.pk])[one.pk].equity == 98
    pay(one, 30, -50)
    look(one, 400, 48, moved=False)
    row.refresh_from_db()
    assert row.state == State.ARMED
    assert worths_of([one.pk])[one.pk].drawdown == Decimal("0.02")
    assert GuardSample.objects.first().used == Decimal("0.2")


def test_prices_explain_no_jump_of_the_balance(workspace):
    """A withdrawal that is not booked yet, while the market moves as ever."""
    one = account(workspace)
    row = guard(workspace, one)
    look(one, 1, 100, balance=100)
    for seconds in (20, 40, 60):
        assert look(one, seconds, 49, balance=50, moved=True) == []
    row.refresh_from_db()
    assert row.state == State.SUSPECT
    # The market alone leaves the balance where it is.
    two = account(workspace, "G2")
    guard(workspace, two)
    look(two, 1, 100, balance=100)
    assert len(look(two, 20, 49, balance=100, moved=True)) == 1


@pytest.mark.parametrize(("flow", "before", "after"), [(-50, 98, 48), (50, 98, 148)])
def test_a_flow_that_was_taken_for_a_move_is_gone_through_again(workspace, flow, before, after):
    """Nobody had a word of it until the doubt was over."""
    wide = TEN_PERCENT._replace(limit=TEN_PERCENT.limit._replace(amount=Decimal("0.6")))
    one = account(workspace)
    row = guard(workspace, one, wide)
    look(one, 1, 100)
    look(one, 20, before)
    for seconds in range(40, 1_000, 60):
        look(one, seconds, after)
    pay(one, 30, flow)
    look(one, 1_060, after)
    assert worths_of([one.pk])[one.pk].drawdown == Decimal("0.02")
    row.refresh_from_db()
    marks = kept_of(row).marks
    assert marks is not None
    assert abs(1 - marks.latest / marks.high - Decimal("0.02")) < Decimal("1e-12")


def test_a_flow_that_is_undone_counts_no_more(workspace):
    one = account(workspace)
    look(one, 1, 100)
    pay(one, 10, 50)
    look(one, 20, 150)
    assert worths_of([one.pk])[one.pk].unit == 1
    ImportBatch.objects.update(withdrawn_at=at(30))
    look(one, 40, 150)
    assert worths_of([one.pk])[one.pk].unit == Decimal("1.5")


def test_a_foreign_flow_without_a_rate_makes_the_worth_unknown(workspace):
    one = account(workspace)
    guard(workspace, one)
    look(one, 1, 100)
    pay(one, 10, 10_000, currency="JPY")
    assert look(one, 20, 165) == []
    row = AccountWorth.objects.get(account=one)
    assert (row.is_known, row.equity) == (False, 100)


@pytest.mark.parametrize("trouble", ["prices", "nothing"])
def test_bad_figures_move_nothing(workspace, trouble):
    one = account(workspace)
    row = guard(workspace, one)
    look(one, 1, 100)
    for seconds in range(20, 200, 20):
        if trouble == "prices":
            assert look(one, seconds, 1, prices_ok=False) == []
        else:
            assert look(one, seconds, None) == []
    assert look(one, 200, 99) == []
    row.refresh_from_db()
    assert row.state == State.ARMED
    assert not TradingLock.objects.exists()


def test_silence_is_told_and_blocks_where_it_is_asked_for(workspace):
    one = account(workspace)
    settings = Settings(silence=timedelta(seconds=60), blindness=Blindness.BLOCK_NEW)
    row = guard(workspace, one, TEN_PERCENT._replace(settings=settings))
    look(one, 1, 100)
    assert listen_all(at(50)) == []
    for seconds in (62, 185, 602, 700):
        assert listen_all(at(seconds)) == []
    row.refresh_from_db()
    assert row.state == State.STALE
    steps = [step for one in GuardSample.objects.order_by("at") for step in one.steps]
    assert steps == ["silent", "silent_long", "block"]
    assert locked_since(one.pk) == at(602)
    look(one, 720, 100)
    row.refresh_from_db()
    assert row.state == State.ARMED
    assert locked_since(one.pk) is None


def test_blind_flattening_fires_once(workspace):
    one = account(workspace)
    settings = Settings(silence=timedelta(seconds=60), blindness=Blindness.FLATTEN)
    guard(workspace, one, TEN_PERCENT._replace(settings=settings))
    look(one, 1, 100)
    fired = [firing for seconds in (62, 185, 602, 700) for firing in listen_all(at(seconds))]
    assert [firing.outcome for firing in fired] == [FiringOutcome.CLOSING]
    assert DrawdownAlert.objects.get().drawdown_percent is None


def test_a_guard_that_closes_nothing_locks(workspace):
    one = account(workspace)
    row = guard(workspace, one, FIVE_A_DAY)
    for seconds, equity in ((1, 100), (20, 94), (40, 94)):
        fired = look(one, seconds, equity)
    assert [firing.outcome for firing in fired] == [FiringOutcome.BLOCKED]
    row.refresh_from_db()
    assert row.state == State.LOCKED
    lock = TradingLock.objects.get()
    assert lock.until == at(12 * 3600)


def test_all_accounts_together(workspace):
    first, second = account(workspace, "A"), account(workspace, "B")
    row = guard(workspace, None)
    look(first, 1, 100)
    look(second, 2, 300)
    look(first, 20, 60)
    look(second, 21, 300)
    row.refresh_from_db()
    assert row.state == State.CONFIRMING
    # A transfer between the two is seen in one of them first.
    pay(first, 25, -20)
    pay(second, 35, 20)
    fired = look(first, 30, 70) + look(second, 40, 340)
    assert fired == []
    row.refresh_from_db()
    assert row.state in (State.ARMED, State.WARNED)
    look(first, 50, None)
    look(second, 51, 10)
    row.refresh_from_db()
    assert row.state in (State.ARMED, State.WARNED), "one is unknown, and so is the sum"
    fired = look(first, 60, 70) + look(second, 70, 10)
    assert [firing.guard_id for firing in fired] == [row.pk]


def test_what_is_late_or_known_changes_nothing(workspace):
    one = account(workspace)
    guard(workspace, one)
    look(one, 1, 100)
    reading = seen(one, 20, 50)
    watch(workspace.pk, [reading])
    before = GuardSample.objects.count()
    watch(workspace.pk, [reading])
    watch(workspace.pk, [seen(one, 10, 20)])
    assert GuardSample.objects.count() == before


@pytest.mark.django_db(transaction=True)
def test_two_workers_with_the_same_readings_fire_once():
    membership = alice()
    workspace = membership.workspace
    with scope(workspace=workspace.pk):
        accounts = [account(workspace, f"T{number}") for number in range(4)]
        for one in accounts:
            guard(workspace, one)
        guard(workspace, None, name="All")
        watch(workspace.pk, [seen(one, 1, 100) for one in accounts])
        fired, faults = [], []
        barrier = threading.Barrier(3)

        def work(order):
            try:
                with scope(workspace=workspace.pk):
                    for seconds in (20, 40):
                        barrier.wait()
                        fired.extend(watch(workspace.pk, [seen(one, seconds, 80) for one in order]))
            except Exception as error:
                faults.append(error)
            finally:
                connection.close()

        threads = [
            threading.Thread(target=work, args=(order,))
            for order in (accounts, accounts[::-1], accounts[2:] + accounts[:2])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        # At 20 per cent of loss, twice what is allowed, it is at once.
        assert len(fired) == 5
        assert GuardFiring.objects.count() == 5
        assert all(
            GuardSample.objects.filter(guard=row).count() == 2
            for row in Guard.objects.filter(account__isnull=False)
        )
        assert Tally.objects.get(name="drawdown_guard_triggers_total").value == 5


def test_as_many_queries_for_many_accounts(workspace, django_assert_max_num_queries):
    accounts = [account(workspace, f"Q{number}") for number in range(12)]
    for one in accounts:
        guard(workspace, one)
    watch(workspace.pk, [seen(one, 1, 100) for one in accounts])
    with django_assert_max_num_queries(10):
        watch(workspace.pk, [seen(one, 20, 99) for one in accounts])


@pytest.mark.parametrize("row", ["memory", "marks", "parts"])
def test_a_guard_is_read_as_it_was_kept(workspace, row):
    one = account(workspace)
    kept = guard(workspace, one)
    look(one, 1, "100.123456789012345678901234567")
    fresh = Guard.objects.get(pk=kept.pk)
    assert load(
        Kept, {**{name: getattr(fresh, name) for name in ("memory", "marks", "parts")}}
    ) == kept_of(fresh)
    assert getattr(fresh, row)


def test_the_floor_of_the_installation_guards_every_account(workspace, settings):
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(20)
    one = account(workspace)
    look(one, 1, 100)
    floor = Guard.objects.get()
    assert floor.is_floor
    look(one, 20, 79)
    (firing,) = look(one, 40, 79)
    assert firing.guard == floor
