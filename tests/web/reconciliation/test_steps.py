"""What people do about differences: steps with a reason, four eyes, whose it is; and comparing now."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django_scopes import scope

from accounts.roles import Role
from journal.models import BrokerInstrument
from reconciliation.domain.classes import DivergenceClass
from reconciliation.domain.life import State
from reconciliation.models import Divergence, ReconciliationRules
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.test_board import page, words

pytestmark = pytest.mark.django_db
PROPOSAL = {"code": "book_right", "words": "Leave it: the two count their averages differently."}


@pytest.fixture
def who():
    cache.clear()
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


@pytest.fixture
def bob(who):
    return people.browser(who.bob)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)


def differs(book, kind=DivergenceClass.PRICE, **more) -> Divergence:
    """Averages that differ: nothing has to be booked for it."""
    sides = {
        "expected": {"quantity": "80", "average_price": "101"},
        "actual": {"quantity": "80", "average_price": "102"},
    }
    made = rows.divergence(book, kind, **{"proposal": PROPOSAL, **sides, **more})
    Divergence.objects.filter(pk=made.pk).update(key=f"position:1:{made.pk}")
    return made


def take(client, made: Divergence, step: str, reason: str = "", **more: str) -> str:
    answer = client.post(
        f"/reconciliation/divergences/{made.pk}/step", {"step": step, "reason": reason, **more}
    )
    assert answer.status_code == 303, answer.content.decode()[:400]
    made.refresh_from_db()
    return made.state


def test_one_click_is_enough_where_one_person_is(alice, book):
    made = differs(book)
    assert "Keep the book’s figure" in words(page(alice))
    assert take(alice, made, "settle", "They average by day.") == State.RESOLVED
    text = words(page(alice, f"/reconciliation/divergences/{made.pk}"))
    assert "They average by day." in text
    assert "alice@example.org" in text
    assert "Keep the book’s figure" not in text


def test_where_four_eyes_are_wanted_nobody_approves_their_own(who, alice, bob, book):
    ReconciliationRules.objects.create(workspace=who.workspace, four_eyes=True)
    made = differs(book)
    assert take(alice, made, "settle", "They average by day.") == State.PROPOSED
    assert "somebody else has to approve" in words(page(alice))
    assert take(alice, made, "approve") == State.PROPOSED
    assert "Approve" in words(page(bob))
    assert take(bob, made, "approve") == State.RESOLVED


def test_who_approves_agrees_to_what_they_were_shown(who, alice, bob, book):
    """And not to what was put in its place after they had looked."""
    ReconciliationRules.objects.create(workspace=who.workspace, four_eyes=True)
    made = differs(book)
    take(alice, made, "settle", "They average by day.")
    shown = made.proposal_mark
    assert shown in page(bob)
    take(alice, made, "withdraw")
    take(alice, made, "settle", "Something else altogether.")
    address = f"/reconciliation/divergences/{made.pk}/step"
    bob.post(address, {"step": "approve", "mark": shown})
    made.refresh_from_db()
    assert (made.state, made.proposal_mark == shown) == (State.PROPOSED, False)
    bob.post(address, {"step": "approve", "mark": made.proposal_mark})
    made.refresh_from_db()
    assert made.state == State.RESOLVED


def test_without_a_reason_nothing_is_proposed(alice, book):
    made = differs(book)
    assert take(alice, made, "settle") == State.OPEN
    assert take(alice, made, "accept") == State.OPEN


@pytest.mark.parametrize(("step", "state"), [("accept", State.ACCEPTED), ("void", State.VOID)])
def test_it_can_stay_as_it_is(alice, book, step, state):
    made = differs(book)
    assert take(alice, made, "investigate") == State.INVESTIGATING
    assert made.assignee is not None
    assert take(alice, made, step, "Known for years.") == state


def test_a_step_that_does_not_follow_changes_nothing_and_says_why(alice, book):
    made = differs(book, state=State.RESOLVED)
    assert take(alice, made, "investigate") == State.RESOLVED
    answer = alice.post(f"/reconciliation/divergences/{made.pk}/step", {"step": "explode"})
    assert answer.status_code == 422


def test_a_proposal_is_taken_back(alice, book, who):
    ReconciliationRules.objects.create(workspace=who.workspace, four_eyes=True)
    made = differs(book)
    take(alice, made, "settle", "They average by day.")
    assert take(alice, made, "withdraw") == State.INVESTIGATING


def test_it_is_somebody_s(who, alice, book):
    made = differs(book)
    address = f"/reconciliation/divergences/{made.pk}/assign"
    assert alice.post(address, {"to": who.bob.user_id}).status_code == 303
    made.refresh_from_db()
    assert made.assignee == who.bob.user
    assert alice.post(address, {"to": who.charlie.user_id}).status_code == 404
    assert alice.post(address, {"to": "nobody"}).status_code == 404
    assert alice.post(address, {"to": ""}).status_code == 303
    made.refresh_from_db()
    assert made.assignee is None


def test_a_viewer_changes_nothing(who, bob, book):
    who.bob.role = Role.VIEWER
    who.bob.save()
    made = differs(book)
    text = page(bob) + page(bob, f"/reconciliation/divergences/{made.pk}")
    assert "Look into it" not in text
    assert "Compare now" not in text
    for address in (f"divergences/{made.pk}/step", f"divergences/{made.pk}/assign", "compare"):
        assert (
            bob.post(f"/reconciliation/{address}", {"step": "accept", "reason": "x"}).status_code
            == 403
        )


def test_steps_lead_back_to_where_they_were_taken_and_nowhere_else(alice, book):
    body = {"step": "investigate", "next": "/reconciliation?severity=warning"}
    answer = alice.post(f"/reconciliation/divergences/{differs(book).pk}/step", body)
    assert answer.url == "/reconciliation?severity=warning"
    made = differs(book)
    body["next"] = "https://elsewhere.example"
    assert (
        alice.post(f"/reconciliation/divergences/{made.pk}/step", body).url
        == f"/reconciliation/divergences/{made.pk}"
    )


def test_comparing_now_is_asked_for_once_in_a_while(
    alice, book, django_capture_on_commit_callbacks
):
    for asked in (1, 0):
        with django_capture_on_commit_callbacks() as callbacks:
            assert (
                alice.post("/reconciliation/compare", {"account": str(book.pk)}).status_code == 303
            )
        assert len(callbacks) == asked
    assert "Wait a moment" in words(page(alice))
    assert alice.post("/reconciliation/compare", {"account": "999999"}).status_code == 404


def unknown_market(book) -> Divergence:
    return differs(
        book, kind=DivergenceClass.INSTRUMENT_MAP, symbol="ACMEUSDT", expected={},
        actual={"symbol": "ACMEUSDT", "quantity": "3"},
        proposal={"code": "mapped", "act": "map", "words": "Say which market of the book the broker means."},
    )  # fmt: skip


def test_somebody_says_which_market_the_broker_means(who, alice, book):
    made = unknown_market(book)
    ours = rows.instrument(who.workspace, "ACME/USDT")
    address = f"/reconciliation/divergences/{made.pk}"
    assert f"{address}#map-market" in page(alice)
    # The first guess begins as the broker's word does.
    assert "ACME/USDT" in words(page(alice, address))
    assert "no market like" in words(page(alice, f"{address}?market=ZZZ"))
    assert f'value="{ours.pk}"' in page(alice, "/reconciliation/markets?market=acme")
    assert take(alice, made, "settle", "Their name of it.") == State.OPEN
    assert (
        take(alice, made, "settle", "Their name of it.", instrument=str(ours.pk)) == State.RESOLVED
    )
    linked = BrokerInstrument.objects.get(broker_id="symbol:ACMEUSDT")
    assert linked.instrument == ours
    assert "is ACME/USDT in the book" in words(page(alice, address))


def test_a_market_that_is_somebody_else_s_is_none(who, alice, book):
    made = unknown_market(book)
    with scope(workspace=who.charlie.workspace):
        theirs = rows.instrument(who.charlie.workspace, "ACMEX")
    assert take(alice, made, "settle", "Theirs.", instrument=str(theirs.pk)) == State.OPEN
    assert "ACMEX" not in page(alice, "/reconciliation/markets?market=ACME")


def test_another_market_can_be_said_later(who, alice, book):
    one, other = (rows.instrument(who.workspace, symbol) for symbol in ("ACMEA", "ACMEB"))
    for market in (one, other):
        take(alice, unknown_market(book), "settle", "So it is.", instrument=str(market.pk))
    assert BrokerInstrument.objects.get(broker_id="symbol:ACMEUSDT").instrument == other
