"""Recommendations on pages: what waits, one with all that is known, decisions, and a new one by hand."""

from __future__ import annotations

import re
from html import unescape

import pytest
from django_scopes import scope

from accounts.roles import Role
from journal.models import Decision, Recommendation, RecommendationStanding, Trade
from tests import people
from tests.captures import account_of, book, fill, order
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

LIST_QUERIES = 16
PAGE_QUERIES = 24
PUT_SPREAD = {
    "symbol": "SPY", "strategy": "bull put", "quantity": "7", "expected_profit": "1330", "expected_loss": "2170",
    "probability": "0.68", "reason": "IV rank above 50", "scanner": "condors", "scanner_version": "2.1",
    "features": {"iv_rank": "68.5", "regime": "<script>alert(1)</script>"}, "parameters": {"min_iv_rank": 50, "skip": ["ACME", "X"]},
    "legs": [{"side": "sell", "right": "put", "strike": "540", "expiry_on": "2027-07-16", "quantity": "1", "delta": "-0.3"},
             {"side": "buy", "right": "put", "strike": "535", "expiry_on": "2027-07-16", "quantity": "1"}],
}  # fmt: skip


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def propose(who, record_id="rec-1", **fields):
    account_of(who.workspace)
    client = people.bot(who.alice)
    answer = client.post("/api/recommendations", {**PUT_SPREAD, "record_id": record_id, **fields})
    assert answer.status_code == 201, answer.json()
    book(who.workspace)
    with scope(workspace=who.workspace):
        return Recommendation.objects.get(record_id=record_id)


