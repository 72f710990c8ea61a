"""What goes with winning, feature by feature: IV rank, days to expiry, delta, hour … as one family of tests."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from learning.domain.claims import families, ranks
from learning.domain.claims.clustered import Estimate, slope_of
from learning.domain.claims.gates import INSIGHT, INTERVAL, Sample, upper_half
from learning.domain.claims.grades import Grade, grade, visible_gap
from learning.domain.claims.hierarchy import half_normal, pool
from learning.domain.claims.life import Outcome
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.trades import Flags, Floats, Ints, Trades

OUTCOMES = (Outcome.WON, Outcome.R)
WEIGHTS = {Outcome.WON: 1.5, Outcome.R: 0.5}
"""Where wins and losses are what differs, Mann–Whitney finds more than Spearman: said before looking, not after."""


@dataclass(frozen=True, slots=True)
class Signal:
    """The tests of one subject: z and q per outcome, and the outcome that speaks the clearest."""

    z: dict[Outcome, float]
    p: dict[Outcome, float]
    q: dict[Outcome, float]

    @property
    def outcome(self) -> Outcome:
        return min(self.q, key=lambda one: (self.q[one], self.p[one]))

    @property
    def is_raised(self) -> bool:
        return self.q[self.outcome] <= families.RATE

    @property
    def direction(self) -> int:
        return 1 if self.z[self.outcome] > 0 else -1


def agrees(effect: Figure, direction: int) -> bool:
    """Whether the mean of R points where the ranks do, or is not known: who wins more often may earn less."""
    return effect.value is None or effect.value * direction > 0


@dataclass(frozen=True, slots=True)
class FeatureFinding:
    """One feature against the outcome.

    `winners`, `losers` are its means on either side; `auc` = P(higher for a winner than for a loser); `effect` is ΔR
    per interquartile range; `likely` the probability of its direction after drawing all features towards 0; `visible`
    the smallest effect that would have been seen. `signal` is None where the gates are shut: `lacking` says by what.
    """

    name: str
    sample: Sample
    lacking: dict[str, int]
    winners: Figure
    losers: Figure
    auc: Figure
    effect: Figure
    likely: Figure
    visible: Figure
    signal: Signal | None
    grade: Grade


def signals_of_features(
    features: dict[str, Floats], result: Ints, r: Floats, weeks: Ints
) -> dict[str, Signal]:
    """Signals of the features whose gates are open: one family, features × outcomes. NaN are left out per feature."""
    z: dict[tuple[str, Outcome], float] = {}
    p: dict[tuple[str, Outcome], float] = {}
    for names, rows, x in _alike(features, result, weeks):
        tests = {Outcome.WON: ranks.winners_against_losers(x, result[rows], weeks[rows])}
        told = ~np.isnan(r[rows])
        if told.sum() >= INSIGHT.n:
            tests[Outcome.R] = ranks.with_outcome(x[told], r[rows][told], weeks[rows][told])
        for outcome, tested in tests.items():
            for at, name in enumerate(names):
                z[name, outcome], p[name, outcome] = float(tested.z[at]), float(tested.p[at])
    return family(z, p)


def family(
    z: dict[tuple[str, Outcome], float], p: dict[tuple[str, Outcome], float]
) -> dict[str, Signal]:
    """One family of tests, adjusted together and sorted by subject."""
    weights = np.array([WEIGHTS[outcome] for _, outcome in p])
    if len(weights):
        weights = weights / weights.mean()
    q = dict(zip(p, families.adjusted(np.array(list(p.values())), weights=weights), strict=True))
    return {
        name: Signal(
            {one: z[name, one] for one in OUTCOMES if (name, one) in z},
            {one: p[name, one] for one in OUTCOMES if (name, one) in p},
            {one: float(q[name, one]) for one in OUTCOMES if (name, one) in q},
        )
        for name in dict.fromkeys(subject for subject, _ in p)
    }


def _alike(
    features: dict[str, Floats], result: Ints, weeks: Ints
) -> list[tuple[list[str], Ints, Floats]]:
    """Features whose gates are open, put together where the same rows are known: they are tested in one go."""
    shared: dict[bytes, tuple[list[str], Ints]] = {}
    for name, x in features.items():
        known = ~np.isnan(x)
        shared.setdefault(known.tobytes(), ([], np.flatnonzero(known)))[0].append(name)
    found = []
    for names, rows in shared.values():
        sample = Sample.of(result[rows], weeks[rows])
        if INSIGHT.lacking(sample).keys() - {"smaller_arm"}:
            continue
        x = np.stack([features[name][rows] for name in names], axis=1)
        is_open = _smaller_arms(x) >= INSIGHT.smaller_arm
        if is_open.any():
            kept = [name for name, one in zip(names, is_open, strict=True) if one]
            found.append((kept, rows, x[:, is_open]))
    return found


def _smaller_arms(x: Floats) -> Ints:
    """Per column, how many are in the smaller arm of `upper_half`: 0 where nothing varies."""
    median = np.median(x, axis=0)
    above, at_least = np.sum(x > median, axis=0), np.sum(x >= median, axis=0)
    arm = np.where(above > 0, above, at_least)
    return np.asarray(np.minimum(arm, len(x) - arm), dtype=np.int64)


def feature_findings(trades: Trades) -> tuple[FeatureFinding, ...]:
    """Every feature of closed trades, those that are raised first, then the likelier ones."""
    features = dict(trades.features)
    signals = signals_of_features(features, trades.result, trades.r, trades.week)
    slopes = {name: slope for name in features if (slope := _slope(trades, name)) is not None}
    likely: dict[str, float] = {}
    if slopes:
        effects = np.array([slope.effect for slope in slopes.values()])
        errors = np.array([slope.error for slope in slopes.values()])
        under = pool(effects, errors, half_normal(), centre=0.0).below(0.0)
        likely = dict(zip(slopes, (1 - under).tolist(), strict=True))
    found = [
        _finding(trades, name, signals.get(name), slopes.get(name), likely.get(name))
        for name in features
    ]
    return tuple(sorted(found, key=_most_telling))


def _most_telling(one: FeatureFinding) -> tuple[str, float, str]:
    return (one.grade.value, -(one.likely.value or 0.0), one.name)


def _slope(trades: Trades, name: str) -> Estimate | None:
    """ΔR per interquartile range (per unit where a feature is 0 or 1, or its quartiles meet)."""
    x = trades.features[name]
    rows = ~np.isnan(x) & ~np.isnan(trades.r)
    if rows.sum() < 3:
        return None
    ordered = np.sort(x[rows])
    low, high = ordered[[len(ordered) // 4, 3 * len(ordered) // 4]]
    scale = high - low if high > low else 1.0
    return slope_of(trades.r[rows], x[rows] / scale, trades.week[rows])


def _finding(
    trades: Trades,
    name: str,
    signal: Signal | None,
    slope: Estimate | None,
    above: float | None,
) -> FeatureFinding:
    x = trades.features[name]
    known = ~np.isnan(x)
    x, result = x[known], trades.result[known]
    arm = upper_half(x) if len(x) else None
    sample = Sample.of(result, trades.week[known], arm)
    lacking = INSIGHT.lacking(sample)
    direction = signal.direction if signal else (1 if slope is None or slope.effect > 0 else -1)
    probability = None if above is None else (above if direction > 0 else 1 - above)
    effect = _effect(slope, trades, known)
    is_raised = signal is not None and signal.is_raised and agrees(effect, direction)
    return FeatureFinding(
        name=name,
        sample=sample,
        lacking=lacking,
        winners=_mean(x[result > 0], Reason.NO_WINNERS),
        losers=_mean(x[result < 0], Reason.NO_LOSERS),
        auc=_auc(x, result),
        effect=effect,
        likely=_or_absent(probability, effect.n, Unit.PROBABILITY, trades.r[known]),
        visible=_or_absent(
            None if slope is None else visible_gap(slope.error), effect.n, Unit.R, trades.r[known]
        ),
        signal=signal,
        grade=Grade.D if lacking else grade(probability or 0.5, is_raised=is_raised),
    )


def _mean(x: Floats, reason: Reason) -> Figure:
    if not len(x):
        return Figure.absent(reason, 0, Unit.RATIO)
    return Figure(float(x.mean()), len(x), Unit.RATIO)


def _auc(x: Floats, result: Ints) -> Figure:
    value = ranks.auc(x, result)
    votes = int(np.sum(result != 0))
    if value is None:
        reason = Reason.NO_LOSERS if np.any(result > 0) else Reason.NO_WINNERS
        return Figure.absent(reason if len(x) else Reason.NO_TRADES, votes, Unit.PROBABILITY)
    return Figure(value, votes, Unit.PROBABILITY)


def _effect(slope: Estimate | None, trades: Trades, known: Flags) -> Figure:
    """Of the trades that have R."""
    r = trades.r[known]
    n = int(np.count_nonzero(~np.isnan(r)))
    if slope is None:
        return _or_absent(None, len(r), Unit.R, r)
    interval: Interval | None = slope.interval() if n >= INTERVAL.n else None
    return Figure(slope.effect, n, Unit.R, interval)


def _or_absent(value: float | None, n: int, unit: Unit, r: Floats) -> Figure:
    """The number, or why there is none: no trades, no risk stated, or nothing that varies."""
    if value is not None:
        return Figure(value, n, unit)
    if not len(r):
        return Figure.absent(Reason.NO_TRADES, n, unit)
    if np.isnan(r).all():
        return Figure.absent(Reason.RISK_MISSING, n, unit)
    if len(r) < 3:
        return Figure.absent(Reason.TOO_FEW, n, unit, least=3)
    return Figure.absent(Reason.ZERO_VARIANCE, n, unit)
