"""The four blocks of a closed trade, together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from learning.domain.insights.alternatives import Alternatives
from learning.domain.insights.bet import Bet, Odds, judge_bet
from learning.domain.insights.classic import Chip, Facts, chips_of
from learning.domain.insights.luck import Luck, Quadrant, place_result, quadrant_of
from learning.domain.insights.process import Check, Process, judge_process
from learning.domain.insights.taught import Belief, Taught, what_it_taught
from learning.domain.trades import Floats


class Decision(NamedTuple):
    """All that was known and decided without the result."""

    has_plan: bool
    checks: Sequence[Check]
    odds: Odds
    alternatives: Alternatives | None = None


class Result(NamedTuple):
    """What came of it. `comparable` are the R of trades like it that were known when it was opened."""

    facts: Facts
    r: float | None
    comparable: Floats
    beliefs: tuple[Belief, ...]


class Insight(NamedTuple):
    process: Process
    bet: Bet
    luck: Luck
    taught: Taught
    quadrant: Quadrant | None
    chips: tuple[Chip, ...]
    alternatives: Alternatives | None = None

    @property
    def classic_texts(self) -> list[str]:
        return [chip.classic_text for chip in self.chips]

    def as_json(self) -> dict[str, Any]:
        """What is stored: sentences with the figures that they were made from."""
        odds = self.bet.odds
        return {
            "process": {
                "grade": self.process.grade,
                "adherence": self.process.adherence,
                "headline": self.process.headline,
                "checks": [check._asdict() for check in self.process.checks],
            },
            "bet": {
                "quality": self.bet.quality,
                "sentence": self.bet.sentence,
                "basis": odds.basis,
                "expected": odds.expected.as_json(),
                "win": odds.win.as_json(),
                "break_even": odds.break_even.as_json(),
                "alternatives": None if self.alternatives is None else self.alternatives.as_json(),
            },
            "luck": {"percentile": self.luck.percentile.as_json(), "sentence": self.luck.sentence},
            "taught": {
                "sentence": self.taught.sentence,
                "beliefs": [
                    {
                        "about": one.about,
                        "before": one.before.as_json(),
                        "after": one.after.as_json(),
                    }
                    for one in self.taught.beliefs
                ],
            },
            "quadrant": self.quadrant,
            "chips": [chip._asdict() for chip in self.chips],
            "classic_text": self.classic_texts,
        }


def read_insight(decision: Decision, result: Result) -> Insight:
    """The process is judged before the result is looked at: it is no argument of it."""
    process = judge_process(decision.checks, has_plan=decision.has_plan)
    return Insight(
        process, judge_bet(decision.odds), place_result(result.r, result.comparable), what_it_taught(result.beliefs),
        quadrant_of(process.grade, result.facts.result), tuple(chips_of(result.facts)),
        decision.alternatives,
    )  # fmt: skip
