"""From idea to outcome, over HTTP, by the client that bots install: every link of the chain tells the same story."""

from __future__ import annotations

from typing import Any

import httpx2
import pytest
from fillbook_client import Journal

from accounts.scopes import Scope
from tests import people
from tests.brokers.ibkr_flex.flex import trade as flex_trade
from tests.captures import ACCOUNT, account_of, book
from tests.doors import import_now
from tests.web.journal.test_dashboard import words

IDEA = "acme-breakout-0602"
PLAN = "plan-acme-0602"
# Three partial fills of the entry, at the times and prices that bot and statement agree on.
ENTRY = (
    ("x-1", "4", "25.50", "13:30:01"),
    ("x-2", "3", "25.52", "13:30:02"),
    ("x-3", "3", "25.54", "13:30:04"),
)
# Stopped out at once, below the stop that was moved to 24.80.
EXIT = ("x-9", "10", "24.78", "15:10:00")


class Desk:
    """Somebody with a token, on the real server."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url, {"Authorization": f"Bearer {token}"}

    def get(self, path: str) -> Any:
        return self._answer(httpx2.get(self._url + path, headers=self._headers, timeout=30))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._answer(
            httpx2.post(self._url + path, json=body, headers=self._headers, timeout=30)
        )

    def tool(self, name: str, **arguments: Any) -> Any:
        return self.post("/api/tools", {"tool": f"moneybot.{name}", "arguments": arguments})

    def _answer(self, response: Any) -> Any:
        assert response.status_code < 300, response.text
        return response.json()


def statement_of_the_next_day() -> str:
    rows = [
        flex_trade(
            quantity=quantity if side == "BUY" else f"-{quantity}", tradePrice=price, buySell=side, ibExecID=exec_id,
            dateTime=f"20260602;{clock_in_new_york(at)}", transactionID=f"9{number}", tradeID=f"8{number}",
            ibCommission="-0.35", ibOrderID="77" if side == "BUY" else "78",
        )
        for number, (side, (exec_id, quantity, price, at)) in enumerate(
            [*(("BUY", one) for one in ENTRY), ("SELL", EXIT)]
        )
    ]  # fmt: skip
    return (
        '<FlexQueryResponse queryName="Test" type="AF"><FlexStatements count="1">'
        f'<FlexStatement accountId="{ACCOUNT}" fromDate="20260602" toDate="20260602" whenGenerated="20260603;023546">'
        f'<AccountInformation accountId="{ACCOUNT}" currency="USD" /><Trades>{"".join(rows)}</Trades>'
        "</FlexStatement></FlexStatements></FlexQueryResponse>"
    )


def clock_in_new_york(at: str) -> str:
    hours, rest = at.split(":", 1)
    return f"{int(hours) - 4:02d}{rest.replace(':', '')}"


def recommend(scanner: Journal) -> None:
    scanner.recommend(
        "ACME", record_id=IDEA, strategy="breakout", side="buy", quantity="10", entry_price="25.50", stop_price="24.50",
        target_price="28", features={"relative_volume": {"value": "2.4", "as_of": "2026-06-02T13:00:00Z"}},
        probability="0.55", reason="Closed above its range.", scanner="breakouts", scanner_version="1.4",
        at="2026-06-02T13:05:00Z", source="scanner",
    )  # fmt: skip
    assert scanner.flush(30)


TERMS = {
    "plan_id": PLAN, "recommendation_id": IDEA, "symbol": "ACME", "side": "buy", "entry_price": "25.50",
    "stop_price": "24.50", "target_price": "28", "quantity": "10", "strategy": "breakout", "timeframe": "5m",
    "account": ACCOUNT, "broker": "ibkr", "conditions": ["close above 25.40"], "notes": "Half an hour at most.",
}  # fmt: skip


def carry_out(hands: Journal) -> None:
    """Filled in three parts, with stop and target; the stop is moved, and fills."""
    contract = {"symbol": "ACME", "currency": "USD", "quantity": "10"}
    placed = {"at": "2026-06-02T13:30:00Z", **contract}
    guard = {"side": "sell", "parent_id": "in", "group_id": "oco", **placed}
    hands.order(
        "in",
        "placed",
        side="buy",
        limit_price="25.55",
        role="entry",
        plan_id=PLAN,
        order_id="77",
        **placed,
    )
    hands.order("stop", "placed", role="stop_loss", stop_price="24.50", order_id="78", **guard)
    hands.order("target", "placed", role="take_profit", limit_price="28", order_id="79", **guard)
    for one in ENTRY:
        report_fill(hands, "buy", ("in", "77"), one)
    hands.order("in", "filled", filled_quantity="10", at="2026-06-02T13:30:04Z")
    hands.order("stop", "modified", stop_price="24.80", at="2026-06-02T14:10:00Z")
    report_fill(hands, "sell", ("stop", "78"), EXIT)
    hands.order("stop", "filled", filled_quantity="10", at="2026-06-02T15:10:00Z")
    hands.order("target", "cancelled", at="2026-06-02T15:10:01Z")
    assert hands.flush(30)


def report_fill(hands: Journal, side: str, order: tuple[str, str], fill: tuple[str, ...]) -> None:
    exec_id, quantity, price, at = fill
    hands.execution(
        "ACME", side, quantity, price, currency="USD", exec_id=exec_id, client_order_id=order[0], order_id=order[1],
        executed_at=f"2026-06-02T{at}Z",
    )  # fmt: skip


def figures(me: Desk) -> tuple[str, str, str, str]:
    (told,) = me.get("/api/trades")["results"]
    return told["status"], told["gross_pnl"], told["fees"], told["net_pnl"]


def sync(me: Desk) -> None:
    """Once more than needed."""
    for name in ("evening", "later"):
        synced = me.tool("syncPlanTrades", days_back=3650, client_request_id=name)["result"]
        assert (synced["synced_count"], synced["errors"]) == (1, [])
    assert synced["updated_count"] == 0


def assert_told(review: dict[str, Any]) -> None:
    """All of it, and rightly."""
    assert review["has_plan"] is True
    for said in (PLAN, IDEA, "approved", "Clean base.", "-8.78", "24.8", "stop", "-7.38"):
        assert said in str(review), (said, review)
    compared = {one["what"]: one for one in review["planned_against_actual"]["figures"]}
    # Bought at 25.518 for 25.50; sold at 24.78 where the stop stood at 24.80, though it was planned at 24.50.
    entry = {"planned": "25.5", "actual": "25.518", "slippage": "0.018", "slippage_money": "0.18"}
    stop = {"planned": "24.5", "stood_at": "24.8", "actual": "24.78", "slippage": "0.02"}
    assert compared["entry"].items() >= entry.items()
    assert compared["stop"].items() >= {**stop, "slippage_money": "0.2"}.items()
    # One a share was risked: 8.78 of 10.
    assert (review["risked"]["amount"], review["r"]) == ("10", "-0.878")
    assert [one["fee"] for one in review["fills"]] == ["0.35"] * 4
    assert review["at_broker"]["has_statement"]
    assert [one["verdict"] for one in review["decisions"]] == ["approved", "executed"]
    assert review["duration_seconds"] == 5999


@pytest.mark.django_db(transaction=True)
def test_from_idea_to_outcome(live_server, tmp_path):
    alice = people.alice()
    account_of(alice.workspace)
    _, bot_token = people.token(alice, Scope.CAPTURE_WRITE, Scope.JOURNAL_READ)
    _, own_token = people.token(alice, Scope.JOURNAL_READ, Scope.JOURNAL_WRITE)
    me = Desk(live_server.url, own_token)

    with Journal(
        live_server.url, bot_token, account=ACCOUNT, broker="ibkr", spool=tmp_path / "spool.db"
    ) as client:
        recommend(client)
        book(alice.workspace)
        assert me.get(f"/api/recommendations/{IDEA}")["status"] == "recommended"
        decision = {"verdict": "approved", "reason": "Clean base."}
        me.post(f"/api/recommendations/{IDEA}/decisions", decision)
        assert me.get(f"/api/recommendations/{IDEA}")["status"] == "approved"
        Desk(live_server.url, bot_token).post("/api/plans", TERMS)
        carry_out(client)
    book(alice.workspace)
    # 24.78 x 10 less 4 x 25.50 + 3 x 25.52 + 3 x 25.54; nobody has told a fee yet.
    assert figures(me) == ("closed", "-7.38", "0", "-7.38")

    import_now(alice.workspace, statement_of_the_next_day())
    assert figures(me) == ("closed", "-7.38", "1.4", "-8.78")
    assert len(me.get("/api/executions")["results"]) == 4

    sync(me)
    plan = me.get(f"/api/plans/{PLAN}")
    assert (plan["status"], plan["profit_loss"], plan["close_reason"]) == (
        "executed",
        "-8.78",
        "stop",
    )
    assert me.get(f"/api/recommendations/{IDEA}")["status"] == "executed"

    # By the broker's id of the order that closed it.
    review = me.tool("reviewClosedTrade", ticket="78")["result"]
    assert_told(review)

    (told,) = me.get("/api/trades")["results"]
    page = words(people.browser(alice).get(f"/trades/{told['id']}"))
    for said in (PLAN, "−8.78", "24.50 → 24.80", "−0.88R", "Closed by: Stop", "Clean base."):
        assert said in page, said
