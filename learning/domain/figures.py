"""A figure that says how far to trust it: value, sample size, unit, interval, and the reason where there is none.

A figure is never NaN, infinite or a sentinel: where it is not defined its value is None and a reason says why.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self


class Unit(StrEnum):
    R = "R"
    """Multiples of the risk that was planned at entry."""
    MONEY = "money"
    FRACTION = "fraction"
    RATIO = "ratio"
    PROBABILITY = "probability"
    DAYS = "days"
    COUNT = "count"


class Reason(StrEnum):
    """Why a figure has no value."""

    NO_TRADES = "no_trades"
    NO_LOSERS = "no_losers"
    NO_WINNERS = "no_winners"
    ZERO_VARIANCE = "zero_variance"
    TOO_FEW = "too_few"
    NO_DRAWDOWN = "no_drawdown"
    EQUITY_NONPOSITIVE = "equity_nonpositive"
    RISK_MISSING = "risk_missing"
    NOT_MATURED = "not_matured"
    TOO_SHORT = "too_short"
    NO_PATH = "no_path"
    NO_QUOTE = "no_quote"
    NEVER = "never"
    """No sample, however large, would do: the Sharpe ratio is not above the one to be beaten."""
    OUT_OF_RANGE = "out_of_range"
    """Larger than a number can be told: nonsense went in, or a few days were compounded to a year."""


@dataclass(frozen=True, slots=True)
class Interval:
    low: float
    high: float
    level: float = 0.90

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high) and self.low <= self.high):
            raise ValueError(f"not an interval: {self.low} to {self.high}")


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the learner, in `unit`, from `n` trades, days or weeks.

    Exactly one of `value` and `reason` is there; `least` is the sample that `too_few` asks for.
    """

    value: float | None
    n: int
    unit: Unit
    ci: Interval | None = None
    reason: Reason | None = None
    least: int | None = None

    def __post_init__(self) -> None:
        if (self.value is None) == (self.reason is None):
            raise ValueError("a figure has a value or a reason, not both and not neither")
        if self.value is not None and not math.isfinite(self.value):
            raise ValueError(f"a figure is finite or absent, and this is {self.value}")

    @classmethod
    def absent(cls, reason: Reason, n: int, unit: Unit, *, least: int | None = None) -> Self:
        return cls(None, n, unit, reason=reason, least=least)

    def as_json(self) -> dict[str, Any]:
        """Keys value, n, unit, ci ([low, high, level] or None), reason, and least where it says something."""
        ci = None if self.ci is None else [self.ci.low, self.ci.high, self.ci.level]
        told: dict[str, Any] = {
            "value": self.value,
            "n": self.n,
            "unit": self.unit.value,
            "ci": ci,
            "reason": None if self.reason is None else self.reason.value,
        }
        return told if self.least is None else {**told, "least": self.least}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """What `as_json` told. Raises KeyError or ValueError for what is none."""
        ci = None if told["ci"] is None else Interval(*told["ci"])
        reason = None if told["reason"] is None else Reason(told["reason"])
        return cls(told["value"], told["n"], Unit(told["unit"]), ci, reason, told.get("least"))
