"""Which symbols to trade less, or look at first: reversible decisions on a posterior, not verdicts.

normal → watch (P(μ<0) > .65) → reduced, half size (> .80, 8 trades, 3 weeks) → paper_only (> .90) → normal.
A step down is taken back only .10 below the bar that led to it, and paper_only only after 20 new outcomes on paper: so
evidence keeps coming and nobody flaps. `favoured` is scanned first; it never means a bigger position.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np

from learning.domain.claims.gates import SYMBOL, Sample
from learning.domain.claims.hierarchy import Groups, Prior, group_means
from learning.domain.trades import Floats, Ints

HYSTERESIS = 0.10
PAPER_OUTCOMES = 20


class Standing(StrEnum):
    NORMAL = "normal"
    FAVOURED = "favoured"
    WATCH = "watch"
    REDUCED = "reduced"
    PAPER_ONLY = "paper_only"

    @property
    def size(self) -> float:
        """What of the usual position is traded with money."""
        return {Standing.REDUCED: 0.5, Standing.PAPER_ONLY: 0.0}.get(self, 1.0)


BARS = ((Standing.PAPER_ONLY, 0.90), (Standing.REDUCED, 0.80), (Standing.WATCH, 0.65))
FAVOURED_BAR = 0.90
ABOVE_TYPICAL = 0.65
"""A symbol that only shares in what all symbols earn has no record of its own."""
_DEPTH = (Standing.FAVOURED, Standing.NORMAL, Standing.WATCH, Standing.REDUCED, Standing.PAPER_ONLY)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Of one symbol: P(μ<0), whether it stands above the typical symbol, its trades and weeks."""

    below_zero: float
    above_typical: bool
    n: int
    weeks: int


@dataclass(frozen=True, slots=True)
class Decision:
    """Where a symbol stands, and how many outcomes it had when it came there: with money or on paper."""

    standing: Standing = Standing.NORMAL
    n_then: int = 0

    def as_json(self) -> dict[str, Any]:
        return {"standing": self.standing.value, "n_then": self.n_then}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Decision:
        return cls(Standing(told["standing"]), int(told["n_then"]))


def decide(evidence: Evidence, was: Decision) -> Decision:
    """Where the symbol stands now, given where it stood."""
    if was.standing is Standing.PAPER_ONLY and evidence.n - was.n_then < PAPER_OUTCOMES:
        return was
    now = _supported(evidence, 0.0)
    if _DEPTH.index(now) < _DEPTH.index(was.standing):
        now = min(was.standing, _supported(evidence, HYSTERESIS), key=_DEPTH.index)
    elif now is Standing.NORMAL and was.standing is Standing.FAVOURED:
        now = _supported(evidence, HYSTERESIS)
    return was if now is was.standing else Decision(now, evidence.n)


def _supported(evidence: Evidence, ease: float) -> Standing:
    """The deepest standing whose bar, lowered by `ease`, the evidence passes."""
    may_act = SYMBOL.is_open(Sample(evidence.n, weeks=evidence.weeks))
    for standing, bar in BARS:
        if evidence.below_zero > bar - ease and (may_act or standing is Standing.WATCH):
            return standing
    is_proven = 1 - evidence.below_zero > FAVOURED_BAR - ease
    return (
        Standing.FAVOURED if is_proven and evidence.above_typical and may_act else Standing.NORMAL
    )


def evidence_of(groups: Groups, codes: Ints, weeks: Ints) -> dict[int, Evidence]:
    """Evidence per code of the groups; `codes` and `weeks` are the rows that the groups were made of."""
    posterior = groups.posterior
    below, better = posterior.below(0.0), posterior.above_centre()
    pairs = np.unique(np.stack([codes[codes >= 0], weeks[codes >= 0]]), axis=1)[0]
    return {
        int(code): Evidence(
            below_zero=float(below[at]),
            above_typical=bool(better[at] > ABOVE_TYPICAL),
            n=int(groups.counts[at]),
            weeks=int(np.sum(pairs == code)),
        )
        for at, code in enumerate(groups.codes)
    }


def decide_all(
    r: Floats,
    codes: Ints,
    weeks: Ints,
    was: Mapping[int, Decision],
    *,
    strata: Ints | None = None,
    prior: Prior | None = None,
) -> dict[int, Decision]:
    """Every symbol's standing. Rows are outcomes with money and, for symbols on paper, those on paper too."""
    groups = group_means(r, codes, weeks, strata=strata, prior=prior)
    if groups is None:
        return dict(was)
    told = evidence_of(groups, codes, weeks)
    fresh = {code: decide(one, was.get(code, Decision())) for code, one in told.items()}
    return {**was, **fresh}
