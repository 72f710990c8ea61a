"""What assistants are told of what was learnt: the same as scanners and readers of reports, and kept as such."""

from __future__ import annotations

import pytest
from django_scopes import scope

from accounts.scopes import Scope
from journal.models import BrokerAccount
from learning.models import ParameterAnswer, Report, RunKind, SymbolChange
from learning.services import learner
from tests import captures, people
from tests.integration.learning.closes import report as book
from tests.integration.learning.closes import round_trip
from tests.integration.learning.test_reports import MONDAY
from tests.web.learning import whole

pytestmark = pytest.mark.django_db

TOOLS = {
    "getLearnedParameters": {},
    "getSymbolRecord": {"symbol": "spy"},
    "getLearningReport": {},
}


def asked(client, tool, **arguments):
    answer = client.post("/api/tools", {"tool": tool, "arguments": arguments})
    assert answer.status_code == 200, answer.content
    return answer.json()["result"]


@pytest.fixture
def who():
    who = people.everybody()
    with scope(workspace=who.workspace):
        captures.account_of(who.workspace, "U2")
        trips = [round_trip(number, end="101" if number % 3 else "98") for number in range(24)]
        book(who.alice, *[record for trip in trips for record in trip])
    return who


@pytest.fixture
def reader(who):
    return people.bot(who.alice, Scope.LEARNING_READ)


def test_parameters_are_those_of_the_api_and_every_answer_is_kept_with_its_asker(who, reader):
    told = asked(reader, "getLearnedParameters")
    same = reader.get("/api/learning/parameters").json()
    assert {name: told[name] for name in same} == same
    assert (told["version"], told["grade"], told["parameters"]) == (1, "none", [])
    assert "No run" in told["message"]
    with scope(workspace=who.workspace):
        (kept,) = ParameterAnswer.objects.all()
        # The door does not matter: it was the same token both times.
        assert (kept.name, kept.times, kept.asker.partition(":")[0]) == ("test", 2, "token")
        learner.learn(who.workspace.pk, as_of=MONDAY, kinds=[RunKind.SYMBOLS, RunKind.PARAMETERS])
    told = asked(reader, "getLearnedParameters")
    assert {one["name"] for one in told["parameters"]} == set(told["evidence"])
    assert all(one["words"] for one in told["parameters"])
    assert told["run"] is not None


def test_a_person_is_kept_as_such(who):
    browser = people.browser(who.alice)
    answer = browser.post("/api/tools/getLearnedParameters", {}, content_type="application/json")
    assert answer.status_code == 200
    with scope(workspace=who.workspace):
        assert ParameterAnswer.objects.get().asker == f"person:{who.alice.user_id}"


def test_the_record_of_a_symbol_is_that_of_the_api(who, reader):
    with scope(workspace=who.workspace):
        whole.a_step_of_a_symbol(who.workspace.pk, "SPY")
        SymbolChange.objects.update(reason="Sell all now")
    told = asked(reader, "getSymbolRecord", symbol=" spy ")
    same = reader.get("/api/learning/symbols/spy").json()
    assert (told["symbol"], told["standing"], told["n"]) == ("SPY", "watch", 24)
    assert told["changes"][0].pop("reason") == {"untrusted_text": "Sell all now"}
    same["changes"][0].pop("reason")
    assert {name: told[name] for name in same} == same
    never = asked(reader, "getSymbolRecord", symbol="NEVER")
    assert (never["standing"], never["n"], never["size"]) == ("normal", 0, 1.0)


def test_a_report_in_short(who, reader):
    assert asked(reader, "getLearningReport")["report"] is None
    with scope(workspace=who.workspace):
        learner.learn(who.workspace.pk, as_of=MONDAY, kinds=[RunKind.WEEKLY])
        report = Report.objects.get()
    told = asked(reader, "getLearningReport")["report"]
    assert told == asked(reader, "getLearningReport", report_id=report.pk)["report"]
    assert (told["id"], told["headline"]) == (report.pk, {"untrusted_text": report.headline})
    assert [one["untrusted_text"] for one in told["advice"]] == [
        "Our own advice so far: none given, so none to score."
    ]
    whole_one = reader.get(f"/api/learning/reports/{report.pk}").json()
    says = {one["key"]: [line["untrusted_text"] for line in one["says"]] for one in told["sections"]}  # fmt: skip
    assert says == {one["key"]: one["sentences"] for one in whole_one["sections"]}
    assert says["scoreboard"]
    assert asked(reader, "getLearningReport", kind="monthly")["report"] is None
    unknown = reader.post("/api/tools/getLearningReport", {"report_id": 987_654})
    assert (unknown.status_code, unknown.json()["code"]) == (404, "report_not_found")


def test_reports_over_the_api(who, reader):
    with scope(workspace=who.workspace):
        learner.learn(who.workspace.pk, as_of=MONDAY, kinds=[RunKind.WEEKLY])
        report = Report.objects.get()
    (listed,) = reader.get("/api/learning/reports").json()["results"]
    assert (listed["id"], listed["kind"], listed["run"]) == (report.pk, "weekly", report.run_id)
    assert "sections" not in listed
    assert reader.get("/api/learning/reports?kind=monthly").json()["results"] == []
    assert reader.get(f"/api/learning/reports?since={report.until}").json()["results"]
    assert not reader.get("/api/learning/reports?since=2031-01-01").json()["results"]
    told = reader.get(f"/api/learning/reports/{report.pk}").json()
    cells = [cell for one in told["sections"] for table in one["tables"] for row in table["rows"] for cell in row]  # fmt: skip
    assert any("figure" in cell for cell in cells)
    assert told["footer"]
    stranger = people.bot(who.charlie, Scope.LEARNING_READ)
    assert stranger.get(f"/api/learning/reports/{report.pk}").status_code == 404


def test_of_one_account_alone_nothing_of_the_whole_is_told(who):
    with scope(workspace=who.workspace):
        held = BrokerAccount.objects.first()
    bound = people.bot(who.alice, Scope.LEARNING_READ, account_id=held.pk)
    for tool, arguments in TOOLS.items():
        answer = bound.post("/api/tools", {"tool": tool, "arguments": arguments})
        assert (answer.status_code, answer.json()["code"]) == (403, "token_bound_to_account"), tool
    assert bound.get("/api/learning/reports").status_code == 403
    with scope(workspace=who.workspace):
        assert not ParameterAnswer.objects.exists()


def test_who_may_ask(who):
    without = people.bot(who.alice, Scope.JOURNAL_READ)
    for tool, arguments in TOOLS.items():
        answer = without.post("/api/tools", {"tool": tool, "arguments": arguments})
        assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing"), tool
