"""Locked trading over the API: what is announced is kept out, what has happened is taken, and bots may ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from journal.models import CapturedRecord
from journal.services.captures.gating import Announced, gate_orders
from reconciliation.models import TradingLock
from tests import captures, people
from tests.captures import account_of, book, fill, order

pytestmark = pytest.mark.django_db


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def account(alice):
    return account_of(alice.workspace)


@pytest.fixture
def bot(alice, account):
    return captures.bot(alice)


def lock(alice, account=None, **more):
    began = timezone.now() - timedelta(minutes=5)
    return TradingLock.objects.create(
        workspace=alice.workspace,
        account=account,
        **{"reason": "Daily loss: 5.10 % lost, 5 % are allowed.", "began_at": began, **more},
    )


def announced(**fields):
    return order(**{"at": timezone.now().isoformat(), "symbol": "ACME", **fields})


def post(bot, path="orders", **fields):
    record = announced(**fields) if path == "orders" else fill(**fields)
    return bot.post(f"/api/{path}", record, format="json")


def test_a_new_order_is_kept_out_with_reason_since_and_until(alice, account, bot):
    until = timezone.now() + timedelta(hours=1)
    held = lock(alice, account, until=until)
    answer = post(bot)
    assert answer.status_code == 423
    said = answer.json()
    assert (said["code"], said["fields"]) == ("trading_locked", {})
    assert "Daily loss: 5.10 % lost" in said["message"]
    assert said["lock"] == {
        "account": account.pk, "symbol": "", "reason": held.reason,
        "since": held.began_at.isoformat(), "until": until.isoformat(),
    }  # fmt: skip
    assert not CapturedRecord.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"order_id": "B-1"}, {"status": "filled"}, {"status": "cancelled"}, {"status": "modified"},
        {"role": "stop_loss"}, {"role": "exit"}, {"parent_id": "my-0"}, {"filled_quantity": "1"}, {"position_id": "77"},
        {"status": "rejected"}, {"at": "2026-06-02T13:30:00Z"},
    ],
)  # fmt: skip
def test_what_has_happened_is_taken(alice, account, bot, fields):
    lock(alice, account)
    assert post(bot, **fields).status_code == 201


def test_fills_recommendations_and_plans_are_taken(alice, account, bot):
    lock(alice)
    assert post(bot, "executions").status_code == 201
    assert bot.post("/api/recommendations", {"symbol": "ACME"}, format="json").status_code == 201
    assert (
        bot.post("/api/plans", {"symbol": "ACME", "side": "buy"}, format="json").status_code == 201
    )


def test_what_the_broker_has_already_comes_with_a_warning(alice, account, bot):
    lock(alice, account)
    (warning,) = post(bot, order_id="B-1").json()["warnings"]
    assert warning.startswith("Trading is locked: Daily loss")


def test_what_was_reported_before_is_known(alice, account, bot):
    assert post(bot, record_id="r-1").status_code == 201
    waiting = order(at=timezone.now().isoformat(), record_id="r-2", client_order_id="my-2")
    assert bot.post("/api/orders", waiting, format="json").status_code == 201
    lock(alice, account)
    assert bot.post("/api/orders", waiting, format="json").status_code == 200
    assert post(bot, client_order_id="my-2").status_code == 201
    book(alice.workspace)
    assert post(bot, client_order_id="my-2", record_id="r-3").status_code == 201
    assert post(bot, client_order_id="my-3").status_code == 423


def test_a_way_out_of_what_is_open_needs_no_role(alice, account, bot):
    post(bot, "executions")
    book(alice.workspace)
    lock(alice, account)
    assert post(bot, side="sell").status_code == 201
    assert post(bot, side="buy", client_order_id="my-9").status_code == 423


def test_a_way_out_is_no_larger_than_what_is_open(alice, account, bot):
    """Of ten that are held eleven are not sold, nor six twice: the rest would open something."""
    post(bot, "executions")
    book(alice.workspace)
    lock(alice, account)
    assert post(bot, side="sell", quantity="11").status_code == 423
    records = [
        announced(side="sell", quantity="6", record_id=one, client_order_id=one) for one in "ab"
    ]
    answer = bot.post("/api/orders/batch", {"orders": records}, format="json").json()
    assert [one["status"] for one in answer["results"]] == ["created", "error"]


def test_a_way_out_is_one_of_the_same_contract(alice, account, bot):
    """Shares that are held are no cover for a call that is sold."""
    post(bot, "executions")
    book(alice.workspace)
    lock(alice, account)
    call = {
        "asset_class": "option",
        "expiry_on": "2026-06-19",
        "strike": "150",
        "right": "C",
        "currency": "USD",
    }
    assert post(bot, side="sell", quantity="1", **call).status_code == 423
    assert post(bot, side="sell", quantity="1").status_code == 201


@pytest.mark.parametrize(
    ("locked", "written"),
    [("BRK.B", "BRK B"), ("BRK.B", "brk/b"), ("EURUSD", "EUR/USD"), ("ACME", "ACME  260619C00150000"), ("BTC", "BTC/USDT"), ("BTC", "BTC/USDT:USDT")],
)  # fmt: skip
def test_a_locked_market_is_locked_however_it_is_written(alice, account, bot, locked, written):
    lock(alice, account, symbol=locked)
    more = {"multiplier": "1"} if ":" in written else {}
    assert post(bot, symbol=written, **more).status_code == 423


@pytest.mark.parametrize(
    ("more", "status"),
    [({"symbol": "ACME"}, 423), ({"symbol": "OTHER"}, 201), ({"lifted_at": "2026-06-01T00:00:00Z"}, 201), ({"until": "2026-06-01T00:00:00Z"}, 201)],
)  # fmt: skip
def test_a_lock_holds_where_and_as_long_as_it_says(alice, account, bot, more, status):
    lock(alice, account, **more)
    assert post(bot).status_code == status


def test_another_s_lock_is_nobody_s(alice, account, bot):
    lock(people.charlie())
    lock(alice, account_of(alice.workspace, "OTHER"))
    assert post(bot).status_code == 201


def test_of_many_records_each_is_told_by_itself(alice, account, bot):
    lock(alice, account)
    now = timezone.now().isoformat()
    records = [
        order(at=now, record_id="a"),
        order(at=now, record_id="b", status="cancelled", client_order_id="my-8"),
    ]
    answer = bot.post("/api/orders/batch", {"orders": records}, format="json")
    first, second = answer.json()["results"]
    assert (first["status"], first["error"]["code"], second["status"]) == (
        "error",
        "trading_locked",
        "created",
    )
    assert first["error"]["lock"]["reason"].startswith("Daily loss")


def test_bots_ask_whether_it_is_locked(alice, account, bot):
    assert bot.get("/api/trading-lock").json() == {"locked": False, "locks": []}
    held = lock(alice, account, symbol="ACME")
    asked = f"/api/trading-lock?account={account.pk}"
    assert bot.get(asked).json()["locked"] is False
    answer = bot.get(f"{asked}&symbol=acme").json()
    assert answer["locked"] is True
    assert answer["locks"][0]["reason"] == held.reason
    assert bot.get("/api/trading-lock?account=x").status_code == 422
    bound = captures.bot(alice, account=account_of(alice.workspace, "OTHER"))
    assert bound.get("/api/trading-lock?symbol=ACME").json() == {"locked": False, "locks": []}
    own = captures.bot(alice, account=account)
    assert own.get("/api/trading-lock?symbol=ACME").json()["locked"] is True
    stranger = captures.bot(people.charlie())
    assert stranger.get("/api/trading-lock").json()["locks"] == []


def test_nothing_is_asked_twice_while_nothing_is_locked(
    alice, account, bot, django_assert_max_num_queries
):
    orders = [Announced(f"r-{number}", account.pk, order()) for number in range(100)]
    with django_assert_max_num_queries(1):
        assert gate_orders(alice.workspace_id, orders).refused == {}
