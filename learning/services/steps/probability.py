"""How likely a proposal is to win: the model of the day, and what it says of what is proposed from now on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from learning.domain.figures import Figure
from learning.domain.parameters.candidates import Candidates
from learning.domain.probability.ladder import LEAST, Standing, climb
from learning.domain.probability.matured import FEATURES_MOST, Matured, matured_of
from learning.domain.probability.payoffs import Payoffs, payoffs_of
from learning.domain.probability.reliability import Reliability, reliability
from learning.domain.probability.rungs import Blend, Model, Ridge, as_json, fit_base_rate
from learning.domain.seconds import moment_of
from learning.models import LearningRun, ProbabilityModel, RunKind
from learning.selectors.probability import Told, list_told, told_version
from learning.services.context import Context, Reads
from learning.services.predicting import predict_new
from learning.services.running import read
from learning.services.steps.base import Step

FORMULAS = 2
DECLARED = (
    "iv_rank", "dte", "delta", "credit", "width", "iv_percentile", "term_slope", "relative_volume", "atr_percent",
    "gap_percent",
)  # fmt: skip
"""Features that were named before anything was looked at; others follow by how often they were stated."""
_STATED_LEAST = 0.3
_POP = "probability"
_NAME_MOST = 64


def config(context: Context) -> Mapping[str, Any]:
    told = _told(context)
    return {"formulas": FORMULAS, "declared": DECLARED, "told": told_version(told)}


def _told(context: Context) -> Sequence[Told]:
    told: Sequence[Told] = context.once(
        "predictions", lambda: list_told(context.workspace_id, context.as_of)
    )
    return told


def compute(context: Context, rng: np.random.Generator) -> dict[str, Any]:
    candidates = context.candidates
    rows = matured_of(candidates, feature_names(candidates), pop=_POP)
    standing = climb(rows, context.moment, rng)
    told = _told(context)
    common = {
        "n": len(rows),
        "needs": LEAST,
        "names": list(rows.names),
        "strategies": list(candidates.words.get("strategy", ())),
        "pop": _pop_check(rows, rng),
        "told": _scored(told, candidates, rng),
    }
    if isinstance(standing, Figure):
        return {**common, "reason": standing.as_json()}
    ended = candidates.where(candidates.matured)
    nobody = np.full(len(ended), -1, dtype=np.int64)
    usual = payoffs_of(ended.r_plan, ended.groups.get("strategy", nobody), ended.week)
    return {**common, **_standing(standing, rows, usual)}


def feature_names(candidates: Candidates) -> tuple[str, ...]:
    """At most twelve, by names alone: which of them go with winning is not looked at."""
    matured = candidates.matured
    if not matured.any():
        return ()
    shares = {
        name: float(np.isfinite(column[matured]).mean())
        for name, column in candidates.features.items()
        if name != _POP and len(name) <= _NAME_MOST
    }
    stated = [name for name, share in shares.items() if share >= _STATED_LEAST]

    def place(name: str) -> tuple[int, float, str]:
        known = DECLARED.index(name) if name in DECLARED else len(DECLARED)
        return known, -shares[name], name

    return tuple(sorted(stated, key=place)[:FEATURES_MOST])


def _standing(standing: Standing, rows: Matured, usual: Payoffs | None) -> dict[str, Any]:
    return {
        "is_deployed": standing.is_deployed,
        "candidate": standing.candidate,
        "rung": standing.model.rung,
        "model": as_json(standing.model),
        "base": as_json(fit_base_rate(rows)),
        "payoffs": None if usual is None else usual.as_json(),
        "gain": standing.gain.as_json(),
        "t": standing.t.as_json(),
        "skill": standing.skill.as_json(),
        "reliability": reliability_as_json(standing.reliability),
        "weights": _weights(standing.model),
        "as_of": standing.as_of,
        "expires": standing.expires,
    }


def reliability_as_json(told: Reliability | Figure) -> dict[str, Any]:
    if isinstance(told, Figure):
        return {"reason": told.as_json(), "bins": [], "figures": {}}
    return {
        "reason": None,
        "bins": [
            {"n": one.n, "told": one.told, "observed": one.observed, "low": one.low, "high": one.high}
            for one in told.bins
        ],
        "figures": {name: figure.as_json() for name, figure in told.figures.items()},
    }  # fmt: skip


def _weights(model: Model) -> list[dict[str, Any]]:
    """What a feature moves the log-odds by, per standard deviation of it: of the ridge regressions of a mixture."""
    parts = model.parts if isinstance(model, Blend) else ((1.0, model),)
    sums: dict[str, float] = {}
    for weight, part in parts:
        if isinstance(part, Ridge):
            for name, slope in zip(part.names, part.weights, strict=True):
                sums[name] = sums.get(name, 0.0) + weight * slope
    ordered = sorted(sums.items(), key=lambda one: (-abs(one[1]), one[0]))
    return [{"name": name, "weight": weight} for name, weight in ordered]


def _pop_check(rows: Matured, rng: np.random.Generator) -> dict[str, Any]:
    """Whether the scanner's own probabilities came true."""
    known = np.isfinite(rows.pop)
    p, won = np.clip(rows.pop[known], 0.005, 0.995), rows.won[known]
    base = np.full(len(p), (won.sum() + 0.5) / (len(won) + 1))
    return reliability_as_json(reliability(p, base, won, rng))


