"""Who may change a guard, when it counts, and what stays behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from common.errors import Conflict, Forbidden, Rejected
from reconciliation.domain.guards.changes import ConductVersion, MarketVersion
from reconciliation.domain.guards.conduct import Rule, Watch
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.models import ChangeState, Guard, TradingLock
from reconciliation.selectors.locks import locked_since
from reconciliation.services.guards.arming import arm, disarm
from reconciliation.services.guards.changing import (
    apply_due,
    approve,
    ask_change,
    create_guard,
    refuse,
    remove_guard,
    withdraw,
)
from reconciliation.services.guards.ending import note_begun, turn_days
from reconciliation.services.guards.keeping import kept_of, values_of, version_of
from reconciliation.services.guards.locking import lift
from reconciliation.services.guards.simulating import simulate
from tests.guarding import FIVE_A_DAY, TEN_PERCENT, account, at, look, pay
from tests.people import alice, bob

LOOSER = TEN_PERCENT._replace(limit=TEN_PERCENT.limit._replace(amount=Decimal("0.2")))
TIGHTER = TEN_PERCENT._replace(limit=TEN_PERCENT.limit._replace(amount=Decimal("0.05")))


@pytest.fixture
def one(workspace):
    return account(workspace)


@pytest.fixture
def row(one):
    return create_guard(alice(), one, TEN_PERCENT, at(0), name="Drawdown")


def fire(row, one):
    """From a hundred down by a fifth, closed, and locked."""
    look(one, 1, 100)
    (firing,) = look(one, 20, 80)
    note_begun(firing.pk, at(30))
    row.refresh_from_db()
    assert row.state == State.LOCKED
    return firing


def test_tighter_is_at_once(row):
    version = ask_change(row, TIGHTER, alice(), at(1))
    row.refresh_from_db()
    assert (version.state, version.loosens) == (ChangeState.APPLIED, [])
    assert (row.version, version_of(row)) == (version, TIGHTER)


def test_looser_waits_for_somebody_else(row, workspace):
    other = bob(workspace, role=Role.TRADER)
    version = ask_change(row, LOOSER, alice(), at(1), reason="A quiet week")
    assert (version.state, version.loosens, version.applies_at) == ("waiting", ["limit"], None)
    with pytest.raises(Forbidden):
        approve(version, alice(), at(2))
    assert apply_due(at(10**7)) == 0
    approve(version, other, at(3))
    row.refresh_from_db()
    assert version_of(row) == LOOSER
    assert (row.version.decided_by, row.version.decided_at) == (other.user, at(3))
    with pytest.raises(Conflict):
        approve(version, other, at(4))


def test_alone_it_takes_time_to_cool_off(row, settings):
    settings.GUARD_COOLING_HOURS = 2
    version = ask_change(row, LOOSER, alice(), at(0), reason="Why not")
    with pytest.raises(Forbidden):
        approve(version, alice(), at(60))
    assert apply_due(at(7_199)) == 0
    assert apply_due(at(7_200)) == 1
    row.refresh_from_db()
    assert version_of(row) == LOOSER


def test_somebody_who_comes_while_it_cools_off_has_to_agree(row, workspace):
    version = ask_change(row, LOOSER, alice(), at(0), reason="Why not")
    bob(workspace, role=Role.TRADER)
    assert apply_due(version.applies_at) == 0


@pytest.mark.parametrize("role", [Role.VIEWER])
def test_who_may_only_read_changes_nothing(row, workspace, role):
    viewer = bob(workspace, role=role)
    for deed in (
        lambda: ask_change(row, TIGHTER, viewer, at(1)),
        lambda: disarm(row, viewer, at(1), reason="x"),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_a_change_is_refused_or_taken_back(row, workspace):
    other = bob(workspace, role=Role.TRADER)
    first = ask_change(row, LOOSER, alice(), at(1), reason="Please")
    with pytest.raises(Forbidden):
        withdraw(first, other, at(2))
    assert refuse(first, other, at(2)).state == ChangeState.REFUSED
    second = ask_change(row, LOOSER, alice(), at(3), reason="Please")
    assert withdraw(second, alice(), at(4)).state == ChangeState.WITHDRAWN
    row.refresh_from_db()
    assert version_of(row) == TEN_PERCENT


def test_looser_without_a_reason_is_not_asked(row):
    with pytest.raises(Rejected):
        ask_change(row, LOOSER, alice(), at(1))


def test_the_floor_of_the_installation_is_nobody_s_to_loosen(one, settings, workspace):
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(10)
    look(one, 1, 100)
    floor = Guard.objects.get()
    version = version_of(floor)
    wider = version._replace(limit=version.limit._replace(amount=Decimal("0.3")))
    for deed in (
        lambda: ask_change(floor, wider, alice(), at(2), reason="x"),
        lambda: disarm(floor, alice(), at(2), reason="x"),
    ):
        with pytest.raises(Forbidden) as refused:
            deed()
        assert refused.value.code == "floor_of_installation"
    with pytest.raises(Conflict):
        remove_guard(floor, alice(), at(2))
    narrow = version._replace(limit=version.limit._replace(amount=Decimal("0.05")))
    assert ask_change(floor, narrow, alice(), at(3)).state == ChangeState.APPLIED
    look(one, 20, 100)
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(3)
    look(one, 40, 100)
    floor.refresh_from_db()
    assert version_of(floor).limit.amount == Decimal("0.03")
    look(one, 60, 90)
    with pytest.raises(Forbidden):
        lift(TradingLock.objects.get(), alice(), at(61))


def test_after_it_fired_two_people_arm_it_again(row, one, workspace):
    other = bob(workspace, role=Role.TRADER)
    fire(row, one)
    assert locked_since(one.pk) == at(20)
    with pytest.raises(Conflict):
        lift(TradingLock.objects.get(), alice(), at(31))
    version = arm(row, alice(), at(40), reason="All is flat")
    assert (version.state, version.loosens) == (ChangeState.WAITING, ["rearm"])
    assert locked_since(one.pk) == at(20)
    approve(version, other, at(50))
    row.refresh_from_db()
    assert row.state == State.ARMED
    assert locked_since(one.pk) is None
    # It counts from here.
    assert [look(one, seconds, 80) for seconds in (60, 80, 100)] == [[], [], []]


def test_a_day_s_guard_watches_again_the_next_day(one):
    row = create_guard(alice(), one, FIVE_A_DAY, at(0), name="Day")
    look(one, 1, 100)
    look(one, 20, 80)
    row.refresh_from_db()
    assert (row.state, locked_since(one.pk, at(21))) == (State.LOCKED, at(20))
    assert turn_days(at(11 * 3600)) == 0
    assert turn_days(at(12 * 3600)) == 1
    row.refresh_from_db()
    assert row.state == State.ARMED
    assert not TradingLock.objects.filter(lifted_at=None).exists()
    assert look(one, 12 * 3600 + 60, 80) == []
    assert kept_of(row).marks is not None


def test_switching_off_waits_too_and_takes_the_locks_along(row, one, workspace):
    other = bob(workspace, role=Role.TRADER)
    fire(row, one)
    approve(disarm(row, alice(), at(40), reason="No more"), other, at(41))
    row.refresh_from_db()
    assert (row.state, locked_since(one.pk)) == (State.DISARMED, None)
    remove_guard(row, alice(), at(50))
    row.refresh_from_db()
    assert row.removed_at == at(50)


def test_arming_may_count_from_the_past(one):
    look(one, 1, 100)
    look(one, 20, 92)
    pay(one, 30, 100)
    look(one, 40, 192)
    row = create_guard(alice(), one, TEN_PERCENT._replace(is_armed=False), at(41), name="Off")
    assert row.state == State.DISARMED
    arm(row, alice(), at(50), counting_from=at(0))
    look(one, 60, 192)
    row.refresh_from_db()
    assert row.state == State.WARNED


@pytest.mark.parametrize(
    ("values", "looser"),
    [
        (ConductVersion(Rule(Watch.LOSSES, 3), True), ConductVersion(Rule(Watch.LOSSES, 4), True)),
        (
            MarketVersion(MarketLimits(), True, True),
            MarketVersion(MarketLimits(gap=Decimal(9)), True, True),
        ),
    ],
)
def test_the_other_kinds_are_changed_by_the_same_rules(one, values, looser):
    row = create_guard(alice(), one, values, at(0), name="Other")
    assert values_of(row.kind, row.version.values) == values
    assert ask_change(row, looser, alice(), at(1), reason="x").state == ChangeState.WAITING
    with pytest.raises(Rejected):
        ask_change(row, TEN_PERCENT, alice(), at(2), reason="x")


def test_a_simulation_says_when_it_would_have_acted(one):
    day = 86_400
    paid = 3 * day + 300
    for seconds in (number * day + part * 600 for number in range(10) for part in range(3)):
        worth = Decimal(1 if seconds < 7 * day else "0.85")
        look(one, seconds, worth * (100 if seconds < paid else 150))
    pay(one, paid, 50)
    found = simulate(TEN_PERCENT, one, at(0), at(20 * day))
    assert (found.samples, found.fired) == (30, 1)
    fired = next(event for event in found.events if event.step == "fire")
    assert (fired.at, fired.standing.used) == (at(7 * day), Decimal("1.5"))
    assert simulate(LOOSER, one, at(0), at(20 * day)).fired == 0
    with pytest.raises(Rejected) as refused:
        simulate(TEN_PERCENT, one, at(0), at(day))
    assert refused.value.code == "history_too_short"
    assert not Guard.objects.exists()
    assert timedelta(days=9) <= found.until - found.since