def text(response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def test_a_newcomer_is_shown_how_recommendations_come(who, alice):
    assert "No recommendations yet" in words(alice.get("/recommendations"))


def test_what_waits_stands_first_and_is_counted_in_the_navigation(who, alice):
    propose(who)
    propose(who, "rec-2", symbol="QQQ", needs_approval=True)
    propose(who, "rec-3", symbol="DIA", pool="shadow")
    page = alice.get("/recommendations").content.decode()
    asked = page[page.index('class="asks"') : page.index("</ul>", page.index('class="asks"'))]
    assert asked.index("QQQ") < asked.index("SPY")
    assert "DIA" not in asked
    assert 'class="count">2<' in page
    assert "DIA" in page


def test_the_list_is_filtered_by_the_status_of_this_moment(who, alice):
    propose(who)
    propose(who, "rec-2", symbol="QQQ")
    with scope(workspace=who.workspace):
        first = RecommendationStanding.objects.get(recommendation__record_id="rec-1")
        first.lapses_at = first.recommendation.received_at
        first.save()
    found = alice.get("/recommendations?status=ignored").content.decode()
    table = found[found.index("<tbody") :]
    assert "SPY" in table
    assert "QQQ" not in table


def test_the_page_of_one_shows_all_that_is_known_and_trusts_nothing(who, alice):
    proposal = propose(who)
    response = alice.get(f"/recommendations/{proposal.pk}")
    page = response.content.decode()
    said = words(response)
    for part in (
        "bull put",
        "540",
        "535",
        "delta -0.3",
        "68.5",
        "condors 2.1",
        "IV rank above 50",
        "ACME, X",
        "68.0%",
    ):
        assert part in said, part  # fmt: skip
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
    assert "Not known yet. Its scanner may tell it" in said
    source = proposal.get_source_display()
    assert f"Source {source}" in said
    assert f"{source}: {source}" not in said


def test_it_is_found_by_its_sender_s_name_too_and_says_when_it_came_this_moment(who, alice):
    people.bot(who.alice).post("/api/recommendations", {**PUT_SPREAD, "record_id": "rec-1"})
    waits = alice.get("/recommendations/rec-1")
    assert waits.status_code == 202
    assert "It is being stored" in text(waits)
    book(who.workspace)
    assert alice.get("/recommendations/rec-1").status_code == 200


def decide(client, proposal, verdict, **more):
    return client.post(
        f"/recommendations/{proposal.pk}/decide",
        {"verdict": verdict, "seen": "recommended", **more},
        follow=True,
    )


def test_it_leads_to_the_form_of_its_plan_and_then_to_the_plan(who, alice):
    proposal = propose(who)
    page = alice.get(f"/recommendations/{proposal.pk}").content.decode()
    link = re.search(r'href="(/plans/new[?][^"]+)"', page)
    assert link is not None
    address = unescape(link[1])
    assert f'value="{proposal.record_id}"' in alice.get(address).content.decode()
    alice.post("/plans/new", {"symbol": "SPY", "recommendation_id": proposal.record_id})
    said = words(alice.get(f"/recommendations/{proposal.pk}"))
    assert "To its plan" in said
    assert "Plan it" not in said
    bob = people.browser(who.bob)
    assert "/plans/new?" not in bob.get(f"/recommendations/{proposal.pk}").content.decode()


def test_a_person_approves_with_a_reason_and_the_log_tells(who, alice):
    proposal = propose(who)
    said = words(decide(alice, proposal, "approved", reason="Good <b>odds</b>"))
    assert "Approved" in said
    assert "alice@example.org on the page" in said
    with scope(workspace=who.workspace):
        decision = Decision.objects.get()
        assert (decision.user, decision.via) == (who.alice.user_id, "page")
        assert decision.reason == "Good <b>odds</b>"


def test_the_second_of_two_is_told_who_was_first(who, alice):
    proposal = propose(who)
    bob = people.bob(who.workspace)
    bob.role = Role.TRADER
    bob.save()
    decide(people.browser(bob), proposal, "rejected")
    said = words(decide(alice, proposal, "approved"))
    assert "bob@example.org decided meanwhile" in said
    with scope(workspace=who.workspace):
        assert [one.verdict for one in Decision.objects.all()] == ["rejected"]


def test_a_viewer_looks_and_decides_nothing(who):
    proposal = propose(who)
    bob = people.browser(who.bob)
    assert "Approve" not in words(bob.get(f"/recommendations/{proposal.pk}"))
    assert decide(bob, proposal, "approved").status_code == 403
    assert bob.get("/recommendations/new").status_code == 403


def test_orders_and_trade_that_follow_are_linked(who, alice):
    proposal = propose(who)
    bot = people.bot(who.alice)
    bot.post(
        "/api/orders", order(recommendation_id="rec-1", symbol="SPY", side="buy", quantity="1")
    )
    bot.post("/api/executions", fill(symbol="SPY", client_order_id="my-1", exec_id="x1"))
    book(who.workspace)
    page = alice.get(f"/recommendations/{proposal.pk}").content.decode()
    assert "To the trade" in page
    assert "Executed" in page
    order_link = re.search(r'href="(/orders/\d+)"', page)[1]
    assert f'href="/recommendations/{proposal.pk}"' in alice.get(order_link).content.decode()


def test_the_page_of_a_trade_shows_what_it_followed_and_whether_it_was_approved(who, alice):
    propose(who, needs_approval=True)
    bot = people.bot(who.alice)
    bot.post(
        "/api/orders", order(recommendation_id="rec-1", symbol="SPY", side="buy", quantity="1")
    )
    bot.post("/api/executions", fill(symbol="SPY", client_order_id="my-1", exec_id="x1"))
    book(who.workspace)
    page = alice.get("/recommendations/rec-1").content.decode()
    trade = alice.get(re.search(r'href="(/trades/\d+)"', page)[1])
    said = words(trade)
    assert "Recommended" in said
    assert "SPY bull put" in said
    assert "Nobody did Without approval" in said


FORM = {
    "symbol": "spy", "strategy": "bull put", "quantity": "2", "probability": "68", "pool": "shown", "record_id": "by-hand",
    "expires_at": "2030-01-02T16:00", "reason": "Looks cheap",
    "legs-TOTAL_FORMS": "4", "legs-INITIAL_FORMS": "0", "legs-MIN_NUM_FORMS": "0", "legs-MAX_NUM_FORMS": "24",
    "legs-0-side": "sell", "legs-0-quantity": "1", "legs-0-right": "put", "legs-0-strike": "540",
    "legs-0-expiry_on": "2027-07-16",
}  # fmt: skip


def test_a_person_proposes_by_a_form_and_twice_is_once(who, alice):
    for _ in range(2):
        answer = alice.post("/recommendations/new", FORM)
        assert (answer.status_code, answer.url) == (303, "/recommendations/by-hand")
    book(who.workspace)
    with scope(workspace=who.workspace):
        made = Recommendation.objects.get()
    assert (made.symbol, made.source, str(made.probability)) == ("spy", "manual", "0.68")
    assert made.legs == [
        {
            "side": "sell",
            "right": "put",
            "strike": "540",
            "expiry_on": "2027-07-16",
            "quantity": "1",
        }
    ]
    assert made.expires_at is not None


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("symbol", "", "required"),
        ("probability", "168", "At most 100"),
        ("quantity", "many", "Write a number"),
        ("legs-0-strike", "", "An option has one."),
        ("quantity", "0", "more than zero"),
    ],
)
def test_what_is_wrong_with_the_form_is_said_beside_it(who, alice, field, value, said):
    answer = alice.post("/recommendations/new", {**FORM, field: value})
    assert answer.status_code == 422
    assert said in text(answer)


def test_the_list_tells_what_the_trade_came_to(who, alice):
    propose(who, "followed", symbol="ACME", side="buy", legs=[])
    client = people.bot(who.alice)
    buy = fill(record_id="f-1", exec_id="x-1", recommendation_id="followed")
    client.post("/api/executions/batch", {"executions": [buy]})
    book(who.workspace)
    row = r'id="recommendations".*?</table>'
    page = alice.get("/recommendations").content.decode()
    assert '<span class="muted">open</span>' in re.search(row, page, re.DOTALL)[0]
    sell = fill(
        record_id="f-2",
        exec_id="x-2",
        side="sell",
        price="26.50",
        executed_at="2026-06-02T14:00:00Z",
    )
    client.post("/api/executions/batch", {"executions": [sell]})
    book(who.workspace)
    told = words(alice.get("/recommendations"))
    with scope(workspace=who.workspace):
        net = Trade.objects.get().net_pnl
    assert net > 0
    assert f"+{net.normalize():f}".rstrip("0") in told.replace(",", "")


def test_the_cost_of_the_pages_does_not_grow(who, alice, django_assert_max_num_queries):
    for number in range(12):
        proposal = propose(who, f"rec-{number}")
    alice.get("/recommendations")
    with django_assert_max_num_queries(LIST_QUERIES):
        alice.get("/recommendations")
    with django_assert_max_num_queries(PAGE_QUERIES):
        alice.get(f"/recommendations/{proposal.pk}")
