"""Guards on their pages: changed by two people, looked at, counted."""

from __future__ import annotations

import re

import pytest

from accounts.roles import Role
from reconciliation.domain.guards.machine import State
from reconciliation.models import ChangeState, Guard, GuardVersion
from tests import people
from tests.web.reconciliation.guards.making import D, filled, make, sample
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db


def test_tighter_counts_at_once_and_looser_waits_for_somebody_else(who, alice, book):
    guard = make(alice, book)
    body = filled(name="")
    alice.post(f"/guards/{guard.pk}/edit", {**body, "amount": "5", "do": "save"})
    guard.refresh_from_db()
    assert D(guard.version.values["limit"]["amount"]) == D("0.05")
    refused = alice.post(f"/guards/{guard.pk}/edit", {**body, "amount": "8", "do": "save"})
    assert refused.status_code == 422
    alice.post(
        f"/guards/{guard.pk}/edit", {**body, "amount": "8", "reason": "New plan.", "do": "save"}
    )
    waiting = GuardVersion.objects.get(state=ChangeState.WAITING)
    listed = page(alice, "/guards")
    assert "New plan." in words(listed)
    assert 'value="approve"' not in listed
    alice.post(f"/guards/changes/{waiting.pk}", {"verdict": "approve"})
    waiting.refresh_from_db()
    assert waiting.state == ChangeState.WAITING
    bob = people.browser(who.bob)
    assert 'value="approve"' in page(bob, "/guards")
    bob.post(f"/guards/changes/{waiting.pk}", {"verdict": "approve"})
    guard.refresh_from_db()
    assert D(guard.version.values["limit"]["amount"]) == D("0.08")


def test_switching_off_takes_two_and_arming_one(who, alice, book):
    guard = make(alice, book)
    alice.post(f"/guards/{guard.pk}/disarm", {"reason": "Holiday."})
    guard.refresh_from_db()
    assert guard.state == State.ARMED
    waiting = GuardVersion.objects.get(state=ChangeState.WAITING)
    people.browser(who.bob).post(f"/guards/changes/{waiting.pk}", {"verdict": "approve"})
    guard.refresh_from_db()
    assert guard.state == State.DISARMED
    alice.post(f"/guards/{guard.pk}/arm")
    guard.refresh_from_db()
    assert guard.state == State.ARMED
    alice.post(f"/guards/{guard.pk}/remove")
    assert Guard.objects.get().removed_at is None


def test_a_change_is_withdrawn_or_refused(who, alice, book):
    guard = make(alice, book)
    for client, verdict, state in (
        (alice, "withdraw", ChangeState.WITHDRAWN),
        (people.browser(who.bob), "refuse", ChangeState.REFUSED),
    ):
        alice.post(f"/guards/{guard.pk}/disarm", {"reason": "Holiday."})
        waiting = GuardVersion.objects.get(state=ChangeState.WAITING)
        client.post(f"/guards/changes/{waiting.pk}", {"verdict": verdict})
        waiting.refresh_from_db()
        assert waiting.state == state
    assert alice.post(f"/guards/changes/{waiting.pk}", {"verdict": "maybe"}).status_code == 422


def test_a_viewer_looks_and_changes_nothing(book, who):
    guard = make(people.browser(who.alice), book)
    who.bob.role = Role.VIEWER
    who.bob.save()
    bob = people.browser(who.bob)
    text = page(bob, "/guards") + page(bob, f"/guards/{guard.pk}")
    assert "Switch off" not in text
    assert "/guards/new" not in text
    for address in ("new", "new/limit", f"{guard.pk}/edit"):
        assert bob.get(f"/guards/{address}").status_code == 403
    for address in (f"{guard.pk}/arm", f"{guard.pk}/disarm", f"{guard.pk}/remove"):
        assert bob.post(f"/guards/{address}").status_code == 403


def test_room_is_told_in_money_and_per_cent(alice, book):
    guard = make(alice, book)
    assert "not measured" in words(page(alice, "/guards"))
    sample(guard, "0.5")
    text = words(page(alice, "/guards"))
    assert "5,000.00 USD 50% left" in text
    assert "50% used" in text


def test_the_floor_of_the_installation_is_shown_as_such(who, alice, book):
    guard = make(alice, book)
    Guard.objects.update(preset="floor_drawdown")
    assert "Floor" in words(page(alice, "/guards"))
    assert "not looser, and not switched off" in words(page(alice, f"/guards/{guard.pk}"))


def test_the_navigation_counts_guards_that_want_somebody(alice, book):
    make(alice, book)
    entry = r'href="/guards" title="Guards".*?</a>'
    assert "count" not in re.search(entry, page(alice, "/trades"), re.DOTALL)[0]
    Guard.objects.update(state=State.LOCKED)
    assert re.search(r'class="count">1<', re.search(entry, page(alice, "/trades"), re.DOTALL)[0])


def test_the_cost_does_not_follow_the_number_of_guards(
    who, alice, book, django_assert_max_num_queries
):
    for _ in range(3):
        sample(make(alice, book), "0.2")
    with django_assert_max_num_queries(16):
        page(alice, "/guards")
