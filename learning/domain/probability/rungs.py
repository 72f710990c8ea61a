"""The rungs: base rate by strategy, the scanner's own probability calibrated, ridge logistic regression, boosted trees.

Every model predicts from `Matured` rows and can be written as JSON and read back, to the same predictions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from scipy.special import betaln, expit, logit

from learning.domain.probability.logistic import fit_logistic
from learning.domain.probability.matured import Matured
from learning.domain.trades import Floats

CAUTION = (0.003, 0.01, 0.03, 0.1, 0.3)
"""C of ridge regression, the strongest shrinkage first."""
BOOSTED_FROM = 5_000
POP_LEAST = 50
FARTHEST = 4.0
"""Standard deviations beyond which a feature counts as that far: one odd quote moves no prediction by itself."""
_STRENGTHS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e4)
_TREES = 60


class Model(Protocol):
    @property
    def rung(self) -> str: ...

    def predict(self, rows: Matured) -> Floats:
        """P(win) of every row, above 0 and below 1."""
        ...


@dataclass(frozen=True, slots=True)
class BaseRate:
    """Share of wins of all, and by strategy as far as strategies differ."""

    overall: float
    by_strategy: dict[int, float]
    rung: str = "base_rate"

    def predict(self, rows: Matured) -> Floats:
        return np.array([self.by_strategy.get(int(code), self.overall) for code in rows.strategy])


@dataclass(frozen=True, slots=True)
class CalibratedPop:
    """logit P = a + b logit(POP); where no POP was told, the base rate."""

    a: float
    b: float
    base: BaseRate
    rung: str = "calibrated_pop"

    def predict(self, rows: Matured) -> Floats:
        told = expit(self.a + self.b * _logit(rows.pop))
        return np.asarray(np.where(np.isfinite(rows.pop), told, self.base.predict(rows)))


@dataclass(frozen=True, slots=True)
class Ridge:
    names: tuple[str, ...]
    centre: tuple[float, ...]
    scale: tuple[float, ...]
    weights: tuple[float, ...]
    intercept: float
    c: float
    rung: str = "ridge"

    def predict(self, rows: Matured) -> Floats:
        told = expit(self.intercept + _standard(rows.x, self.centre, self.scale) @ self.weights)
        return np.asarray(np.clip(told, 1e-4, 1 - 1e-4))


@dataclass(frozen=True, slots=True)
class Boosted:
    """`text` is LightGBM's own form of the trees."""

    names: tuple[str, ...]
    text: str
    rung: str = "boosted"

    def predict(self, rows: Matured) -> Floats:
        return np.asarray(np.clip(_trees(self.text).predict(rows.x), 1e-4, 1 - 1e-4))


@dataclass(frozen=True, slots=True)
class Blend:
    """Probabilities of several models, averaged by how much each is believed."""

    parts: tuple[tuple[float, Model], ...]

    @property
    def rung(self) -> str:
        """That of the part which weighs most."""
        return max(self.parts, key=lambda part: part[0])[1].rung

    def predict(self, rows: Matured) -> Floats:
        return np.asarray(sum(weight * model.predict(rows) for weight, model in self.parts))


@cache
def _trees(text: str) -> Any:
    return import_module("lightgbm").Booster(model_str=text)


def _logit(pop: Floats) -> Floats:
    return np.asarray(logit(np.clip(pop, 0.005, 0.995)))


def _standard(x: Floats, centre: tuple[float, ...], scale: tuple[float, ...]) -> Floats:
    """Unknown becomes the mean."""
    told = (x - np.array(centre)) / np.array(scale)
    return np.asarray(np.clip(np.nan_to_num(told, nan=0.0), -FARTHEST, FARTHEST))


def fit_base_rate(rows: Matured) -> BaseRate:
    """Beta-binomial over strategies: its strength from the grid point of the largest marginal likelihood."""
    n, wins = len(rows), float(rows.won.sum())
    overall = (wins + 0.5) / (n + 1)
    codes, place = np.unique(rows.strategy, return_inverse=True)
    won, seen = np.bincount(place, weights=rows.won), np.bincount(place)

    def likelihood(strength: float) -> float:
        a, b = strength * overall, strength * (1 - overall)
        return float(np.sum(betaln(a + won, b + seen - won) - betaln(a, b)))

    strength = max(_STRENGTHS, key=likelihood) if len(codes) > 1 else _STRENGTHS[-1]
    shrunk = (won + strength * overall) / (seen + strength)
    return BaseRate(
        overall, {int(code): float(rate) for code, rate in zip(codes, shrunk, strict=True)}
    )


