"""Who may change a guard: tighter at once and by anybody who may set it, looser only with a second person, or, where
the workspace has no other, after a time to cool off. What the installation asks for at least nobody can undercut.

Invariants:

* Of two versions neither is looser than the other only if they protect alike.
* What cannot be compared (another thing is measured, from elsewhere) is looser: a person has to agree.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from journal.domain.values import ZERO, TradingDay
from reconciliation.domain.guards.conduct import Rule
from reconciliation.domain.guards.limits import Limit
from reconciliation.domain.guards.machine import Blindness, Settings
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.domain.guards.presets import Scope


class Version(NamedTuple):
    """A guard as it is set. `closes`: a breach closes positions, else it only blocks and tells. `day` is the rule's
    own; `initial` is what the account began with, where that was before anybody looked."""

    limit: Limit
    settings: Settings
    scope: Scope
    closes: bool
    is_armed: bool
    day: TradingDay = TradingDay("UTC")
    initial: Decimal | None = None


class ConductVersion(NamedTuple):
    rule: Rule
    is_armed: bool


class MarketVersion(NamedTuple):
    """`blocks`: nothing new is traded in a market while it is in trouble."""

    limits: MarketLimits
    blocks: bool
    is_armed: bool


AnyVersion = Version | ConductVersion | MarketVersion
# Watching again after it fired: no value changes, and somebody else has to agree all the same.
REARM = "rearm"


class Change(NamedTuple):
    """`rearms`: the guard fired, and is to watch again."""

    asked_by: int
    asked_at: datetime
    before: AnyVersion
    after: AnyVersion
    rearms: bool = False

    @property
    def loosens(self) -> tuple[str, ...]:
        return ((REARM,) if self.rearms else ()) + loosened(self.before, self.after)


class Refused(Exception):
    """The change does not apply (yet); the message says what is missing."""


_STRICT = {Blindness.ALERT_ONLY: 0, Blindness.BLOCK_NEW: 1, Blindness.FLATTEN: 2}


def loosened(before: AnyVersion, after: AnyVersion) -> tuple[str, ...]:
    """The names of what protects less than before, in a fixed order; empty where nothing does."""
    if not before.is_armed:
        return ()
    checks = {"is_armed": not after.is_armed, **_looser(before, after)}
    return tuple(name for name, is_looser in checks.items() if is_looser)


def _looser(before: AnyVersion, after: AnyVersion) -> dict[str, bool]:
    if isinstance(before, Version) and isinstance(after, Version):
        return {
            "limit": _is_looser_limit(before.limit, after.limit),
            "day": before.day != after.day,
            "initial": before.initial != after.initial,
            "scope": before.scope is Scope.UNTIL_ARMED and after.scope is Scope.DAY,
            "closes": before.closes and not after.closes,
            **_looser_settings(before.settings, after.settings),
        }
    if isinstance(before, ConductVersion) and isinstance(after, ConductVersion):
        return _looser_rule(before.rule, after.rule)
    if isinstance(before, MarketVersion) and isinstance(after, MarketVersion):
        return {
            "blocks": before.blocks and not after.blocks,
            **_looser_market(before.limits, after.limits),
        }
    return {"kind": True}


def _looser_rule(before: Rule, after: Rule) -> dict[str, bool]:
    """LOW_PROFIT judges after `number` trades; the others lock at so many. Both ways fewer is stricter."""
    return {
        "watch": before.watch is not after.watch,
        "number": after.number > before.number,
        "within": after.within < before.within,
        "pause": after.pause < before.pause,
        "by_symbol": after.by_symbol and not before.by_symbol,
        "at_least": after.at_least < before.at_least,
    }


def _looser_market(before: MarketLimits, after: MarketLimits) -> dict[str, bool]:
    sizes = before.size or ZERO, after.size or ZERO
    return {
        "age": after.age > before.age,
        "gap": after.gap > before.gap,
        "spread": after.spread > before.spread,
        "size": sizes[1] < sizes[0],
    }


def undercuts(floor: Version, version: Version) -> tuple[str, ...]:
    """Where a version protects less than the installation asks for."""
    return loosened(floor._replace(is_armed=True), version)


def check(
    change: Change, now: datetime, *, approved_by: int | None, others: int, cooling: timedelta
) -> None:
    """Raises Refused unless it may apply now. `others`: how many more people could approve it."""
    names = change.loosens
    if not names:
        return
    what = ", ".join(names)
    if approved_by is not None and approved_by != change.asked_by:
        return
    if others:
        raise Refused(
            f"This protects less ({what}): somebody else than who asked for it has to agree."
        )
    applies_at = change.asked_at + cooling
    if now < applies_at:
        raise Refused(
            f"This protects less ({what}). Nobody else could agree, so it applies from {applies_at:%Y-%m-%d %H:%M} UTC "
            "on, if it is still wanted then."
        )


def _is_looser_limit(before: Limit, after: Limit) -> bool:
    """`locks_at` keeps a floor from rising any further: where there was none, or it is lower now, less is protected."""
    if before._replace(amount=after.amount, locks_at=after.locks_at) != after:
        return True
    if after.amount > before.amount:
        return True
    if before.locks_at is None or after.locks_at is None:
        return before.locks_at is None and after.locks_at is not None
    return after.locks_at < before.locks_at


def _looser_settings(before: Settings, after: Settings) -> dict[str, bool]:
    """Warnings are told later, breaches confirmed longer, silence borne longer or acted upon less."""
    first = [min(one.tiers, default=None) for one in (before, after)]
    return {
        "tiers": first[0] is not None and (first[1] is None or first[1] > first[0]),
        "confirmations": after.confirmations > before.confirmations,
        "confirm_for": after.confirm_for > before.confirm_for,
        "hard": after.hard > before.hard,
        "silence": after.silence > before.silence,
        "doubt_for": after.doubt_for > before.doubt_for,
        "blindness": _STRICT[after.blindness] < _STRICT[before.blindness],
    }
