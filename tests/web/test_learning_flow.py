"""The specification's example, over HTTP from the first recommendation to the scanner's next one: ten closed trades, the
analysis, its recommendations, the adjusted parameters under the policy `seed`, and beside it what `evidence` says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from learning import tasks
from learning.models import ParameterAnswer, RunKind
from learning.services import measuring
from learning.services.learner import learn
from tests import captures, people

pytestmark = pytest.mark.django_db

FIRST = datetime(2026, 6, 1, 14, 30, tzinfo=UTC)
HALF, STOP = "50% profit rule", "Stop loss"
# Symbol, result in dollars, IV rank, days to expiry, why it was closed: as the averages of the example leave them.
TEN = (
    ("SPY", 500, "68", 45, HALF),
    ("SPY", 520, "70", 46, HALF),
    ("SPY", 1320, "62", 44, ""),
    ("SPY", -260, "42", 36, STOP),
    ("QQQ", 500, "65", 45, HALF),
    ("QQQ", 955, "64", 47, ""),
    ("QQQ", -300, "43", 34, STOP),
    ("NVDA", 520, "66", 43, HALF),
    ("NVDA", -280, "41.3", 35, STOP),
    ("IWM", 335, "62.1", 45, HALF),
)


def iso(moment):
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z"


def records_of(number, row):
    """One of the ten: its proposal, fills (opened for a credit of 20 a unit, closed for what leaves the result), order."""
    symbol, result, iv_rank, dte, reason = row
    opened = FIRST + timedelta(days=number)
    closed = opened + timedelta(days=12)
    put = {
        "symbol": symbol, "asset_class": "option", "right": "put", "strike": "400", "currency": "USD",
        "expiry_on": f"{opened + timedelta(days=dte):%Y-%m-%d}", "multiplier": "100",
    }  # fmt: skip
    proposal = {
        "account": captures.ACCOUNT, "record_id": f"rec-{number}", "symbol": symbol, "strategy": "Short put",
        "at": iso(opened - timedelta(minutes=5)), "scanner": "options_scanner", "expected_loss": "2000",
        "expected_profit": "1000", "features": {"iv_rank": iv_rank, "dte": str(dte)},
    }  # fmt: skip
    entry = captures.fill(
        **put, side="sell", quantity="1", price="20", executed_at=iso(opened), record_id=f"o-{number}",
        exec_id=f"xo-{number}", client_order_id=f"in-{number}", recommendation_id=f"rec-{number}", effect="open",
    )  # fmt: skip
    end = captures.fill(
        **put, side="buy", quantity="1", price=str(20 - result / 100), executed_at=iso(closed), record_id=f"c-{number}",
        exec_id=f"xc-{number}", client_order_id=f"out-{number}", effect="close",
    )  # fmt: skip
    order = captures.order(
        client_order_id=f"out-{number}", status="filled", at=iso(closed), reason=reason, symbol=symbol,
    )  # fmt: skip
    return proposal, [entry, end], order


@pytest.fixture
def who():
    who = people.everybody()
    captures.account_of(who.workspace)
    client = people.bot(who.alice)
    told = [records_of(number, row) for number, row in enumerate(TEN)]
    for name, records in (
        ("recommendations", [proposal for proposal, _, _ in told]),
        ("executions", [fill for _, fills, _ in told for fill in fills]),
        ("orders", [order for _, _, order in told if order["reason"]]),
    ):
        answer = client.post(f"/api/{name}/batch", {name: records})
        assert answer.status_code < 300, answer.content
    captures.book(who.workspace)
    with scope(workspace=who.workspace):
        measuring.measure(who.workspace.pk)
    return who


@pytest.fixture
def scanner(who):
    return people.bot(who.alice, Scope.LEARNING_READ, Scope.LEARNING_WRITE)


def asked(scanner):
    answer = scanner.get("/api/learning/parameters")
    assert answer.status_code == 200, answer.content
    return answer.json()


def test_the_example_of_the_specification_is_reproduced(who, scanner):
    assert scanner.patch("/api/learning/settings", {"policy": "seed"}).status_code == 200
    assert scanner.post("/api/learning/learn").status_code == 202
    tasks.learn(who.workspace.pk)

    told = asked(scanner)
    rule = told["seed_rule"]
    # "Excellent win rate (70%)"
    assert (rule["trades"], rule["win_rate"]) == (10, 0.7)
    assert 0 < rule["break_even_rate"] < rule["win_rate"]
    # "Winners avg IV: 65.3%, Losers avg IV: 42.1%"
    assert rule["iv_rank"]["winners"] == pytest.approx(65.3)
    assert rule["iv_rank"]["losers"] == pytest.approx(42.1)
    # "Winners avg DTE: 45 days, Losers avg DTE: 35 days"
    assert rule["dte"] == {"winners": 45.0, "losers": 35.0}
    # "SPY - 4 trades, 75% win rate, Avg P&L: $520.00" and so on
    assert [
        (one["name"], one["trades"], f"{one['win_rate']:.0%}", one["average_pnl"])
        for one in rule["symbols"]
    ] == [
        ("SPY", 4, "75%", "520.00"),
        ("QQQ", 3, "67%", "385.00"),
        ("NVDA", 2, "50%", "120.00"),
    ]
    # "50% profit rule: 5 trades, Avg P&L: $475.00", "Stop loss: 3 trades, Avg P&L: -$280.00"
    reasons = {one["name"]: (one["trades"], one["average_pnl"]) for one in rule["close_reasons"]}
    assert reasons == {HALF: (5, "475.00"), STOP: (3, "-280.00")}
    assert [one["classic_text"] for one in rule["recommendations"]] == [
        "Increase min_iv_rank threshold to 60%",
        "Excellent win rate (70%) - Consider: lower min_iv_rank to 40% (find more opportunities)",
        "Focus on SPY and QQQ (proven winners)",
        "Continue following 50% profit rule",
    ]
    # "scanner = OptionsScanner(min_iv_rank=60, target_dte=45)"
    assert told["policy"] == "seed"
    assert told["effective"]["iv_rank_min"] == 60
    assert told["effective"]["target_dte"] == 45
    assert (told["effective"]["favoured"], told["effective"]["blacklist"]) == (["SPY", "QQQ"], [])
    assert told["changed"]["iv_rank_min"] == {"from": 50, "to": 60}
    assert told["changed"]["favoured"] == {"from": [], "to": ["SPY", "QQQ"]}


def test_beside_it_the_evidence_cannot_tell_from_ten_trades(who, scanner):
    tasks.learn(who.workspace.pk)
    told = asked(scanner)
    assert told["policy"] == "evidence"
    assert told["effective"]["iv_rank_min"] == told["start"]["iv_rank_min"] == 50
    assert (told["effective"]["blacklist"], told["effective"]["favoured"]) == ([], [])
    floor = told["evidence"]["iv_rank_min"]
    assert (floor["grade"], floor["standing"], floor["n"]) == ("D", "cannot_tell", 10)
    assert floor["needed"] == 40
    assert (floor["delta_r100"]["value"], floor["delta_r100"]["reason"]) == (None, "too_few")
    assert (floor["pbo"]["reason"], floor["holdout"]["reason"]) == ("too_few", "too_few")
    # What the simple rules would say is told all the same.
    assert told["seed_rule"]["effective"]["iv_rank_min"] == 60


def test_off_leaves_the_scanner_its_own_settings(who, scanner):
    patch = {"policy": "off", "start": {"iv_rank_min": 35, "dte_min": 21}}
    assert scanner.patch("/api/learning/settings", patch).status_code == 200
    tasks.learn(who.workspace.pk)
    told = asked(scanner)
    assert (told["effective"]["iv_rank_min"], told["effective"]["dte_min"]) == (35, 21)
    assert told["effective"]["favoured"] == []


def test_an_answer_holds_until_it_changes_and_is_kept(who, scanner):
    tasks.learn(who.workspace.pk)
    first = scanner.get("/api/learning/parameters")
    tag = first.headers["ETag"]
    again = scanner.get("/api/learning/parameters", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")
    scanner.patch("/api/learning/settings", {"policy": "seed"})
    after = scanner.get("/api/learning/parameters", headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json()["version"] == first.json()["version"] + 1
    assert after.json()["changed"]["iv_rank_min"] == {"from": 50, "to": 60}
    with scope(workspace=who.workspace):
        rows = list(ParameterAnswer.objects.order_by("id"))
    assert [(one.version.number, one.times) for one in rows] == [(1, 2), (2, 1)]
    listed = scanner.get("/api/learning/parameters/answers").json()["results"]
    assert [one["version"] for one in listed] == [2, 1]
    versions = scanner.get("/api/learning/parameters/versions").json()["results"]
    assert [(one["number"], one["cause"]) for one in versions] == [(2, "policy"), (1, "start")]


def test_answers_are_scored_when_their_proposals_have_ended(who, scanner):
    with scope(workspace=who.workspace):
        answer = ParameterAnswer.objects
        asked(scanner)
        scanner.patch("/api/learning/settings", {"policy": "seed"})
        tasks.learn(who.workspace.pk)
        asked(scanner)
        # As if the first had been told before the ten, and the second after the fifth.
        first, second = answer.order_by("id")
        answer.filter(pk=first.pk).update(first_at=FIRST - timedelta(days=1))
        answer.filter(pk=second.pk).update(first_at=FIRST + timedelta(days=4, hours=12))
        learn(who.workspace.pk, as_of=datetime.now(UTC), kinds=[RunKind.PARAMETERS])
        first, second = answer.order_by("id")
    # The scanner's own settings against themselves; then 60 instead of 50 leaves out none that 50 let through.
    assert (first.score["proposals"], first.score["made"]) == (5, 0)
    assert (
        second.score["proposals"],
        second.score["matured"],
        second.score["treated_otherwise"],
    ) == (5, 5, 0)


def test_a_symbol_has_its_record(who, scanner):
    tasks.learn(who.workspace.pk)
    told = scanner.get("/api/learning/symbols/spy").json()
    assert (told["symbol"], told["standing"], told["size"], told["n"]) == ("SPY", "normal", 1, 4)
    assert (told["evidence"]["won"], told["evidence"]["lost"]) == (3, 1)
    assert told["simple_rule"] == "favoured"
    assert "4 trades (3 won, 1 lost" in told["words"]
    assert told["figures"]["USD"]["win_rate"]["n"] == 4
    never = scanner.get("/api/learning/symbols/BRK%2FB").json()
    assert (never["symbol"], never["n"], never["standing"]) == ("BRK/B", 0, "normal")
    assert "can't tell yet" in never["words"]
    listed = scanner.get("/api/learning/symbols").json()["results"]
    assert [one["symbol"] for one in listed] == ["IWM", "NVDA", "QQQ", "SPY"]


class TestWhoMayAsk:
    def test_a_stranger_is_told_nothing_of_it(self, who):
        stranger = people.bot(who.charlie, Scope.LEARNING_READ)
        tasks.learn(who.workspace.pk)
        told = asked(stranger)
        assert (told["seed_rule"], told["evidence"]) == (None, {})
        assert stranger.get("/api/learning/symbols").json()["results"] == []
        assert stranger.get("/api/learning/symbols/SPY").json()["n"] == 0

    def test_a_viewer_reads_and_changes_nothing(self, who):
        viewer = people.bot(who.bob, Scope.LEARNING_READ)
        assert viewer.get("/api/learning/parameters").status_code == 200
        assert viewer.patch("/api/learning/settings", {"policy": "off"}).status_code == 403
        assert viewer.post("/api/learning/learn").status_code == 403
        assert viewer.post("/api/learning/parameters/revert", {"reason": "x"}).status_code == 403

    def test_a_token_needs_the_scope(self, who):
        other = people.bot(who.alice, Scope.JOURNAL_READ)
        assert other.get("/api/learning/parameters").status_code == 403
        reading = people.bot(who.alice, Scope.LEARNING_READ)
        assert reading.patch("/api/learning/settings", {"policy": "off"}).status_code == 403

    def test_a_token_of_one_account_is_not_told_of_all(self, who):
        account = captures.account_of(who.workspace)
        bound = people.bot(who.alice, Scope.LEARNING_READ, account_id=account.pk)
        answer = bound.get("/api/learning/parameters")
        assert (answer.status_code, answer.json()["code"]) == (403, "token_bound_to_account")

    @pytest.mark.parametrize(
        "patch",
        [
            {"policy": "moon"},
            {"zone": "Mars/Base"},
            {"start": {"iv_rank_min": 500}},
            {"start": {"nothing": 5}},
            {"start": {"iv_rank_min": "high"}},
        ],
    )
    def test_nonsense_is_refused(self, scanner, patch):
        assert scanner.patch("/api/learning/settings", patch).status_code == 422
