"""What the drawings of a report say, each in a sentence; the data are those that its sections carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MINUS = "\N{MINUS SIGN}"


def in_r(value: float) -> str:
    sign = "" if not round(value, 2) else "+" if value > 0 else MINUS
    return f"{sign}{abs(value):.2f}"


def says_equity(data: Mapping[str, Any]) -> str:
    """The sentence of the running sum of R."""
    r, begins = data["r"], data["begins"]
    before = [value for at, value in zip(data["closed"], r, strict=True) if at < begins]
    start = before[-1] if before else 0.0
    told = f"The sum of R over 90 days stands at {in_r(r[-1])}, {in_r(r[-1] - start)} of it from this report's days"
    if data["fan"] and len(data["fan"][0]):
        low, high = start + data["fan"][0][-1], start + data["fan"][-1][-1]
        return f"{told}; {in_r(low)} to {in_r(high)} was to be expected in nine of ten cases."
    return f"{told}; too few earlier trades to say what was to be expected."


def says_costs(data: Mapping[str, Any]) -> str:
    total = sum(data["r"])
    return f"Trades that broke a rule came to {in_r(total)} R against their plans in 90 days, rule by rule."
