"""A guard's version as its form shows it."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from reconciliation.domain.guards.changes import AnyVersion, ConductVersion, MarketVersion, Version
from reconciliation.domain.guards.conduct import Rule, Watch
from reconciliation.domain.guards.limits import Measure
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import GuardKind
from reconciliation.services.guards.presetting import version_of_preset

_HUNDRED = Decimal(100)


def _plain(value: Decimal | None) -> str:
    if value is None:
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def initial_of(version: AnyVersion) -> dict[str, Any]:
    """As its form shows it."""
    if isinstance(version, Version):
        return _initial_of_limit(version)
    if isinstance(version, ConductVersion):
        rule = version.rule
        return {
            "watch": rule.watch,
            "number": rule.number,
            "within_hours": _hours(rule.within),
            "pause_hours": _hours(rule.pause),
            "by_symbol": rule.by_symbol,
            "at_least": _plain(rule.at_least),
        }
    limits = version.limits
    return {
        "age_seconds": int(limits.age.total_seconds()),
        "gap": _plain(limits.gap),
        "spread": _plain(limits.spread),
        "size": _plain(limits.size),
        "blocks": version.blocks,
    }


def _initial_of_limit(version: Version) -> dict[str, Any]:
    limit, settings, day = version.limit, version.settings, version.day
    is_money = limit.measure is Measure.MONEY
    return {
        "measured": limit.measured,
        "reference": limit.reference,
        "measure": limit.measure,
        "amount": _plain(limit.amount if is_money else limit.amount * _HUNDRED),
        "marked_by": limit.marked_by,
        "flow_rule": limit.flow_rule,
        "locks_at": _plain(limit.locks_at),
        "initial_worth": _plain(version.initial),
        "closes": version.closes,
        "scope": version.scope,
        "tiers": ", ".join(_plain(tier * _HUNDRED) for tier in settings.tiers),
        "confirmations": settings.confirmations,
        "confirm_for": int(settings.confirm_for.total_seconds()),
        "hard": _plain(settings.hard),
        "silence": _plain(Decimal(str(settings.silence.total_seconds() / 60))),
        "blindness": settings.blindness,
        "zone": day.zone,
        "resets_at": time(day.rollover_minutes // 60, day.rollover_minutes % 60),
    }


def _hours(length: timedelta) -> str:
    return _plain(Decimal(str(length.total_seconds() / 3600)))


def usual(kind: str) -> AnyVersion:
    """Where a form begins that begins from nothing."""
    if kind == GuardKind.CONDUCT:
        return ConductVersion(Rule(Watch.LOSSES, 3, timedelta(hours=24), timedelta(hours=4)), True)
    if kind == GuardKind.MARKET:
        return MarketVersion(MarketLimits(), False, True)
    return version_of_preset(PRESETS["drawdown"])
