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

from journal.domain.values import TradingDay
from reconciliation.domain.guards.limits import Limit
from reconciliation.domain.guards.machine import Blindness, Settings
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


class Change(NamedTuple):
    asked_by: int
    asked_at: datetime
    before: Version
    after: Version


class Refused(Exception):
    """The change does not apply (yet); the message says what is missing."""


_STRICT = {Blindness.ALERT_ONLY: 0, Blindness.BLOCK_NEW: 1, Blindness.FLATTEN: 2}


def loosened(before: Version, after: Version) -> tuple[str, ...]:
    """The names of what protects less than before, in a fixed order; empty where nothing does."""
    if not before.is_armed:
        return ()
    checks = {
        "is_armed": not after.is_armed,
        "limit": _is_looser_limit(before.limit, after.limit),
        "day": before.day != after.day,
        "initial": before.initial != after.initial,
        "scope": before.scope is Scope.UNTIL_ARMED and after.scope is Scope.DAY,
        "closes": before.closes and not after.closes,
        **_looser_settings(before.settings, after.settings),
    }
    return tuple(name for name, is_looser in checks.items() if is_looser)


def undercuts(floor: Version, version: Version) -> tuple[str, ...]:
    """Where a version protects less than the installation asks for."""
    return loosened(floor._replace(is_armed=True), version)


def check(
    change: Change, now: datetime, *, approved_by: int | None, others: int, cooling: timedelta
) -> None:
    """Raises Refused unless it may apply now. `others`: how many more people could approve it."""
    names = loosened(change.before, change.after)
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
