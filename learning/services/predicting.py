"""What the standing model says of a proposal, and keeping it so that it can be scored when the end is known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.utils import timezone

from journal.models import Recommendation
from learning.domain.parameters.candidates import Candidates
from learning.domain.probability.matured import Matured
from learning.domain.probability.payoffs import Payoffs
from learning.domain.probability.rungs import from_json
from learning.domain.seconds import moment_of
from learning.domain.trades import Floats, Ints
from learning.models import Prediction, ProbabilityModel
from learning.selectors.facts import seconds_of
from learning.selectors.probability import list_models, standing_model

_UNKNOWN = -1
_SURE = 1e-4


@dataclass(frozen=True, slots=True)
class Answer:
    """`p` is the probability to win, `base` the base rate of the strategy, `expected` what that makes in R with usual
    wins and losses of the strategy, None where too few are known; `missing` are features that the model goes
    by and were not told, `unused` those that were told and it does not know."""

    p: float
    base: float
    expected: float | None
    model: ProbabilityModel
    missing: tuple[str, ...]
    unused: tuple[str, ...]


def standing_now(workspace_id: int) -> ProbabilityModel | None:
    """What is asked now."""
    return standing_model(workspace_id, timezone.now())


def ask(
    workspace_id: int,
    at: datetime | None = None,
    *,
    strategy: str,
    probability: float | None,
    features: Mapping[str, float],
) -> Answer | None:
    """By what stands at `at`, or now. None where no model does: none was made yet, or all have expired."""
    at = at or timezone.now()
    model = standing_model(workspace_id, at)
    if model is None:
        return None
    moment = seconds_of([at])
    rows = _rows(
        model,
        moment,
        np.array([_code(model, strategy)], dtype=np.int64),
        np.array([np.nan if probability is None else probability]),
        {name: np.array([value]) for name, value in features.items()},
    )
    p, base = predicted(model, rows)
    usual = None if model.payoffs is None else Payoffs.from_json(model.payoffs)
    return Answer(
        float(p[0]),
        float(base[0]),
        None if usual is None else usual.expected(float(p[0]), _code(model, strategy)),
        model,
        tuple(name for name in model.names if name not in features),
        tuple(sorted(set(features) - set(model.names))),
    )


def predicted(model: ProbabilityModel, rows: Matured) -> tuple[Floats, Floats]:
    """By the model, and by its base rate."""
    p, base = (from_json(told).predict(rows) for told in (model.model, model.base))
    return np.clip(p, _SURE, 1 - _SURE), np.clip(base, _SURE, 1 - _SURE)


def predict_new(workspace_id: int, candidates: Candidates, as_of: datetime) -> int:
    """Writes down what was predicted of each proposal that has no prediction yet, by the model that stood when it was
    made. A model knew nothing of what came after it, so it does not matter when that is written. Returns how many."""
    models = list_models(workspace_id, as_of)
    if not models or not len(candidates):
        return 0
    first = int(seconds_of([models[-1].as_of])[0])
    known = set(
        Prediction.objects.filter(workspace_id=workspace_id).values_list(
            "recommendation_id", flat=True
        )
    )
    due = [
        int(row)
        for row in np.flatnonzero(candidates.opened > first)
        if int(candidates.key[row]) not in known
    ]
    by_model = _by_model(models, candidates, due)
    names = _record_ids([int(candidates.key[row]) for row in due])
    written = [
        one
        for model, rows in by_model
        for one in _predictions(model, candidates.where(rows), names, as_of)
    ]
    Prediction.objects.bulk_create(written, ignore_conflicts=True, batch_size=1_000)
    return len(written)


def _by_model(
    models: Sequence[ProbabilityModel], candidates: Candidates, due: Sequence[int]
) -> list[tuple[ProbabilityModel, Ints]]:
    """Each proposal with the newest model that was made before it and had not expired."""
    found: dict[int, list[int]] = {}
    for row in due:
        at = moment_of(int(candidates.opened[row]))
        for place, model in enumerate(models):
            is_retired = model.retired_at is not None and model.retired_at <= at
            if model.as_of < at < model.expires_at and not is_retired:
                found.setdefault(place, []).append(row)
                break
    return [(models[place], np.array(rows, dtype=np.int64)) for place, rows in found.items()]


def _predictions(
    model: ProbabilityModel, rows: Candidates, names: Mapping[int, str], as_of: datetime
) -> list[Prediction]:
    words = rows.words.get("strategy", ())
    codes = rows.groups.get("strategy", np.full(len(rows), _UNKNOWN))
    strategies = np.array(
        [_code(model, words[code]) if code >= 0 else _UNKNOWN for code in codes], dtype=np.int64
    )
    pop = rows.features.get("probability", np.full(len(rows), np.nan))
    p, base = predicted(model, _rows(model, rows.opened, strategies, pop, rows.features))
    return [
        Prediction(
            workspace_id=model.workspace_id,
            recommendation_id=int(key),
            record_id=names[int(key)],
            model=model,
            opened_at=moment_of(int(opened)),
            told_as_of=as_of,
            p=float(chance),
            base=float(usual),
        )
        for key, opened, chance, usual in zip(rows.key, rows.opened, p, base, strict=True)
        if int(key) in names
    ]


def _rows(
    model: ProbabilityModel,
    opened: Ints,
    strategy: Ints,
    pop: Floats,
    features: Mapping[str, Floats],
) -> Matured:
    n = len(opened)
    columns = [features.get(name, np.full(n, np.nan)) for name in model.names]
    return Matured(
        opened, opened, np.zeros(n, dtype=np.int64), np.zeros(n), strategy, pop,
        np.column_stack(columns) if columns else np.empty((n, 0)), tuple(model.names),
    )  # fmt: skip


def _code(model: ProbabilityModel, strategy: str) -> int:
    """That of the model: words get other codes as strategies come and go."""
    return model.strategies.index(strategy) if strategy in model.strategies else _UNKNOWN


def _record_ids(ids: Sequence[int]) -> dict[int, str]:
    return dict(Recommendation.objects.filter(pk__in=ids).values_list("pk", "record_id"))
