"""A step of the evidence that turns out bad is undone by the run after its review, without anybody, and is told of."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django_scopes import scope

from accounts.scopes import Scope
from learning.domain.parameters.codec import state_from_json
from learning.domain.parameters.policy import COOL_DOWN, Verdict
from learning.models import ParameterVersion, RunKind, Trial, TrialKind, VersionStatus
from learning.selectors.trials import tried
from learning.services import versions
from learning.services.context import Context
from learning.services.learner import learn
from learning.services.running import read
from tests import people
from tests.web.learning.test_parameters import MONDAY, PAGE, WORLD, N

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


def turned(sign: float):
    """From the step on half of what is proposed is left out by it, and wins (sign 1) or loses (-1) half of its risk."""
    later = WORLD.opened > int(MONDAY.timestamp())
    left_out = later & (np.arange(N) % 2 == 0)
    iv_rank = np.where(left_out, 32.0, WORLD.features["iv_rank"])
    r = np.where(left_out, 0.5 * sign, WORLD.r_plan)
    features = {**WORLD.features, "iv_rank": iv_rank}
    return replace(WORLD, r_plan=r, result=np.sign(r).astype(np.int64), features=features)


@pytest.fixture(params=[1.0, -1.0], ids=["bad", "good"])
def world(request, monkeypatch):
    told = turned(request.param)
    nothing = told.where(np.zeros(N, bool))
    who = people.everybody()

    def known(context):
        return (told if context.workspace_id == who.workspace.pk else nothing).known_by(
            context.moment
        )

    monkeypatch.setattr(Context, "candidates", property(known))
    with scope(workspace=who.workspace):
        versions.change_settings(who.alice, start={"iv_rank_min": 30})
        yield who, request.param


def look(who, as_of):
    (run,) = learn(who.workspace.pk, as_of=as_of, kinds=[RunKind.PARAMETERS])
    return read(run)


def in_force():
    rows = ParameterVersion.objects.filter(status=VersionStatus.IN_FORCE).order_by("number")
    return [(one.cause, one.effective["iv_rank_min"]) for one in rows]


def first_move():
    newest = (
        ParameterVersion.objects.filter(status=VersionStatus.IN_FORCE).order_by("-number").first()
    )
    return state_from_json(newest.state).moves[0]


def matured_since(who, since, as_of):
    known = Context(who.workspace.pk, as_of).candidates
    return int((known.matured & (known.opened > int(since.timestamp()))).sum())


def test_its_review_comes_by_itself(world):
    who, sign = world
    assert look(who, MONDAY)["changed"] == {"iv_rank_min": [30.0, 35.0]}
    as_of = MONDAY
    while first_move().verdict is Verdict.PENDING:
        before = matured_since(who, MONDAY, as_of)
        as_of += WEEK
        assert as_of < MONDAY + 60 * WEEK
        told = look(who, as_of)
    settled = first_move()
    # At the first run at which so many later proposals had ended as the review asks for, and not before.
    assert before < settled.judged <= matured_since(who, MONDAY, as_of)
    assert settled.settled_at == int(as_of.timestamp())
    if sign < 0:
        assert (settled.verdict, settled.made >= 0) == (Verdict.KEPT, True)
        assert ("review", 30.0) not in in_force()
        return
    assert (settled.verdict, settled.made < 0) == (Verdict.REVERTED, True)
    assert in_force()[-1] == ("review", 30.0)
    # Meanwhile the evidence had gone on that way: those steps go with it.
    (stood, after), *others = told["changed"].values()
    assert (after, others) == (30.0, [])
    assert stood >= 35.0
    assert told["cooling"] == COOL_DOWN
    scanner = people.bot(who.alice, Scope.LEARNING_READ).get("/api/learning/parameters").json()
    assert scanner["effective"]["iv_rank_min"] == 30.0
    assert scanner["changed"]["iv_rank_min"] == {"from": stood, "to": 30.0}
    assert (scanner["cause"], scanner["score"]["reverted"]) == ("review", 1.0)
    assert_told(who, as_of, settled, stood)


def assert_told(who, as_of, settled, stood):
    """On the page, and in the report of the week."""
    page = people.browser(who.alice).get(PAGE).content.decode()
    assert "Review of an earlier step" in page
    (run,) = learn(who.workspace.pk, as_of=as_of, kinds=[RunKind.WEEKLY])
    sections = {one["key"]: one for one in read(run)["document"]["sections"]}
    said = " ".join(sections["recommendations"]["sentences"])
    assert f"Taken back: iv rank min from {stood:g} to 30. The step to 35 made" in said
    assert f"on {settled.judged} later recommendations" in said
    assert "taken back; together" in said or "taken back, " in said


def test_what_is_undone_does_not_wait_for_approval(world):
    who, sign = world
    look(who, MONDAY)
    versions.change_settings(who.alice, needs_approval=True)
    look(who, datetime.fromtimestamp(int(WORLD.known_at.max()), UTC) + timedelta(days=1))
    floors = [floor for _, floor in in_force()]
    assert floors[-1] == (30.0 if sign > 0 else 35.0)


def test_settings_that_are_looked_at_are_trials_once(world):
    who, _ = world
    told = look(who, MONDAY)
    look(who, MONDAY + WEEK)
    ledger = dict(Trial.objects.filter(kind=TrialKind.SETTING).values_list("name", "count"))
    assert ledger.keys() == {f"settings of {name}" for name in told["evidence"]}
    assert sum(ledger.values()) == told["settings_tried"] == tried(who.workspace.pk).settings > 19