def _scored(
    told: Sequence[Told], candidates: Candidates, rng: np.random.Generator
) -> dict[str, Any]:
    """What was predicted before anybody knew, against what came."""
    place = {int(key): row for row, key in enumerate(candidates.key)}
    matured = candidates.matured
    rows = [
        (one.p, one.base, float(candidates.result[place[one.recommendation_id]] > 0))
        for one in told
        if one.recommendation_id in place and matured[place[one.recommendation_id]]
    ]
    p, base, won = (np.array([row[column] for row in rows]) for column in range(3))
    return {"told": len(told), **reliability_as_json(reliability(p, base, won, rng))}


def apply(context: Context, run: LearningRun) -> None:
    """Keeps the model, and what every standing model says of what was proposed since it was made."""
    told = read(run)
    if "model" in told:
        made = ProbabilityModel(
            run=run,
            workspace_id=run.workspace_id,
            as_of=run.as_of,
            expires_at=moment_of(told["expires"]),
            rung=told["rung"],
            candidate=told["candidate"] or "",
            is_deployed=told["is_deployed"],
            n=told["n"],
            names=told["names"],
            strategies=told["strategies"],
            model=told["model"],
            base=told["base"],
            payoffs=told["payoffs"],
            figures={name: told[name] for name in ("gain", "t", "skill")},
        )
        # A run is kept with what it made of it: the same run again would make the same.
        ProbabilityModel.objects.bulk_create([made], ignore_conflicts=True)
    retire_after_alarm(context.workspace_id, context.as_of)
    predict_new(context.workspace_id, context.candidates, context.as_of)


def retire_after_alarm(workspace_id: int, as_of: datetime) -> int:
    """Models that were made before a change of regime was found are not asked any more. Returns how many that were."""
    runs = LearningRun.objects.filter(
        workspace_id=workspace_id, account=None, kind=RunKind.REGIME, as_of__lte=as_of
    )
    newest = runs.order_by("-as_of", "-id").first()
    told = read(newest) if newest is not None else {}
    if not told.get("is_alarm"):
        return 0
    found_at = moment_of(told["known_at"])
    stale = ProbabilityModel.objects.filter(
        workspace_id=workspace_id, as_of__lt=found_at, retired_at=None
    )
    return stale.update(retired_at=found_at)


STEP = Step(compute, apply, reads=(Reads.CANDIDATES,), config=config)
