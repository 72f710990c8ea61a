"""Findings of a run as statements: what is said of each, with its counts, its effect and its grade."""

from __future__ import annotations

from learning.domain.claims.features import FeatureFinding
from learning.domain.claims.gates import Sample
from learning.domain.claims.grades import Grade, grade
from learning.domain.claims.groups import GroupFinding
from learning.domain.claims.life import Claim, Progress, State
from learning.domain.figures import Figure, Interval
from learning.domain.words.claims import Counts, Statement, ground_of, next_of
from learning.domain.words.subjects import feature_label, group_label


def of_feature(
    found: FeatureFinding, claim: Claim | None = None, progress: Progress | None = None
) -> Statement:
    """ΔR per interquartile range, as the effect of being higher."""
    likely = found.likely.value
    if likely is not None and found.effect.value is not None and found.signal is not None:
        is_same = (found.effect.value > 0) == (found.signal.direction > 0)
        likely = likely if is_same else 1 - likely
    return _statement(
        f"Higher {feature_label(found.name)}",
        found.sample, found.effect, likely, found.visible.value, found.grade, claim, progress, found.lacking,
    )  # fmt: skip


def of_group(
    column: str,
    found: GroupFinding,
    typical: float | None,
    claim: Claim | None = None,
    progress: Progress | None = None,
) -> Statement:
    """Mean R after allowing for luck, less that of all trades (`typical`): what the group is beside the rest."""
    effect = _beside(found.shrunk, typical)
    better = found.better.value
    if better is not None and effect.value is not None and effect.value < 0:
        better = 1 - better
    return _statement(
        group_label(column, found.word),
        found.sample, effect, better, found.visible.value, found.grade, claim, progress, found.lacking,
    )  # fmt: skip


def _beside(shrunk: Figure, typical: float | None) -> Figure:
    if shrunk.value is None or typical is None:
        return shrunk
    ci = shrunk.ci
    moved = None if ci is None else Interval(ci.low - typical, ci.high - typical, ci.level)
    return Figure(shrunk.value - typical, shrunk.n, shrunk.unit, moved)


def _statement(  # noqa: PLR0913, PLR0917 - the parts of a sentence
    subject: str,
    sample: Sample,
    effect: Figure,
    probability: float | None,
    visible: float | None,
    found: Grade,
    claim: Claim | None,
    progress: Progress | None,
    lacking: dict[str, int],
) -> Statement:
    graded = _graded(found, probability, claim)
    why = ground_of(claim, progress, probability=probability)
    return Statement(
        subject=subject,
        grade=graded,
        counts=Counts(sample.n, sample.winners, sample.losers, sample.weeks),
        effect=effect,
        probability=probability,
        why=why,
        following=next_of(claim, progress) or wanting(lacking),
        visible=visible,
    )


def _graded(found: Grade, probability: float | None, claim: Claim | None) -> Grade:
    """A claim that has faded says no more than that it cannot be told; one that is weakened is a hint at most."""
    if claim is None:
        return found
    if claim.state.is_over:
        return Grade.D
    if claim.state is State.WEAKENED:
        return Grade.C
    return grade(probability or 0.5, is_raised=True, is_confirmed=claim.state is State.CONFIRMED)


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
