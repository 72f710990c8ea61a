"""How sure, in a letter and in words that always travel with their number.

Source: Budescu et al. 2009–2014: people read "likely" as nearer to a half than it is meant; both together
mend it.
"""

from __future__ import annotations

from enum import StrEnum

from scipy import special

CONFIRMED_LEVEL = 0.95
HINT_LEVEL = 0.80
OTHER_WAY = 0.35
"""Of a direction that is less probable than this, the other one is named."""


class Grade(StrEnum):
    A = "A"
    """Raised, then confirmed on trades closed later; where there is a replay its benefit is above zero."""
    B = "B"
    """Raised by the family of a run, or posterior of .95 and more; not confirmed."""
    C = "C"
    """Posterior .80 to .95."""
    D = "D"
    """Cannot tell."""


def grade(
    probability: float,
    *,
    is_raised: bool = False,
    is_confirmed: bool = False,
    benefit: float | None = None,
) -> Grade:
    """`probability` that the effect has the direction claimed; `benefit` of a replay, where there is one."""
    if is_confirmed and (benefit is None or benefit > 0):
        return Grade.A
    if is_raised or is_confirmed or probability >= CONFIRMED_LEVEL:
        return Grade.B
    return Grade.C if probability >= HINT_LEVEL else Grade.D


VERBS = {
    Grade.A: "does",
    Grade.B: "has gone with",
    Grade.C: "may",
    Grade.D: "no difference we can see",
}


def likelihood(probability: float) -> str:
    """The word for a probability of the direction claimed; below .35 the other direction is the one to name."""
    for least, word in (
        (0.95, "very likely"),
        (0.80, "likely"),
        (0.65, "leaning"),
        (OTHER_WAY, "can't tell"),
    ):
        if probability >= least:
            return word
    return likelihood(1 - probability)


def visible_gap(error: float, power: float = 0.80, level: float = 0.05) -> float:
    """The smallest effect that a one-sided test at `level` would have seen with `power`: (z₁₋ₗ + z_p) · error."""
    return float(special.ndtri(1 - level) + special.ndtri(power)) * error
