"""What a guard cannot be set to, by the field that is wrong. Whoever fills in a form or writes a program is told all of
it at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from journal.domain.values import ONE, ZERO
from reconciliation.domain.guards.changes import AnyVersion, ConductVersion, Version
from reconciliation.domain.guards.conduct import Rule
from reconciliation.domain.guards.limits import Limit, Measure
from reconciliation.domain.guards.machine import Settings
from reconciliation.domain.guards.market import MarketLimits

_COUNT_MAX = 10_000
_LONGEST = timedelta(days=366)
_MONEY_MAX = Decimal(10) ** 18
_MINUTES = 24 * 60


def complaints(version: AnyVersion) -> dict[str, list[str]]:
    """By the way to the field (`limit.amount`), empty where nothing is wrong."""
    found: dict[str, list[str]] = {}
    for name, words in _of(version):
        found.setdefault(name, []).append(words)
    return found


def _of(version: AnyVersion) -> Iterator[tuple[str, str]]:
    if isinstance(version, Version):
        yield from _of_limit(version.limit)
        yield from _of_settings(version.settings)
        yield from _of_day(version)
    elif isinstance(version, ConductVersion):
        yield from _of_rule(version.rule)
    else:
        yield from _of_market(version.limits)


def _of_limit(limit: Limit) -> Iterator[tuple[str, str]]:
    if limit.measure is Measure.MONEY:
        if not ZERO < limit.amount < _MONEY_MAX:
            yield "limit.amount", "Money that may be lost: more than 0."
    elif not ZERO < limit.amount <= ONE:
        yield "limit.amount", "A share that may be lost: more than 0, at most 1 (0.1 is 10 %)."
    if limit.locks_at is not None and abs(limit.locks_at) >= _MONEY_MAX:
        yield "limit.locks_at", "That is beyond all money."


def _of_settings(settings: Settings) -> Iterator[tuple[str, str]]:
    if not _rises(settings.tiers):
        yield "settings.tiers", "Parts of the allowance: each above 0 and below 1, rising."
    if not ZERO <= settings.hysteresis < ONE:
        yield "settings.hysteresis", "From 0, below 1."
    if not 1 <= settings.confirmations <= 100:
        yield "settings.confirmations", "From 1 to 100 readings."
    if not ONE <= settings.hard <= 100:
        yield "settings.hard", "From 1 to 100 times the allowance."
    for name, least in (("confirm_for", 0), ("silence", 1), ("doubt_for", 0)):
        if not timedelta(seconds=least) <= getattr(settings, name) <= _LONGEST:
            yield f"settings.{name}", f"Seconds: from {least} to a year."


def _of_day(version: Version) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(version.day.zone)
    except (ValueError, OSError, KeyError):
        yield "day.zone", "A name like Europe/Prague."
    if not 0 <= version.day.rollover_minutes < _MINUTES:
        yield "day.rollover_minutes", "Minutes after midnight: from 0 to 1439."
    if version.initial is not None and not ZERO < version.initial < _MONEY_MAX:
        yield "initial", "What the account began with: more than 0."


def _of_rule(rule: Rule) -> Iterator[tuple[str, str]]:
    if not 1 <= rule.number <= _COUNT_MAX:
        yield "rule.number", f"From 1 to {_COUNT_MAX:,}."
    if not timedelta(0) < rule.within <= _LONGEST:
        yield "rule.within", "Seconds: more than 0, at most a year."
    if not timedelta(0) <= rule.pause <= _LONGEST:
        yield "rule.pause", "Seconds: from 0 to a year."
    if abs(rule.at_least) >= _MONEY_MAX:
        yield "rule.at_least", "That is beyond all money."


def _of_market(limits: MarketLimits) -> Iterator[tuple[str, str]]:
    if not timedelta(0) < limits.age <= timedelta(days=1):
        yield "limits.age", "Seconds: more than 0, at most a day."
    for name in ("gap", "spread"):
        if not ONE <= getattr(limits, name) < _MONEY_MAX:
            yield f"limits.{name}", "So many times what is usual: from 1."
    if limits.size is not None and not ZERO <= limits.size < _MONEY_MAX:
        yield "limits.size", "From 0."


def _rises(tiers: Sequence[Decimal]) -> bool:
    inside = all(ZERO < one < ONE for one in tiers)
    return inside and list(tiers) == sorted(set(tiers))
