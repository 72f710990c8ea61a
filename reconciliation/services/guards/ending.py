"""The end of a firing: when all that it closes is closed, or in the hands of people."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from reconciliation.domain.closing import OVER, Phase
from reconciliation.domain.guards.machine import State, end, lock
from reconciliation.domain.guards.presets import Scope
from reconciliation.models import (
    CloseIntent,
    DrawdownAction,
    FiringOutcome,
    Guard,
    GuardFiring,
    TradingLock,
)
from reconciliation.services.guards.acting import locked_until
from reconciliation.services.guards.keeping import (
    keep,
    kept_of,
    lock_guard,
    measures_otherwise,
    version_of,
)
from reconciliation.services.guards.locking import lift_of
from reconciliation.services.guards.saying import say

_WORDS = {
    FiringOutcome.FLAT: "Verified flat",
    FiringOutcome.PARTIAL: "Closed in part: somebody has to go on",
    FiringOutcome.FAILED: "Nothing is known to be closed: somebody has to look now",
}
_FLAT = {FiringOutcome.FLAT: True, FiringOutcome.PARTIAL: False, FiringOutcome.FAILED: None}
_ACTIONS = {
    FiringOutcome.FLAT: DrawdownAction.POSITIONS_CLOSED,
    FiringOutcome.PARTIAL: DrawdownAction.FAILED,
    FiringOutcome.FAILED: DrawdownAction.FAILED,
}


def note_begun(firing_id: int, at: datetime | None = None) -> None:
    """All that the firing closes has its intents. Where there was nothing to close, it is over with this."""
    GuardFiring.objects.filter(pk=firing_id, begun_at=None).update(begun_at=at or timezone.now())
    note_intent_over(firing_id, at)


@transaction.atomic
def note_intent_over(firing_id: int, at: datetime | None = None) -> FiringOutcome | None:
    """After one of its intents came to an end: how the firing ended, or None while others are under way. Said again it
    changes nothing."""
    known = GuardFiring.objects.filter(pk=firing_id).first()
    if known is None:
        return None
    # Before the firing, as everywhere: two intents that end at once go one after the other.
    guard = lock_guard(known.guard_id)
    firing = GuardFiring.objects.select_for_update().get(pk=firing_id)
    if firing.outcome != FiringOutcome.CLOSING or firing.begun_at is None:
        return None
    rows = list(CloseIntent.objects.filter(firing=firing).values_list("phase", "memory"))
    if any(phase not in OVER for phase, _ in rows):
        return None
    closed = sum(phase == Phase.CLOSED for phase, _ in rows)
    # A position of which some was closed is neither closed nor all there.
    is_begun = closed or any(memory.get("fills") for _, memory in rows)
    outcome = FiringOutcome.PARTIAL if is_begun else FiringOutcome.FAILED
    if closed == len(rows):
        outcome = FiringOutcome.FLAT
    _end(guard, firing, outcome, at or timezone.now())
    return outcome


def _end(guard: Guard, firing: GuardFiring, outcome: FiringOutcome, at: datetime) -> None:
    firing.outcome, firing.ended_at = outcome, at
    firing.save(update_fields=["outcome", "ended_at"])
    if outcome != FiringOutcome.FLAT:
        # Whatever the day: what is open and should not be is somebody's to look at first.
        TradingLock.objects.filter(firing=firing, lifted_at=None).update(until=None)
    firing.alerts.update(action_taken=_ACTIONS[outcome], executed_at=at)
    kept = kept_of(guard)
    keep(guard, kept._replace(memory=lock(end(kept.memory, _FLAT[outcome]))))
    guard.save(update_fields=["state", "memory"])
    urgent = outcome != FiringOutcome.FLAT
    words = _WORDS[outcome]
    say(
        guard, outcome.value, at, f"{words}: {guard.name}", [f"{words}."],
        urgent=urgent, figures=firing.figures,
    )  # fmt: skip


def settle_left_over(now: datetime) -> int:
    """Firings whose last open close was erased with its account: nobody else says that they are over. Says how many."""
    at_work = CloseIntent.objects.filter(firing=OuterRef("pk"), ended_at=None)
    rows = GuardFiring.objects.filter(outcome=FiringOutcome.CLOSING, begun_at__isnull=False)
    left = rows.exclude(Exists(at_work)).order_by("pk").values_list("pk", flat=True)
    return sum(note_intent_over(pk, now) is not None for pk in list(left))


def turn_days(now: datetime) -> int:
    """Guards of a day whose day is over watch again, with the marks that they had. Those that ended in part or unknown
    stay locked until a person has looked. Says how many."""
    rows = Guard.objects.filter(state=State.LOCKED, removed_at=None, version__isnull=False)
    turned = 0
    for guard_id in rows.order_by("pk").values_list("pk", flat=True):
        turned += _turn_day(guard_id, now)
    return turned


@transaction.atomic
def _turn_day(guard_id: int, now: datetime) -> bool:
    guard = lock_guard(guard_id)
    kept = kept_of(guard)
    fired_at = kept.memory.fired_at
    if guard.state != State.LOCKED or fired_at is None:
        return False
    version = version_of(guard)
    last = GuardFiring.objects.filter(guard=guard).first()
    is_well = last is None or last.outcome in (FiringOutcome.FLAT, FiringOutcome.BLOCKED)
    until = locked_until(version, fired_at)
    if version.scope is not Scope.DAY or not is_well or until is None or now < until:
        return False
    memory = kept.memory._replace(
        state=State.ARMED, tier=0, breaches=0, breached_at=None, doubts=0, doubted_at=None,
        heard_at=now, told=0, fired_at=None,
    )  # fmt: skip
    kept = kept._replace(memory=memory)
    if last is not None and measures_otherwise(last.version, version):
        # The rule came to measure another thing while it was locked: the new day begins with marks of that.
        kept = kept._replace(marks=None, parts={})
        guard.armed_at = now
    keep(guard, kept)
    guard.save(update_fields=["state", "memory", "marks", "parts", "armed_at"])
    lift_of(guard, until)
    return True
