"""What is said of a change of results: both means, of how many trades, and how often luck shows as much."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from learning.domain.words.numbers import MINUS


def regime_sentence(told: Mapping[str, Any]) -> str:
    """With the number of trades, both means, and how often luck shows as steep a fall."""
    change = told["change"]
    if change is None:
        missing = max(0, told["least"] - told["n"])
        if missing:
            return f"Can't tell yet whether results changed: {told['n']:,} closed trades, {told['least']} would do."
        return f"Nothing varies in {told['n']:,} closed trades, so nothing can have changed."
    before, after = _mean(change["before"], told["unit"]), _mean(change["after"], told["unit"])
    n = min(told["looked_at"], told["newest"])
    luck = f"in other orders the same trades show as steep a fall in {_share(change['p'])} of cases"
    if told["is_alarm"]:
        fall = f"{before} before, {after} after, in the newest {n:,} trades"
        return f"Since about {told['since']} results are worse: {fall}; {luck}."
    fall = f"in the newest {n:,} trades the steepest fall is from {before} to {after}"
    return f"No change that luck does not show: {fall}; {luck}."


def _mean(value: float, unit: str) -> str:
    if unit == "fraction":
        return f"{value:.0%} won"
    return f"{value:+.2f} R per trade".replace("-", MINUS)


def _share(p: float) -> str:
    return f"{p:.1%}" if p < 0.1 else f"{p:.0%}"
