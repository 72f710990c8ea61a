"""What people and brokers may do that guards must not be taken in by."""

from __future__ import annotations

import pytest
from django_scopes import scopes_disabled

from accounts.roles import Role
from common.errors import Forbidden
from journal.models import ConversionRate, ImportBatch
from journal.services.accounts import archive_account, unarchive_account
from journal.services.erasure import ask_erasure, erase_account
from reconciliation.domain.closing import Phase
from reconciliation.domain.guards.machine import State
from reconciliation.models import (
    CloseIntent,
    FiringOutcome,
    GuardSample,
)
from reconciliation.services.closing.beginning import begin_closing
from reconciliation.services.closing.firings import settle
from reconciliation.services.guards.arming import arm, disarm
from reconciliation.services.guards.changing import apply_due, approve, create_guard
from reconciliation.services.guards.ending import note_begun
from reconciliation.services.guards.worth import worths_of
from reconciliation.tasks import tend_guards
from tests.guarding import TEN_PERCENT, account, at, guard, look
from tests.people import alice, bob


def fire(row, one, seconds):
    """From a hundred down by a fifth, closed, and locked."""
    look(one, seconds, 100)
    (firing,) = look(one, seconds + 20, 80)
    note_begun(firing.pk, at(seconds + 30))
    row.refresh_from_db()
    assert row.state == State.LOCKED
    return firing


@pytest.fixture
def in_other_money(workspace):
    """An account that was told of in yen, and its guard; from now on it is told of in dollars."""
    one = account(workspace, currency="JPY")
    row = guard(workspace, one)
    look(one, 1, 1_500_000)
    one.base_currency = "USD"
    one.save()
    return one, row


def test_the_same_money_in_another_currency_is_no_loss(in_other_money, workspace):
    one, row = in_other_money
    batch = ImportBatch.objects.create(
        workspace=workspace, account=one, format="test", state="done"
    )
    ConversionRate.objects.create(
        workspace=workspace, batch=batch, account=one, row=1, event_key="rate-1", from_currency="USD",
        to_currency="JPY", reported_on=at(0).date(), rate=150,
    )  # fmt: skip
    for seconds in (20, 40, 60):
        assert look(one, seconds, 10_000) == []
    worth = worths_of([one.pk])[one.pk]
    assert (worth.equity, worth.drawdown) == (1_500_000, 0)
    # It guards as ever.
    assert look(one, 80, 8_000)
    row.refresh_from_db()
    assert (row.state, GuardSample.objects.first().used) == (State.FIRED, 2)


def test_money_without_a_rate_is_no_figure(in_other_money):
    one, row = in_other_money
    for seconds in range(20, 400, 20):
        assert look(one, seconds, 10_000) == []
    row.refresh_from_db()
    assert (row.state, worths_of([one.pk])[one.pk].equity) == (State.STALE, 1_500_000)


def test_a_workspace_that_counts_in_other_money_has_lost_nothing(workspace):
    """To yen and back: neither a gain to fall from nor a loss."""
    one = account(workspace)
    row = guard(workspace, None)
    batch = ImportBatch.objects.create(
        workspace=workspace, account=one, format="test", state="done"
    )
    ConversionRate.objects.create(
        workspace=workspace, batch=batch, account=one, row=1, event_key="rate-1", from_currency="USD",
        to_currency="JPY", reported_on=at(0).date(), rate=150,
    )  # fmt: skip
    seconds = 1
    for currency in ("USD", "JPY", "USD"):
        workspace.base_currency = currency
        workspace.save()
        for _ in range(3):
            assert look(one, seconds, 100) == []
            seconds += 20
    row.refresh_from_db()
    assert (row.state, GuardSample.objects.first().used) == (State.ARMED, 0)


def test_sending_away_who_would_have_to_agree_is_no_agreement(workspace, settings):
    """What was asked for long ago, while there was somebody, does not count as cooled off when nobody is left."""
    settings.GUARD_COOLING_HOURS = 1
    other = bob(workspace, role=Role.TRADER)
    row = create_guard(alice(), account(workspace), TEN_PERCENT, at(0), name="Drawdown")
    version = disarm(row, alice(), at(1), reason="In reserve")
    other.delete()
    with pytest.raises(Forbidden):
        approve(version, alice(), at(100_000))
    row.refresh_from_db()
    assert row.state == State.ARMED


def test_asking_twice_to_begin_anew_keeps_nothing_in_store(workspace, settings):
    """The second wish was for the first firing too: of the next one it says nothing."""
    settings.GUARD_COOLING_HOURS = 1
    one = account(workspace)
    row = create_guard(alice(), one, TEN_PERCENT, at(0), name="Drawdown")
    fire(row, one, 1)
    for _ in range(2):
        arm(row, alice(), at(100), reason="Seen it")
    apply_due(at(4_000))
    row.refresh_from_db()
    assert row.state == State.ARMED
    fire(row, one, 5_000)
    assert apply_due(at(5_100)) == 0
    row.refresh_from_db()
    assert row.state == State.LOCKED


def test_a_total_counts_what_was_lost_while_an_account_was_put_aside(workspace):
    """Archived with its position, and taken back when that has gone: no way around a guard."""
    one, other = account(workspace), account(workspace, "G2")
    guard(workspace, None)
    for which in (one, other):
        look(which, 1, 100)
    archive_account(one)
    look(other, 20, 100)
    unarchive_account(one)
    (firing,) = look(one, 40, 20)
    assert firing.figures["reference"] == "200"


def test_what_is_erased_while_it_is_closed_holds_up_no_firing(workspace):
    """Of two accounts one is flat, and the other is erased once a person was told what is left of it: the firing is
    over."""
    one, other = account(workspace), account(workspace, "G2")
    row = guard(workspace, None)
    for which in (one, other):
        look(which, 1, 100)
    (firing,) = look(one, 20, 10)
    left, _ = begin_closing(firing, [one.pk, other.pk], now=at(22))
    left.phase, left.ended_at = Phase.CLOSED, at(30)
    settle(left)
    firing.refresh_from_db()
    assert firing.outcome == FiringOutcome.CLOSING
    CloseIntent.objects.filter(account=other).update(escalated_at=at(42))
    with scopes_disabled():
        ask_erasure(other, confirm=other.broker_id, reason="Gone", author_id=None)
        erase_account(other)
    tend_guards()
    firing.refresh_from_db()
    row.refresh_from_db()
    assert (firing.outcome, row.state) == (FiringOutcome.FLAT, State.LOCKED)
