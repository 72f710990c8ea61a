from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.roles import Role
from tests import people
from tests.web.reconciliation import rows


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)