def fit_pop(rows: Matured) -> CalibratedPop | None:
    """None where the scanner told too few probabilities, or always the same."""
    known = rows.where(np.flatnonzero(np.isfinite(rows.pop)))
    if len(known) < POP_LEAST or not known.is_mixed or np.ptp(known.pop) == 0:
        return None
    slope, intercept = fit_logistic(_logit(known.pop)[:, None], known.won, 1e6)
    return CalibratedPop(intercept, float(slope[0]), fit_base_rate(rows))


def fit_ridge(rows: Matured, c: float, beside: Ridge | None = None) -> Ridge:
    """`beside` is a fit of the same rows with another c: a good place to start from."""
    if beside is None:
        seen = np.isfinite(rows.x).any(axis=0)
        x = np.where(seen, rows.x, 0.0)
        centre, spread = np.nanmean(x, axis=0), np.nanstd(x, axis=0)
        scale = np.where(spread > 1e-12 * np.maximum(1.0, np.abs(centre)), spread, 1.0)
        named, begin = (tuple(map(float, centre)), tuple(map(float, scale))), None
    else:
        named, begin = (beside.centre, beside.scale), np.array([*beside.weights, beside.intercept])
    weights, intercept = fit_logistic(_standard(rows.x, *named), rows.won, c, begin)
    return Ridge(rows.names, *named, tuple(map(float, weights)), intercept, c)


class Ridges:
    """Fits of the same rows with one c after the other, each from where the one before it came out."""

    def __init__(self) -> None:
        self._rows: Matured | None = None
        self._last: Ridge | None = None

    def fit(self, rows: Matured, c: float) -> Ridge:
        self._last = fit_ridge(rows, c, self._last if rows is self._rows else None)
        self._rows = rows
        return self._last


def has_boosting() -> bool:
    """Whether the optional extra is installed."""
    return find_spec("lightgbm") is not None


def fit_boosted(rows: Matured, monotone: Mapping[str, int]) -> Boosted:
    """Few small trees, held to the directions in `monotone` (1 rises, -1 falls): defaults overfit below 5,000 rows."""
    boosting = import_module("lightgbm")
    options = {
        "objective": "binary", "num_leaves": 7, "min_data_in_leaf": max(20, len(rows) // 20), "learning_rate": 0.05,
        "monotone_constraints": [monotone.get(name, 0) for name in rows.names],
        "seed": 1, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbose": -1,
    }  # fmt: skip
    trees = boosting.train(options, boosting.Dataset(rows.x, rows.won), _TREES)
    return Boosted(rows.names, trees.model_to_string())


_KINDS: dict[str, type[BaseRate] | type[Ridge] | type[Boosted]] = {
    "base_rate": BaseRate,
    "ridge": Ridge,
    "boosted": Boosted,
}


def as_json(model: Model) -> dict[str, Any]:
    if isinstance(model, Blend):
        parts = [{"weight": weight, "model": as_json(part)} for weight, part in model.parts]
        return {"rung": "blend", "parts": parts}
    told = asdict(model)  # type: ignore[call-overload]
    for base in (told, told.get("base") or {}):
        if "by_strategy" in base:
            base["by_strategy"] = {str(code): rate for code, rate in base["by_strategy"].items()}
    return dict(told)


def from_json(told: dict[str, Any]) -> Model:
    if told["rung"] == "blend":
        parts = told["parts"]
        return Blend(tuple((part["weight"], from_json(part["model"])) for part in parts))
    told = {key: tuple(part) if isinstance(part, list) else part for key, part in told.items()}
    if "by_strategy" in told:
        told["by_strategy"] = {int(code): rate for code, rate in told["by_strategy"].items()}
    if told["rung"] == "calibrated_pop":
        base = from_json(told.pop("base"))
        assert isinstance(base, BaseRate)
        return CalibratedPop(**told, base=base)
    return _KINDS[told["rung"]](**told)
