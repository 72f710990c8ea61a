"""Limits of firms and of the field, as their rules stood on the day beside them: a beginning that a person edits.

Facts are of the firms' published rules; a firm that changes them leaves these as they are, with their date.
"""

from __future__ import annotations

from datetime import date, time
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from reconciliation.domain.guards.limits import Basis, FlowRule, Limit, Measure, Reference


class Scope(StrEnum):
    """For how long a breach locks: the rest of the firm's day, or until somebody arms the guard again."""

    DAY = "day"
    UNTIL_ARMED = "until_armed"


class Preset(NamedTuple):
    """`resets_at` in `zone` is where the rule's day begins."""

    name: str
    words: str
    limit: Limit
    scope: Scope
    zone: str
    resets_at: time
    as_of: date


_AS_OF = date(2026, 11, 1)
_MIDNIGHT = time(0)


def _share(percent: str) -> Decimal:
    return Decimal(percent) / 100


PRESETS: dict[str, Preset] = {
    "drawdown": Preset(
        "Drawdown from the peak",
        "Equity may fall 10% below its highest. Deposits and withdrawals neither hide a loss nor make one.",
        Limit(Basis.EQUITY, Reference.HIGH, _share("10"), Measure.OF_REFERENCE),
        Scope.UNTIL_ARMED, "UTC", _MIDNIGHT, _AS_OF,
    ),
    "daily_loss": Preset(
        "Daily loss",
        "Equity may fall 3% below what the day began with.",
        Limit(Basis.EQUITY, Reference.DAY_START, _share("3"), Measure.OF_REFERENCE),
        Scope.DAY, "UTC", _MIDNIGHT, _AS_OF,
    ),
    "ftmo_daily": Preset(
        "FTMO 2-Step, daily loss",
        "Equity, with what is open, fees and swaps, stays above the balance of midnight in Prague less 5% of the "
        "initial balance.",
        Limit(Basis.EQUITY, Reference.DAY_START, _share("5"), Measure.OF_INITIAL, Basis.BALANCE, FlowRule.NONE),
        Scope.UNTIL_ARMED, "Europe/Prague", _MIDNIGHT, _AS_OF,
    ),
    "ftmo_total": Preset(
        "FTMO 2-Step, maximum loss",
        "Equity stays above the initial balance less 10%.",
        Limit(Basis.EQUITY, Reference.INITIAL, _share("10"), Measure.OF_INITIAL, Basis.BALANCE, FlowRule.NONE),
        Scope.UNTIL_ARMED, "Europe/Prague", _MIDNIGHT, _AS_OF,
    ),
    "ftmo_trailing": Preset(
        "FTMO 1-Step, maximum loss",
        "Equity stays above the highest end-of-day balance (at least the initial one) less 10% of the initial "
        "balance; that floor only rises.",
        Limit(Basis.EQUITY, Reference.DAY_END_HIGH, _share("10"), Measure.OF_INITIAL, Basis.BALANCE, FlowRule.NONE),
        Scope.UNTIL_ARMED, "Europe/Prague", _MIDNIGHT, _AS_OF,
    ),
    "the5ers_daily": Preset(
        "The5ers, daily loss",
        "Equity stays within 5% of the higher of equity and balance at the start of the day.",
        Limit(Basis.EQUITY, Reference.DAY_START, _share("5"), Measure.OF_REFERENCE, Basis.HIGHER, FlowRule.NONE),
        Scope.DAY, "Etc/GMT-3", _MIDNIGHT, _AS_OF,
    ),
    "breakout_daily": Preset(
        "Breakout, daily loss",
        "Equity stays within 4% of the balance at 00:30 UTC.",
        Limit(Basis.EQUITY, Reference.DAY_START, _share("4"), Measure.OF_REFERENCE, Basis.BALANCE, FlowRule.NONE),
        Scope.UNTIL_ARMED, "UTC", time(0, 30), _AS_OF,
    ),
    "topstep_50k": Preset(
        "Topstep 50K, maximum loss limit",
        "Equity stays within 2,000 of the highest end-of-day balance; the floor stops rising at the initial balance.",
        Limit(Basis.EQUITY, Reference.DAY_END_HIGH, Decimal(2_000), Measure.MONEY, Basis.BALANCE, FlowRule.NONE,
              locks_at=Decimal(0)),
        Scope.UNTIL_ARMED, "America/Chicago", time(17), _AS_OF,
    ),
    "apex_50k": Preset(
        "Apex 50K, trailing threshold",
        "Equity stays within 2,500 of its highest, what is open included; the floor stops rising at the initial "
        "balance plus 100.",
        Limit(Basis.EQUITY, Reference.HIGH, Decimal(2_500), Measure.MONEY, Basis.EQUITY, FlowRule.NONE,
              locks_at=Decimal(100)),
        Scope.UNTIL_ARMED, "America/New_York", time(18), _AS_OF,
    ),
}  # fmt: skip
