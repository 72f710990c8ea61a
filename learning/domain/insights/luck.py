"""The third block: where the result lies among those that such trades have; and decision beside outcome."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.insights.process import ProcessGrade
from learning.domain.trades import Floats
from learning.domain.words.numbers import counted, in_r, percent

LEAST = 10
"""Results to be placed among: with fewer, a percentile says nothing."""
_HALF = 0.5
_ORDINARY = 0.10
"""A result as far out as this share of its like, on either side, is called rare."""


class Luck(NamedTuple):
    """`percentile` is the share of comparable results that are lower, ties counted half; from `n` known at entry."""

    percentile: Figure
    sentence: str


class Quadrant(StrEnum):
    DESERVED_WIN = "deserved_win"
    UNLUCKY_GOOD_TRADE = "unlucky_good_trade"
    LUCKY_BREACH = "lucky_breach"
    DESERVED_LOSS = "deserved_loss"


def place_result(r: float | None, comparable: Floats) -> Luck:
    """`comparable`: R of trades of the same kind that were known when this one was opened; NaN are left out."""
    known = comparable[~np.isnan(comparable)]
    n = len(known)
    if r is None:
        return Luck(
            Figure.absent(Reason.RISK_MISSING, n, Unit.PROBABILITY),
            "Its risk was not fixed at entry: no R, no place among others.",
        )
    if n < LEAST:
        told = f"Can't tell yet how lucky it was: {counted(n, 'comparable trade')} known at entry, {LEAST} would do."
        return Luck(Figure.absent(Reason.TOO_FEW, n, Unit.PROBABILITY, least=LEAST), told)
    below = float(np.mean(known < r) + np.mean(known == r) / 2)
    return Luck(Figure(below, n, Unit.PROBABILITY), _sentence(r, below, known))


def _sentence(r: float, below: float, known: Floats) -> str:
    is_better = below >= _HALF
    share = float(np.mean(known >= r if is_better else known <= r))
    word = "better" if is_better else "worse"
    kind = "an ordinary result" if _ORDINARY <= below <= 1 - _ORDINARY else "a rare result"
    return f"{in_r(r)} was {kind}: {percent(share)} of {counted(len(known), 'such trade')} did {word} or the same."


def quadrant_of(grade: ProcessGrade, result: int) -> Quadrant | None:
    """Decision by outcome; None where the plan was not there or the outcome was neither."""
    if grade not in (ProcessGrade.FOLLOWED, ProcessGrade.BROKEN) or result == 0:
        return None
    if grade is ProcessGrade.FOLLOWED:
        return Quadrant.DESERVED_WIN if result > 0 else Quadrant.UNLUCKY_GOOD_TRADE
    return Quadrant.LUCKY_BREACH if result > 0 else Quadrant.DESERVED_LOSS
