from __future__ import annotations

from datetime import timedelta

import pytest
from django_scopes import scope

from journal.brokers.live import Ability
from reconciliation.services import cycle
from tests.integration.reconciliation.desks import Broker, Clock
from tests.people import alice


@pytest.fixture
def workspace(db):
    """Alice's, open for queries."""
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def broker(clock, monkeypatch):
    monkeypatch.setattr(cycle, "abilities_of", lambda connection: {Ability.READ_POSITIONS})
    return Broker(clock)


@pytest.fixture
def run(broker, clock):
    """One cycle over these accounts, a minute after the last one."""

    def once(*accounts, seconds=60, **options):
        clock.at += timedelta(seconds=seconds)
        return cycle.run_accounts(
            accounts, source="test", clock=clock, opener=broker.open, **options
        )

    return once
