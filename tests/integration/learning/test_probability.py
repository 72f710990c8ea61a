"""The model of the probability to win: made, kept, asked, expired, and scored by what it said beforehand."""

from __future__ import annotations

import json
from datetime import timedelta

from learning.models import Prediction, ProbabilityModel, RunKind, StepFailure
from learning.services import learner, running
from learning.services.predicting import ask
from tests.integration.learning.many import BEGIN, DAY, proposals

NIGHT = BEGIN + 100 * DAY


def learn(workspace, as_of=NIGHT):
    runs = learner.learn(workspace.pk, as_of=as_of, kinds=[RunKind.PROBABILITY])
    assert not StepFailure.objects.exists(), StepFailure.objects.get().words
    return json.loads(runs[0].result)


def test_what_tells_wins_from_losses_is_deployed_and_asked(owner, workspace):
    proposals(owner, 300)
    told = learn(workspace)
    assert (told["is_deployed"], told["rung"], told["n"]) == (True, "ridge", 300)
    assert told["t"]["value"] > 2
    assert told["weights"][0]["name"] == "iv_rank"
    assert told["reliability"]["bins"]
    # What the scanner said of all alike tells nothing.
    assert told["pop"]["figures"]["skill"]["value"] < 0.05
    high, low = (
        ask(workspace.pk, NIGHT + DAY, strategy="spread", probability=0.6, features={"iv_rank": rank, "x": 1})
        for rank in (75, 25)
    )  # fmt: skip
    assert high.p > 0.7
    assert low.p < 0.5
    assert high.base == low.base
    assert (high.missing, high.unused) == (("dte",), ("x",))


def test_without_a_signal_the_base_rate_stays(owner, workspace):
    proposals(owner, 160, slope=0.0)
    told = learn(workspace)
    assert (told["is_deployed"], told["rung"]) == (False, "base_rate")
    answer = ask(workspace.pk, NIGHT, strategy="spread", probability=None, features={"iv_rank": 90})
    assert answer.p == answer.base


def test_few_outcomes_say_how_many_it_takes(owner, workspace):
    proposals(owner, 20)
    told = learn(workspace)
    assert (told["is_deployed"], told["gain"]["reason"], told["gain"]["least"]) == (
        False, "too_few", 100,
    )  # fmt: skip


def test_nothing_is_asked_where_nothing_is_known(owner, workspace):
    told = learn(workspace)
    assert told["reason"]["reason"] == "no_trades"
    assert not ProbabilityModel.objects.exists()
    assert ask(workspace.pk, NIGHT, strategy="", probability=None, features={}) is None


def test_a_model_expires(owner, workspace):
    proposals(owner, 40)
    learn(workspace)
    asked = {"strategy": "spread", "probability": None, "features": {}}
    assert ask(workspace.pk, NIGHT + timedelta(days=89), **asked) is not None
    assert ask(workspace.pk, NIGHT + timedelta(days=91), **asked) is None
    ProbabilityModel.objects.update(retired_at=NIGHT + 2 * DAY)
    assert ask(workspace.pk, NIGHT + 3 * DAY, **asked) is None


def test_a_change_of_regime_retires_what_was_made_before_it_was_found(owner, workspace):
    proposals(owner, 40)
    learn(workspace)
    found_at = int((NIGHT + DAY).timestamp())
    running.run(
        RunKind.REGIME, workspace.pk, NIGHT + 2 * DAY, "v", {}, lambda _rng: {"is_alarm": True, "known_at": found_at}
    )  # fmt: skip
    learn(workspace, NIGHT + 3 * DAY)
    old, new = ProbabilityModel.objects.order_by("as_of")
    assert (old.retired_at, new.retired_at) == (NIGHT + DAY, None)


def test_what_was_said_beforehand_is_kept_and_scored(owner, workspace):
    proposals(owner, 440)
    early = BEGIN + 90 * DAY
    assert learn(workspace, early)["is_deployed"]
    assert not Prediction.objects.exists()
    learn(workspace, BEGIN + 110 * DAY)
    model = ProbabilityModel.objects.get(as_of=early)
    written = Prediction.objects.all()
    # Of what was proposed after the model was made, and of nothing before.
    assert min(one.opened_at for one in written) > early
    assert {one.model_id for one in written} == {model.pk}
    assert written.count() == 4 * 20 - 1
    later = learn(workspace, BEGIN + 120 * DAY)
    assert later["told"]["told"] == written.count()
    assert later["told"]["figures"]["skill"]["value"] > 0.1


def test_the_same_moment_gives_the_same_bytes_after_more_came(owner, workspace):
    proposals(owner, 160)
    early = BEGIN + 35 * DAY
    then = learn(workspace, early)
    learn(workspace, NIGHT)
    proposals(owner, 40, first=160, seed=2)
    assert learn(workspace, early) == then
    assert ProbabilityModel.objects.filter(as_of=early).count() == 1
