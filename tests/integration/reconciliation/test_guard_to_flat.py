"""From the broker's answer to a firing, a close and its end, by the services that the workers call: each of it once."""

from __future__ import annotations

from decimal import Decimal as D
from functools import partial
from unittest import mock

import pytest

from journal.brokers.paper.fetcher import Paper
from journal.domain.fate import Fate, Reply
from journal.services.desks.opening import open_desk
from journal.services.paper import trading
from reconciliation.domain.guards.machine import State
from reconciliation.models import (
    DrawdownAlert,
    FiringOutcome,
    GuardFiring,
    LogEvent,
    ReconciliationLog,
    TradingLock,
)
from reconciliation.selectors.closing import unbegun_firings
from reconciliation.services import cycle
from reconciliation.services.closing.beginning import begin_closing
from reconciliation.services.guards import saying
from reconciliation.services.guards.changing import create_guard
from tests.closings import PaperAccount, drive, told
from tests.guarding import TEN_PERCENT
from tests.people import alice

pytestmark = pytest.mark.django_db
HELD = (("ACME", 3_000), ("BETA", 2_000))


@pytest.fixture
def heard():
    with told() as heard, mock.patch.object(saying, "tell", heard):
        yield heard


def read(paper: PaperAccount) -> None:
    opener = partial(open_desk, clock=paper.clock)
    cycle.run_accounts([paper.account], source="test", clock=paper.clock, opener=opener)


def fall(paper: PaperAccount) -> GuardFiring:
    """Read every minute while the market loses nine tenths of itself, and twice more than is needed."""
    for _ in range(8):
        paper.clock.advance(60)
        read(paper)
    assert not GuardFiring.objects.exists()
    trading.move_market(paper.connection, D("-0.9"), seconds=300, clock=paper.clock)
    for _ in range(8):
        paper.clock.advance(60)
        read(paper)
    return GuardFiring.objects.get()


def close(paper: PaperAccount, firing: GuardFiring) -> None:
    paper.clock.advance(10)
    assert unbegun_firings(now=paper.clock.now()) == [firing.pk]
    (root,) = begin_closing(firing, [paper.account.pk], now=paper.clock.now())
    assert begin_closing(firing, [paper.account.pk], now=paper.clock.now()) == [root]
    drive(root, paper.clock)
    firing.refresh_from_db()
    read(paper)
    firing.guard.refresh_from_db()


def logged(event: str) -> list[tuple[str, str]]:
    rows = ReconciliationLog.objects.filter(event=event).order_by("symbol")
    return list(rows.values_list("symbol", "status"))


def test_a_market_that_falls_ends_flat_locked_and_told_once(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    create_guard(alice(), paper.account, TEN_PERCENT, paper.clock.now(), name="Drawdown")
    firing = fall(paper)
    assert firing.outcome == FiringOutcome.CLOSING
    close(paper, firing)
    assert (firing.outcome, firing.guard.state) == (FiringOutcome.FLAT, State.LOCKED)
    assert paper.held() == {}
    execution = DrawdownAlert.objects.get(alert_type="execution")
    assert (execution.firing, execution.action_taken) == (firing, "positions_closed")
    assert (execution.position_count, execution.executed_at) == (2, firing.ended_at)
    assert TradingLock.objects.get(lifted_at=None).firing == firing
    assert logged(LogEvent.GUARD_TRIGGER) == [("", "warning")]
    assert logged(LogEvent.CLOSE) == [("", "success"), ("ACME", "success"), ("BETA", "success")]
    for event in ("guard.fired", "closing.flat", "guard.flat", "lock.began"):
        assert len(heard.of(event)) == 1, event
    assert GuardFiring.objects.count() == 1


@pytest.mark.parametrize(
    ("refused", "outcome"),
    [({"BETA"}, FiringOutcome.PARTIAL), ({"ACME", "BETA"}, FiringOutcome.FAILED)],
)
def test_what_cannot_be_closed_is_a_person_s_and_stays_locked(workspace, heard, refused, outcome):
    paper = PaperAccount(workspace, HELD)
    create_guard(alice(), paper.account, TEN_PERCENT, paper.clock.now(), name="Drawdown")
    firing = fall(paper)
    send = Paper.send_close

    def refuse(self, link, account_id, order):
        if order.instrument.symbol in refused:
            return Reply(Fate.REJECTED, is_final=True, reason="Not this one.")
        return send(self, link, account_id, order)

    with mock.patch.object(Paper, "send_close", refuse):
        close(paper, firing)
    assert (firing.outcome, firing.guard.state) == (outcome, State.LOCKED)
    assert set(paper.held()) == refused
    assert DrawdownAlert.objects.get(alert_type="execution").action_taken == "failed"
    lock = TradingLock.objects.get(lifted_at=None)
    assert (lock.firing, lock.until) == (firing, None)
    assert len(heard.of("closing.escalated")) == len(heard.of(f"guard.{outcome}")) == 1
    assert heard.of(f"guard.{outcome}")[0]["urgent"]
    (escalated,) = heard.of("closing.escalated")
    assert sum("2000 BETA" in line for line in escalated["lines"]) == 1
