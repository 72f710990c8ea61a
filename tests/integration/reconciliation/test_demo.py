"""The demo's part of reconciliation: every class of difference from real evidence and readings, in every state."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from journal.models import (
    BrokerAccount,
    CapturedRecord,
    CashReport,
    Execution,
    ExecutionReport,
    ImportBatch,
    Order,
    OrderReport,
    Pull,
    PullDocument,
)
from journal.services.verification import verify_account
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import (
    CloseIntent,
    Divergence,
    DivergenceStep,
    Guard,
    GuardFiring,
    Heard,
    PositionSnapshot,
    TradingLock,
)
from reconciliation.selectors.equity import equity_curve
from reconciliation.selectors.hearing import PATIENCE
from reconciliation.services.demo import differences, paper_past, parts, silent_close
from tests.people import alice

pytestmark = pytest.mark.django_db
TAG = "000042"
NOW = datetime(2026, 11, 18, 15, tzinfo=UTC)
BOOK = (
    ImportBatch, ExecutionReport, OrderReport, CashReport, CapturedRecord, Execution, Order, Pull, PullDocument,
    Divergence, DivergenceStep, Guard, GuardFiring, TradingLock, CloseIntent,
)  # fmt: skip


@pytest.fixture
def told(workspace, monkeypatch):
    """With a paper account that is read once a day, which is all that most of these ask for."""
    monkeypatch.setattr(paper_past, "_PACES", ((timedelta(hours=6), 24 * 60),))
    with time_machine.travel(NOW, tick=False):
        parts.tell(alice(), TAG)
        yield


def counts():
    return {model.__name__: model.objects.count() for model in BOOK}


def test_it_tells_something_of_everything_once(told):
    every_class_is_there_in_every_state_and_of_several_ages()
    guards_of_the_other_accounts_have_locked_them()
    a_close_that_nobody_answered_is_left_to_a_person()
    for account in BrokerAccount.objects.all():
        assert verify_account(account) == [], account
    all_of_it_again_adds_nothing()


def every_class_is_there_in_every_state_and_of_several_ages() -> None:
    found = list(Divergence.objects.exclude(state=State.SEEN))
    assert {one.kind for one in found} == set(Kind)
    wanted = set(State) - {State.SEEN, State.APPROVED}
    assert {one.state for one in found} == wanted
    # What is approved is carried out at once: it is in the history of what is resolved.
    assert DivergenceStep.objects.filter(to_state=State.APPROVED).exclude(user=None).exists()
    ages = {NOW - one.opened_at for one in found if one.state == State.OPEN}
    assert min(ages) < timedelta(hours=6)
    assert max(ages) > timedelta(days=2)
    assert all(one.over_at is None or one.over_at >= one.opened_at for one in found)
    waiting = sum(one.state == State.OPEN for one in found)
    assert waiting > len({one.state for one in found})
    # Whoever reads of a position or an order sees of which market it is.
    about = ("fill", "position", "order")
    assert all(one.symbol for one in found if one.key.partition(":")[0] in about)
    # What the system itself closed is no news to anybody.
    assert not [one for one in found if one.actual.get("cause") == "ours"]


def all_of_it_again_adds_nothing() -> None:
    before = counts()
    states = list(Divergence.objects.order_by("pk").values_list("pk", "state", "seen"))
    parts.tell(alice(), TAG)
    assert counts() == before
    assert list(Divergence.objects.order_by("pk").values_list("pk", "state", "seen")) == states
    for _ in range(2):
        differences.play_all(differences.desks_of(alice(), TAG), alice(), end=NOW)
        assert counts() == before
    again = list(Divergence.objects.order_by("pk").values_list("pk", "state"))
    assert again == [(pk, state) for pk, state, _ in states]


def guards_of_the_other_accounts_have_locked_them() -> None:
    states = [one.state for one in Guard.objects.exclude(account__broker_id="DEMO-PAPER")]
    assert states == ["locked", "locked"]
    assert TradingLock.objects.filter(lifted_at=None).count() == 2


def a_close_that_nobody_answered_is_left_to_a_person() -> None:
    firing = GuardFiring.objects.get(guard__name=silent_close.GUARD)
    root = firing.intents.get(root=None)
    assert root.escalated_at is not None
    assert firing.ended_at is not None
    unknown = Divergence.objects.filter(kind=Kind.UNKNOWN_ORDER_OUTCOME)
    sent = {one.expected["client_order_id"].rpartition("-")[0] for one in unknown}
    assert sent == set(firing.intents.exclude(root=None).values_list("key", flat=True))


@pytest.fixture
def past(workspace):
    with time_machine.travel(NOW, tick=False):
        paper_past.tell_past(alice(), end=NOW)
        yield


def test_the_paper_account_has_a_past_without_holes_and_guards_that_watch_it(past):
    worths = PositionSnapshot.objects.filter(account__broker_id="DEMO-PAPER")
    for days in (1, 7, 30, None):
        since = NOW - timedelta(days=days) if days else None
        curve = equity_curve(worths[0].account, since, NOW, patience=PATIENCE[Heard.ASKED])
        assert curve.gaps == 0, f"the curve of {days} days has holes"
        assert len(curve.known) > 60
    assert not worths.exclude(error="").exists()
    first, last = worths.order_by("created_at").first(), worths.order_by("created_at").last()
    assert last.created_at - first.created_at > timedelta(weeks=4) - timedelta(days=1)
    assert max(one.drawdown_percent for one in worths) > 4
    assert 4 < last.drawdown_percent < 8
    guards = {one.name: one.state for one in Guard.objects.all()}
    assert sorted(guards.values()) == ["armed", "warned"]
