"""Guards on pages: set up, simulated, armed, changed by two people, fired and closed, locked."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.forms.guard_values import usual
from reconciliation.forms.guards import FORMS
from reconciliation.models import (
    ChangeState,
    CloseIntent,
    CloseStep,
    Guard,
    GuardFiring,
    GuardKind,
    GuardSample,
    GuardVersion,
    TradingLock,
)
from reconciliation.services.guards.presetting import version_of_preset
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db
D = Decimal


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


def filled(kind: str = "limit", **changes: Any) -> dict[str, Any]:
    """What the form sends when nothing in it was changed."""
    form = FORMS[kind](begin=usual(kind), initial={"name": "Mine"}, accounts=None)
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    values = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    return {**values, **{name: value for name, value in changes.items() if value != ""}}


def make(client, book, kind: str = "limit", **changes: Any) -> Guard:
    answer = client.post(
        f"/guards/new/{kind}", {**filled(kind, account=str(book.pk), **changes), "do": "save"}
    )
    assert answer.status_code == 303, words(answer.content.decode())
    return Guard.objects.select_related("version").latest("pk")


def sample(guard: Guard, used: str, **more: Any) -> GuardSample:
    values = {
        "value": D(95_000),
        "reference": D(100_000),
        "floor": D(90_000),
        "state": guard.state,
        "at": timezone.now(),
        **more,
    }
    return GuardSample.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        used=D(used),
        **values,
    )


def test_a_newcomer_is_led_to_the_first_guard(alice):
    text = words(page(alice, "/guards"))
    assert "Nothing guards your accounts" in text
    gallery = words(page(alice, "/guards/new"))
    for preset in PRESETS.values():
        assert preset.name in gallery
        assert preset.words in gallery
    assert "as of 01 Nov 2026" in gallery


@pytest.mark.parametrize("slug", PRESETS)
def test_a_preset_is_armed_as_it_is(alice, book, slug):
    text = page(alice, f"/guards/new/limit?preset={slug}")
    form = FORMS["limit"](
        begin=version_of_preset(PRESETS[slug]), initial={"name": "x"}, accounts=None
    )
    values = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    body = {name: str(value) for name, value in values.items() if value not in (None, "", False)}
    answer = alice.post(
        f"/guards/new/limit?preset={slug}", {**body, "account": str(book.pk), "do": "save"}
    )
    assert answer.status_code == 303
    guard = Guard.objects.get()
    assert (guard.preset, guard.state) == (slug, State.ARMED)
    limit = guard.version.values["limit"]
    assert D(limit["amount"]) == PRESETS[slug].limit.amount
    assert limit["reference"] == PRESETS[slug].limit.reference
    assert PRESETS[slug].zone in text


@pytest.mark.parametrize("kind", list(GuardKind.values))
def test_every_kind_is_set_up_and_every_field_explained(alice, book, kind):
    text = page(alice, f"/guards/new/{kind}")
    fields = re.findall(
        r'<div class="field(.*?)(?=<div class="field[ "]|</section>)', text, re.DOTALL
    )
    assert len(fields) >= 6
    guard = make(alice, book, kind)
    assert guard.state == State.ARMED
    assert "Mine" in words(page(alice, "/guards"))
    assert "Set to" in words(page(alice, f"/guards/{guard.pk}"))


@pytest.mark.parametrize(
    ("name", "value"),
    [("amount", "-1"), ("amount", "101"), ("amount", "NaN"), ("tiers", "90, 40"), ("tiers", "x"), ("tiers", "120"),
     ("zone", "Mars/Olympus"), ("measured", "luck"), ("hard", "0.5"), ("resets_at", "25:00"), ("account", "999999")],
)  # fmt: skip
def test_what_makes_no_guard_is_told_where(alice, book, name, value):
    answer = alice.post(
        "/guards/new/limit", {**filled(account=str(book.pk)), name: value, "do": "save"}
    )
    assert answer.status_code == 422
    assert "field--error" in answer.content.decode()
    assert not Guard.objects.exists()


def past(book, days: int = 40) -> None:
    now = timezone.now()
    for day in range(days):
        worth = D(100_000) if day != days // 2 else D(80_000)
        at = now - timedelta(days=days - day)
        for minutes in (0, 5):
            moment = at + timedelta(minutes=minutes)
            on = rows.snapshot(book, moment, equity=worth, balance=worth)
            rows.worth(book, moment, equity=worth, balance=worth, snapshot=on)


def test_a_guard_is_simulated_before_it_is_armed(alice, book):
    past(book)
    answer = alice.post("/guards/new/limit", {**filled(account=str(book.pk)), "do": "simulate"})
    text = words(answer.content.decode())
    assert answer.status_code == 200
    assert "it would have fired once" in text
    assert "nothing is saved yet" in text
    assert not Guard.objects.exists()


def test_too_little_of_the_past_is_said(alice, book):
    answer = alice.post("/guards/new/limit", {**filled(account=str(book.pk)), "do": "simulate"})
    assert "What it would have done" in words(answer.content.decode())
    assert "would have fired" not in words(answer.content.decode())


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


def test_there_is_no_kind_of_any_name(alice):
    assert alice.get("/guards/new/luck").status_code == 404


def test_the_cost_does_not_follow_the_number_of_guards(
    who, alice, book, django_assert_max_num_queries
):
    for _ in range(3):
        sample(make(alice, book), "0.2")
    with django_assert_max_num_queries(16):
        page(alice, "/guards")
