"""What there is to say of one parameter: where it should stand, how sure that is, and what would be needed to tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.metrics.overfitting import backtest_overfitting
from learning.domain.metrics.sharpe import Sample, Trials, deflated
from learning.domain.parameters.benefit import LEVEL, benefit, cross_fitted
from learning.domain.parameters.candidates import Candidates
from learning.domain.parameters.choice import LEAST, Choice, Curve, Standing, choose
from learning.domain.parameters.paired import Paired, pair
from learning.domain.parameters.selection import policy_value
from learning.domain.parameters.settings import Parameter, Settings
from learning.domain.parameters.surface import PRIOR
from learning.domain.trades import Floats

BLOCKED = 0.50
"""PBO above which no setting is moved, however sure the posterior is."""
CAUTION = 0.20
SLIPPAGES = (0, 1, 2)
LEAST_WEEKS = 10


@dataclass(frozen=True, slots=True)
class Evidence:
    """`target` is where the parameter should stand, `current` unless `standing` is move or watch.

    `delta` is what that is worth in R per 100 proposals by the posterior that chose it, `holdout` by weeks that did
    not; `better` is P(better than now), `luck` how often the best of all settings looks as good by luck, `pbo` how
    likely the best was best by luck, `deflated` the deflated Sharpe ratio of the difference, `changed` how many
    proposals the target treats otherwise, `needed` how many outcomes are missing before anything is said.
    """

    parameter: Parameter
    current: float
    target: float
    standing: Standing
    n: int
    delta: Figure
    holdout: Figure
    better: float | None
    luck: float | None
    pbo: Figure
    deflated: Figure
    changed: int
    needed: int
    curve: Curve
    at_slippage: Mapping[str, Figure] = field(default_factory=dict)
    """What the target made beyond the current setting, in hindsight, at 0, 1 and 2 times the slippage assumed."""

    @property
    def blocked(self) -> bool:
        """Whether overfitting forbids what the posterior is sure of."""
        return self.pbo.value is not None and self.pbo.value > BLOCKED

    @property
    def is_downhill(self) -> bool:
        """Whether the first notch towards the target is likelier worse than what stands: it would be the setting until
        the next step, and its review would undo it."""
        if self.standing is not Standing.MOVE:
            return False
        notch = self.parameter.notch_towards(self.current, self.target)
        return bool(self.curve.better[self.curve.thresholds.index(notch)] < 0.5)

    @property
    def moves(self) -> bool:
        return self.standing is Standing.MOVE and not self.blocked and not self.is_downhill

    @property
    def grade(self) -> str:
        """B where it moves, C where it is watched, or sure and not moved, D else. A is earned by a review later."""
        if self.moves:
            return "B"
        return "C" if self.standing in (Standing.MOVE, Standing.WATCH) else "D"

    def as_json(self) -> dict[str, Any]:
        return {
            "current": self.current,
            "target": self.target,
            "standing": self.standing.value,
            "delta_r100": self.delta.as_json(),
            "holdout": self.holdout.as_json(),
            "better": self.better,
            "luck": self.luck,
            "pbo": self.pbo.as_json(),
            "deflated_sharpe": self.deflated.as_json(),
            "grade": self.grade,
            "n": self.n,
            "changed": self.changed,
            "needed": self.needed,
            "at_slippage": {times: one.as_json() for times, one in self.at_slippage.items()},
        }


def weekly_differences(paired: Paired) -> Floats:
    """(weeks, settings of the grid): R that each setting would have made in each week beyond what the current one made.

    Differences, as they are what is chosen by; the current setting is the column of zeros.
    """
    weeks, cells = int(paired.week.max(initial=-1)) + 1, len(paired.parameter.grid) + 1
    sums = np.bincount(paired.week * cells + paired.cell, paired.r, minlength=weeks * cells)
    table: Floats = sums.reshape(weeks, cells) @ paired.changes(paired.parameter.grid).T
    return table


def deflated_difference(weekly: Floats, chosen: int, tried: int = 0) -> Figure:
    """DSR of one column, the chosen setting's weekly differences, among all settings of the grid, or the `tried` ones
    of all grids where those are more.

    The variance of the trials is at most that of worthless ones, 1 / (weeks - 1): settings that truly differ would
    otherwise count as dice that fall wide.
    """
    weeks = len(weekly)
    spread = weekly.std(axis=0, ddof=1) if weeks > 1 else np.zeros(weekly.shape[1])
    varied = spread > 1e-12
    if weeks < LEAST_WEEKS:
        return Figure.absent(Reason.TOO_FEW, weeks, Unit.PROBABILITY, least=LEAST_WEEKS)
    if not varied[chosen]:
        return Figure.absent(Reason.ZERO_VARIANCE, weeks, Unit.PROBABILITY)
    ratios = weekly.mean(axis=0)[varied] / spread[varied]
    column = weekly[:, chosen]
    sample = Sample(
        float(column.mean() / spread[chosen]),
        weeks,
        float(stats.skew(column)),
        float(stats.kurtosis(column, fisher=False)),
    )
    trials = Trials(max(tried, len(ratios)), float(min(ratios.var(), 1 / (weeks - 1))))
    value = deflated(sample, trials)
    if value is None:
        return Figure.absent(Reason.ZERO_VARIANCE, weeks, Unit.PROBABILITY)
    return Figure(value, weeks, Unit.PROBABILITY)


def delta_of(choice: Choice, n: int) -> Figure:
    """The posterior's difference of what was chosen, with its interval."""
    if choice.at is None:
        if choice.standing is Standing.KEEP:
            return Figure(0.0, n, Unit.R)
        return Figure.absent(Reason.TOO_FEW, n, Unit.R, least=LEAST)
    mean, deviation = float(choice.curve.mean[choice.at]), float(choice.curve.deviation[choice.at])
    half = float(stats.norm.ppf((1 + LEVEL) / 2)) * deviation
    return Figure(mean, n, Unit.R, Interval(mean - half, mean + half, LEVEL))


