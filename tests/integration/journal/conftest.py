from __future__ import annotations

import pytest

from journal.brokers import registry


@pytest.fixture
def bare_reader(monkeypatch):
    """The reader of `tests.brokers.bare` among the others."""
    monkeypatch.setitem(registry.ADAPTERS, "bare", "tests.brokers.bare:Bare")
    registry._paths.cache_clear()
    yield
    registry._paths.cache_clear()
