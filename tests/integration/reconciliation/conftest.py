from __future__ import annotations

import pytest
from django_scopes import scope

from tests.people import alice


@pytest.fixture
def workspace(db):
    """Alice's, open for queries."""
    workspace = alice().workspace
    with scope(workspace=workspace.pk):
        yield workspace
