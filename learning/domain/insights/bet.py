"""The second block: was it a good bet when it was made? From what was known at entry, never from what came of it."""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from learning.domain.figures import Figure
from learning.domain.words.numbers import counted, in_r, interval_in_r, percent


class Quality(StrEnum):
    GOOD = "good"
    BAD = "bad"
    UNSURE = "unsure"


class Odds(NamedTuple):
    """What was expected at entry: R per trade, the chance to win and the chance that breaks even, all from `n` trades
    that were known before. `basis` says of what: "132 trades of put spreads" or "model 3"."""

    expected: Figure
    win: Figure
    break_even: Figure
    basis: str


class Bet(NamedTuple):
    quality: Quality
    sentence: str
    odds: Odds


def judge_bet(odds: Odds) -> Bet:
    """Good or bad only where the whole interval of the expected R says so."""
    expected = odds.expected
    if expected.value is None:
        needed = f" ({counted(expected.least, 'trade')} would do)" if expected.least else ""
        told = f"Can't tell yet whether it was a good bet: {counted(expected.n, 'comparable trade')} known at entry"
        return Bet(Quality.UNSURE, f"{told}{needed}.", odds)
    told = f"At entry {in_r(expected.value)} was to be expected"
    if expected.ci is not None:
        told += f" ({interval_in_r(expected.ci)})"
    told += f", from {odds.basis}."
    if odds.win.value is not None and odds.break_even.value is not None:
        told += f" Chance to win {percent(odds.win.value)}; {percent(odds.break_even.value)} breaks even."
    return Bet(_quality(expected), told, odds)


def _quality(expected: Figure) -> Quality:
    if expected.ci is None or expected.ci.low <= 0 <= expected.ci.high:
        return Quality.UNSURE
    return Quality.GOOD if expected.ci.low > 0 else Quality.BAD
