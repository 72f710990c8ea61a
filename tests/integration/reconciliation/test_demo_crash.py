"""The demo's crash: the real guard, the real closing, at the paper broker."""

from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django_scopes import scope

from journal.services.paper.trading import look
from reconciliation.models import CloseIntent, FiringOutcome, GuardFiring, GuardSample, TradingLock
from reconciliation.services.demo import crash as demo
from tests.people import alice

pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    def __init__(self, time):
        self.time = time

    def now(self):
        return timezone.now()

    def sleep(self, seconds):
        self.time.shift(seconds)


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 11, 18, 15, tzinfo=UTC), tick=False) as time:
        yield Clock(time)


def test_the_market_falls_and_the_guard_makes_the_account_flat(workspace, clock):
    stage = demo.set_stage(alice(), clock=clock)
    assert len(look(stage.connection, clock=clock).holdings) == 4
    lines = list(demo.crash(stage, clock=clock))
    firing = GuardFiring.objects.get()
    assert firing.outcome == FiringOutcome.FLAT, lines
    assert look(stage.connection, clock=clock).holdings == ()
    used = [one.used for one in GuardSample.objects.order_by("at") if one.used is not None]
    # It was warned of before it fired.
    assert any(0 < one < 1 for one in used)
    assert max(used) >= 1
    positions = CloseIntent.objects.filter(firing=firing, root__isnull=False)
    assert {one.phase for one in positions} == {"closed"}
    assert positions.count() == 4
    assert TradingLock.objects.filter(account=stage.account, lifted_at=None).exists()


def test_it_can_be_seen_again(workspace, clock):
    first = demo.set_stage(alice(), clock=clock)
    assert demo.set_stage(alice(), clock=clock) == first
    list(demo.crash(first, clock=clock))
    clock.sleep(3600)
    second = demo.set_stage(alice(), clock=clock)
    assert second.guard != first.guard
    assert len(look(second.connection, clock=clock).holdings) == 4


def test_by_command(workspace):
    out = io.StringIO()
    call_command("demo_crash", "--workspace", workspace.slug, "--prepare", stdout=out)
    assert "watches" in out.getvalue()
    with scope(workspace=workspace.pk):
        assert not GuardFiring.objects.exists()
