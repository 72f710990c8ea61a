"""Figures of the learner as text: by their unit, with their interval, or why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from common.numbers import (
    UNKNOWN,
    write,
    write_money,
    write_percent,
    write_ratio,
)
from learning.domain.figures import Unit
from learning.domain.words.reasons import why_absent

_TO = "\N{NARROW NO-BREAK SPACE}…\N{NARROW NO-BREAK SPACE}"


# What falls is told without a sign: it is never above nothing.
_SIZES = ("max_drawdown", "drawdown")


def write_value(value: float | None, unit: str, currency: str = "", *, metric: str = "") -> str:
    """`metric` decides about the sign: results have one, sizes have none."""
    if value is None:
        return UNKNOWN
    number = Decimal(repr(float(value)))
    of = Unit(unit)
    if of is Unit.MONEY:
        return write_money(number, currency, plus=not metric.startswith(_SIZES))
    if of is Unit.R:
        return f"{write(number, 2, plus=not metric.startswith(_SIZES))}R"
    if of in (Unit.FRACTION, Unit.PROBABILITY):
        return write_percent(number)
    if of is Unit.DAYS:
        return f"{write(number, 1)} d"
    return write(number, 0) if of is Unit.COUNT else write_ratio(number, 2)


def write_figure(figure: Mapping[str, Any], currency: str = "", *, metric: str = "") -> str:
    return write_value(figure["value"], figure["unit"], currency, metric=metric)


def write_interval(
    figure: Mapping[str, Any] | None, currency: str = "", *, metric: str = ""
) -> str:
    """`90%: +0.02R … +0.20R`, or nothing where none was counted."""
    if not figure or not figure.get("ci"):
        return ""
    low, high, level = figure["ci"]
    ends = (write_value(one, figure["unit"], currency, metric=metric) for one in (low, high))
    return f"{write_percent(level, 0)}: {_TO.join(ends)}"


def why(figure: Mapping[str, Any] | None) -> str:
    if not figure:
        return "Not counted yet."
    if figure["value"] is not None:
        return ""
    return why_absent(figure["reason"], figure["n"], figure.get("least"))
