"""Thresholds of scanners: what the evidence says, what the simple rules say, one notch at a time, and how it fared."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import numpy as np

from learning.domain.metrics import trade_metrics
from learning.domain.parameters import lookahead
from learning.domain.parameters.answering import seed_as_json, starting
from learning.domain.parameters.benefit import LEVEL
from learning.domain.parameters.candidates import NEVER, Candidates
from learning.domain.parameters.choice import Curve
from learning.domain.parameters.codec import state_as_json, state_from_json
from learning.domain.parameters.policy import State, Step, advance, grade_of, score_of_advice
from learning.domain.parameters.scoring import Told, scores
from learning.domain.parameters.seed import seed_rule
from learning.domain.parameters.settings import PARAMETERS
from learning.domain.seconds import second_within
from learning.models import LearningRun, RunKind, TrialKind
from learning.selectors.close_words import in_words
from learning.selectors.parameters import answers_before, refused_before, version_before
from learning.selectors.settings import settings_of
from learning.selectors.trials import tried
from learning.services.context import Context, Reads
from learning.services.running import hash_of, read
from learning.services.steps import base
from learning.services.trials import note_trial
from learning.services.versions import keep_version, score_answers

FORMULAS = 4
_Z90 = 1.6449


def config(context: Context) -> Mapping[str, Any]:
    """What stood before this moment: the scanner's own settings, the state of the policy, whether this week was looked
    at already, and what scanners were told."""
    told: Mapping[str, Any] = context.once("parameters", lambda: _config(context))
    return told


def _config(context: Context) -> Mapping[str, Any]:
    workspace_id, as_of = context.workspace_id, context.as_of
    stood = version_before(workspace_id, as_of)
    start = starting(settings_of(workspace_id).start)
    state = State(start) if stood is None else state_from_json(stood.state)
    told = answers_before(workspace_id, as_of)
    return {
        "start": start,
        "state": state_as_json(state),
        "may_move": not _looked_this_week(context),
        "refused": {
            name: second_within(at) for name, at in refused_before(workspace_id, as_of).items()
        },
        "answers": [
            {"id": one.pk, "asker": one.asker, "since": second_within(one.first_at),
             "effective": one.version.effective}
            for one in told
        ],
        # Orders may be told of again: what they say is kept as a part of what the run was given.
        "close_words": hash_of(sorted(context.close_words.items())),
        "settings_tried": max(
            tried(workspace_id, as_of).settings, sum(_grids(state.settings).values())
        ),
        "formulas": FORMULAS,
    }  # fmt: skip


def _grids(settings: Mapping[str, float]) -> dict[str, int]:
    """How many settings of each parameter are looked at."""
    return {name: len(PARAMETERS[name].grid) for name in settings if name in PARAMETERS}


def _looked_this_week(context: Context) -> bool:
    """A week is looked at once: whoever looks every night finds something sooner or later."""
    begun = (context.as_of - timedelta(days=context.as_of.weekday())).replace(
        hour=0, minute=0, second=0
    )
    return LearningRun.objects.filter(
        workspace_id=context.workspace_id,
        account=None,
        kind=RunKind.PARAMETERS,
        as_of__gte=begun,
        as_of__lt=context.as_of,
    ).exists()


def compute(context: Context, rng: np.random.Generator) -> Any:
    given = config(context)
    start, state = given["start"], state_from_json(given["state"])
    known = context.candidates
    flagged = lookahead.suspects(
        {name: numbers[known.matured] for name, numbers in known.features.items()},
        known.result[known.matured],
    )
    leaking = {one.feature for one in flagged}
    honest = _without(known, leaking)
    step = advance(
        honest, state, PARAMETERS, as_of=context.moment, rng=rng, may_move=given["may_move"],
        refused=given["refused"], tried=given["settings_tried"],
    )  # fmt: skip
    own = context.own_trades
    even = trade_metrics(own)["break_even_rate_money"].value if len(own) else None
    return {
        "state": state_as_json(step.state),
        "changed": {name: list(pair) for name, pair in sorted(step.changed.items())},
        "cooling": step.cooling,
        "refused": dict(step.refused),
        "may_move": given["may_move"],
        "settings_tried": given["settings_tried"],
        "evidence": {name: _evidence(name, step, leaking) for name in step.evidence},
        "seed": seed_as_json(seed_rule(in_words(own, context.close_words), start), even),
        "slippage": context.slippage.as_json(),
        "currency": context.currency,
        "start": start,
        "proposals": len(known),
        "matured": int(known.matured.sum()),
        "shadow": int(known.shadow.sum()),
        "leaks": [
            {"feature": one.feature, "leak": one.leak.value, "strength": one.strength, "n": one.n}
            for one in flagged
        ],
        "stated_late": context.late_of_candidates,
        "score": dict(score_of_advice(step.state.moves)),
        "answers": scores(honest, _told(given["answers"]), start),
    }


def _without(known: Candidates, leaking: set[str]) -> Candidates:
    """The same without features that know the outcome: nothing is learnt by them."""
    if not leaking:
        return known
    kept = {name: one for name, one in known.features.items() if name not in leaking}
    return type(known)(
        **{
            **{name: getattr(known, name) for name in known.__dataclass_fields__},
            "features": kept,
        }
    )


def _evidence(name: str, step: Step, leaking: set[str]) -> dict[str, Any]:
    found = step.evidence[name]
    return {
        **found.as_json(),
        "grade": grade_of(name, step),
        "feature": found.parameter.feature,
        "side": found.parameter.side.value,
        "flagged": found.parameter.feature in leaking,
        "blocked": found.blocked,
        "is_downhill": found.is_downhill,
        "curve": _curve(found.curve),
    }


def _curve(curve: Curve) -> list[dict[str, Any]]:
    """D(θ) with its band, a point for each other setting."""
    return [
        {
            "at": curve.thresholds[place],
            "mean": float(curve.mean[place]),
            "low": float(curve.mean[place] - _Z90 * curve.deviation[place]),
            "high": float(curve.mean[place] + _Z90 * curve.deviation[place]),
            "level": LEVEL,
            "better": float(curve.better[place]),
            "luck": float(curve.luck[place]),
            "changed": int(curve.changed[place]),
            "admitted": int(curve.admitted[place]),
            "allowed": bool(curve.allowed[place]),
        }
        for place in range(len(curve.thresholds))
    ]


def _told(answers: list[dict[str, Any]]) -> list[Told]:
    """Each answer holds until its asker was told another one."""
    told = []
    for place, one in enumerate(answers):
        following = (
            later["since"] for later in answers[place + 1 :] if later["asker"] == one["asker"]
        )
        told.append(Told(one["id"], one["since"], next(following, NEVER), one["effective"]))
    return told


def apply(context: Context, run: LearningRun) -> None:
    result = read(run)
    for name, count in _grids(result["evidence"]).items():
        words = f"settings of {name}"
        note_trial(context.workspace_id, TrialKind.SETTING, words, context.as_of, count=count)
    keep_version(context.workspace_id, run, result)
    score_answers(context.workspace_id, context.as_of, result["answers"])


STEP = base.Step(compute, apply, (Reads.TRADES, Reads.CANDIDATES), config)
