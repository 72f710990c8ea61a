"""What is said of a symbol: how it stands, on how many trades, what is left after allowing for luck, what follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.domain.claims.gates import SYMBOL, Sample
from learning.domain.claims.grades import Grade, grade, likelihood
from learning.domain.claims.symbols import PAPER_OUTCOMES, Standing
from learning.domain.figures import Interval
from learning.domain.words.numbers import counted, in_r, interval_in_r, percent

STANDS = {
    Standing.NORMAL: "is traded as usual",
    Standing.FAVOURED: "is looked at first, at the usual size",
    Standing.WATCH: "is watched, at the usual size",
    Standing.REDUCED: "is traded at half size",
    Standing.PAPER_ONLY: "is traded on paper only",
}


def symbol_words(symbol: str, standing: str, evidence: Mapping[str, Any]) -> str:
    """One paragraph. `evidence` is that of the step `symbols`; empty where no trade has an R."""
    if not evidence:
        return (
            f"{symbol}: can't tell yet. 0 trades with a risk that was fixed at entry; after {SYMBOL.n} over "
            f"{SYMBOL.weeks} weeks it can be told apart. Grade D: nothing was seen."
        )
    told = [
        f"{symbol} {STANDS[Standing(standing)]}.",
        _counts(evidence),
        _effect(evidence),
        _grade(evidence),
        _following(standing, evidence),
    ]
    return " ".join(one for one in told if one)


def _counts(evidence: Mapping[str, Any]) -> str:
    n, paper = int(evidence["n"]), int(evidence["on_paper"])
    parts = [
        f"{evidence['won']} won",
        f"{evidence['lost']} lost",
        counted(evidence["weeks"], "week"),
    ]
    if paper:
        parts.append(f"{paper} of them on paper")
    return f"{counted(n, 'trade')} ({', '.join(parts)})."


def _effect(evidence: Mapping[str, Any]) -> str:
    mean = evidence["mean"]
    low, high, level = (float(one) for one in mean["ci"])
    told = interval_in_r(Interval(low, high, level))
    return (
        f"Raw {in_r(float(evidence['raw']))} per trade; after allowing for luck {in_r(float(mean['value']))} "
        f"({told}, {percent(level)} interval)."
    )


def _grade(evidence: Mapping[str, Any]) -> str:
    below = float(evidence["below_zero"])
    sure, way = (below, "below") if below >= 0.5 else (1 - below, "above")
    said = f"Its mean is {way} zero: {likelihood(sure)} ({percent(sure)})."
    if _lacking(evidence):
        return f"{said} Grade {Grade.D}: too few to be judged."
    return f"{said} Grade {grade(sure)}: seen in hindsight only."


def _lacking(evidence: Mapping[str, Any]) -> dict[str, int]:
    return SYMBOL.lacking(Sample(int(evidence["n"]), weeks=int(evidence["weeks"])))


def _following(standing: str, evidence: Mapping[str, Any]) -> str:
    lacking = _lacking(evidence)
    if evidence.get("held_by_person"):
        return f"A person decided; it is looked at again after {counted(_left(evidence), 'more outcome')}."
    if standing == Standing.PAPER_ONLY:
        return f"Tested again after {counted(_left(evidence), 'more outcome')} on paper."
    if lacking:
        parts = [
            counted(gap, "more trade" if name == "n" else "more week")
            for name, gap in lacking.items()
        ]
        return f"Its size is not touched before {' over '.join(parts)}."
    return ""


def _left(evidence: Mapping[str, Any]) -> int:
    new = int(evidence["n"]) - int(evidence["n_then"])
    return min(PAPER_OUTCOMES, max(0, PAPER_OUTCOMES - new))