def evidence_for(  # noqa: PLR0913 - a function of all that it depends on
    candidates: Candidates,
    parameter: Parameter,
    settings: Settings,
    parameters: Mapping[str, Parameter],
    rng: np.random.Generator,
    *,
    prior: float = PRIOR,
    tried: int = 0,
) -> Evidence:
    """Everything about one parameter while the others stand as they do. Reads only what `candidates` has matured.
    `tried` is how many settings of any parameter were looked at so far."""
    paired = pair(candidates, parameter, settings, parameters)
    choice = choose(paired, rng, prior=prior)
    n, at, curve = len(paired), choice.at, choice.curve

    def worth(times: float) -> Figure:
        again = pair(candidates.at_slippage(times), parameter, settings, parameters)
        return policy_value(again, choice.threshold).figure

    few = Figure.absent(Reason.TOO_FEW, n, Unit.PROBABILITY, least=LEAST)
    holdout, pbo, dsr = Figure.absent(Reason.TOO_FEW, n, Unit.R, least=LEAST), few, few
    if choice.standing is not Standing.CANNOT_TELL:
        weekly = weekly_differences(paired)
        holdout = benefit(paired, cross_fitted(paired, rng, prior=prior))
        pbo = backtest_overfitting(weekly)
        dsr = deflated_difference(weekly, parameter.grid.index(choice.threshold), tried)
    return Evidence(
        parameter=parameter,
        current=paired.current,
        target=choice.threshold,
        standing=choice.standing,
        n=n,
        delta=delta_of(choice, n),
        holdout=holdout,
        better=None if at is None else float(curve.better[at]),
        luck=None if at is None else float(curve.luck[at]),
        pbo=pbo,
        deflated=dsr,
        changed=0 if at is None else int(curve.changed[at]),
        needed=max(0, LEAST - n),
        curve=curve,
        at_slippage={} if at is None else {f"{times}x": worth(times) for times in SLIPPAGES},
    )
