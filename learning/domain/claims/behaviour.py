"""What a person does after losses, late in the day, in a hurry: contrasts named before anybody looked.

Each is one number per trade against one condition, ranked and tested in weeks like a feature (`ranks`), after taking
out what belongs to the strategy and the market (`MATCHED`), and all are one family. Twenty events are the least.
Sources: Odean 1998 (losers held longer), Barber & Odean 2000 (overtrading); log-rank: Mantel 1966.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import stats

from learning.domain.claims import families, ranks
from learning.domain.claims.clustered import slope_of
from learning.domain.claims.gates import BEHAVIOUR, Sample
from learning.domain.claims.grades import Grade, grade, visible_gap
from learning.domain.claims.shuffles import luck_by_weeks
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.seconds import DAY
from learning.domain.trades import Flags, Floats, Ints, Trades

HOUR = 3_600
MATCHED = ("strategy", "market")
"""Columns within which trades are compared: `market` is the state of the market at entry (VIX tercile)."""
BINS = ("weekday", "hour")
SHUFFLES = 400


@dataclass(frozen=True, slots=True)
class Answers:
    """What was done with recommendations: when each came (seconds since 1970), whether it was executed, its week."""

    came: Ints
    executed: Flags
    week: Ints


@dataclass(frozen=True, slots=True)
class Contrast:
    """`effect`: events less baseline, in R, in log size, in days held or in share executed (its unit tells).

    `likely` is the probability of its sign, `visible` the smallest effect that so many events could have shown; both
    absent for log-rank and bins, which have a p only.
    """

    name: str
    events: int
    baseline: int
    lacking: dict[str, int]
    effect: Figure
    likely: Figure
    visible: Figure
    p: float | None
    q: float | None
    grade: Grade


@dataclass(frozen=True, slots=True)
class _Measured:
    name: str
    events: int
    baseline: int
    effect: Figure
    p: float | None
    likely: float | None = None
    visible: float | None = None

    @property
    def lacking(self) -> dict[str, int]:
        return BEHAVIOUR.lacking(
            Sample(self.events + self.baseline, min(self.events, self.baseline))
        )


def behaviour(
    trades: Trades,
    as_of: int,
    rng: np.random.Generator,
    *,
    days: Ints | None = None,
    discretionary: Flags | None = None,
    answers: Answers | None = None,
) -> tuple[Contrast, ...]:
    """All contrasts on what was known at `as_of`.

    `days`: the local day of each opening (UTC days where none are given). `discretionary`: exits that no plan asked
    for; without them nothing is said of holding losers, because a planned 50 % take closes winners first.
    """
    known = trades.known_at <= as_of
    days = trades.opened // DAY if days is None else days
    trades, days = trades.where(known), days[known]
    measured = [
        *_after_losses(trades),
        *_pace(trades, days),
        *(_bins(trades, name, rng) for name in BINS if name in trades.groups),
    ]
    if discretionary is not None:
        measured.append(_held(trades.where(discretionary[known])))
    if answers is not None:
        measured.append(_ignored(trades, answers, as_of))
    return _judged(measured)


def _judged(measured: list[_Measured]) -> tuple[Contrast, ...]:
    """Those with enough events form the family."""
    p = {one.name: one.p for one in measured if one.p is not None and not one.lacking}
    q = dict(zip(p, families.adjusted(np.array(list(p.values()), dtype=np.float64)), strict=True))
    return tuple(_contrast(one, p.get(one.name), q.get(one.name)) for one in measured)


def _contrast(one: _Measured, p: float | None, q: float | None) -> Contrast:
    few = Figure.absent(Reason.TOO_FEW, one.events, Unit.PROBABILITY, least=BEHAVIOUR.smaller_arm)
    likely = few if one.likely is None else Figure(one.likely, one.events, Unit.PROBABILITY)
    is_raised = q is not None and q <= families.RATE
    unit = one.effect.unit
    return Contrast(
        name=one.name,
        events=one.events,
        baseline=one.baseline,
        lacking=one.lacking,
        effect=one.effect,
        likely=likely,
        visible=Figure(one.visible, one.events, unit)
        if one.visible is not None
        else Figure.absent(Reason.TOO_FEW, one.events, unit, least=BEHAVIOUR.smaller_arm),
        p=p,
        q=None if q is None else float(q),
        grade=Grade.D if p is None else grade(one.likely or 0.5, is_raised=is_raised),
    )


def _compared(
    name: str,
    values: Floats,
    events: Flags,
    trades: Trades,
    unit: Unit = Unit.R,
    within: tuple[str, ...] = MATCHED,
) -> _Measured:
    """Events against the rest of the same strategy and state of the market; rows whose value is NaN are left out."""
    rows = ~np.isnan(values)
    values, arm, weeks = values[rows], events[rows].astype(np.float64), trades.week[rows]
    count, rest = int(arm.sum()), int(len(arm) - arm.sum())
    cells = _cells(trades.where(rows), within)
    centred = _matched(values, cells)
    estimate = slope_of(centred, _matched(arm, cells), weeks)
    if estimate is None:
        reason = Reason.NO_TRADES if not count or not rest else Reason.ZERO_VARIANCE
        return _Measured(name, count, rest, Figure.absent(reason, count, unit), None)
    tested = ranks.levels(arm[:, None], centred, weeks)
    sure = estimate.above_zero
    effect = Figure(estimate.effect, count, unit, estimate.interval() if count >= 10 else None)
    likely = sure if estimate.effect > 0 else 1 - sure
    return _Measured(
        name, count, rest, effect, float(tested.p[0]), likely, visible_gap(estimate.error)
    )


def _cells(trades: Trades, within: tuple[str, ...]) -> Ints:
    """Which trades are alike, counted from 0: the same in every column that is known."""
    at = np.zeros(len(trades), dtype=np.int64)
    for name in within:
        if name in trades.groups:
            pairs = np.stack([at, trades.groups[name]])
            at = np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1).astype(np.int64)
    return at


def _matched(values: Floats, cells: Ints) -> Floats:
    """Values less the mean of their cell."""
    if not len(values):
        return values
    return np.asarray(values - (np.bincount(cells, values) / np.bincount(cells))[cells])


def _last_closed(trades: Trades, moments: Ints) -> Ints:
    """The position of the trade closed last before each moment; -1 where there was none."""
    order = np.argsort(trades.closed, kind="stable")
    at = np.searchsorted(trades.closed[order], moments, side="left") - 1
    return np.where(at >= 0, order[np.maximum(at, 0)], -1) if len(order) else at


def _after_losses(trades: Trades) -> Iterator[_Measured]:
    """Bigger after a loss than after a win, worse after a loss, and worse in a hurry after one."""
    last = _last_closed(trades, trades.opened)
    previous = np.where(last >= 0, trades.result[last], 0) if len(trades) else last
    decided = previous != 0
    lost = previous < 0
    if "size" in trades.features:
        size = trades.features["size"]
        log_size = np.where(decided & (size > 0), np.log(np.where(size > 0, size, 1.0)), np.nan)
        # An account has its own currency and its own usual size.
        alike = ("account", *MATCHED)
        yield _compared("size_after_loss", log_size, lost, trades, Unit.RATIO, alike)
    yield _compared("result_after_loss", np.where(decided, trades.r, np.nan), lost, trades)
    gap = (trades.opened - trades.closed[last]) / HOUR if len(trades) else np.empty(0)
    soon = float(np.quantile(gap[decided], 0.25)) if decided.any() else 0.0
    hurried = lost & (gap <= soon)
    yield _compared("hurried_after_loss", np.where(decided, trades.r, np.nan), hurried, trades)


def _pace(trades: Trades, days: Ints) -> Iterator[_Measured]:
    """Trades beyond the personal 80th percentile of a day, and whether later ones of a day do worse."""
    order = np.lexsort((trades.opened, days))
    starts = np.flatnonzero(np.diff(days[order], prepend=-1) != 0)
    sizes = np.diff(starts, append=len(order))
    ordinal = np.empty(len(order), dtype=np.float64)
    ordinal[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    usual = float(np.quantile(sizes, 0.8)) if len(sizes) else 0.0
    yield _compared("beyond_usual_day", trades.r, ordinal > usual, trades)
    yield _compared("later_in_day", trades.r, ordinal > 1, trades)


def _bins(trades: Trades, name: str, rng: np.random.Generator) -> _Measured:
    """The bin that stands out most, held against the most that any bin stands out by luck (max-T)."""
    rows = ~np.isnan(trades.r) & (trades.groups[name] >= 0)
    values, codes, weeks = trades.r[rows], trades.groups[name][rows], trades.week[rows]
    cells = _cells(trades.where(rows), MATCHED)
    centred = _matched(values, cells)
    found, counts = np.unique(codes, return_counts=True)
    judged = counts >= BEHAVIOUR.smaller_arm
    worst, deviation = 0, float(centred.std()) if len(centred) else 0.0
    if judged.sum() < 2 or deviation <= 0:
        most = int(counts.max()) if len(counts) else 0
        return _Measured(name, most, 0, Figure.absent(Reason.TOO_FEW, most, Unit.R, least=20), None)
    members = (codes[:, None] == found[judged]).astype(np.float64) / np.sqrt(counts[judged])
    seen = centred @ members / deviation
    worst = int(np.argmax(np.abs(seen)))

    def as_far(orders: Ints) -> int:
        drawn = np.abs(centred[orders] @ members / deviation).max(axis=1)
        return int(np.sum(drawn >= abs(seen[worst]) - 1e-12))

    events = codes == found[judged][worst]
    arm = _matched(events.astype(np.float64), cells)
    gap = float(arm @ centred / (arm @ arm)) if np.any(arm) else 0.0
    p = luck_by_weeks(weeks, as_far, SHUFFLES, rng)
    count = int(events.sum())
    return _Measured(name, count, int(len(events) - count), Figure(gap, count, Unit.R), p)


def _held(trades: Trades) -> _Measured:
    """Losers against winners in days held, by log-rank."""
    days = (trades.closed - trades.opened) / DAY
    lost, won = days[trades.result < 0], days[trades.result > 0]
    if min(len(lost), len(won)) < BEHAVIOUR.smaller_arm:
        few = Figure.absent(Reason.TOO_FEW, len(lost), Unit.DAYS, least=BEHAVIOUR.smaller_arm)
        return _Measured("losers_held_longer", len(lost), len(won), few, None)
    gap = Figure(float(np.median(lost) - np.median(won)), len(lost), Unit.DAYS)
    if np.ptp(days[trades.result != 0]) <= 0:
        return _Measured("losers_held_longer", len(lost), len(won), gap, 1.0)
    p = float(stats.logrank(lost, won).pvalue)
    return _Measured("losers_held_longer", len(lost), len(won), gap, p)


def _ignored(trades: Trades, answers: Answers, as_of: int) -> _Measured:
    """Share of recommendations executed after a loss, less that after a win."""
    seen = answers.came <= as_of
    came, executed, week = answers.came[seen], answers.executed[seen], answers.week[seen]
    last = _last_closed(trades, came)
    previous = np.where(last >= 0, trades.result[last], 0) if len(trades) else np.zeros(len(came))
    decided = previous != 0
    lost, values = previous[decided] < 0, executed[decided].astype(np.float64)
    events, rest = int(lost.sum()), int((~lost).sum())
    estimate = slope_of(values, lost.astype(np.float64), week[decided])
    if estimate is None:
        absent = Figure.absent(Reason.TOO_FEW, events, Unit.FRACTION, least=20)
        return _Measured("executed_after_loss", events, rest, absent, None)
    tested = ranks.levels(lost[:, None].astype(np.float64), values, week[decided])
    interval: Interval | None = estimate.interval() if events >= 10 else None
    sure = estimate.above_zero
    return _Measured(
        "executed_after_loss",
        events,
        rest,
        Figure(estimate.effect, events, Unit.FRACTION, interval),
        float(tested.p[0]),
        sure if estimate.effect > 0 else 1 - sure,
        visible_gap(estimate.error),
    )
