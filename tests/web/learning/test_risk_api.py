"""The probability model, sizes, exits and exposure over HTTP."""

from __future__ import annotations

import pytest
from django.utils import timezone
from django_scopes import scope

from accounts.scopes import Scope
from learning.models import RunKind
from learning.services import exposing, learner
from tests import captures, people
from tests.integration.learning.many import closed, proposals

pytestmark = pytest.mark.django_db
BASE = "/api/learning"
ASKED = ("probability", "sizing", "exits", "exposure")


@pytest.fixture
def who():
    return people.everybody()


@pytest.fixture
def reader(who):
    return people.bot(who.alice, Scope.LEARNING_READ)


@pytest.fixture
def learnt(who):
    with scope(workspace=who.workspace):
        proposals(who.alice, 60)
        closed(captures.account_of(who.workspace), [1.2, -1.0, 0.8] * 20)
        kinds = [RunKind.PROBABILITY, RunKind.EXITS, RunKind.SIZING]
        assert len(learner.learn(who.workspace.pk, as_of=timezone.now(), kinds=kinds)) == 3
        exposing.expose(who.workspace.pk, timezone.now())


def test_before_anything_was_learnt_there_is_nothing(reader):
    for name in ASKED:
        answer = reader.get(f"{BASE}/{name}")
        assert (answer.status_code, answer.json()["result"]) == (200, None), name
    answer = reader.get(f"{BASE}/probability/ask")
    told = answer.json()
    assert (answer.status_code, told["p"], told["model"]) == (200, None, None)
    assert told["reason"] == "no_probability_model"


def test_what_was_learnt_is_told(learnt, reader):
    sizing = reader.get(f"{BASE}/sizing").json()
    assert sizing["result"]["n"] == 60
    assert sizing["result"]["recommended"]["unit"] == "fraction"
    told = reader.get(f"{BASE}/probability").json()
    assert (told["model"]["is_deployed"], told["model"]["n"]) == (False, 60)
    assert told["result"]["gain"]["reason"] == "too_few"
    assert reader.get(f"{BASE}/exits").json()["result"]["groups"] == []
    assert reader.get(f"{BASE}/exposure").json()["positions"] == 0
    assert reader.get(f"{BASE}/probability/predictions").json()["results"] == []


def test_a_proposal_is_asked_about_by_its_features(learnt, reader):
    answer = reader.get(
        f"{BASE}/probability/ask", {"strategy": "spread", "probability": "0.7", "iv_rank": "68"}
    ).json()
    assert 0 < answer["p"] < 1
    assert (answer["p"], answer["n"]) == (answer["base"], 60)
    assert answer["missing"] == ["dte"]
    for wrong in ({"iv_rank": "high"}, {"iv_rank": "nan"}, {"probability": "7"}):
        assert reader.get(f"{BASE}/probability/ask", wrong).status_code == 422, wrong


def test_who_may_ask(learnt, who):
    stranger = people.bot(who.charlie, Scope.LEARNING_READ, Scope.LEARNING_WRITE)
    for name in ASKED:
        assert people.bot(who.alice, Scope.JOURNAL_READ).get(f"{BASE}/{name}").status_code == 403
        assert stranger.get(f"{BASE}/{name}").json()["result"] is None
        assert people.bot(who.bob, Scope.LEARNING_READ).get(f"{BASE}/{name}").json()["result"]
        bound = people.bot(
            who.alice, Scope.LEARNING_READ, account_id=captures.account_of(who.workspace).pk
        )
        assert bound.get(f"{BASE}/{name}").status_code == 403
    assert people.bot(who.alice, Scope.LEARNING_READ).post(f"{BASE}/exposure").status_code == 403
    assert people.bot(who.alice, Scope.LEARNING_WRITE).post(f"{BASE}/exposure").status_code == 202
