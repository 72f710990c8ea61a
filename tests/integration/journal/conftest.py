from __future__ import annotations

import pytest
from django_scopes import scope

from journal.brokers import registry
from journal.models import BrokerAccount
from journal.services.verification import verify_account
from tests.people import alice


@pytest.fixture
def bare_reader(monkeypatch):
    """The reader of `tests.brokers.bare` among the others."""
    monkeypatch.setitem(registry.ADAPTERS, "bare", "tests.brokers.bare:Bare")
    registry._paths.cache_clear()
    yield
    registry._paths.cache_clear()


@pytest.fixture
def workspace(db):
    """Alice's, open for queries."""
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace


@pytest.fixture
def every_book_holds(workspace):
    """Whatever a test did, the figures agree at its end."""
    yield
    for account in BrokerAccount.objects.all():
        assert verify_account(account) == []
