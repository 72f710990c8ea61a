"""Bots report over HTTP: each record once, whatever goes wrong around it."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.models import ApiToken
from accounts.roles import Role
from accounts.scopes import Scope
from accounts.services.tokens import revoke_token
from common.api import parsers
from journal.models import BrokerAccount, CapturedRecord, Execution
from tests import people
from tests.captures import ACCOUNT, account_of, book, bot, fill, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    membership = people.alice()
    account_of(membership.workspace)
    return membership


@pytest.fixture
def client(alice):
    return bot(alice)


def executions(client):
    return client.get("/api/executions").json()["results"]


def test_a_reported_fill_is_in_the_book_once_the_worker_has_been_there(alice, client):
    answer = client.post("/api/executions", fill(record_id="r-1", fee="1.25", source="chat"))
    assert answer.status_code == 201
    assert answer.json() == {"record_id": "r-1", "status": "created"}
    assert executions(client) == []
    book(alice.workspace)
    (known,) = executions(client)
    assert (known["side"], known["quantity"], known["price"]) == ("buy", "10", "25.5")
    assert (known["fee"], known["source"]) == ("1.25", "chat")


def test_the_same_record_again_is_known_and_counts_once(alice, client):
    for expected in (201, 200):
        assert client.post("/api/executions", fill(record_id="r-1")).status_code == expected
    book(alice.workspace)
    assert client.post("/api/executions", fill(record_id="r-1")).json()["status"] == "known"
    book(alice.workspace)
    assert len(executions(client)) == 1


def test_a_record_id_that_comes_with_another_fill_is_refused(client):
    client.post("/api/executions", fill(record_id="r-1"))
    answer = client.post("/api/executions", fill(record_id="r-1", quantity="11"))
    assert (answer.status_code, answer.json()["code"]) == (409, "record_id_reused")


def test_an_idempotency_key_names_records_that_have_no_name(alice, client):
    for expected in (201, 200):
        answer = client.post("/api/executions", fill(), headers={"Idempotency-Key": "k" * 90})
        assert answer.status_code == expected
    both = {"executions": [fill(), fill()]}
    for expected in ("created", "known"):
        answer = client.post("/api/executions/batch", both, headers={"Idempotency-Key": "batch"})
        assert [one["status"] for one in answer.json()["results"]] == [expected] * 2
    book(alice.workspace)
    assert len(executions(client)) == 3


def test_two_equal_fills_without_any_name_are_two_fills(alice, client):
    for _ in range(2):
        client.post("/api/executions", fill())
        book(alice.workspace)
    assert len(executions(client)) == 2


def test_a_bad_row_is_refused_and_the_others_are_in(alice, client):
    rows = [
        fill(record_id="good"),
        fill(record_id="sideless", side="up", quantity="-1"),
        "no object",
        fill(record_id="twice"),
        fill(record_id="twice"),
        fill(record_id="late", executed_at="2026-06-02T13:30:01"),
    ]
    answer = client.post("/api/executions/batch", {"executions": rows})
    assert answer.status_code == 200
    results = answer.json()["results"]
    statuses = [one["status"] for one in results]
    assert statuses == ["created", "error", "error", "created", "known", "error"]
    assert set(results[1]["error"]["fields"]) == {"side", "quantity"}
    assert "offset" in results[5]["error"]["message"]
    book(alice.workspace)
    assert len(executions(client)) == 2


def test_what_is_wrong_with_a_single_record_is_said_by_field(client):
    answer = client.post("/api/executions", {"account": ACCOUNT, "symbol": "", "prise": "1"})
    assert answer.status_code == 422
    assert set(answer.json()["fields"]) == {"symbol", "side", "quantity", "price", "executed_at"}


def test_a_field_that_nobody_reads_is_kept_and_told(alice, client):
    answer = client.post("/api/executions", fill(fees="1.00", record_id="r-1"))
    assert answer.status_code == 201
    assert "Did you mean fee?" in answer.json()["warnings"][0]
    with scope(workspace=alice.workspace):
        assert "fees" in CapturedRecord.objects.get().payload


@pytest.mark.parametrize("number", ["0.1", '"0.1"', "0.10000000000000000555"])
def test_numbers_stay_exact_whether_text_or_not(alice, client, number):
    body = json.dumps(fill()).replace('"25.50"', number)
    assert client.post("/api/executions", body, content_type="application/json").status_code == 201
    book(alice.workspace)
    assert executions(client)[0]["price"] == number.strip('"')


@pytest.mark.parametrize(
    "body", ["", "[", '{"executions": 5}', "[1, NaN]", "5", '"word"', "[" * 100_000]
)
def test_a_body_that_is_no_batch_is_an_error_in_words(client, body):
    answer = client.post("/api/executions/batch", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["message"]


@pytest.mark.parametrize("body", ["5", '"word"', "[]", "null", "{}"])
def test_a_body_that_is_no_record_is_an_error_in_words(client, body):
    answer = client.post("/api/executions", body, content_type="application/json")
    assert answer.status_code == 422
    assert answer.json()["message"]


def test_more_records_than_a_call_takes(client):
    answer = client.post("/api/executions/batch", {"executions": [{}] * 5_001})
    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_records")


def test_an_account_that_nobody_knows_needs_its_broker(alice, client):
    answer = client.post("/api/executions", fill(account="NEW-1"))
    assert answer.status_code == 422
    assert "Say its broker too" in answer.json()["fields"]["account"][0]
    assert client.post("/api/executions", fill(account="NEW-1", broker="bybit")).status_code == 201
    with scope(workspace=alice.workspace):
        assert BrokerAccount.objects.get(broker_id="NEW-1").broker == "bybit"


def test_two_brokers_with_one_number_have_to_be_told_apart(alice, client):
    account_of(alice.workspace, broker="bybit")
    assert client.post("/api/executions", fill()).json()["code"] == "account_ambiguous"
    assert client.post("/api/executions", fill(broker="bybit")).status_code == 201


def test_a_bound_token_needs_no_account_and_takes_no_other(alice):
    client = bot(alice, account=account_of(alice.workspace))
    other = account_of(alice.workspace, "U2")
    assert client.post("/api/executions", fill(account=None)).status_code == 201
    refused = client.post("/api/executions", fill(account=other.broker_id))
    assert (refused.status_code, refused.json()["code"]) == (422, "token_bound")
    new = client.post("/api/executions", fill(account="NEW", broker="ibkr"))
    assert new.json()["code"] == "token_bound"


def test_who_may_report(alice):
    reader = people.bot(alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    assert reader.post("/api/executions", fill()).json()["code"] == "scope_missing"
    viewer = people.browser(people.bob(alice.workspace, role=Role.VIEWER))
    answer = viewer.post("/api/executions", fill(), content_type="application/json")
    assert answer.status_code == 403
    stranger = bot(people.charlie())
    assert stranger.post("/api/executions", fill()).json()["code"] == "account_not_found"


def test_a_revoked_token_is_refused(alice, client):
    revoke_token(ApiToken.objects.get())
    assert client.post("/api/executions", fill()).status_code == 401


def test_a_fill_of_the_future_is_a_wrong_clock(client):
    at = (timezone.now() + timedelta(days=2)).isoformat()
    answer = client.post("/api/executions", fill(executed_at=at))
    assert "has not come yet" in answer.json()["fields"]["executed_at"][0]


def test_calls_beyond_the_rate_are_told_when_to_come_again(alice, client, settings):
    settings.REST_FRAMEWORK = {
        **settings.REST_FRAMEWORK,
        "DEFAULT_THROTTLE_RATES": {"user": "9/s", "anon": "9/s", "capture": "2/day"},
    }
    answers = [client.post("/api/executions", fill()) for _ in range(3)]
    assert [one.status_code for one in answers] == [201, 201, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def test_an_order_lives_from_placing_to_its_stop_moves_and_its_end(alice, client):
    entry = order(symbol="ACME", side="buy", quantity="10", order_type="LMT", limit_price="25")
    stop = order(
        client_order_id="my-2", parent_id="my-1", role="stop_loss", symbol="ACME", side="sell",
        quantity="10", stop_price="24", order_type="stop",
    )  # fmt: skip
    placed = client.post("/api/orders/batch", {"orders": [entry, stop]}).json()["results"]
    assert [one["status"] for one in placed] == ["created", "created"]
    # Before anything is booked, by the record that placed it and by its sender's id.
    for reference, price in ((placed[1]["record_id"], "24.5"), ("my-2", "25")):
        moved = {"status": "modified", "stop_price": price, "at": "2026-06-02T13:40:00Z"}
        assert client.patch(f"/api/orders/{reference}", moved).status_code == 201
    book(alice.workspace)
    filled = {
        "status": "filled",
        "filled_quantity": "10",
        "average_price": "24.99",
        "order_id": "77",
    }
    assert client.patch("/api/orders/my-1", filled).status_code == 201
    book(alice.workspace)
    known = client.get("/api/orders/77").json()
    assert (known["status"], known["filled_quantity"], known["client_order_id"]) == (
        "filled",
        "10",
        "my-1",
    )
    moved = client.get("/api/orders/my-2").json()
    assert (moved["status"], moved["stop_price"], moved["changes"]) == ("modified", "25", 2)
    assert [one["stop_price"] for one in moved["history"]] == ["24", "24.5", "25"]
    assert moved["closed_at"] is None
    assert client.get(f"/api/orders/{moved['id']}").json() == moved
    (waiting,) = client.get("/api/orders?is_open=true").json()["results"]
    assert waiting["id"] == moved["id"]


def test_an_order_whose_id_was_sent_as_a_number_is_found_before_it_is_booked(alice, client):
    placed = client.post("/api/orders", order(client_order_id="", order_id=4711))
    assert placed.status_code == 201
    assert client.patch("/api/orders/4711", {"status": "cancelled"}).status_code == 201
    assert client.patch("/api/orders/471", {"status": "cancelled"}).status_code == 404
    book(alice.workspace)
    assert client.get("/api/orders/4711").json()["status"] == "cancelled"


def test_an_order_that_nobody_knows(client):
    assert client.get("/api/orders/nobody").status_code == 404
    assert client.patch("/api/orders/nobody", {"status": "filled"}).status_code == 404


def test_a_reference_that_no_order_can_have_is_none(client):
    for reference in ("%00", "a%00b", "\u0661\u0662"):
        assert client.get(f"/api/orders/{reference}").status_code == 404
        assert client.patch(f"/api/orders/{reference}", {"status": "filled"}).status_code == 404


@pytest.mark.parametrize("number", ["1e9999999999999999999", "-1e-9999999999999999999"])
def test_a_number_beyond_all_numbers_is_no_fault_of_ours(client, number):
    said = json.dumps(fill(price="PRICE")).replace('"PRICE"', number)
    answer = client.post("/api/executions", said, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "parse_error")


def test_a_body_beyond_all_batches_is_not_read(client, monkeypatch):
    monkeypatch.setattr(parsers, "JSON_BYTES_MAX", 1_000)
    answer = client.post("/api/executions", fill(extra={"x": "y" * 1_000}))
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("\ud800", "surrogate"),
        (json.loads("[" * 300 + "]" * 300), "nested"),
        (10**30, "64 bits"),
    ],
)
def test_what_cannot_be_kept_is_said_in_words(client, extra, words):
    said = json.dumps(fill(extra={"x": extra}))
    answer = client.post("/api/executions", said, content_type="application/json")
    assert answer.status_code == 422
    assert words in answer.json()["message"]


def test_a_stranger_reaches_no_order(alice, client):
    client.post("/api/orders", order(record_id="r-9"))
    book(alice.workspace)
    stranger = bot(people.charlie())
    for reference in ("r-9", "my-1", str(client.get("/api/orders").json()["results"][0]["id"])):
        assert stranger.get(f"/api/orders/{reference}").status_code == 404
        assert stranger.patch(f"/api/orders/{reference}", {"status": "filled"}).status_code == 404


def test_a_recommendation_is_kept_as_it_was_made(alice, client):
    proposal = {
        "record_id": "rec-1", "symbol": "SPY", "strategy": "bull put", "source": "scanner", "probability": "0.68",
        "legs": [{"side": "sell", "right": "put", "strike": 95.5, "quantity": 1}],
        "features": {"iv_rank": 68.5, "dte": 35, "regime": "calm"},
    }  # fmt: skip
    assert client.post("/api/recommendations", proposal).status_code == 201
    book(alice.workspace)
    (known,) = client.get("/api/recommendations").json()["results"]
    assert (known["record_id"], known["probability"], known["source"]) == (
        "rec-1",
        "0.68",
        "scanner",
    )
    values = {name: one["value"] for name, one in known["features"].items()}
    assert values == {"iv_rank": "68.5", "dte": "35", "regime": "calm"}
    assert known["legs"] == [{"side": "sell", "right": "put", "strike": "95.5", "quantity": "1"}]


def test_a_person_reports_by_the_page_of_the_api_too(alice):
    client = people.browser(alice)
    answer = client.post("/api/executions", fill(source="button"), content_type="application/json")
    assert answer.status_code == 201
    book(alice.workspace)
    with scope(workspace=alice.workspace):
        assert Execution.objects.get().source == "button"
