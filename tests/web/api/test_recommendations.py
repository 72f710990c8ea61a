"""Recommendations over HTTP: how they stand, who may decide, and what bots are told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from accounts.services.tokens import create_token
from journal import tasks
from journal.models import (
    DataIssue,
    Decision,
    ImportBatch,
    OrderReport,
    RecommendationOutcome,
    RecommendationStanding,
)
from journal.services.captures.booking import bring_back
from journal.services.recommendations.rules import change_rules
from journal.services.recommendations.standing import refresh_standings
from tests import people
from tests.captures import ACCOUNT, account_of, book, bot, fill, order
from tests.doors import undo

pytestmark = pytest.mark.django_db
PROPOSALS = "/api/recommendations"


@pytest.fixture
def alice():
    membership = people.alice()
    account_of(membership.workspace)
    return membership


@pytest.fixture
def client(alice):
    """May report, read and decide."""
    return people.bot(alice)


def strict_bot(membership):
    """A token whose recommendations need approval."""
    client = people.bot(membership)
    _, text = create_token(
        membership,
        name="Condor bot",
        scopes=[Scope.CAPTURE_WRITE, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE],
        needs_approval=True,
    )
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {text}")
    return client


def ago(**time) -> str:
    return (timezone.now() - timedelta(**time)).isoformat()


def propose(alice, client, record_id="rec-1", **fields):
    said = {"record_id": record_id, "symbol": "SPY", "strategy": "bull put", **fields}
    answer = client.post(PROPOSALS, said)
    assert answer.status_code == 201, answer.json()
    book(alice.workspace)


def decide(client, verdict, record_id="rec-1", **more):
    return client.post(f"{PROPOSALS}/{record_id}/decisions", {"verdict": verdict, **more})


def shown(client, record_id="rec-1"):
    return client.get(f"{PROPOSALS}/{record_id}").json()


def log(client, record_id="rec-1"):
    rows = client.get(f"{PROPOSALS}/{record_id}/decisions").json()["results"]
    return [(row["verdict"], row["via"]) for row in rows]


def test_legs_and_features_are_kept_under_our_names_with_their_moment(alice, client):
    propose(
        alice, client, at="2026-06-02T13:30:00Z", scanner="condors", scanner_version="2.1", quantity="7",
        legs=[{"action": "SELL", "option_type": "put", "strike": 95.5, "expiration": "2026-07-17", "contracts": 1, "delta": -0.3}],
        features={"iv_rank": 68.5, "regime": {"value": "calm", "as_of": "2026-06-01T20:00:00Z"}},
        parameters={"min_iv_rank": 50, "blacklist": ["ACME", "GLOBEX"]},
    )  # fmt: skip
    one = shown(client)
    assert one["legs"] == [
        {
            "side": "sell",
            "right": "put",
            "strike": "95.5",
            "expiry_on": "2026-07-17",
            "quantity": "1",
            "delta": "-0.3",
        }
    ]
    assert one["features"] == {
        "iv_rank": {"value": "68.5", "as_of": "2026-06-02T13:30:00+00:00"},
        "regime": {"value": "calm", "as_of": "2026-06-01T20:00:00+00:00"},
    }
    assert one["parameters"] == {"min_iv_rank": "50", "blacklist": ["ACME", "GLOBEX"]}
    assert (one["scanner"], one["scanner_version"], one["quantity"]) == ("condors", "2.1", "7")
    assert (one["status"], one["outcome"], one["decisions"]) == ("recommended", None, [])


@pytest.mark.parametrize(
    ("leg", "words"),
    [
        ({"right": "put", "strike": "-1"}, "strike"),
        ({"right": "straddle", "strike": "5"}, "right"),
        ({"right": "call", "strike": "5", "expiry_on": "July"}, "expiry_on"),
        ({"right": "call", "expiry_on": "2026-07-17"}, "strike is missing"),
        ({"side": "up", "symbol": "SPY"}, "side"),
    ],
)
def test_a_leg_that_cannot_be_is_refused_in_words(client, leg, words):
    answer = client.post(PROPOSALS, {"symbol": "SPY", "legs": [{"symbol": "SPY"}, leg]})
    assert answer.status_code == 422
    assert "leg 2" in answer.json()["fields"]["legs"][0]
    assert words in answer.json()["fields"]["legs"][0]


def test_approve_change_one_s_mind_and_take_it_back(alice, client):
    propose(alice, client)
    assert decide(client, "approved", reason="Looks fine").json()["status"] == "approved"
    again = decide(client, "approved")
    assert (again.status_code, again.json()["changed"]) == (200, False)
    assert decide(client, "rejected").status_code == 201
    assert decide(client, "recommended").json()["status"] == "recommended"
    assert log(client) == [("approved", "api"), ("rejected", "api"), ("recommended", "api")]
    first = client.get(f"{PROPOSALS}/rec-1/decisions").json()["results"][0]
    assert (first["actor"], first["reason"]) == ("Token “test”", "Looks fine")
    found = client.get(f"{PROPOSALS}?status=recommended").json()["results"]
    assert [one["record_id"] for one in found] == ["rec-1"]
    assert client.get(f"{PROPOSALS}?status=approved").json()["results"] == []


def test_who_decides_on_what_is_no_longer_so_is_told(alice, client):
    propose(alice, client)
    decide(client, "rejected", seen="recommended")
    late = decide(client, "approved", seen="recommended")
    assert (late.status_code, late.json()["code"]) == (409, "decided_meanwhile")
    assert "Token “test”" in late.json()["message"]
    assert shown(client)["status"] == "rejected"


def test_a_decision_s_idempotency_key_decides_once(alice, client):
    propose(alice, client)
    for _ in range(2):
        answer = client.post(
            f"{PROPOSALS}/rec-1/decisions",
            {"verdict": "approved"},
            headers={"Idempotency-Key": "k1"},
        )
        assert answer.status_code == 201
    assert log(client) == [("approved", "api")]


def test_what_has_expired_says_so_before_any_rule_ran_and_cannot_be_approved(alice, client):
    propose(alice, client, at=ago(hours=2), expires_at=ago(hours=-1))
    decide(client, "approved")
    with scope(workspace=alice.workspace):
        RecommendationStanding.objects.update(lapses_at=timezone.now() - timedelta(seconds=1))
    assert shown(client)["status"] == "expired"
    assert len(client.get(f"{PROPOSALS}?status=expired").json()["results"]) == 1
    assert decide(client, "rejected").json()["code"] == "recommendation_expired"
    assert log(client) == [("approved", "api")]


def test_the_schedule_writes_down_what_time_decided_once(alice, client):
    propose(alice, client, at=ago(days=3), expires_at=ago(days=1))
    for _ in range(2):
        tasks.lapse_recommendations()
        book(alice.workspace)
    (row,) = client.get(f"{PROPOSALS}/rec-1/decisions").json()["results"]
    assert (row["verdict"], row["via"], row["actor"]) == ("expired", "rule", "Rule")
    # When it expired, not when that was noticed.
    assert row["decided_at"][:10] == ago(days=1)[:10]


def test_nobody_decided_in_time_is_ignored_and_shadows_wait_for_ever(alice, client):
    propose(alice, client)
    propose(alice, client, "rec-2", pool="shadow")
    with scope(workspace=alice.workspace):
        change_rules(alice.workspace.pk, ignored_after_hours=0, link_hours=24)
    assert shown(client)["status"] == "ignored"
    assert shown(client, "rec-2")["status"] == "recommended"
    tasks.lapse_recommendations()
    assert log(client) == [("ignored", "rule")]
    assert decide(client, "approved").status_code == 201


def test_a_filled_order_executes_it_and_its_undo_takes_that_back(alice, client):
    propose(alice, client)
    decide(client, "approved")
    entry = order(recommendation_id="rec-1", symbol="SPY", side="buy", quantity="10", role="entry")
    client.post("/api/orders", entry)
    book(alice.workspace)
    assert shown(client)["status"] == "approved"
    client.post("/api/executions", fill(symbol="SPY", client_order_id="my-1", exec_id="x1"))
    book(alice.workspace)
    one = shown(client)
    assert (one["status"], len(one["orders"])) == ("executed", 1)
    assert one["trade"] == client.get("/api/trades").json()["results"][0]["id"]
    assert decide(client, "rejected").json()["code"] == "recommendation_executed"
    with scope(workspace=alice.workspace):
        batch = OrderReport.objects.get().batch
    undo(alice.workspace, batch)
    assert shown(client)["status"] == "approved"
    assert log(client) == [("approved", "api"), ("executed", "rule"), ("approved", "rule")]


def test_deriving_it_again_changes_nothing(alice, client):
    propose(alice, client)
    client.post(
        "/api/orders", order(recommendation_id="rec-1", status="filled", filled_quantity="1")
    )
    book(alice.workspace)
    with scope(workspace=alice.workspace):
        before = list(RecommendationStanding.objects.values()), Decision.objects.count()
        RecommendationStanding.objects.all().delete()
        refresh_standings(alice.workspace.pk, ["rec-1", "unknown"])
        assert (list(RecommendationStanding.objects.values()), Decision.objects.count()) == before


def test_decisions_outlive_the_undo_of_what_they_are_about(alice, client):
    propose(alice, client)
    decide(client, "rejected", reason="Too wide")
    with scope(workspace=alice.workspace):
        batch = ImportBatch.objects.get()
    undo(alice.workspace, batch)
    assert client.get(f"{PROPOSALS}/rec-1").status_code == 404
    with scope(workspace=alice.workspace):
        bring_back(batch)
    book(alice.workspace)
    assert shown(client)["status"] == "rejected"


def test_evidence_is_append_only(alice, client):
    propose(alice, client)
    decide(client, "approved")
    client.post(f"{PROPOSALS}/rec-1/outcomes", {"r_multiple": "1", "mark_quality": "eod_mid"})
    with scope(workspace=alice.workspace):
        for rows in (Decision.objects.all(), RecommendationOutcome.objects.all()):
            for change in (lambda rows=rows: rows.update(actor="x"), rows.delete):
                with pytest.raises(DatabaseError), transaction.atomic():
                    change()


@pytest.mark.parametrize("method", ["patch", "put", "delete"])
def test_a_recommendation_that_would_be_edited_says_why_not(alice, client, method):
    propose(alice, client)
    answer = getattr(client, method)(f"{PROPOSALS}/rec-1", {"symbol": "QQQ"})
    assert (answer.status_code, answer.json()["code"]) == (409, "recommendation_immutable")
    assert shown(client)["symbol"] == "SPY"


def test_one_that_came_this_moment_is_not_unknown(alice, client):
    client.post(PROPOSALS, {"record_id": "rec-1", "symbol": "SPY"})
    answer = client.get(f"{PROPOSALS}/rec-1")
    assert (answer.status_code, answer.json()["code"]) == (503, "recommendation_waits")
    assert client.get(f"{PROPOSALS}/rec-2").status_code == 404


def test_a_viewer_and_a_bot_without_the_scope_decide_nothing(alice, client):
    propose(alice, client)
    bob = people.bob(alice.workspace, role=Role.VIEWER)
    assert decide(people.browser(bob), "approved").status_code == 403
    answer = decide(bot(alice), "approved")
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
    assert log(client) == []


# -- approval per bot -----------------------------------------------------------------------------


def warnings_of(client, **fields):
    answer = client.post("/api/orders", order(recommendation_id="rec-1", symbol="SPY", **fields))
    assert answer.status_code in (200, 201)
    return answer.json().get("warnings", [])


def issues(alice):
    with scope(workspace=alice.workspace):
        return list(DataIssue.objects.filter(code="order_without_approval"))


def test_an_order_without_approval_is_kept_and_told(alice, client):
    strict = strict_bot(alice)
    propose(alice, strict)
    assert shown(strict)["needs_approval"] is True
    assert "no approval" in warnings_of(strict, record_id="o-1")[0]
    assert "no approval" in warnings_of(strict, record_id="o-1")[0]
    book(alice.workspace)
    (issue,) = issues(alice)
    assert "rec-1" in issue.message
    # The stop of that order is not told again, and an approval afterwards does not make it right.
    assert warnings_of(strict, client_order_id="my-2", parent_id="my-1") == []
    decide(client, "approved")
    book(alice.workspace)
    assert [one.pk for one in issues(alice)] == [issue.pk]


def test_after_its_approval_an_order_is_as_any_other(alice, client):
    strict = strict_bot(alice)
    propose(alice, strict)
    assert decide(client, "approved").status_code == 201
    assert warnings_of(strict, at=timezone.now().isoformat()) == []
    book(alice.workspace)
    assert issues(alice) == []


def test_a_bot_that_needs_approval_does_not_approve_itself(alice, client):
    strict = strict_bot(alice)
    propose(alice, strict)
    answer = decide(strict, "approved")
    assert (answer.status_code, answer.json()["code"]) == (403, "bot_cannot_approve")
    assert decide(strict, "rejected").status_code == 201


def test_an_order_on_one_that_is_not_stored_yet_is_told_too(alice):
    strict = strict_bot(alice)
    strict.post(PROPOSALS, {"record_id": "rec-1", "symbol": "SPY"})
    assert "no approval" in warnings_of(strict)[0]


def test_a_scanner_may_ask_for_approval_itself(alice, client):
    propose(alice, client, needs_approval=True)
    assert "no approval" in warnings_of(client)[0]


# -- outcomes -------------------------------------------------------------------------------------


def tell(client, **fields):
    return client.post(f"{PROPOSALS}/rec-1/outcomes", {"mark_quality": "eod_mid", **fields})


def test_what_it_came_to_is_told_also_of_what_was_ignored(alice, client):
    propose(alice, client)
    decide(client, "ignored")
    reporter = bot(alice)
    assert tell(reporter, result="-120.50", currency="usd").status_code == 201
    assert tell(reporter, result="-120.50", currency="usd").status_code == 200
    assert tell(reporter, result_per_unit=0.95, close_reason="50% rule").status_code == 201
    outcome = shown(client)["outcome"]
    assert (outcome["result_per_unit"], outcome["result"]) == ("0.95", None)
    told = client.get(f"{PROPOSALS}/rec-1/outcomes").json()["results"]
    assert [one["result"] for one in told] == [None, "-120.5"]
    (listed,) = client.get(PROPOSALS).json()["results"]
    assert listed["outcome"]["close_reason"] == "50% rule"


def test_an_outcome_that_says_nothing_is_refused_by_field(alice, client):
    propose(alice, client)
    answer = client.post(f"{PROPOSALS}/rec-1/outcomes", {"result": "5", "closed_at": "yesterday"})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"currency", "closed_at", "mark_quality"}
    assert tell(client).json()["fields"].keys() == {"result_per_unit"}


def test_a_token_of_another_account_finds_nothing(alice, client):
    propose(alice, client, account=ACCOUNT)
    other = account_of(alice.workspace, "U2")
    bound = people.bot(alice, account_id=other.pk)
    assert decide(bound, "approved").status_code == 404
    assert bound.get(f"{PROPOSALS}/rec-1").status_code == 404
