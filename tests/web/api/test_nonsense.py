"""What no program should send is refused in the one shape of errors, soon, and takes nothing down."""

from __future__ import annotations

import json
import time

import pytest

from journal.tools.registry import list_tools
from tests import people
from tests.captures import account_of, book, fill

pytestmark = pytest.mark.django_db

# Written into a body as they are.
NONSENSE = (
    "1e999999999", "[1e999999999]", "9999999999999999999", "NaN", "-1", '""', "{}", '"\\u0000"', '"\\ud800"', '["\\ud800"]',
    '{"\\ud800": 1}', '"0001-01-01"', '"9999-12-31"', '"0001-01-01T00:00:00+14:00"',
)  # fmt: skip
PLAN = {
    "symbol": "ACME", "side": "buy", "entry_price": "25", "stop_price": "24", "quantity": "3", "conditions": ["up"],
    "notes": "n", "recommendation_id": "r", "expires_at": "2100-06-02T20:00:00Z", "reason": "r", "source": "bot",
}  # fmt: skip
# Where a tool takes it.
TOLD = {"ticket": "x-1", "text": "x", "symbol": "ACME", "tag": "t", "reason": "r"}
IDEA = {
    "symbol": "ACME",
    "quantity": "3",
    "at": "2026-06-02T13:30:00Z",
    "side": "buy",
    "legs": [],
    "features": {},
}


@pytest.fixture
def alice():
    account_of(people.alice().workspace)
    return people.bot(people.alice())


def bodies(told, names):
    """One for each name and nonsense, all else as it should be."""
    for name in names:
        rest = "".join(f", {json.dumps(k)}: {json.dumps(v)}" for k, v in told.items() if k != name)
        for bad in NONSENSE:
            yield f"{{{json.dumps(name)}: {bad}{rest}}}"


def send(client, method, path, body):
    answer = getattr(client, method)(path, data=body, content_type="application/json")
    assert answer.status_code < 500, (path, body[:200])
    if answer.status_code >= 400:
        assert {"code", "message", "fields"} <= answer.json().keys()
    return answer


def test_no_tool_fails_or_takes_long(alice):
    alice.post("/api/executions", fill(exec_id="x-1"))
    book(people.alice().workspace)
    begun, tools = time.monotonic(), list_tools()
    assert tools
    for tool in tools:
        names = tool.arguments.model_fields
        told = {name: said for name, said in TOLD.items() if name in names}
        if tool.name == "proposePlan":
            told |= {"side": "buy"}
        for body in bodies(told, [*names, "stranger\ud800"]):
            send(alice, "post", f"/api/tools/{tool.name}", body)
    assert time.monotonic() - begun < 120


def test_a_tool_of_no_name_is_unknown(alice):
    answer = send(alice, "post", "/api/tools", '{"tool": "sell\\ud800"}')
    assert answer.json()["code"] == "tool_unknown"


@pytest.mark.parametrize("path", ["/api/plans", "/api/plans/batch"])
def test_no_plan_fails(alice, path):
    for body in bodies(PLAN, [*PLAN, "plan_id", "account"]):
        send(alice, "post", path, f'{{"plans": [{body}]}}' if path.endswith("batch") else body)


def test_no_revision_and_no_step_of_a_plan_fails(alice):
    alice.post("/api/plans", {**PLAN, "plan_id": "p"})
    for body in bodies({}, PLAN):
        send(alice, "patch", "/api/plans/p", body)
    for body in bodies({"status": "triggered"}, ["status", "reason"]):
        send(alice, "post", "/api/plans/p/status", body)


def test_no_recommendation_fails(alice):
    for body in bodies(IDEA, [*IDEA, "expected_profit", "probability", "expires_at", "pool"]):
        send(alice, "post", "/api/recommendations", body)


def test_a_bad_record_of_a_batch_holds_up_no_other(alice):
    body = '{"plans": [{"symbol": "A", "entry_price": "\\ud800", "plan_id": "a"}, {"symbol": "B", "plan_id": "b"}]}'
    told = send(alice, "post", "/api/plans/batch", body).json()["results"]
    assert [one["status"] for one in told] == ["error", "created"]


@pytest.mark.parametrize(
    "days", ["start=0001-01-01", "end=9999-12-31", "start=0001-01-01&end=9999-12-31"]
)
def test_lists_take_every_day_that_there_is(alice, days):
    assert alice.get(f"/api/trades?{days}").status_code == 200
    assert people.browser(people.alice()).get(f"/trades?{days}").status_code == 200


PROPOSED = "/api/recommendations/rec-1"
VERDICT = {"verdict": "approved", "reason": "x", "seen": "recommended"}
OUTCOME = {
    "result_per_unit": "1", "result": "2", "currency": "USD", "r_multiple": "1", "entry_price": "1", "exit_price": "1",
    "closed_at": "2026-06-14T15:00:00Z", "close_reason": "x", "mark_quality": "eod_mid", "note": "x",
}  # fmt: skip


@pytest.fixture
def proposed(alice):
    alice.post("/api/recommendations", {"record_id": "rec-1", "symbol": "ACME"})
    book(people.alice().workspace)
    return alice


@pytest.mark.parametrize(("door", "told"), [("decisions", VERDICT), ("outcomes", OUTCOME)])
def test_no_decision_and_no_outcome_fails(proposed, door, told):
    for body in (*bodies(told, [*told, "known_at"]), "[]", "1", "null", "", "[" * 30_000):
        send(proposed, "post", f"{PROPOSED}/{door}", body)


BAR = {"at": "2026-06-02T13:30:00Z", "open": "10", "high": "11", "low": "9", "close": "10"}
BARS = {"symbol": "ACME", "interval": "1d", "zone": "UTC", "source": "x", "basis": "raw"}


def test_no_bars_fail(alice):
    for bad in ("America", "Europe", "../../etc/passwd", "x" * 5_000):
        body = json.dumps({**BARS, "zone": bad, "bars": [BAR]})
        assert send(alice, "post", "/api/prices/bars", body).status_code == 422
    for body in bodies({**BARS, "bars": [BAR]}, [*BARS, "bars"]):
        send(alice, "post", "/api/prices/bars", body)
    for bar in bodies(BAR, [*BAR, "volume"]):
        body = f'{{"bars": [{bar}], {json.dumps(BARS)[1:]}'
        send(alice, "post", "/api/prices/bars", body)
