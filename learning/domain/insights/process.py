"""The first block: was the plan followed? Its inputs hold no result, so that no result can colour it."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from learning.domain.words.numbers import counted


class Check(NamedTuple):
    """A rule of the plan or of the scanner, whether it was kept, and what was done, in words. None is unknown.

    `controllable` rules are what a person or a bot decides; the others are told and not counted.
    """

    rule: str
    kept: bool | None
    words: str
    controllable: bool = True


class ProcessGrade(StrEnum):
    FOLLOWED = "followed"
    BROKEN = "broken"
    UNPLANNED = "unplanned"
    UNKNOWN = "unknown"


class Process(NamedTuple):
    grade: ProcessGrade
    adherence: float | None
    """Share of the known, controllable rules that were kept."""
    headline: str
    checks: tuple[Check, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        marks = {True: "✓", False: "✗", None: "?"}
        return (self.headline, *(f"{marks[check.kept]} {check.words}" for check in self.checks))


def judge_process(checks: Sequence[Check], *, has_plan: bool) -> Process:
    """From the rules alone."""
    counted_checks = [check for check in checks if check.controllable and check.kept is not None]
    broken = [check for check in counted_checks if not check.kept]
    adherence = 1 - len(broken) / len(counted_checks) if counted_checks else None
    grade = _grade(has_plan=has_plan, known=len(counted_checks), broken=len(broken))
    return Process(
        grade, adherence, _headline(grade, len(counted_checks), len(broken)), tuple(checks)
    )


def _grade(*, has_plan: bool, known: int, broken: int) -> ProcessGrade:
    if broken:
        return ProcessGrade.BROKEN
    if not has_plan:
        return ProcessGrade.UNPLANNED
    return ProcessGrade.FOLLOWED if known else ProcessGrade.UNKNOWN


def _headline(grade: ProcessGrade, known: int, broken: int) -> str:
    if grade is ProcessGrade.BROKEN:
        return f"{counted(broken, 'rule')} of {known} broken."
    if grade is ProcessGrade.FOLLOWED:
        return (
            "The plan was followed."
            if known > 1
            else "The one rule that could be checked was kept."
        )
    if grade is ProcessGrade.UNPLANNED:
        return "There was no plan to hold it against."
    return "The plan has no rule that could be checked."
