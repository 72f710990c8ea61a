"""Book and broker over the API: what is told, to whom, and what a step needs."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from reconciliation.domain.classes import DivergenceClass, Severity
from reconciliation.domain.life import State
from reconciliation.models import (
    Divergence,
    LogEvent,
    LogStatus,
    ReconciliationRules,
)
from tests import people
from tests.web.reconciliation import rows
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db

READ, WRITE = Scope.RECONCILIATION_READ, Scope.RECONCILIATION_WRITE
PROPOSAL = {"code": "broker_right", "act": "nothing", "words": "The broker’s figure counts."}
LISTS = (
    "status", "runs", "snapshots", "position-snapshots", "divergences", "log", "drawdown-alerts",
)  # fmt: skip


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.TRADER)


@pytest.fixture
def alice(who):
    return people.bot(who.alice, READ, WRITE)


@pytest.fixture
def book(who):
    with scope(workspace=who.workspace):
        yield rows.account(who.workspace)


def results(client, name: str, **query):
    answer = client.get(f"/api/reconciliation/{name}", query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["results"]


def take(client, divergence: Divergence, step: str, /, **said):
    said.setdefault("reason", "Looked it up.")
    return client.post(f"/api/reconciliation/divergences/{divergence.pk}/{step}", said)


def as_viewer(membership):
    membership.role = Role.VIEWER
    membership.save()
    return membership


def test_a_snapshot_is_told_line_by_line_with_exact_numbers(alice, book):
    on = rows.snapshot(book, equity=Decimal("100000.10"))
    run = rows.run(book, on)
    rows.worth(book, snapshot=on)
    rows.position(on)
    rows.working_order(on)
    told = alice.get(f"/api/reconciliation/snapshots/{on.pk}").json()
    assert (told["equity"], told["is_complete"], told["took_ms"]) == ("100000.1", True, 340)
    assert told["positions"][0]["signed_quantity"] == "80"
    assert told["orders"][0]["stop_price"] == "95"
    assert (told["runs"], told["lines_kept"]) == ([run.pk], True)
    assert "positions" not in results(alice, "snapshots")[0]


def test_lines_that_were_thinned_out_do_not_say_flat(alice, book):
    on = rows.snapshot(book)
    rows.worth(book, snapshot=on, position_count=3)
    told = alice.get(f"/api/reconciliation/snapshots/{on.pk}").json()
    assert (told["positions"], told["position_count"], told["lines_kept"]) == ([], 3, False)


def test_freshness_is_unknown_stale_or_fresh_and_never_a_guess(who, alice, book):
    (told,) = results(alice, "status")
    assert (told["freshness"], told["as_of"], told["worth"]) == ("unknown", None, None)
    old = rows.snapshot(book, timezone.now() - timedelta(hours=1))
    (told,) = results(alice, "status")
    assert (told["freshness"], told["snapshot"]) == ("stale", old.pk)
    rows.worth(book, snapshot=rows.snapshot(book))
    rows.divergence(book)
    rows.divergence(book, state=State.SEEN, symbol="B")
    (told,) = results(alice, "status")
    assert told["freshness"] == "fresh"
    assert told["open_divergences"] == {"error": 1}
    assert told["worth"]["drawdown_percent"] == "3.846"


def test_a_read_that_failed_is_in_the_series_without_figures(alice, book):
    rows.worth(book)
    rows.failed_read(book)
    newest, before = results(alice, "position-snapshots", account=book.pk)
    assert (newest["equity"], bool(newest["error"])) == (None, True)
    assert before["equity"] == "100000"
    assert len(results(alice, "position-snapshots", failed="true")) == 1
    assert results(alice, "position-snapshots", until="2020-01-01T00:00:00Z") == []


def test_a_series_is_walked_by_cursor(alice, book):
    now = timezone.now()
    for minute in range(5):
        rows.worth(book, now - timedelta(minutes=minute))
    page = alice.get("/api/reconciliation/position-snapshots", {"page_size": 2}).json()
    seen = [one["id"] for one in page["results"]]
    while page["next"]:
        page = alice.get(page["next"]).json()
        seen += [one["id"] for one in page["results"]]
    assert len(seen) == len(set(seen)) == 5


def test_the_log_is_filtered_as_people_look_for_it(who, alice, book):
    rows.entry(book)
    rows.entry(
        book, event=LogEvent.CLOSE, status=LogStatus.FAILED, symbol="ACME", user=who.bob.user_id
    )
    assert len(results(alice, "log")) == 2
    for query in (
        {"event": "close"}, {"status": "failed"}, {"symbol": "acme"}, {"user": who.bob.user_id},
        {"account": book.pk, "event": "close", "start": timezone.now().date().isoformat()},
    ):  # fmt: skip
        (told,) = results(alice, "log", **query)
        assert told["event"] == "close", query
    assert results(alice, "log", end="2020-01-01") == []


def test_what_was_not_seen_often_enough_is_told_nobody(alice, book):
    hidden = rows.divergence(book, state=State.SEEN)
    assert results(alice, "divergences", state="all") == []
    assert alice.get(f"/api/reconciliation/divergences/{hidden.pk}").status_code == 404
    assert take(alice, hidden, "void").status_code == 404


def test_divergences_are_filtered_like_on_the_page(who, alice, book):
    rows.divergence(book)
    rows.divergence(book, DivergenceClass.FEE, symbol="B", assignee_id=who.bob.user_id)
    rows.divergence(book, state=State.VOID, symbol="C")
    found = {one["symbol"] for one in results(alice, "divergences")}
    assert found == {"ACME", "B"}
    for query, symbol in (
        ({"kind": "fee"}, "B"), ({"severity": Severity.ERROR}, "ACME"), ({"state": "void"}, "C"),
        ({"assignee": who.bob.user_id}, "B"), ({"text": "acm"}, "ACME"), ({"state": "over"}, "C"),
    ):  # fmt: skip
        assert [one["symbol"] for one in results(alice, "divergences", **query)] == [symbol], query
    assert alice.get("/api/reconciliation/divergences", {"kind": "no"}).status_code == 422


def test_one_divergence_has_both_sides_its_steps_and_what_follows(alice, book):
    one = rows.divergence(book, proposal=PROPOSAL)
    rows.step(one, State.OPEN)
    told = alice.get(f"/api/reconciliation/divergences/{one.pk}").json()
    assert (told["expected"]["quantity"], told["actual"]["quantity"]) == ("100", "80")
    assert told["proposal"]["code"] == "broker_right"
    assert told["follows"] == ["accepted", "investigating", "proposed", "void"]
    assert [step["to_state"] for step in told["steps"]] == ["open"]
    assert told["what"]
    assert told["next_step"]


def test_from_looking_into_it_to_resolved(who, alice, book):
    one = rows.divergence(book, proposal=PROPOSAL)
    assert take(alice, one, "investigate").json()["assignee"] == who.alice.user_id
    assert take(alice, one, "assign", user=who.bob.user_id).json()["assignee"] == who.bob.user_id
    assert take(alice, one, "propose").json()["state"] == "proposed"
    told = take(alice, one, "approve", reason="As the broker says.").json()
    assert (told["state"], told["resolution"]) == ("resolved", "broker_right")
    assert [step["to_state"] for step in told["steps"]] == [
        "investigating", "investigating", "proposed", "approved", "resolved",
    ]  # fmt: skip


def test_a_step_that_does_not_follow_says_what_does(alice, book):
    one = rows.divergence(book)
    answer = take(alice, one, "approve")
    assert answer.status_code == 409
    assert answer.json()["code"] == "step_not_allowed"
    assert answer.json()["fields"] == {
        "state": ["open"], "follows": ["accepted", "investigating", "proposed", "void"],
    }  # fmt: skip
    assert take(alice, one, "void").status_code == 200
    assert take(alice, one, "accept").json()["fields"]["follows"] == []


def test_where_two_have_to_agree_one_is_not_enough(who, alice, book):
    ReconciliationRules.objects.create(workspace=who.workspace, four_eyes=True)
    one = rows.divergence(book, proposal=PROPOSAL)
    assert take(alice, one, "propose").status_code == 200
    # Another token of the same person is the same person.
    for client in (alice, people.bot(who.alice, READ, WRITE)):
        assert take(client, one, "approve").json()["code"] == "step_not_allowed"
    bob = people.bot(who.bob, READ, WRITE)
    shown = bob.get(f"/api/reconciliation/divergences/{one.pk}").json()["proposal_mark"]
    assert take(alice, one, "withdraw").status_code == 200
    assert take(alice, one, "propose", reason="Something else.").status_code == 200
    assert take(bob, one, "approve", mark=shown).json()["code"] == "proposal_changed"
    assert take(bob, one, "approve").json()["state"] == "resolved"


@pytest.mark.parametrize(
    "step", ["investigate", "assign", "propose", "approve", "withdraw", "accept", "void"]
)
def test_every_step_wants_a_reason(alice, book, step):
    one = rows.divergence(book, proposal=PROPOSAL)
    answer = take(alice, one, step, reason="  ", user=None)
    assert answer.status_code == 422
    assert "reason" in answer.json()["fields"]
    one.refresh_from_db()
    assert (one.state, one.assignee_id) == (State.OPEN, None)


def test_a_stranger_is_nobody_to_assign_to(who, alice, book):
    answer = take(alice, rows.divergence(book), "assign", user=who.charlie.user_id)
    assert (answer.status_code, answer.json()["code"]) == (422, "assignee_unknown")


def test_a_step_with_a_name_of_its_own_is_done_once(alice, book):
    one = rows.divergence(book)
    url = f"/api/reconciliation/divergences/{one.pk}/accept"
    answers = [
        alice.post(url, {"reason": "So be it."}, headers={"Idempotency-Key": "k"}) for _ in range(2)
    ]
    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].headers["Idempotent-Replayed"] == "true"
    assert one.steps.count() == 1


def test_scopes_and_roles(who, book):
    one = rows.divergence(book)
    journal = people.bot(who.alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    reader = people.bot(who.alice, READ)
    viewer = people.browser(as_viewer(who.bob))
    for name in LISTS:
        assert journal.get(f"/api/reconciliation/{name}").status_code == 403, name
        assert reader.get(f"/api/reconciliation/{name}").status_code == 200, name
        assert viewer.get(f"/api/reconciliation/{name}").status_code == 200, name
    assert take(reader, one, "void").json()["code"] == "scope_missing"
    assert reader.post("/api/reconciliation/sync").json()["code"] == "scope_missing"


def test_a_viewer_settles_nothing(who, book):
    viewer = people.bot(as_viewer(who.bob))
    answer = take(viewer, rows.divergence(book), "void")
    assert (answer.status_code, answer.json()["code"]) == (403, "viewer_cannot_write")


def test_a_bound_token_sees_its_account_alone(who, book):
    one_of_each(book)
    other = rows.account(who.workspace, "U2")
    one_of_each(other)
    bound = people.bot(who.alice, account_id=other.pk)
    for name in LISTS:
        assert {one["account"] for one in results(bound, name)} == {other.pk}, name
    for name in ("snapshots", "runs", "divergences"):
        foreign = results(people.bot(who.alice), name, account=book.pk)[0]["id"]
        assert bound.get(f"/api/reconciliation/{name}/{foreign}").status_code == 404, name
    mine = Divergence.objects.get(account=book)
    assert take(bound, mine, "void").status_code == 404


@pytest.mark.parametrize("name", LISTS)
def test_a_list_asks_the_database_as_often_for_many_as_for_one(who, alice, book, name):
    one_of_each(book)
    alice.get(f"/api/reconciliation/{name}")
    with CaptureQueriesContext(
        connection,
    ) as few:
        results(alice, name)
    for number in range(4):
        one_of_each(rows.account(who.workspace, f"V{number}"))
    with CaptureQueriesContext(connection) as many:
        assert len(results(alice, name)) == 5
    assert len(many) == len(few) <= 12, [one["sql"][:120] for one in many]
