"""One change for next week: the broken rule that would bring back most, of what is in one's own hands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from learning.domain.figures import Figure
from learning.domain.words.numbers import counted, in_r, interval_in_r

LEAST_BREACHES = 2


class Habit(NamedTuple):
    """A rule that was broken. `instruction` is what can be checked next week ("No trade larger than its plan says.").

    `cost` is the R that breaking it brought, negative where it cost; `control` from 0 to 1 is how far it is in one's
    own hands.
    """

    rule: str
    instruction: str
    breaches: int
    cost: Figure
    control: float = 1.0

    @property
    def recoverable(self) -> float:
        return max(0.0, -(self.cost.value or 0.0)) * self.control


class Focus(NamedTuple):
    rule: str
    instruction: str
    why: str


class Score(NamedTuple):
    """How last week's focus went, of `occasions` on which it could be kept."""

    rule: str
    instruction: str
    kept: int
    occasions: int

    @property
    def sentence(self) -> str:
        if not self.occasions:
            return f"Last focus: {self.instruction} It had no occasion."
        return (
            f"Last focus: {self.instruction} Kept {self.kept} of {counted(self.occasions, 'time')}."
        )


def choose_focus(habits: Sequence[Habit]) -> Focus | None:
    """The most that can be won back; where nothing had a cost, the rule that was broken most."""
    broken = [habit for habit in habits if habit.breaches >= LEAST_BREACHES]
    if not broken:
        return None
    best = min(
        broken, key=lambda habit: (-habit.recoverable, -habit.breaches * habit.control, habit.rule)
    )
    return Focus(best.rule, best.instruction, _why(best))


def _why(habit: Habit) -> str:
    times = f"Broken {counted(habit.breaches, 'time')}"
    if habit.cost.value is None:
        return f"{times}; what that cost is not known."
    ci = f" ({interval_in_r(habit.cost.ci)})" if habit.cost.ci is not None else ""
    if habit.cost.value > 0:
        return f"{times}; it brought {in_r(habit.cost.value)}{ci} so far, which is luck and still a breach."
    return (
        f"{times}; trades that broke it came to {in_r(habit.cost.value)}{ci} against their plans."
    )
