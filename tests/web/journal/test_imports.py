"""The import pages, and the same doors over the API."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from accounts.scopes import Scope
from journal import tasks
from journal.models import (
    BrokerAccount,
    Execution,
    IdempotentRequest,
    ImportBatch,
    ImportProgress,
    ImportState,
)
from tests import people
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade
from tests.doors import ROUND_TRIP, book_of, drop, import_now, receive, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def who():
    return people.everybody(bob_as=Role.VIEWER)


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def page(client: Client, batch: ImportBatch, **query: str) -> str:
    response = client.get(f"/imports/{batch.pk}", query)
    assert response.status_code == 200
    return response.content.decode()


def latest(who) -> ImportBatch:
    with scope(workspace=who.workspace):
        return ImportBatch.objects.order_by("-pk").first()


def test_a_dropped_file_is_previewed_confirmed_watched_and_undone(who, alice):
    response = drop(alice, ROUND_TRIP, "june.xml")
    batch = latest(who)
    assert (response.status_code, response.url) == (303, f"/imports/{batch.pk}")
    waiting = page(alice, batch)
    assert "Waiting for a worker" in waiting
    assert f'hx-get="/imports/{batch.pk}"' in waiting

    tasks.preview_import(batch.pk)
    shown = page(alice, batch)
    for words in (
        "june.xml",
        "2 new rows",
        "U7000001",
        "new account",
        "02 Jun 2026 09:30:01",
        "Import it",
    ):
        assert words.split()[-1] in shown
    assert "America/New York" in shown
    assert "+18.00" in shown
    assert not book_of(who.workspace)["executions"]

    assert alice.post(f"/imports/{batch.pk}/confirm").status_code == 303
    assert "Waiting for a worker" in page(alice, batch)
    tasks.run_import(batch.pk)
    done = page(alice, batch)
    assert "in the book" in done
    assert f"/trades?batch={batch.pk}" in done

    assert alice.post(f"/imports/{batch.pk}/undo").status_code == 303
    assert "Undoing the import" in page(alice, batch)
    tasks.withdraw_import(batch.pk)
    assert "was undone" in page(alice, batch)
    assert not book_of(who.workspace)["executions"]

    assert alice.post(f"/imports/{batch.pk}/again").status_code == 303
    again = latest(who)
    tasks.preview_import(again.pk)
    alice.post(f"/imports/{again.pk}/confirm")
    tasks.run_import(again.pk)
    assert len(book_of(who.workspace)["executions"]) == 2


def test_the_history_says_what_came_of_each_file(who, alice):
    import_now(who.workspace, ROUND_TRIP, name="june.xml", user_id=who.alice.user_id)
    receive(who.workspace, ROUND_TRIP + " ", name="july.xml")
    shown = alice.get("/imports").content.decode()
    assert shown.index("july.xml") < shown.index("june.xml")
    assert "U7000001" in shown
    assert who.alice.user.display_name in shown


def test_polling_answers_the_progress_and_at_the_end_the_whole_page(who, alice):
    batch = receive(who.workspace, ROUND_TRIP)
    fragment = alice.get(f"/imports/{batch.pk}", headers={"HX-Request": "true"})
    assert "<html" not in fragment.content.decode()
    assert 'id="progress"' in fragment.content.decode()
    assert "HX-Retarget" not in fragment.headers
    tasks.preview_import(batch.pk)
    ended = alice.get(f"/imports/{batch.pk}", headers={"HX-Request": "true"})
    assert ended.headers["HX-Retarget"] == "#import"
    assert "Import it" in ended.content.decode()


def test_progress_of_an_import_in_work_is_shown(who, alice):
    batch = receive(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        now = timezone.now()
        ImportBatch.objects.filter(pk=batch.pk).update(
            state="running", started_at=now - timedelta(seconds=1)
        )
        ImportProgress.objects.create(
            workspace_id=batch.workspace_id, batch_id=batch.pk, stage="booking", done=3, total=8
        )
    shown = page(alice, batch)
    assert "Booking the trades" in shown
    assert 'value="3" max="8"' in shown


def test_a_page_that_waits_says_when_no_worker_answers(who, alice):
    batch = receive(who.workspace, ROUND_TRIP)
    assert "No worker is answering" not in page(alice, batch)
    with scope(workspace=who.workspace):
        ImportBatch.objects.filter(pk=batch.pk).update(
            created_at=timezone.now() - timedelta(minutes=1)
        )
    assert "No worker is answering" in page(alice, batch)


def test_a_refused_file_says_why_and_what_to_do(who, alice):
    drop(alice, ROUND_TRIP[:300], "half.xml")
    batch = latest(who)
    tasks.preview_import(batch.pk)
    shown = page(alice, batch)
    assert "Nothing was imported" in shown
    assert "Download it again" in shown
    assert alice.post(f"/imports/{batch.pk}/discard").status_code == 303
    assert latest(who) is None


def test_what_is_no_statement_comes_back_with_the_form(alice):
    response = drop(alice, "once upon a time", "tale.txt")
    assert response.status_code == 422
    assert "No reader recognises “tale.txt”" in response.content.decode()
    assert alice.post("/imports", {"account": "", "zone": ""}).status_code == 422


def test_account_and_zone_are_changed_and_the_file_read_again(who, alice):
    import_now(who.workspace, statement(trade(), account="U7000005"))
    with scope(workspace=who.workspace):
        other = BrokerAccount.objects.get()
    drop(alice, ROUND_TRIP, account=str(other.pk))
    batch = latest(who)
    tasks.preview_import(batch.pk)
    assert "speaks of account U7000001" in page(alice, batch)
    response = alice.post(f"/imports/{batch.pk}/check", {"account": "", "zone": "Europe/Berlin"})
    assert response.status_code == 303
    tasks.preview_import(batch.pk)
    assert "Europe/Berlin" in page(alice, batch)
    refused = alice.post(f"/imports/{batch.pk}/check", {"account": "", "zone": "Mars/Olympus"})
    assert refused.status_code == 422
    assert "is not a time zone" in refused.content.decode()


def test_problems_are_listed_with_their_rows_by_severity_and_page(who, alice):
    bad = [trade(transactionID=str(n), quantity="ten") for n in range(120)]
    batch = import_now(who.workspace, statement(trade(), *bad))
    shown = page(alice, batch)
    assert shown.count("The row as it was written") == 50
    assert "<dt>quantity</dt><dd>ten</dd>" in shown
    assert "120" in shown
    assert page(alice, batch, severity="error").count("problem--error") == 50


def test_a_preview_pages_its_problems_too(who, alice):
    bad = [trade(transactionID=str(n), quantity="ten") for n in range(120)]
    batch = receive(who.workspace, statement(trade(), *bad))
    tasks.preview_import(batch.pk)
    assert page(alice, batch).count("The row as it was written") == 50
    assert page(alice, batch, **{"from": "100"}).count("The row as it was written") == 20


def test_our_troubled_sample_shows_every_problem(who, alice):
    batch = import_now(who.workspace, (SAMPLES / "troubled.xml").read_bytes())
    shown = page(alice, batch)
    for problem in batch.result["problems"]:
        assert f"row {problem['row']}" in shown


def test_a_viewer_looks_and_changes_nothing(who):
    bob = people.browser(who.bob)
    batch = import_now(who.workspace, ROUND_TRIP)
    assert "in the book" in page(bob, batch)
    assert "You may look at this workspace" in bob.get("/imports").content.decode()
    assert drop(bob, ROUND_TRIP).status_code == 403
    for action in ("check", "confirm", "discard", "undo", "again"):
        assert bob.post(f"/imports/{batch.pk}/{action}").status_code == 403


def test_a_confirmed_import_is_not_read_with_other_expectations(who, alice):
    batch = import_now(who.workspace, ROUND_TRIP)
    assert alice.post(f"/imports/{batch.pk}/check", {"account": "", "zone": ""}).status_code == 409
    assert alice.post(f"/imports/{batch.pk}/discard").status_code == 409


def test_an_upload_over_the_limit_is_refused_before_it_is_kept(alice, settings):
    settings.STATEMENT_SIZE_MAX_BYTES = 1024
    response = drop(alice, ROUND_TRIP + " " * (2 * 1024 * 1024))
    assert response.status_code == 413
    assert "Export a shorter period" in response.content.decode()
    slightly = drop(alice, ROUND_TRIP + " " * 2048)
    assert slightly.status_code == 413
    assert "Export a shorter period" in slightly.content.decode()


def test_uploads_go_to_disk(settings):
    assert settings.FILE_UPLOAD_HANDLERS == [
        "django.core.files.uploadhandler.TemporaryFileUploadHandler"
    ]


# --- The API -------------------------------------------------------------------------------------------------


def post(
    client, content: str | bytes = ROUND_TRIP, door: str = "flex", key: str = "", **fields: object
):
    data = content.encode() if isinstance(content, str) else content
    headers = {"Idempotency-Key": key} if key else {}
    body = {"file": SimpleUploadedFile("june.xml", data), **fields}
    return client.post(f"/api/trades/import/{door}", body, format="multipart", headers=headers)


@pytest.mark.parametrize("door", ["csv", "flex"])
def test_the_api_takes_a_file_and_says_how_it_goes(who, door):
    bot = people.bot(who.alice)
    taken = post(bot, door=door)
    assert (taken.status_code, taken.data["state"]) == (202, "queued")
    tasks.run_import(taken.data["id"])
    status = bot.get(f"/api/trades/import/status/{taken.data['id']}").data
    assert (status["state"], status["file_name"]) == ("done", "june.xml")
    assert set(status["result"]) == {
        "format", "sha256", "accounts", "problems", "trades", "realized_pnl",
    }  # fmt: skip
    history = bot.get("/api/trades/import/history").data
    assert set(history) == {"next", "previous", "results"}
    assert [one["id"] for one in history["results"]] == [taken.data["id"]]
    undone = bot.post(f"/api/trades/import/{taken.data['id']}/undo")
    assert (undone.status_code, undone.data["state"]) == (202, "withdrawing")
    tasks.withdraw_import(taken.data["id"])
    assert bot.get("/api/executions").data["results"] == []


def test_a_preview_over_the_api_waits_for_its_confirmation(who):
    bot = people.bot(who.alice)
    taken = post(bot, preview="true").data
    tasks.preview_import(taken["id"])
    status = bot.get(f"/api/trades/import/status/{taken['id']}").data
    assert (status["state"], status["preview"]["trades"]["opened"]) == ("previewed", 1)
    assert bot.get("/api/executions").data["results"] == []
    assert bot.post(f"/api/trades/import/{taken['id']}/confirm").data["state"] == "queued"
    tasks.run_import(taken["id"])
    assert len(bot.get("/api/executions").data["results"]) == 2


def test_an_undo_that_cannot_be_done_says_why_on_the_page_and_over_the_api(who, alice):
    bot = people.bot(who.alice)
    first = import_now(who.workspace, ROUND_TRIP)
    second = import_now(who.workspace, ROUND_TRIP + "<!-- again -->", name="july.xml")
    default_storage.delete(second.file.stored_as)
    assert bot.post(f"/api/trades/import/{first.pk}/undo").data["state"] == "withdrawing"
    tasks.withdraw_import(first.pk)
    status = bot.get(f"/api/trades/import/status/{first.pk}").data
    assert (status["state"], status["error"]["code"]) == ("done", "undo_failed")
    assert "july.xml" in status["error"]["message"]
    assert status["result"]["accounts"][0]["executions"]["new"] == 2
    shown = page(alice, first)
    assert "Nothing was undone: “july.xml”" in shown
    assert "Undo this import?" in shown
    assert alice.post(f"/imports/{first.pk}/undo").status_code == 303
    assert bot.get(f"/api/trades/import/status/{first.pk}").data["error"] is None


def shape_of(response) -> tuple[int, set[str], str]:
    data = response.json()
    return response.status_code, set(data), data.get("code")


def test_every_refusal_of_the_api_has_one_shape(who, settings):
    alice, reader = people.bot(who.alice), people.bot(who.alice, Scope.JOURNAL_READ)
    batch = import_now(who.workspace, ROUND_TRIP)
    keys = {"code", "message", "fields"}
    status = f"/api/trades/import/status/{batch.pk}"
    assert shape_of(people.APIClient().get(status)) == (401, keys, "not_authenticated")
    assert shape_of(post(reader)) == (403, keys, "scope_missing")
    assert shape_of(people.bot(who.charlie).get(status))[:2] == (404, keys)
    assert shape_of(post(alice, account="U404")) == (404, keys, "account_not_found")
    assert shape_of(post(alice, "once upon a time", "csv")) == (422, keys, "format_not_recognised")
    assert shape_of(post(alice, timezone="Mars/Olympus")) == (422, keys, "zone_unknown")
    assert shape_of(alice.post("/api/trades/import/flex", {}, format="multipart")) == (
        422,
        keys,
        "invalid",
    )
    settings.STATEMENT_SIZE_MAX_BYTES = 1024
    assert shape_of(post(alice, ROUND_TRIP + " " * 4096)) == (413, keys, "file_too_large")
    assert shape_of(post(alice, " " * (2 * 1024 * 1024))) == (413, keys, "file_too_large")


def test_a_token_of_one_account_imports_only_into_it(who):
    import_now(who.workspace, ROUND_TRIP)
    with scope(workspace=who.workspace):
        account = BrokerAccount.objects.get()
    bot = people.bot(who.alice, account_id=account.pk)
    other = post(bot, statement(trade(), account="U7000005"))
    tasks.run_import(other.data["id"])
    status = bot.get(f"/api/trades/import/status/{other.data['id']}").data
    assert (status["state"], status["error"]["code"]) == ("failed", "wrong_account")
    assert post(bot, account="U7000005").status_code == 403


def test_the_same_key_with_the_same_request_is_done_once(who):
    bot = people.bot(who.alice)
    first, second = post(bot, key="a"), post(bot, key="a")
    assert (first.status_code, second.status_code) == (202, 202)
    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    with scope(workspace=who.workspace):
        assert ImportBatch.objects.count() == 1


def test_the_same_key_with_another_request_is_a_conflict(who):
    bot = people.bot(who.alice)
    post(bot, key="a")
    assert shape_of(post(bot, ROUND_TRIP + " ", key="a"))[::2] == (409, "idempotency_key_reused")
    assert shape_of(post(people.bot(who.alice), key="a"))[::2] == (409, "idempotency_key_reused")
    assert post(people.bot(who.charlie), key="a").status_code == 202
    assert post(bot, key="b").status_code == 202


def test_a_key_of_a_refused_request_may_be_used_again(who):
    bot = people.bot(who.alice)
    assert post(bot, "once upon a time", "csv", key="a").status_code == 422
    assert post(bot, door="csv", key="a").status_code == 202


def test_keys_work_for_every_write_and_are_forgotten_after_a_day(who):
    bot = people.bot(who.alice)
    account = {"broker": "manual", "broker_id": "M1", "zone": "UTC", "lot_method": "fifo"}
    headers = {"Idempotency-Key": "make"}
    first = bot.post("/api/accounts", account, headers=headers)
    second = bot.post("/api/accounts", account, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    with scope(workspace=who.workspace):
        IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
        tasks.forget_requests()
        assert not IdempotentRequest.objects.exists()
    assert bot.post("/api/accounts", account, headers=headers).status_code == 422


def test_trades_are_filtered_by_the_import_that_brought_them(who):
    bot = people.bot(who.alice)
    one = import_now(who.workspace, ROUND_TRIP)
    two = import_now(who.workspace, statement(trade(transactionID="9", symbol="OTHER", conid="9")))
    found = bot.get("/api/trades", {"batch": two.pk}).json()["results"]
    assert [trade["symbol"] for trade in found] == ["OTHER"]
    undo(who.workspace, two)
    assert bot.get("/api/trades", {"batch": two.pk}).json()["results"] == []
    assert len(bot.get("/api/trades", {"batch": one.pk}).json()["results"]) == 1
    with scope(workspace=who.workspace):
        assert Execution.objects.count() == 2
        assert one.state == ImportState.DONE
