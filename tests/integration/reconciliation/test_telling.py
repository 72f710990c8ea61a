"""What reconciliation tells programs has the names that they were promised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.utils import timezone
from django_scopes import scope

from journal.models import BrokerAccount, WebhookEvent
from journal.services.webhooks.endpoints import create_endpoint
from journal.services.webhooks.events import EVENTS
from reconciliation.domain.life import State
from reconciliation.models import Divergence, FiringOutcome, TradingLock
from reconciliation.services.guards.saying import tell_locked, tell_unlocked
from reconciliation.services.resolving import accept
from tests import people

pytestmark = pytest.mark.django_db
SOURCES = Path(__file__).parents[3] / "reconciliation" / "services"
NAMED = re.compile(
    r'event="([a-z_.]+)"|\bsay\(\s*guard,\s*"([a-z_]+)"|_tell_lock\(lock, "([a-z_]+)"'
)


def test_every_event_that_is_told_is_one_that_can_be_subscribed_to():
    told = {f"guard.{one.value}" for one in FiringOutcome if one.name in ("FLAT", "PARTIAL", "FAILED")}  # fmt: skip
    for path in SOURCES.rglob("*.py"):
        for event, of_guard, of_lock in NAMED.findall(path.read_text()):
            told.add(event or (f"guard.{of_guard}" if of_guard else f"lock.{of_lock}"))
    assert {"guard.fired", "lock.began", "closing.escalated", "divergence.opened"} <= told
    assert told <= set(EVENTS)


@pytest.fixture
def alice():
    membership = people.alice()
    with scope(workspace=membership.workspace):
        create_endpoint(
            membership, address="https://1.1.1.1/x", name="", events=[one for one in EVENTS if one != "test"]
        )  # fmt: skip
        yield membership


def events():
    return [one.kind for one in WebhookEvent.objects.order_by("id")]


def test_a_lock_is_told_when_it_begins_and_when_it_is_lifted(alice):
    lock = TradingLock.objects.create(
        workspace=alice.workspace, reason="Drawdown guard fired", began_at=timezone.now()
    )
    tell_locked(lock)
    tell_locked(lock)
    tell_unlocked(lock)
    assert events() == ["lock.began", "lock.lifted"]


def test_a_difference_that_somebody_ends_is_told_to_programs(alice):
    account = BrokerAccount.objects.create(
        workspace=alice.workspace, broker="paper", broker_id="P1", base_currency="USD"
    )
    now = timezone.now()
    divergence = Divergence.objects.create(
        workspace=alice.workspace, account=account, kind="fee", key="k", fingerprint="f", severity="warning",
        state=State.OPEN, symbol="SPY", first_seen_at=now, last_seen_at=now, opened_at=now,
    )  # fmt: skip
    accept(divergence, alice, reason="The broker rounds.")
    assert events() == ["divergence.resolved"]
    assert WebhookEvent.objects.get().data["state"] == "accepted"
