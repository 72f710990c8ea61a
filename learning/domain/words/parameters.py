"""What is said of a scanner's thresholds: what the evidence says of each, and how the simple rules come to differ."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.domain.claims.grades import likelihood
from learning.domain.words.numbers import counted, in_r, percent, signed

NAMES = {
    "iv_rank_min": "IV rank, at least",
    "dte_min": "Days to expiry, at least",
    "dte_max": "Days to expiry, at most",
    "target_dte": "Days to expiry, aimed at",
    "delta_max": "Delta, at most",
    "credit_width_min": "Credit over width, at least",
    "blacklist": "Symbols to leave",
    "favoured": "Symbols to look at first",
    "half_size": "Symbols at half size",
}


def name_of(parameter: str) -> str:
    return NAMES.get(parameter, parameter.replace("_", " "))


def plain(number: float) -> str:
    """A threshold as people write it: 60, 0.25."""
    return f"{float(number):g}"


def evidence_words(found: Mapping[str, Any]) -> str:
    """Of one parameter, from what the step `parameters` kept: always with n and a grade, with the interval where there
    is one, and with what would be needed where nothing can be told."""
    n, current = int(found["n"]), plain(found["current"])
    graded = f"Grade {found['grade']}"
    seen = counted(n, "recommendation")
    if found["flagged"]:
        known = f"{seen} with a known outcome, but {found['feature']} knows that outcome"
        return f"{known}, so nothing is learnt by it. {graded}: left at {current}."
    standing = found["standing"]
    if standing == "cannot_tell":
        more = int(found["needed"])
        needed = (
            f"{more:,} more would be needed"
            if more
            else "no other setting treats enough of them otherwise"
        )
        told = f"Can't tell yet: {seen} with a known outcome; {needed}"
        return f"{told}. {graded}: left at {current}."
    if standing == "keep":
        told = f"No other setting looks better by enough, over {seen} with a known outcome"
        return f"{told}. {graded}: left at {current}."
    return _better(found, seen, graded)


def _at_slippage(told: Mapping[str, Any]) -> str:
    """What no broker filled is an assumption about fills: the same in hindsight at none, once and twice their cost."""
    made = [told[times]["value"] for times in ("0x", "1x", "2x") if times in told]
    if len(made) < 3 or any(one is None for one in made):
        return ""
    at_mid, usual, twice = (in_r(one) for one in made)
    if at_mid == usual == twice:
        return " What your fills cost changes nothing of it, or is not known yet."
    return f" In hindsight per 100: {at_mid} at the mid, {usual} at what your fills cost, {twice} at twice that."


def _better(found: Mapping[str, Any], seen: str, graded: str) -> str:
    current, target = plain(found["current"]), plain(found["target"])
    better, luck = float(found["better"]), float(found["luck"])
    told = (
        f"{target} instead of {current} looks worth {_of_hundred(found['delta_r100'])}, over {seen}, "
        f"{found['changed']} of them treated otherwise. Better: {likelihood(better)} ({percent(better)}). "
        f"The best of {len(found['curve'])} settings looks as good by luck in {percent(luck)} of draws."
    )
    held = found["holdout"]
    if held["value"] is not None:
        told += f" On weeks that did not choose: {_of_hundred(held)}."
    told += _at_slippage(found["at_slippage"])
    return f"{told} {graded}: {_follows(found)}."


def _follows(found: Mapping[str, Any]) -> str:
    if found["blocked"]:
        return "the best in hindsight tends to be no good later, so it is not moved"
    if found["standing"] != "move":
        return "watched, not moved"
    if found.get("is_downhill"):
        return "the first notch on the way looks worse than what stands, so it is not moved"
    return "it moves by one notch, and is reviewed"


def _of_hundred(figure: Mapping[str, Any]) -> str:
    told = f"{in_r(float(figure['value']))} per 100 recommendations"
    if figure["ci"] is None:
        return f"{told} (no interval yet)"
    low, high, level = figure["ci"]
    return (
        f"{told} ({signed(float(low))} … {signed(float(high))}, {percent(float(level))} interval)"
    )


def simple_words(rule: Mapping[str, Any], name: str) -> str:
    """Why the simple rules would set it so."""
    n = counted(int(rule["trades"]), "closed trade")
    if name == "target_dte":
        return f"The winners among {n} were opened {rule['dte']['winners']:.0f} days before expiry."
    if name != "iv_rank_min" or rule["win_rate"] is None:
        return ""
    iv_rank = rule["iv_rank"]
    if any(one["code"] == "iv_rank" for one in rule["recommendations"]):
        losers = "" if iv_rank["losers"] is None else f", of losers {iv_rank['losers']:.1f}"
        return f"IV rank of winners averages {iv_rank['winners']:.1f}{losers}, over {n}."
    even = rule["break_even_rate"]
    beside = "break-even not known" if even is None else f"break-even {percent(float(even))}"
    return f"{percent(float(rule['win_rate']))} of {n} won ({beside})."


DIFFERENCE = (
    "The simple rules look at the trades that were taken and at which of them won. The evidence asks what each setting "
    "would have made on every recommendation with a known outcome, those not taken and near misses too, allows for "
    "luck, and moves one notch at a time."
)


def move_words(move: Mapping[str, Any]) -> str:
    """How a past step of ours fared."""
    what = f"{name_of(move['parameter'])}: {plain(move['before'])} to {plain(move['after'])}"
    if move["verdict"] == "void":
        return f"{what}. Ended without a verdict."
    if move["judged"] is None:
        return f"{what}. Under review: no look yet."
    made = f"{in_r(float(move['made']))} on {counted(int(move['judged']), 'later recommendation')}"
    return f"{what}. {move['verdict'].capitalize()}: {made}."


def score_words(score: Mapping[str, Any]) -> str:
    """Of all our steps so far."""
    kept, reverted, pending = (int(score[name]) for name in ("kept", "reverted", "pending"))
    total = kept + reverted + pending
    if not total:
        return "No step of ours yet."
    told = f"{counted(total, 'step')}: {kept} kept, {reverted} undone, {pending} under review"
    if kept + reverted:
        told += f"; those judged made {in_r(float(score['made']))} in all"
    return f"{told}."
