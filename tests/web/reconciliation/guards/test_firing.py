"""What the page of a guard tells once it fired."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from reconciliation.domain.guards.machine import State
from reconciliation.models import CloseIntent, CloseStep, Guard, GuardFiring
from tests.web.reconciliation.guards.making import D, make, sample
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db


def fire(guard: Guard, **more: Any) -> GuardFiring:
    seen = sample(guard, "1.04", value=D(89_600), steps=["fire"], state=State.FIRED)
    values = {
        "outcome": "closing",
        "figures": {"value": "89600", "floor": "90000", "used": "1.04"},
        **more,
    }
    return GuardFiring.objects.create(
        workspace_id=guard.workspace_id, guard=guard, account_id=guard.account_id, version=guard.version,
        sample=seen, fired_at=seen.at, **values
    )  # fmt: skip


def closing(firing: GuardFiring, **more: Any) -> CloseIntent:
    values = {"symbol": "ACME", "reason": "drawdown", "started_quantity": D(80), "phase": "sending",
              "began_at": timezone.now(), "memory": {}, **more}  # fmt: skip
    intent = CloseIntent.objects.create(
        workspace_id=firing.workspace_id,
        account_id=firing.account_id,
        firing=firing,
        key=f"k{CloseIntent.objects.count()}",
        **values,
    )
    for action, quantity, heard in (
        ("read", None, {"held": "80"}),
        ("send", D(80), {"fate": "rejected"}),
    ):
        CloseStep.objects.create(
            workspace_id=firing.workspace_id, account_id=firing.account_id, intent=intent, action=action,
            quantity=quantity, heard=heard, fence=1, client_id="k-1", created_at=timezone.now()
        )  # fmt: skip
    return intent


def test_a_firing_shows_every_reading_and_every_step(alice, book):
    guard = make(alice, book)
    for used in ("0.71", "0.93"):
        sample(guard, used)
    closing(fire(guard))
    text = words(page(alice, f"/guards/{guard.pk}"))
    for piece in (
        "89,600.00 USD",
        "104.00%",
        "Every reading that led to it",
        "71%",
        "93%",
        "Read the position",
        "Send an order to close",
        "refused",
        "ACME",
    ):
        assert piece in text
    assert "By hand" not in text


def test_the_page_follows_by_itself_and_quicker_while_positions_are_closed(alice, book):
    guard = make(alice, book)
    address = f"/guards/{guard.pk}"
    assert 'hx-trigger="every 10s" hx-select="#now"' in page(alice, address)
    Guard.objects.filter(pk=guard.pk).update(state="fired")
    assert 'hx-trigger="every 2s" hx-select="#content"' in page(alice, address)
    Guard.objects.filter(pk=guard.pk).update(state="locked")
    assert "hx-trigger" not in page(alice, address)


def test_steps_are_told_in_words_and_what_came_again_and_again_once(alice, book):
    guard = make(alice, book)
    intent = closing(fire(guard, outcome="failed"), phase="escalated", why="time")
    begun = timezone.now()
    steps = [
        ("read", {"held": "-80", "is_quiet": False}), ("cancel", {"is_done": False}),
        ("sent", {"fate": "filled", "filled": "30", "price": "12.50", "order_id": "77", "reason": "Slow."}),
        *[("find", {"silence": True})] * 3,
        ("queue", {"opens_at": "2026-11-23T14:30:00+00:00"}),
    ]  # fmt: skip
    for number, (action, heard) in enumerate(steps):
        CloseStep.objects.create(
            workspace_id=intent.workspace_id, account_id=intent.account_id, intent=intent, action=action, heard=heard,
            fence=1, client_id="k-2", created_at=begun + timedelta(seconds=number),
        )  # fmt: skip
    text = words(page(alice, f"/guards/{guard.pk}"))
    for piece in (
        "−80 held, and orders are at work",
        "some are still at work",
        "filled 30 at 12.50, order 77: Slow",
        "Look for the order 3 times",
        "it opens 23 Nov 2026 14:30",
    ):
        assert piece in text
    assert text.count("no answer") == 1
    assert "silence" not in text
    assert "True" not in text


def test_an_escalation_is_a_ticket_with_exact_numbers(alice, book):
    guard = make(alice, book)
    memory = {"held": "30.5", "is_settled": False, "sent": "80", "attempt": 1}
    closing(
        fire(guard, outcome="failed"),
        phase="escalated",
        why="time",
        memory=memory,
        ended_at=timezone.now(),
    )
    text = words(page(alice, f"/guards/{guard.pk}"))
    assert "Sell 30.5 ACME: +30.5 held when it was last read." in text
    assert "Nobody knows what became of the order k0-1 for 80: look for it first." in text
    assert "it could not be made sure in time" in text


def test_a_short_that_was_never_read_again_is_told_so(alice, book):
    guard = make(alice, book)
    closing(
        fire(guard),
        phase="escalated",
        why="time",
        started_quantity=D(-3),
        memory={"held": None},
        ended_at=timezone.now(),
    )
    assert "Buy 3 ACME: −3 held when the guard fired; what is held now is not known." in words(
        page(alice, f"/guards/{guard.pk}")
    )
