"""What was decided of guards where rules meet: floors that fired, connections that are switched off, erasing, days."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.roles import Role
from common.errors import Conflict, Forbidden, Rejected
from journal.domain.values import TradingDay
from journal.models import BrokerAccount
from journal.services.erasure import ask_erasure, erase_account
from reconciliation.domain.closing import Phase
from reconciliation.domain.guards import machine
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import FlowRule
from reconciliation.domain.guards.machine import Blindness, Settings, State
from reconciliation.domain.guards.watching import Kept
from reconciliation.models import CloseIntent, Guard, TradingLock
from reconciliation.selectors.guards import currencies_of
from reconciliation.selectors.locks import locked_since
from reconciliation.services.guards import saying
from reconciliation.services.guards.arming import arm
from reconciliation.services.guards.changing import approve, ask_change
from reconciliation.services.guards.ending import note_begun, note_intent_over, turn_days
from reconciliation.services.guards.keeping import keep, kept_of
from reconciliation.services.guards.listening import listen_all
from tests.guarding import FIVE_A_DAY, START, TEN_PERCENT, account, at, guard, look
from tests.people import alice, bob


@pytest.fixture
def one(workspace):
    # The first of an installation administers it.
    User.objects.update(is_staff=False)
    return account(workspace)


@pytest.fixture
def floor(one, settings):
    """Fired: a fifth was lost, and it closes nothing."""
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(10)
    settings.GUARD_FLOOR_CLOSES = False
    look(one, 1, 100)
    look(one, 20, 80)
    row = Guard.objects.get()
    assert row.state == State.LOCKED
    return row


def staff(membership):
    membership.user.is_staff = True
    membership.user.save(update_fields=["is_staff"])
    return membership


# --- The installation's floor ------------------------------------------------------------------------------------


def test_two_traders_do_not_arm_a_floor_that_fired(one, workspace, floor):
    other = bob(workspace, role=Role.OWNER)
    for who in (alice(), other):
        with pytest.raises(Forbidden) as refused:
            arm(floor, who, at(60), reason="All is well")
        assert refused.value.code == "floor_of_installation"
    assert locked_since(one.pk) == at(20)
    # One that was asked for by an older version of the program is nobody's to agree to.
    version = floor.versions.create(
        workspace=workspace, account=one, number=9, values=floor.version.values, state="waiting", loosens=["rearm"],
        reason="x", asked_by=alice().user, asked_at=at(61),
    )  # fmt: skip
    with pytest.raises(Forbidden):
        approve(version, other, at(62))
    floor.refresh_from_db()
    assert floor.state == State.LOCKED


def test_whoever_runs_the_installation_arms_it_again(one, floor, settings):
    with pytest.raises(Rejected):
        arm(floor, staff(alice()), at(60))
    arm(floor, staff(alice()), at(60), reason="Talked it over")
    floor.refresh_from_db()
    assert (floor.state, locked_since(one.pk)) == (State.ARMED, None)
    assert "Talked it over" in floor.versions.first().reason
    # It follows the settings as before.
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(30)
    look(one, 80, 80)
    floor.refresh_from_db()
    assert floor.version.values["limit"]["amount"] == "0.3"


def test_it_is_armed_again_by_command(one, floor):
    out = StringIO()
    call_command("rearm_floor", floor.pk, reason="Talked it over", stdout=out)
    floor.refresh_from_db()
    assert (floor.state, floor.name in out.getvalue()) == (State.ARMED, True)
    # Nothing fired now, nor is this a floor.
    own = guard(one.workspace, one)
    for wanted in (floor.pk, own.pk, 999_999):
        with pytest.raises(CommandError):
            call_command("rearm_floor", wanted, reason="x", stdout=out)


def test_a_floor_of_the_day_watches_again_the_next_day(one, settings):
    settings.GUARD_FLOOR_DAILY_LOSS_PERCENT = Decimal(5)
    settings.GUARD_FLOOR_CLOSES = False
    look(one, 1, 100)
    look(one, 20, 80)
    row = Guard.objects.get()
    with pytest.raises(Forbidden):
        arm(row, alice(), at(60), reason="x")
    assert turn_days(START + timedelta(hours=11)) == 0
    assert turn_days(START + timedelta(hours=12)) == 1
    row.refresh_from_db()
    assert (row.state, locked_since(one.pk)) == (State.ARMED, None)


# --- Connections that are switched off ---------------------------------------------------------------------------


@pytest.fixture
def news(monkeypatch):
    told = []
    monkeypatch.setattr(saying, "tell", lambda topic, **said: told.append((topic, said["subject"])))
    return told


def test_who_switches_the_connection_off_does_not_switch_the_floor_off(one, settings, news):
    """Nothing reads the account any more; what the guards do about it comes with time alone."""
    settings.GUARD_FLOOR_DRAWDOWN_PERCENT = Decimal(10)
    own = guard(one.workspace, one)
    flattens = guard(
        one.workspace, one, TEN_PERCENT._replace(settings=Settings(blindness=Blindness.FLATTEN))
    )
    look(one, 1, 100)
    for minute in (4, 6, 16):
        listen_all(at(60 * minute))
    floor = Guard.objects.get(preset="floor_drawdown")
    for row in (own, floor, flattens):
        row.refresh_from_db()
        assert row.state == State.STALE
    assert len([one for one in news if one[1].startswith("No news")]) == 6
    assert locked_since(one.pk) is None
    (fired,) = listen_all(at(60 * 51))
    assert fired.guard_id == flattens.pk
    # The floor keeps new trades out while it is blind, though nobody chose so.
    assert TradingLock.objects.filter(guard=floor, lifted_at=None).exists()
    look(one, 60 * 60, 100)
    assert not TradingLock.objects.filter(guard=floor, lifted_at=None).exists()


# --- Money -------------------------------------------------------------------------------------------------------


def test_money_is_told_in_the_currency_that_the_worth_is_kept_in(one, monkeypatch):
    lines = []
    monkeypatch.setattr(saying, "tell", lambda topic, **said: lines.extend(said["lines"]))
    rows = [guard(one.workspace, one), guard(one.workspace, None)]
    look(one, 1, 100)
    BrokerAccount.objects.filter(pk=one.pk).update(base_currency="EUR")
    kept = currencies_of(list(Guard.objects.select_related("account", "workspace")))
    assert kept == {rows[0].pk: "USD", rows[1].pk: "USD"}
    look(one, 20, 94)
    assert "Worth 94 USD; it may not fall below 90.0 USD." in lines
    # Of an account that was never told of nobody knows better.
    other = account(one.workspace, "G2", currency="CHF")
    assert list(currencies_of([guard(one.workspace, other)]).values()) == ["CHF"]


# --- Erasing an account while a guard closes ---------------------------------------------------------------------


def test_an_account_is_not_erased_while_a_guard_closes(one):
    guard(one.workspace, one)
    look(one, 1, 100)
    (firing,) = look(one, 20, 80)

    def erase():
        ask_erasure(one, confirm=one.broker_id, reason="Over", author_id=None)

    def refused():
        with pytest.raises(Conflict, match="verified flat") as why:
            erase()
        assert why.value.code == "guard_is_closing"

    refused()
    root = CloseIntent.objects.create(
        workspace=one.workspace, account=one, firing=firing, key="k", reason="guard", started_quantity=0,
        phase=Phase.READING, began_at=at(21),
    )  # fmt: skip
    note_begun(firing.pk, at(21))
    refused()
    root.phase, root.ended_at = Phase.CLOSED, at(40)
    root.save()
    note_intent_over(firing.pk, at(40))
    erase()
    # It fires once more before the worker comes to erase it: that waits too.
    held = CloseIntent.objects.create(
        workspace=one.workspace, account=one, key="l", reason="guard", started_quantity=0, phase=Phase.READING,
        began_at=at(50),
    )  # fmt: skip
    with pytest.raises(Conflict):
        erase_account(one)
    held.escalated_at = at(110)
    held.save()
    erase_account(one)
    assert not BrokerAccount.objects.filter(pk=one.pk).exists()


# --- Days --------------------------------------------------------------------------------------------------------


def fired_today(one, version=FIVE_A_DAY):
    row = guard(one.workspace, one, version)
    look(one, 1, 100)
    look(one, 20, 80)
    row.refresh_from_db()
    assert row.state == State.LOCKED
    return row


def test_a_rule_that_is_tightened_while_locked_keeps_the_marks_of_the_day(one):
    row = fired_today(one)
    marks = kept_of(row).marks
    tighter = FIVE_A_DAY._replace(limit=FIVE_A_DAY.limit._replace(amount=Decimal("0.02")))
    ask_change(row, tighter, alice(), at(60))
    row.refresh_from_db()
    assert (row.state, kept_of(row).marks) == (State.LOCKED, marks)
    assert turn_days(START + timedelta(hours=12)) == 1
    row.refresh_from_db()
    assert kept_of(row).marks == marks
    # The new day begins with what the last one ended at: two per cent of it may be lost, no more.
    look(one, 60 * 60 * 13, 79)
    row.refresh_from_db()
    assert row.state == State.WARNED


def test_a_rule_that_came_to_measure_another_thing_begins_the_new_day_with_marks_of_that(one):
    row = fired_today(one)
    other = FIVE_A_DAY._replace(limit=FIVE_A_DAY.limit._replace(flow_rule=FlowRule.NONE))
    version = ask_change(row, other, alice(), at(60), reason="As the firm has it")
    approve(version, bob(one.workspace, role=Role.OWNER), at(61))
    row.refresh_from_db()
    assert kept_of(row).marks is not None
    turn_days(START + timedelta(hours=12))
    row.refresh_from_db()
    assert (row.state, kept_of(row).marks) == (State.ARMED, None)


SWITCHES = [
    # The local midnights before and after the day of the switch, in UTC: a day of 23 hours, one of 25.
    ("America/New_York", datetime(2026, 3, 8, 5, tzinfo=UTC), datetime(2026, 3, 9, 4, tzinfo=UTC)),
    ("America/New_York", datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 11, 2, 5, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 3, 29, 0, tzinfo=UTC), datetime(2026, 3, 29, 23, tzinfo=UTC)),
    ("Europe/London", datetime(2026, 10, 24, 23, tzinfo=UTC), datetime(2026, 10, 26, 0, tzinfo=UTC)),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "begins", "ends"), SWITCHES)
def test_a_daily_loss_counts_by_the_day_of_the_rule_over_a_switch_of_clocks(
    workspace, zone, begins, ends
):
    """The account's own day is that of UTC throughout."""
    one = account(workspace)
    version: Version = FIVE_A_DAY._replace(day=TradingDay(zone))
    row = guard(workspace, one, version)

    def read(moment: datetime, equity: int):
        fired = look(one, (moment - START).total_seconds(), equity)
        row.refresh_from_db()
        return fired

    second = timedelta(seconds=1)
    keep(row, Kept(machine.arm(machine.Memory(), begins - timedelta(hours=1))))
    row.save()
    read(begins - 2 * second, 100)
    # The last second of the day before: it begins with what that ended at.
    read(begins - second, 98)
    read(begins + second, 98)
    assert kept_of(row).marks.day_start == 98
    # An hour before the day ends by the clock of the zone, whatever a day of 24 hours would be.
    read(ends - timedelta(hours=1), 94)
    assert (kept_of(row).marks.day_start, row.state) == (98, State.WARNED)
    assert read(ends - 20 * second, 93) == []
    (firing,) = read(ends - 10 * second, 93)
    lock = TradingLock.objects.get()
    assert (lock.firing, lock.until) == (firing, ends)
    assert turn_days(ends - second) == 0
    assert turn_days(ends) == 1
    row.refresh_from_db()
    assert row.state == State.ARMED
    read(ends + second, 93)
    assert (kept_of(row).marks.day_start, row.state) == (93, State.ARMED)
