"""What bots reported, on the pages of imports: who, how many, undone, brought back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_scopes import scope

from accounts.roles import Role
from journal import tasks
from journal.models import (
    BrokerAccount,
    Execution,
    ImportBatch,
    ImportState,
    Order,
    Recommendation,
    Trade,
)
from journal.services.captures import booking
from journal.services.verification import verify_account
from tests import people
from tests.captures import account_of, book, bot, fill, order
from tests.doors import undo
from tests.web.journal.test_dashboard import words

pytestmark = pytest.mark.django_db

FILLS = [
    fill(record_id="f-1", exec_id="x-1", order_id="77", fee="1"),
    fill(record_id="f-2", exec_id="x-2", side="sell", price="26.50", executed_at="2026-06-02T14:00:00Z", fee="1"),
]  # fmt: skip
ORDERS = [
    order(record_id="o-1", order_id="77", symbol="ACME", side="buy", quantity="10", limit_price="25.50"),
    order(record_id="o-2", order_id="77", status="filled", filled_quantity="10", at="2026-06-02T13:30:01Z"),
]  # fmt: skip
PROPOSALS = [{"record_id": "p-1", "symbol": "ACME", "strategy": "breakout", "source": "bot"}]


@pytest.fixture
def who():
    who = people.everybody(bob_as=Role.VIEWER)
    account_of(who.workspace)
    client = bot(who.alice)
    client.post("/api/executions/batch", {"executions": FILLS})
    client.post("/api/orders/batch", {"orders": ORDERS})
    account = FILLS[0]["account"]
    client.post(
        "/api/recommendations/batch",
        {"recommendations": [{**one, "account": account} for one in PROPOSALS]},
    )
    return who


@pytest.fixture
def alice(who):
    return people.browser(who.alice)


def batches(workspace) -> list[ImportBatch]:
    with scope(workspace=workspace):
        return list(ImportBatch.objects.order_by("pk"))


def counting(workspace) -> tuple[int, int, int, int]:
    with scope(workspace=workspace):
        return (
            Execution.objects.count(),
            Trade.objects.count(),
            Order.objects.count(),
            Recommendation.objects.filter(batch__withdrawn_at=None).count(),
        )


def test_what_waits_is_said_until_it_is_booked(who, alice, monkeypatch):
    asked = []
    monkeypatch.setattr(tasks, "is_worker_there", lambda: bool(asked.append(1)))
    page = alice.get("/imports")
    assert "5 records reported since" in words(page)
    assert "wait to be booked" in words(page)
    assert 'hx-trigger="every 3s"' in page.content.decode()
    # Too soon to ask whether there is a worker.
    assert asked == []
    with monkeypatch.context() as later:
        in_a_while = timezone.now() + timedelta(minutes=1)
        later.setattr(timezone, "now", lambda: in_a_while)
        assert "No worker is answering" in words(alice.get("/imports"))
    book(who.workspace)
    page = alice.get("/imports")
    assert "wait to be booked" not in words(page)
    assert 'hx-trigger="every 3s"' not in page.content.decode()


def test_a_stranger_hears_nothing_of_what_waits(who):
    assert "wait" not in words(people.browser(who.charlie).get("/imports"))


def test_the_history_and_the_page_say_who_reported_what(who, alice):
    book(who.workspace)
    (batch,) = batches(who.workspace)
    history = words(alice.get("/imports"))
    assert batch.title in history
    assert f"{batch.title} Bot Imported U7654321 5 0 0" in history
    page = words(alice.get(f"/imports/{batch.pk}"))
    assert "5 records captured" in page
    assert "Executions 2 2 0" in page
    assert "Reports of orders 2 2 0" in page
    assert "Recommendations 1 1 0" in page
    assert "Trades closed 1" in page
    assert "Realised, net +8.00 USD" in page
    assert "Undo" in page


def test_a_day_is_one_batch_that_grows():
    who = people.everybody()
    account_of(who.workspace)
    client = bot(who.alice)
    for number, exec_id in (("1", "x-1"), ("2", "x-2"), ("3", "x-2")):
        client.post("/api/executions", fill(record_id=f"f-{number}", exec_id=exec_id))
        book(who.workspace)
    (batch,) = batches(who.workspace)
    page = words(people.browser(who.alice).get(f"/imports/{batch.pk}"))
    assert "Executions 3 2 1" in page
    assert "Trades opened 1" in page


def test_undo_takes_fills_orders_and_proposals_out_and_again_brings_them_back_once(who, alice):
    book(who.workspace)
    before = counting(who.workspace)
    assert before == (2, 1, 1, 1)
    (batch,) = batches(who.workspace)
    undo(who.workspace, batch)
    assert counting(who.workspace) == (0, 0, 0, 0)
    page = words(alice.get(f"/imports/{batch.pk}"))
    assert "is kept as evidence and does not count" in page
    assert "Bring its records back" in page

    response = alice.post(f"/imports/{batch.pk}/again", follow=True)
    assert "5 records are being booked again" in words(response)
    book(who.workspace)
    assert counting(who.workspace) == before
    old, new = batches(who.workspace)
    assert (old.state, new.state) == (ImportState.WITHDRAWN, ImportState.DONE)
    assert new.result["captured"] == {"execution": 2, "order": 2, "recommendation": 1}
    with scope(workspace=who.workspace):
        assert verify_account(BrokerAccount.objects.get()) == []

    gone = words(alice.get(f"/imports/{old.pk}"))
    assert "were brought back since" in gone
    assert "Bring its records back" not in gone
    alice.post(f"/imports/{old.pk}/again")
    book(who.workspace)
    assert counting(who.workspace) == before


def test_what_counts_cannot_be_brought_back(who, alice):
    book(who.workspace)
    (batch,) = batches(who.workspace)
    assert alice.post(f"/imports/{batch.pk}/again").status_code == 409
    assert counting(who.workspace) == (2, 1, 1, 1)


def test_only_who_may_write_brings_back(who):
    book(who.workspace)
    (batch,) = batches(who.workspace)
    undo(who.workspace, batch)
    for person, status in ((who.bob, 403), (who.charlie, 404)):
        answer = people.browser(person).post(f"/imports/{batch.pk}/again")
        assert answer.status_code == status
    assert counting(who.workspace) == (0, 0, 0, 0)


def test_what_comes_after_an_undo_is_a_batch_of_its_own(who, alice):
    book(who.workspace)
    undo(who.workspace, batches(who.workspace)[0])
    client = bot(who.alice)
    client.post("/api/executions", fill(record_id="f-9", exec_id="x-9"))
    book(who.workspace)
    assert counting(who.workspace) == (1, 1, 0, 0)


def test_a_record_that_cannot_be_booked_is_shown_with_its_batch(who, alice, monkeypatch):
    read = booking.read_execution

    def fails(record, desk, row=0):
        if record["record_id"] == "f-2":
            raise RuntimeError
        return read(record, desk, row=row)

    monkeypatch.setattr(booking, "read_execution", fails)
    book(who.workspace)
    (batch,) = batches(who.workspace)
    page = words(alice.get(f"/imports/{batch.pk}"))
    assert "5 records captured" in page
    assert "f-2 was accepted and cannot be booked" in page
    assert counting(who.workspace)[0] == 1


def test_the_api_s_history_tells_captured_batches_like_any_import(who):
    book(who.workspace)
    (batch,) = batches(who.workspace)
    client = bot(who.alice)
    (told,) = client.get("/api/trades/import/history").json()["results"]
    assert (told["file_name"], told["state"], told["format"]) == (batch.title, "done", "capture")
    assert told["result"]["accounts"][0]["executions"] == {"read": 2, "new": 2, "duplicate": 0}
    assert told["result"]["realized_pnl"] == {"USD": "8.00"}


def test_what_is_booked_while_the_page_is_made_is_on_it_or_the_page_asks_again(who, alice):
    """The history asks again as long as records wait: so they are counted before it is read."""
    with CaptureQueriesContext(connection) as queries:
        alice.get("/imports")
    statements = [query["sql"] for query in queries]
    waiting = next(n for n, sql in enumerate(statements) if 'FROM "journal_capturedrecord"' in sql)
    listed = next(n for n, sql in enumerate(statements) if 'FROM "journal_importbatch"' in sql)
    assert waiting < listed
