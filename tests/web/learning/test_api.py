"""Figures over the API: whole, as the book has them, and nobody else's."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django_scopes import scope

from accounts.models import User
from accounts.scopes import Scope
from journal.models import BrokerAccount
from journal.services.reporting import grant_role
from learning.domain.figures import Figure, Reason, Unit
from learning.models import (
    ExposureReading,
    MetricState,
    ParameterAnswer,
    ParameterVersion,
    RunKind,
    SymbolChange,
)
from learning.services import insights, measuring, running
from tests import captures, people
from tests.integration.journal.sql_views.asking import ROLE, acting_as, ask
from tests.integration.learning.closes import report, round_trip
from tests.web.learning import whole

pytestmark = pytest.mark.django_db
METRICS = "/api/learning/metrics"
HISTORY = f"{METRICS}/history"


@pytest.fixture
def who():
    who = people.everybody()
    with scope(workspace=who.workspace):
        captures.account_of(who.workspace, "U2")
        for number, end in enumerate(("101", "99", "103")):
            report(who.alice, *round_trip(number, end=end))
        report(who.alice, *round_trip(3, end="110", account="U2"))
    return who


@pytest.fixture
def reader(who):
    return people.bot(who.alice, Scope.LEARNING_READ)


def parts(answer):
    assert answer.status_code == 200, answer.content
    return {(one["part"], one["key"]): one for one in answer.json()["results"]}


def test_every_part_has_its_figures(reader):
    found = parts(reader.get(METRICS))
    everything = found["all", ""]
    assert (everything["n"], everything["currency"]) == (4, "USD")
    rate = everything["figures"]["win_rate"]
    assert (rate["value"], rate["n"], rate["unit"], rate["reason"]) == ("0.75", 4, "fraction", None)
    assert float(rate["ci"][0]) < 0.75 < float(rate["ci"][1])
    missing = everything["figures"]["expectancy_r"]
    assert (missing["value"], missing["reason"]) == (None, "risk_missing")
    assert {key for part, key in found if part == "symbol"} == {"SYM0", "SYM1", "SYM2"}


def test_one_part_is_asked_for_by_name(reader):
    found = parts(reader.get(METRICS, {"part": "symbol", "key": "SYM1"}))
    assert list(found) == [("symbol", "SYM1")]
    assert parts(reader.get(METRICS, {"part": "symbol", "key": "NONE"})) == {}
    assert reader.get(METRICS, {"part": "moon"}).status_code == 422


def test_nothing_that_leaves_is_no_number(reader):
    for url in (METRICS, HISTORY, f"{METRICS}/dictionary", f"{METRICS}/returns"):
        answer = reader.get(url)
        assert answer.status_code == 200, answer.content
        json.loads(answer.content, parse_constant=pytest.fail)


def test_history_has_a_point_after_each_close(reader):
    asked = {"part": "all", "metrics": "total_money,win_rate"}
    rows = reader.get(HISTORY, asked).json()["results"]
    assert [(one["n"], float(one["values"]["total_money"])) for one in rows] == [
        (1, pytest.approx(10)), (2, pytest.approx(0)), (3, pytest.approx(30)), (4, pytest.approx(130)),
    ]  # fmt: skip
    assert all(set(one["values"]) == {"total_money", "win_rate"} for one in rows)
    assert len(reader.get(HISTORY, {**asked, "since": rows[2]["known_at"]}).json()["results"]) == 2


def test_every_figure_is_in_the_dictionary(reader):
    rows = reader.get(f"{METRICS}/dictionary").json()["results"]
    told = {one["metric"] for one in rows}
    assert all(one["formula"] and one["source"] for one in rows)
    assert set(parts(reader.get(METRICS))["all", ""]["figures"]) <= told


class TestWhoMayAsk:
    def test_a_stranger_sees_nothing(self, who):
        assert parts(people.bot(who.charlie, Scope.LEARNING_READ).get(METRICS)) == {}
        assert people.bot(who.charlie).get(HISTORY).json()["results"] == []

    def test_a_token_needs_the_scope(self, who):
        assert people.bot(who.alice, Scope.JOURNAL_READ).get(METRICS).status_code == 403

    def test_a_viewer_may_read(self, who):
        assert parts(people.bot(who.bob, Scope.LEARNING_READ).get(METRICS))

    def test_a_token_of_one_account_sees_that_account_alone(self, who):
        account = captures.account_of(who.workspace, "U2")
        bound = people.bot(who.alice, Scope.LEARNING_READ, account_id=account.pk)
        assert list(parts(bound.get(METRICS))) == [("account", str(account.pk))]
        assert {one["key"] for one in bound.get(HISTORY).json()["results"]} == {str(account.pk)}
        assert bound.get("/api/learning/trials").status_code == 403, "it is of all of them together"


class TestInsights:
    """U1 has three trades and U2 one: odds and luck of either are of both."""

    URL = "/api/learning/insights"

    @pytest.fixture(autouse=True)
    def written(self, who):
        with scope(workspace=who.workspace):
            assert insights.write_insights(who.workspace.pk).made == 4

    def test_all_blocks_are_told_to_who_may_see_all(self, reader):
        rows = reader.get(self.URL).json()["results"]
        assert len(rows) == 4
        assert all(one["process"] and one["bet"] and one["luck"] and one["taught"] for one in rows)
        assert reader.get(f"{self.URL}/{rows[0]['trade']}").json() == rows[0]

    def test_a_token_of_one_account_is_told_nothing_that_was_made_from_another(self, who, reader):
        account = captures.account_of(who.workspace, "U2")
        scopes = Scope.LEARNING_READ, Scope.JOURNAL_READ
        bound = people.bot(who.alice, *scopes, account_id=account.pk)
        (told,) = bound.get(self.URL).json()["results"]
        assert (told["account"], told["bet"], told["luck"], told["taught"]) == (
            account.pk,
            None,
            None,
            None,
        )
        assert (told["facts"], told["classic_text"]) == ([], [])
        whole_of_it = reader.get(f"{self.URL}/{told['trade']}").json()
        assert told["process"] == whole_of_it["process"]
        asked = {"tool": "reviewClosedTrade", "arguments": {"ticket": str(told["trade"])}}
        answer = bound.post("/api/tools", asked)
        assert answer.status_code == 200, answer.content
        learnt = answer.json()["result"]["learnt"]
        assert {name: learnt[name] for name in ("bet", "luck", "taught", "facts", "classic_text")} == {
            "bet": None, "luck": None, "taught": None, "facts": [], "classic_text": [],
        }  # fmt: skip
        learnt = people.bot(who.alice, *scopes).post("/api/tools", asked).json()["result"]["learnt"]
        assert learnt["bet"] == whole_of_it["bet"]

    def test_where_there_is_one_account_its_token_is_told_all(self, who):
        with scope(workspace=who.charlie.workspace):
            report(who.charlie, *round_trip(0, end="101"))
            insights.write_insights(who.charlie.workspace_id)
            account = BrokerAccount.objects.get()
        bound = people.bot(who.charlie, Scope.LEARNING_READ, account_id=account.pk)
        (told,) = bound.get(self.URL).json()["results"]
        assert told["bet"]
        assert told["luck"]


class TestRuns:
    AS_OF = datetime(2026, 7, 1, tzinfo=UTC)

    def test_a_run_is_told_with_the_bytes_that_were_hashed(self, who, reader):
        with scope(workspace=who.workspace):
            kept = running.run(
                RunKind.SIZING, who.workspace.pk, self.AS_OF, "v1", {"cap": 1},
                lambda rng: {"share": round(float(rng.random()), 6)},
            )  # fmt: skip
        (listed,) = reader.get("/api/learning/runs").json()["results"]
        told = reader.get(f"/api/learning/runs/{listed['id']}").json()
        assert told["sha256"] == running.sha256(told["result"].encode()).hexdigest()
        assert told["result"] == kept.result
        assert "result" not in listed

    def test_the_same_again_is_the_same_run(self, who):
        def compute(rng):
            return rng.random(3).tolist()

        asked = (RunKind.SIZING, who.workspace.pk, self.AS_OF, "v1", {})
        with scope(workspace=who.workspace):
            first = running.run(*asked, compute)
            assert running.run(*asked, compute).pk == first.pk
            assert running.run(*asked[:3], "v2", {}, compute).result != first.result

    def test_other_bytes_from_the_same_are_refused(self, who):
        asked = (RunKind.SIZING, who.workspace.pk, self.AS_OF, "v1", {})
        with scope(workspace=who.workspace):
            running.run(*asked, lambda rng: 1)
            with pytest.raises(running.Drift):
                running.run(*asked, lambda rng: 2)

    @pytest.mark.parametrize("odd", [float("nan"), float("inf")])
    def test_what_is_no_number_is_kept_of_no_run(self, who, odd):
        with scope(workspace=who.workspace), pytest.raises(ValueError, match="JSON"):
            running.run(RunKind.SIZING, who.workspace.pk, self.AS_OF, "v1", {}, lambda rng: odd)


def test_the_admin_shows_every_table_and_changes_none(who):
    boss = Client()
    boss.force_login(User.objects.get(email="admin@example.org"))
    for model in apps.get_app_config("learning").get_models():
        assert admin.site.is_registered(model), model
        url = f"/admin/learning/{model._meta.model_name}/"
        assert boss.get(url).status_code == 200, url
        assert boss.get(f"{url}add/").status_code == 403, url
    with scope(workspace=who.workspace):
        row = MetricState.objects.first()
    answer = boss.post(f"/admin/learning/metricstate/{row.pk}/delete/", {"post": "yes"})
    assert answer.status_code == 403


SAID = (
    "claims", "claim_history", "parameter_versions", "parameter_answers", "predictions", "symbol_standings",
    "symbol_changes", "exposure",
)  # fmt: skip


def one_of_each(workspace_id, name):
    whole.a_claim(workspace_id, name)
    whole.a_prediction(workspace_id, name)
    person = User.objects.get(email="alice@example.org")
    step = whole.a_step_of_a_symbol(workspace_id, name)
    SymbolChange.objects.filter(pk=step.pk).update(made_by=person)
    version = whole.a_version(workspace_id, name)
    ParameterVersion.objects.filter(pk=version.pk).update(made_by=person)
    ParameterAnswer.objects.create(
        workspace_id=workspace_id, version=version, asker="token:1", first_at=whole.AS_OF, last_at=whole.AS_OF, times=3,
    )  # fmt: skip
    figures = {"delta": Figure(12.5, 2, Unit.MONEY), "theta": Figure.absent(Reason.NO_QUOTE, 2, Unit.MONEY)}  # fmt: skip
    bets = {"effective": Figure(1.8, 60, Unit.COUNT), "deviation": Figure(90.0, 60, Unit.MONEY)}
    told = [{name: one.as_json() for name, one in group.items()} for group in (figures, bets)]
    book = {"currency": "USD", "positions": [{}, {}], "figures": told[0], "bets": told[1]}
    bare = {"currency": "EUR", "positions": [], "figures": {}, "bets": {"why": {"value": None}}}
    ExposureReading.objects.create(
        workspace_id=workspace_id, on=whole.AS_OF.date(), taken_at=whole.AS_OF, positions=2, result={"books": [book, bare]},
    )  # fmt: skip


def test_a_reporting_role_sees_the_figures_of_its_workspace(who):
    with scope(workspace=who.charlie.workspace):
        report(who.charlie, *round_trip(0))
    with scope(workspace=who.workspace):
        grant_role(who.workspace.pk, ROLE)
        running.run(
            RunKind.SIZING, who.workspace.pk, TestRuns.AS_OF, "v1", {}, lambda rng: {"a": 1}
        )
    with acting_as(ROLE):
        for view in ("trade_facts", "metrics", "metric_history", "learning_runs"):
            rows = ask(f"SELECT * FROM trading.{view}")
            assert {one["workspace_id"] for one in rows} == {who.workspace.pk}, view
        (rate,) = ask("SELECT * FROM trading.metrics WHERE part = 'all' AND metric = 'win_rate'")
        assert (rate["value"], rate["n"], rate["unit"]) == (0.75, 4, "fraction")
        (absent,) = ask(
            "SELECT * FROM trading.metrics WHERE part = 'all' AND metric = 'expectancy_r'"
        )
        assert (absent["value"], absent["reason"]) == (None, "risk_missing")
        assert len(ask("SELECT FROM trading.trade_facts WHERE result = 'win'")) == 3


def test_a_reporting_role_sees_what_was_said_in_its_workspace(who):
    for member, name in ((who.alice, "MINE"), (who.charlie, "THEIRS")):
        workspace = member.workspace
        with scope(workspace=workspace):
            one_of_each(workspace.pk, name)
    with scope(workspace=who.workspace):
        grant_role(who.workspace.pk, ROLE)
    with acting_as(ROLE):
        told = {view: ask(f"SELECT * FROM trading.{view}") for view in SAID}
    for view, rows in told.items():
        assert {one["workspace_id"] for one in rows} == {who.workspace.pk}, view
        assert {"workspace", "account_id", "account"} <= set(rows[0]), view
    assert told["claims"][0]["subject"] == told["claim_history"][0]["subject"] == "symbol:MINE"
    assert told["claims"][0]["direction"] == "better"
    assert (
        told["parameter_versions"][0]["made_by"]
        == told["symbol_changes"][0]["made_by"]
        == "alice@example.org"
    )
    assert (told["parameter_answers"][0]["asker"], told["parameter_answers"][0]["times"]) == (
        "token:1",
        3,
    )
    assert (told["predictions"][0]["probability"], told["predictions"][0]["base_rate"]) == (
        0.61,
        0.6,
    )
    assert (told["symbol_standings"][0]["standing"], told["symbol_standings"][0]["size"]) == (
        "watch",
        1,
    )
    figures = {one["metric"]: (one["value"], one["reason"]) for one in told["exposure"]}
    assert figures == {
        "delta": (12.5, None), "theta": (None, "no_quote"), "effective_bets": (1.8, None), "deviation": (90.0, None),
    }  # fmt: skip
    assert {(one["currency"], one["positions"]) for one in told["exposure"]} == {("USD", 2)}


def test_measuring_again_changes_no_answer(who, reader):
    before = reader.get(METRICS).json()
    with scope(workspace=who.workspace):
        measuring.measure_all(who.workspace.pk)
    assert reader.get(METRICS).json() == before
