"""What is said of a claim: a word and its number, how many trades, the interval, the grade, and what would change it.

{claim}. {n} trades ({won}, {lost}, {weeks}). {effect} R per trade ({low} … {high}). {word} ({p} %). Grade {g}: {why}.
Below grade A no word of it names a cause.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from learning.domain.claims.grades import HINT_LEVEL, OTHER_WAY, Grade, likelihood
from learning.domain.claims.life import Claim, Outcome, Progress, State
from learning.domain.figures import Figure, Reason
from learning.domain.seconds import day_of
from learning.domain.words.numbers import counted, in_r, interval_in_r, percent


class Counts(NamedTuple):
    """The trades that a statement rests on; `inside` are those of the group or the upper arm."""

    n: int
    won: int
    lost: int
    weeks: int
    inside: int | None = None


class Statement(NamedTuple):
    """`subject` begins a sentence ("IV rank of 60 and more", "AMD", "Tuesday"). `probability` that the effect has the
    direction of `effect`; `visible` is the smallest gap in R that so many trades could have shown; `why` is the ground
    of the grade, `following` what happens next, each without its full stop. `tested` is what the grade was won by: a
    test of ranks says how often or how mostly, and the mean of R may still be open."""

    subject: str
    grade: Grade
    counts: Counts
    effect: Figure
    probability: float | None
    why: str
    following: str = ""
    visible: float | None = None
    tested: Outcome | None = None

    @property
    def leaves_mean_open(self) -> bool:
        """Whether ranks said it and the mean of R is not likely to be of the same sign."""
        return (
            self.tested is not None
            and self.grade is not Grade.D
            and self.probability is not None
            and self.probability < HINT_LEVEL
        )


def statement_from_json(told: Mapping[str, Any]) -> Statement:
    """Of what `plain` wrote. Raises KeyError or ValueError for anything else."""
    tested = told.get("tested")
    return Statement(
        **{
            **told,
            "grade": Grade(told["grade"]),
            "counts": Counts(**told["counts"]),
            "effect": Figure.from_json(told["effect"]),
            "tested": None if tested is None else Outcome(tested),
        }
    )


def tell(said: Statement) -> str:
    parts = [_claim(said), _counts(said.counts), _effect(said)]
    if said.probability is not None:
        parts.append(_likelihood(said, said.probability))
    parts.append(f"Grade {said.grade}: {said.why}.")
    if said.following:
        parts.append(f"{said.following}.")
    return " ".join(part for part in parts if part)


def _likelihood(said: Statement, probability: float) -> str:
    """The word and its number, of the direction that both name."""
    word, share = likelihood(probability), percent(probability)
    if probability < OTHER_WAY:
        return f"{word.capitalize()} to be the other way ({percent(1 - probability)})."
    if said.leaves_mean_open:
        return f"By the mean of R: {word} ({share})."
    return f"{word.capitalize()} ({share})."


def _claim(said: Statement) -> str:
    value = said.effect.value
    if value is None or said.grade is Grade.D:
        return f"{said.subject}: can't tell yet."
    word = "better" if value > 0 else "worse"
    are_many = said.subject.endswith(" trades")
    if said.leaves_mean_open:
        return _by_ranks(said, is_better=value > 0, are_many=are_many)
    if said.grade is Grade.A:
        return f"{said.subject} {'do' if are_many else 'does'} {word}."
    if said.grade is Grade.B:
        return f"{said.subject} {'have' if are_many else 'has'} gone with {word} results."
    return f"{said.subject} may go with {word} results."


def _by_ranks(said: Statement, *, is_better: bool, are_many: bool) -> str:
    """What the tests of ranks found, and no more."""
    if said.tested is Outcome.WON:
        often = "more often" if is_better else "less often"
        verbs = {
            Grade.A: "win" if are_many else "wins",
            Grade.B: "have won" if are_many else "has won",
        }
        return f"{said.subject} {verbs.get(said.grade, 'may win')} {often}."
    word = "better" if is_better else "worse"
    verbs = {
        Grade.A: "mostly do" if are_many else "mostly does",
        Grade.B: "have mostly done" if are_many else "has mostly done",
    }
    return f"{said.subject} {verbs.get(said.grade, 'may mostly do')} {word}."


def _counts(counts: Counts) -> str:
    inside = f"{counts.inside:,} of them in it, " if counts.inside is not None else ""
    told = f"{inside}{counts.won:,} won, {counts.lost:,} lost, {counted(counts.weeks, 'week')}"
    return f"{counted(counts.n, 'trade')} ({told})."


def _effect(said: Statement) -> str:
    effect = said.effect
    if effect.value is None:
        is_missing = effect.n and effect.reason is Reason.RISK_MISSING
        return "No R: the risk of these trades was not fixed at entry." if is_missing else ""
    told = f"{in_r(effect.value)} per trade"
    if effect.ci is not None:
        told += f" ({interval_in_r(effect.ci)}, {percent(effect.ci.level)} interval)"
    if effect.n < said.counts.n:
        told += f", over the {effect.n:,} whose risk was fixed"
    if said.grade is Grade.D and said.visible is not None:
        return f"{told}; so many trades could have shown a gap of about {abs(said.visible):.2f} R and more."
    return f"{told}."


SPLIT = "most of the trades point one way and the mean of R the other"


def ground_of(
    claim: Claim | None,
    progress: Progress | None,
    *,
    probability: float | None,
    is_raised: bool = False,
    is_split: bool = False,
) -> str:
    """Why a statement has its grade: where its claim stands in its life, or what the tests of this run said of it.
    `is_split`: ranks and the mean of R have different signs."""
    if claim is None:
        if is_split:
            return SPLIT
        if is_raised:
            return "the tests of this run raised it"
        seen = probability is not None and probability >= HINT_LEVEL
        return "seen in hindsight only" if seen else "no test of this run raised it"
    ground = f"noticed on {_day(claim.raised_at)}{_since(claim, progress)}"
    return f"{ground}; but {SPLIT} now" if is_split and not claim.state.is_over else ground


def _since(claim: Claim, progress: Progress | None) -> str:
    if claim.state is State.RAISED:
        waiting = progress is not None and progress.next_look is not None
        return (
            f", {progress.new} of {progress.next_look} confirming trades are in"
            if progress and waiting
            else ""
        )
    return {
        State.CONFIRMED: f", and it held on later trades on {_day(claim.since)}",
        State.WEAKENED: " and once confirmed; the newest trades no longer bear it out",
        State.FADED: "; it did not hold on later trades",
        State.RETIRED: "; too few later trades came to decide it",
    }[claim.state]


def next_of(claim: Claim | None, progress: Progress | None) -> str:
    if (
        claim is None
        or claim.state is not State.RAISED
        or progress is None
        or progress.next_look is None
    ):
        return ""
    more = max(0, progress.next_look - progress.new)
    return f"Next look after {counted(more, 'more trade')}; if it fades, it is told here"


def _day(seconds: int) -> str:
    day = day_of(seconds)
    return f"{day.day} {day:%b %Y}"
