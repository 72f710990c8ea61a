from __future__ import annotations

import pytest
from django_scopes import scope

from tests.people import alice


@pytest.fixture
def owner(db):
    return alice()


@pytest.fixture
def workspace(owner):
    """Alice's, open for queries."""
    with scope(workspace=owner.workspace_id):
        yield owner.workspace
