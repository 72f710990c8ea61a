"""Where new trades are locked, and who lifts it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from reconciliation.models import TradingLock
from tests import people
from tests.web.reconciliation.guards.making import make
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db


def lock(workspace, **more: Any) -> TradingLock:
    values = {"reason": "Daily loss reached.", "began_at": timezone.now(), **more}
    return TradingLock.objects.create(workspace=workspace, **values)


def test_a_lock_stands_on_every_page_until_it_is_lifted(who, alice, book):
    for address in ("/trades", "/guards", "/reconciliation"):
        assert "are locked" not in words(page(alice, address))
    held = lock(who.workspace, account=book, symbol="ACME")
    for address in ("/trades", "/reconciliation/live", "/accounts"):
        assert (
            "New trades in ACME are locked in U7654321 until somebody lifts it: Daily loss reached."
            in words(page(alice, address))
        )
    assert alice.post(f"/guards/locks/{held.pk}/lift").status_code == 303
    assert "are locked" not in words(page(alice, "/trades"))


def test_several_locks_are_one_line_that_names_where(who, alice, book):
    lock(who.workspace, account=book, symbol="ACME")
    lock(who.workspace, account=book)
    text = words(page(alice, "/trades"))
    assert "New trades are locked in U7654321 and U7654321 (ACME). The locks" in text
    lock(who.workspace)
    lock(who.workspace, symbol="BETA")
    text = words(page(alice, "/trades"))
    assert text.count("are locked") == 1
    assert "and 2 more places." in text
    # Where they are listed, each is told with its reason.
    assert words(page(alice, "/guards")).count("Daily loss reached.") == 4


def test_a_lock_whose_time_is_over_is_said_no_more(who, alice, book):
    lock(who.workspace, until=timezone.now() - timedelta(seconds=1))
    assert "are locked" not in words(page(alice, "/trades"))


def test_a_lock_of_a_guard_is_not_lifted_by_hand(who, alice, book):
    guard = make(alice, book)
    held = lock(who.workspace, account=book, guard=guard)
    alice.post(f"/guards/locks/{held.pk}/lift")
    held.refresh_from_db()
    assert held.lifted_at is None


def test_other_workspaces_see_no_lock_and_no_guard(who, alice, book):
    guard = make(alice, book)
    lock(who.workspace, account=book)
    charlie = people.browser(who.charlie)
    assert "are locked" not in words(page(charlie, "/trades"))
    assert charlie.get(f"/guards/{guard.pk}").status_code == 404
    assert guard.name not in page(charlie, "/guards")
