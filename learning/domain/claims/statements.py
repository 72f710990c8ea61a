"""Findings of a run as statements: what is said of each, with its counts, its effect and its grade."""

from __future__ import annotations

from typing import NamedTuple

from learning.domain.claims.features import FeatureFinding, Signal, agrees
from learning.domain.claims.gates import Sample
from learning.domain.claims.grades import Grade, grade
from learning.domain.claims.groups import GroupFinding
from learning.domain.claims.life import Claim, Progress, State
from learning.domain.figures import Figure
from learning.domain.words.claims import Counts, Statement, ground_of, next_of
from learning.domain.words.subjects import feature_label, group_label


def of_feature(
    found: FeatureFinding, claim: Claim | None = None, progress: Progress | None = None
) -> Statement:
    """ΔR per interquartile range, as the effect of being higher."""
    likely = found.likely.value
    if likely is not None and found.effect.value is not None and found.signal is not None:
        likely = likely if agrees(found.effect, found.signal.direction) else 1 - likely
    said = _Said(
        f"Higher {feature_label(found.name)}", found.sample, found.effect, likely, found.visible.value, found.grade,
        found.signal, found.lacking,
    )  # fmt: skip
    return _statement(said, claim, progress)


def of_group(
    column: str, found: GroupFinding, claim: Claim | None = None, progress: Progress | None = None
) -> Statement:
    """By how much it is better than the typical group, in R, after allowing for luck."""
    better = found.better.value
    if better is not None and found.beside.value is not None and found.beside.value < 0:
        better = 1 - better
    said = _Said(
        group_label(column, found.word), found.sample, found.beside, better, found.visible.value, found.grade,
        found.signal, found.lacking,
    )  # fmt: skip
    return _statement(said, claim, progress)


class _Said(NamedTuple):
    """What a run found; `probability` is that of the sign of `effect`."""

    subject: str
    sample: Sample
    effect: Figure
    probability: float | None
    visible: float | None
    grade: Grade
    signal: Signal | None
    lacking: dict[str, int]

    @property
    def raised(self) -> Signal | None:
        return self.signal if self.signal is not None and self.signal.is_raised else None


def _statement(said: _Said, claim: Claim | None, progress: Progress | None) -> Statement:
    """A claim speaks of the direction in which it was raised: where the mean of R has the other sign, nothing can be
    told."""
    tested = claim if claim is not None else said.raised
    is_split = tested is not None and not agrees(said.effect, tested.direction)
    why = ground_of(
        claim, progress, probability=said.probability, is_raised=said.raised is not None, is_split=is_split
    )  # fmt: skip
    return Statement(
        subject=said.subject,
        grade=Grade.D if is_split else _graded(said, claim),
        counts=Counts(said.sample.n, said.sample.winners, said.sample.losers, said.sample.weeks),
        effect=said.effect,
        probability=said.probability,
        why=why,
        following=next_of(claim, progress) or wanting(said.lacking),
        visible=said.visible,
        tested=None if tested is None or is_split else tested.outcome,
    )


def _graded(said: _Said, claim: Claim | None) -> Grade:
    """A claim that has faded says no more than that it cannot be told; one that is weakened is a hint at most."""
    if claim is None:
        return said.grade
    if claim.state.is_over:
        return Grade.D
    if claim.state is State.WEAKENED:
        return Grade.C
    return grade(
        said.probability or 0.5, is_raised=True, is_confirmed=claim.state is State.CONFIRMED
    )


_WORDS = {
    "n": ("trade", "trades"),
    "smaller_arm": ("trade in the smaller group", "trades in the smaller group"),
    "winners": ("winner", "winners"),
    "losers": ("loser", "losers"),
    "weeks": ("week", "weeks"),
}


def wanting(lacking: dict[str, int]) -> str:
    """What it would take to say more."""
    if not lacking:
        return ""
    parts = [f"{gap:,} more {_WORDS[name][gap != 1]}" for name, gap in lacking.items()]
    told = parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"To be judged it would take {told}"
