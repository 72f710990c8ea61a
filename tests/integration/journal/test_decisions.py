"""Decisions under pressure: two people at once, and every way in which a recommendation comes to be executed."""

from __future__ import annotations

import threading

import pytest
from django.db import connection
from django.utils import timezone
from django_scopes import scope
from hypothesis import given, settings
from hypothesis import strategies as st

from common.errors import AppError
from journal.domain.standing import DECISIONS, SETTLED, Standing
from journal.models import (
    BrokerAccount,
    DecidedVia,
    Decision,
    Recommendation,
    RecommendationOutcome,
    RecommendationStanding,
    TradeChain,
)
from journal.selectors.recommendations import list_recommendations
from journal.services.erasure import ask_erasure, erase_account
from journal.services.recommendations.deciding import Actor, decide
from journal.services.recommendations.standing import rebuild_standings, refresh_standings
from journal.services.verification import verify_recommendations
from tests import effort, people
from tests.captures import ACCOUNT, account_of, book, fill, order

REFRESH_QUERIES = 16


def propose(membership, record_id="rec-1", **fields):
    account_of(membership.workspace)
    client = people.bot(membership)
    said = {"record_id": record_id, "symbol": "SPY", **fields}
    assert client.post("/api/recommendations", said).status_code == 201
    book(membership.workspace)
    return client


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_the_same_moment_one_is_second_and_is_told():
    alice = people.alice()
    propose(alice)
    start, results = threading.Barrier(2), {}

    def say(verdict: str) -> None:
        with scope(workspace=alice.workspace):
            proposal = list_recommendations().select_related("batch").get()
            actor = Actor(DecidedVia.PAGE, verdict)
            start.wait(10)
            try:
                results[verdict] = decide(proposal, verdict, actor, seen="recommended")
            except AppError as error:
                results[verdict] = error.code
        connection.close()

    threads = [threading.Thread(target=say, args=(one,)) for one in ("approved", "rejected")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(map(str, results.values())) == ["True", "decided_meanwhile"]
    with scope(workspace=alice.workspace):
        (only,) = Decision.objects.all()
        assert results[only.verdict] is True
        assert RecommendationStanding.objects.get().status == only.verdict


@pytest.mark.django_db(transaction=True)
def test_the_same_approval_from_many_at_once_is_one_decision():
    alice = people.alice()
    propose(alice)
    changed = []

    def approve() -> None:
        with scope(workspace=alice.workspace):
            proposal = list_recommendations().select_related("batch").get()
            changed.append(decide(proposal, "approved", Actor(DecidedVia.API, "x")))
        connection.close()

    threads = [threading.Thread(target=approve) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(changed) == [False, False, False, True]
    with scope(workspace=alice.workspace):
        assert Decision.objects.count() == 1


def status_of(membership, record_id="rec-1"):
    with scope(workspace=membership.workspace):
        found = list_recommendations().get(record_id=record_id)
        return found.status, found.standing.trade_id


@pytest.mark.django_db
@pytest.mark.parametrize("first", ["proposal", "fills"])
def test_a_fill_that_names_it_executes_it_whichever_comes_first(first):
    alice = people.alice()
    account_of(alice.workspace)
    client = people.bot(alice)
    named = fill(symbol="SPY", exec_id="x1", recommendation_id="rec-1")
    for what in ("proposal", "fills") if first == "proposal" else ("fills", "proposal"):
        if what == "proposal":
            propose(alice)
        else:
            client.post("/api/executions", named)
            book(alice.workspace)
    with scope(workspace=alice.workspace):
        trade_id = TradeChain.objects.get(recommendation_id="rec-1").pk
    assert status_of(alice) == ("executed", trade_id)


@pytest.mark.django_db
def test_a_plan_that_follows_it_executes_it_with_its_own_execution():
    alice = people.alice()
    client = propose(alice)
    plan = {"plan_id": "p-1", "symbol": "SPY", "side": "buy", "recommendation_id": "rec-1"}
    assert client.post("/api/plans", plan).status_code == 201
    assert status_of(alice)[0] == "recommended"
    client.post("/api/orders", order(plan_id="p-1", symbol="SPY", side="buy", quantity="10"))
    client.post("/api/executions", fill(symbol="SPY", exec_id="x1", client_order_id="my-1"))
    book(alice.workspace)
    status, trade_id = status_of(alice)
    assert status == "executed"
    assert trade_id is not None


@pytest.mark.django_db
def test_what_an_erased_account_had_executed_stands_as_before():
    alice = people.alice()
    client = propose(alice)
    propose(alice, "rec-2", account=ACCOUNT)
    client.post("/api/recommendations/rec-2/decisions", {"verdict": "approved"})
    client.post(
        "/api/recommendations/rec-2/outcomes", {"r_multiple": "1", "mark_quality": "eod_mid"}
    )
    client.post(
        "/api/orders", order(recommendation_id="rec-1", status="filled", filled_quantity="1")
    )
    book(alice.workspace)
    assert status_of(alice)[0] == "executed"
    with scope(workspace=alice.workspace):
        account = BrokerAccount.objects.get()
        ask_erasure(account, confirm=ACCOUNT, reason="", author_id=None)
        erase_account(account)
        assert [one.record_id for one in Recommendation.objects.all()] == ["rec-1"]
        assert not RecommendationOutcome.objects.exists()
        assert {one.record_id for one in Decision.objects.all()} == {"rec-1"}
    assert status_of(alice) == ("recommended", None)


@pytest.mark.django_db
def test_a_standing_that_is_not_what_was_decided_is_found_and_derived_anew():
    alice = people.alice()
    client = propose(alice)
    client.post("/api/recommendations/rec-1/decisions", {"verdict": "approved"})
    with scope(workspace=alice.workspace):
        assert verify_recommendations(alice.workspace.pk) == []
        RecommendationStanding.objects.update(status="rejected")
        (finding,) = verify_recommendations(alice.workspace.pk)
        assert finding.detail == "rec-1: rejected ≠ approved"
        RecommendationStanding.objects.all().delete()
        assert len(verify_recommendations(alice.workspace.pk)) == 1
        assert rebuild_standings(alice.workspace.pk) == 1
        assert verify_recommendations(alice.workspace.pk) == []
        assert RecommendationStanding.objects.get().status == "approved"


@pytest.mark.django_db
def test_what_is_derived_for_many_is_asked_for_together(django_assert_max_num_queries):
    alice = people.alice()
    client = people.bot(alice)
    names = [f"r{number}" for number in range(40)]
    rows = [{"record_id": name, "symbol": "SPY"} for name in names]
    client.post("/api/recommendations/batch", {"recommendations": rows})
    book(alice.workspace)
    with scope(workspace=alice.workspace):
        RecommendationStanding.objects.all().delete()
        with django_assert_max_num_queries(REFRESH_QUERIES):
            refresh_standings(alice.workspace.pk, names)
        assert RecommendationStanding.objects.filter(status="recommended").count() == 40


_MOVES = st.lists(st.sampled_from([*Standing, "refresh"]), max_size=8)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=effort.examples(15))
@given(moves=_MOVES)
def test_the_standing_is_always_what_its_log_says(moves):
    alice = people.alice()
    name = f"r-{timezone.now().timestamp()}"
    with scope(workspace=alice.workspace):
        propose(alice, name)
        for move in moves:
            if move == "refresh":
                refresh_standings(alice.workspace.pk, [name])
                continue
            proposal = list_recommendations().select_related("batch").get(record_id=name)
            try:
                decide(proposal, move, Actor(DecidedVia.API, "x"))
            except AppError:
                assert move in SETTLED
        log = list(Decision.objects.filter(record_id=name).values_list("verdict", flat=True))
        said = [one for one in moves if one in DECISIONS]
        expected: list[str] = []
        for one in said:
            if one != (expected[-1] if expected else "recommended"):
                expected.append(one)
        assert log == expected
        standing = RecommendationStanding.objects.get(
            recommendation=Recommendation.objects.get(record_id=name)
        )
        assert standing.status == (expected[-1] if expected else "recommended")
