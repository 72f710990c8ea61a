"""A worker's clock that is ahead: nothing of the future is called complete."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone
from django_scopes import scope

from journal.brokers.fetchers import get_fetcher
from journal.brokers.fetching import Document, Window
from journal.models import Pull, PullDocument, PullState
from journal.selectors.coverage import WHOLE, coverage_of
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.clock import SYSTEM, SystemClock, database_now
from journal.services.pulls.documents import Intake
from journal.services.pulls.run import run_pull
from tests import people
from tests.pulling import connect, flex_service
from tests.simulators.link import Clock

pytestmark = pytest.mark.django_db
AHEAD = timedelta(days=40)


@pytest.fixture
def workspace():
    return people.alice().workspace


@pytest.fixture
def flex():
    """At the time of the database."""
    with flex_service() as running:
        running.clock = Clock(database_now().astimezone(UTC))
        running.enforces_limits = False
        running.opened = None
        yield running


def test_the_clock_of_pulls_is_not_ahead_of_the_database_s():
    with time_machine.travel(datetime.now(UTC) + AHEAD):
        assert SYSTEM.now() <= database_now() < timezone.now() - AHEAD + timedelta(hours=1)
    with time_machine.travel(datetime.now(UTC) - AHEAD):
        assert SYSTEM.now() < database_now() - AHEAD + timedelta(hours=1)


def test_a_pull_by_a_clock_that_is_ahead_claims_nothing_of_the_future(workspace, flex, monkeypatch):
    monkeypatch.setattr(SystemClock, "sleep", lambda self, seconds: None)
    now = flex.clock.now()
    connection = connect(workspace, flex, history_from=now.date() - timedelta(days=60))
    with scope(workspace=workspace):
        one = ask_pull(connection)
        with time_machine.travel(now + AHEAD, tick=False):
            one = run_pull(one)
        assert one.state == PullState.DONE
        assert one.until <= database_now()
        (span,) = coverage_of([connection.pk])[connection.pk].held[WHOLE]
        assert now - timedelta(days=4) < span.until <= now
        assert all(until <= now for until in PullDocument.objects.values_list("until", flat=True))


def test_a_document_that_claims_the_future_holds_what_has_been(workspace, flex):
    now = flex.clock.now()
    connection = connect(workspace, flex)
    with scope(workspace=workspace):
        one = Pull.objects.create(workspace=workspace, connection=connection)
        window = Window(now - timedelta(days=10), now + AHEAD)
        fetcher = get_fetcher("ibkr_flex")
        for intake in (
            Intake(one, fetcher, window),
            Intake(one, fetcher, window, clock=Clock(now - timedelta(days=1))),
        ):
            intake.take(Document("x", "ibkr_flex", b"", "U1", complete_until=now + AHEAD))
            intake.end()
        ends = PullDocument.objects.filter(account_number=WHOLE).values_list("until", flat=True)
        first, second = ends.order_by("pk")
        assert now <= first <= database_now()
        assert second == now - timedelta(days=1)
