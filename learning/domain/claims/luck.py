"""What noise alone would have shown on the same charts: the luck line, and gains less what searching for them finds.

Every breakdown is a search. The same R in another order (whole weeks, `shuffles.whole_weeks`), broken down by the same
reports, shows what the best and the worst of so many buckets look like when no bucket means anything.
Source: Westfall & Young 1993 (max-T); White 2000 for gains found by searching.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.domain.claims.clustered import design_effect, is_flat
from learning.domain.claims.gates import RANKED
from learning.domain.claims.shuffles import luck_of, whole_weeks
from learning.domain.figures import Interval
from learning.domain.trades import Flags, Floats, Ints

DRAWS = 400
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class LuckLine:
    """Per bucket of one report (its codes in order): count, raw mean, and where noise alone would leave that mean.

    `p_best`, `p_worst`: how often luck shows a bucket that stands out as far, anywhere in this report.
    """

    codes: Ints
    counts: Ints
    means: Floats
    low: Floats
    high: Floats
    p_best: float
    p_worst: float


@dataclass(frozen=True, slots=True)
class Slices:
    """Reports as one matrix of buckets: `member` (n × B), 1 where the trade is in the bucket."""

    member: Floats
    reports: tuple[str, ...]
    codes: Ints
    of_report: Ints

    @classmethod
    def of(cls, reports: Mapping[str, Ints], least: int = RANKED.n) -> Slices:
        """Buckets of at least `least` trades that are not the whole sample."""
        columns, of_report, codes = [], [], []
        for at, name in enumerate(reports):
            found, counts = np.unique(reports[name], return_counts=True)
            for code, count in zip(found, counts, strict=True):
                if code >= 0 and least <= count < len(reports[name]):
                    columns.append(reports[name] == code)
                    of_report.append(at)
                    codes.append(int(code))
        rows = len(next(iter(reports.values()))) if reports else 0
        member = np.array(columns, dtype=np.float64).T if columns else np.zeros((rows, 0))
        return cls(member, tuple(reports), np.array(codes, np.int64), np.array(of_report, np.int64))


def luck_lines(  # noqa: PLR0913 - what is drawn, from what, and how
    r: Floats,
    reports: Mapping[str, Ints],
    weeks: Ints,
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
    together: bool = True,
    orders: Callable[[], Ints] | None = None,
) -> dict[str, LuckLine]:
    """The luck line of each report that has a bucket to judge.

    `together`: the line answers for all reports given (the slices a person has opened), not for one at a time.
    `orders` gives `draws` orders of these trades, for whoever draws several lines from the same ones.
    """
    slices = Slices.of(reports)
    if is_flat(r) or not slices.member.shape[1]:
        return {}
    centred = r - r.mean()
    stretch = design_effect(centred, weeks)
    counts = slices.member.sum(axis=0)
    spread = r.std(ddof=1) * np.sqrt(stretch * (1 / counts - 1 / len(r)))
    shuffled = whole_weeks(weeks, draws, rng) if orders is None else orders()
    drawn = centred[shuffled] @ slices.member / counts / spread
    seen = centred @ slices.member / counts / spread
    lines = {}
    for at, name in enumerate(slices.reports):
        own = slices.of_report == at
        if not own.any():
            continue
        searched = slice(None) if together else own
        best, worst = drawn[:, searched].max(axis=1), drawn[:, searched].min(axis=1)
        lines[name] = LuckLine(
            codes=slices.codes[own],
            counts=counts[own].astype(np.int64),
            means=centred @ slices.member[:, own] / counts[own] + r.mean(),
            low=r.mean() + float(np.quantile(worst, 1 - LEVEL)) * spread[own],
            high=r.mean() + float(np.quantile(best, LEVEL)) * spread[own],
            p_best=luck_of(int(np.sum(best >= seen[own].max() - 1e-12)), draws),
            p_worst=luck_of(int(np.sum(worst <= seen[own].min() + 1e-12)), draws),
        )
    return lines


@dataclass(frozen=True, slots=True)
class Gain:
    """What dropping buckets adds to the mean R of the trades that are left.

    `raw` as charts show it; `luck` what the same search finds in noise; `adjusted` = raw - luck, with the interval of
    that noise around it; `p` how often luck gains as much.
    """

    raw: float
    luck: float
    adjusted: float
    interval: Interval
    p: float
    kept: int


def gain_of_dropping(
    r: Floats,
    reports: Mapping[str, Ints],
    dropped: Sequence[tuple[str, int]],
    weeks: Ints,
    rng: np.random.Generator,
    *,
    draws: int = DRAWS,
) -> Gain | None:
    """The gain of dropping these buckets, (report, code) each, after as many looks at these reports.

    The search it is held against drops the worst bucket of all reports, looks again at what is left, and so on, as
    many times. None where nothing is dropped, nothing is left or nothing varies.
    """
    gone = np.zeros(len(r), dtype=np.bool_)
    for report, code in dropped:
        gone |= reports[report] == code
    if not gone.any() or gone.all() or is_flat(r):
        return None
    raw = float(r[~gone].mean() - r.mean())
    slices = Slices.of(reports)
    if not slices.member.shape[1]:
        return None
    orders = whole_weeks(weeks, draws, rng)
    found = worst_dropped(r[orders], slices.member, len(dropped)).mean_kept - r.mean()
    luck = float(found.mean())
    low, high = np.quantile(found - luck, (0.05, 0.95))
    adjusted = raw - luck
    return Gain(
        raw,
        luck,
        adjusted,
        Interval(adjusted - float(high), adjusted - float(low)),
        luck_of(int(np.sum(found >= raw - 1e-12)), draws),
        int(np.sum(~gone)),
    )


@dataclass(frozen=True, slots=True)
class Search:
    """Per row of R: the mean of what is left, which trades are left, the buckets dropped in order (rows × drops)."""

    mean_kept: Floats
    kept: Flags
    buckets: Ints


def worst_dropped(rows: Floats, member: Floats, drops: int) -> Search:
    """Drop the bucket with the lowest mean, `drops` times, from every row (rows × n) at once."""
    kept = np.ones(rows.shape, dtype=np.bool_)
    chosen = np.empty((len(rows), drops), dtype=np.int64)
    for step in range(drops):
        counts = kept @ member
        means = np.where(counts >= RANKED.n, (rows * kept) @ member / np.maximum(counts, 1), np.inf)
        chosen[:, step] = means.argmin(axis=1)
        left = kept & (member.T[chosen[:, step]] == 0)
        kept[left.any(axis=1)] = left[left.any(axis=1)]
    return Search((rows * kept).sum(axis=1) / kept.sum(axis=1), kept, chosen)
