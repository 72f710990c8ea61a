"""How guards are set, and changed: tighter at once, looser with somebody else's word or after a time to cool off.

Every version that was ever asked for stays, with who asked, who decided, when and why. A change is held against what
counts when it is decided, not when it was asked for.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from accounts.models import Membership
from accounts.roles import Role
from common.errors import Conflict, Forbidden, Rejected
from journal.models import BrokerAccount
from reconciliation.domain.codec import dump
from reconciliation.domain.guards import changes
from reconciliation.domain.guards.changes import AnyVersion, Change, Refused, Version
from reconciliation.domain.guards.machine import WATCHING, Memory, State, arm, disarm
from reconciliation.domain.guards.watching import Kept
from reconciliation.models import ChangeState, Guard, GuardKind, GuardVersion
from reconciliation.services.guards.floors import floor_of
from reconciliation.services.guards.keeping import (
    keep,
    kept_of,
    lock_guard,
    measures_otherwise,
    next_number,
    values_of,
)
from reconciliation.services.guards.locking import lift_of
from reconciliation.services.guards.saying import say
from reconciliation.services.telling import GUARDS, tell

_WHY = "Say why: this protects less, and who is to agree wants to know."
_FLOOR = "It is asked for by whoever runs this installation, who alone arms it again."
_ENDED = frozenset({State.FLAT_CONFIRMED, State.PARTIAL, State.FAILED, State.LOCKED})


@transaction.atomic
def create_guard(  # noqa: PLR0913  (whose, where, how, when, by which name and rule)
    membership: Membership,
    account: BrokerAccount | None,
    version: AnyVersion,
    at: datetime,
    *,
    name: str,
    preset: str = "",
    reason: str = "",
) -> Guard:
    """A guard is tighter than none, so it counts at once. Raises Forbidden for who may only read."""
    _require_writer(membership)
    guard = Guard.objects.create(
        workspace_id=membership.workspace_id,
        account=account,
        kind=_kind_of(version),
        name=name.strip()[:80] or "Guard",
        preset=preset,
        created_by_id=membership.user_id,
    )
    row = _ask(guard, version, membership.user_id, at, reason, ())
    _apply(guard, row, version, membership.user_id, at)
    return guard


@transaction.atomic
def ask_change(
    guard: Guard, values: AnyVersion, membership: Membership, at: datetime, *, reason: str = ""
) -> GuardVersion:
    """Applied at once where it protects no less, else it waits for `approve` or its time. Raises Rejected where it
    undercuts what the installation asks for or lacks a reason, and Conflict while the guard is closing positions."""
    return _change(guard, values, membership, at, reason, rearms=False)


@transaction.atomic
def ask_rearm(
    guard: Guard, membership: Membership, at: datetime, *, reason: str = ""
) -> GuardVersion:
    """To watch again after it fired, with fresh marks."""
    assert guard.version is not None
    values = values_of(guard.kind, guard.version.values)._replace(is_armed=True)
    return _change(guard, values, membership, at, reason, rearms=True)


@transaction.atomic
def rearm_floor(
    guard: Guard, at: datetime, *, reason: str, user_id: int | None = None, who: str
) -> GuardVersion:
    """What the installation asks for, armed again after it fired: by whoever runs it (`who`), and by nobody of a
    workspace, were they two. It keeps what it asks for, and begins with fresh marks."""
    held = lock_guard(guard.pk)
    assert held.version is not None
    if not held.is_floor:
        raise Conflict("no_floor", f"“{held.name}” is not asked for by the installation.")
    values = values_of(held.kind, held.version.values)
    _require_possible(held, values, values, rearms=True)
    if not reason.strip():
        raise Rejected("reason_missing", _WHY, {"reason": [_WHY]})
    row = _ask(held, values, user_id, at, f"{reason.strip()} ({who})", (changes.REARM,))
    keep(held, Kept(arm(kept_of(held).memory, at)))
    held.armed_at = at
    held.save()
    lift_of(held, at)
    _close(row, ChangeState.APPLIED, user_id, at)
    tell(
        GUARDS, workspace_id=held.workspace_id, account_id=held.account_id, key=f"guard:{held.pk}:rearmed:{row.pk}",
        subject=f"Armed again: {held.name}", lines=[f"By {who}: {reason.strip()}"], url_path=f"/guards/{held.pk}",
        data={},
    )  # fmt: skip
    return row


@transaction.atomic
def approve(version: GuardVersion, membership: Membership, at: datetime) -> GuardVersion:
    """By somebody else than who asked. Raises Forbidden, and Conflict where it does not wait any more."""
    _require_writer(membership)
    held = _held(version)
    if held.asked_by_id == membership.user_id and held.applies_at is None:
        # Whoever was there to agree may have been sent away since: then the time begins with another wish.
        words = (
            "Somebody else has to agree. Where nobody else is left, take this back and ask again."
        )
        raise Forbidden("second_person_needed", words)
    try:
        _settle(held, at, approved_by=membership.user_id)
    except Refused as refusal:
        raise Forbidden("second_person_needed", str(refusal)) from None
    return held


@transaction.atomic
def refuse(version: GuardVersion, membership: Membership, at: datetime) -> GuardVersion:
    """By anybody who may write."""
    _require_writer(membership)
    return _close(_held(version), ChangeState.REFUSED, membership.user_id, at)


@transaction.atomic
def withdraw(version: GuardVersion, membership: Membership, at: datetime) -> GuardVersion:
    """By who asked for it."""
    held = _held(version)
    if held.asked_by_id != membership.user_id:
        raise Forbidden("not_yours", "Somebody else asked for this. You can refuse it.")
    return _close(held, ChangeState.WITHDRAWN, membership.user_id, at)


def apply_due(now: datetime) -> int:
    """Changes whose time to cool off is over. Says how many were applied."""
    waiting = GuardVersion.objects.filter(state=ChangeState.WAITING, applies_at__lte=now)
    return sum(_apply_due(pk, now) for pk in waiting.order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def remove_guard(guard: Guard, membership: Membership, at: datetime) -> None:
    """One that is switched off. Raises Conflict for any other: switching off has its own rules."""
    _require_writer(membership)
    held = lock_guard(guard.pk)
    if held.is_floor or held.state != State.DISARMED:
        raise Conflict("guard_is_armed", f"“{held.name}” is not switched off. Ask for that first.")
    held.removed_at = at
    held.save(update_fields=["removed_at"])
    lift_of(held, at)


def others_than(guard: Guard, user_id: int | None) -> int:
    """How many more people could agree."""
    rows = Membership.objects.filter(
        workspace_id=guard.workspace_id, role__in=[Role.OWNER, Role.TRADER], user__is_active=True
    )
    return (rows if user_id is None else rows.exclude(user_id=user_id)).count()


def _change(
    guard: Guard,
    values: AnyVersion,
    membership: Membership,
    at: datetime,
    reason: str,
    *,
    rearms: bool,
) -> GuardVersion:
    _require_writer(membership)
    held = lock_guard(guard.pk)
    assert held.version is not None
    before = values_of(held.kind, held.version.values)
    _require_possible(held, before, values, rearms=rearms)
    if rearms and held.is_floor:
        if not membership.user.is_staff:
            raise Forbidden("floor_of_installation", f"“{held.name}”: {_FLOOR}")
        return rearm_floor(
            held, at, reason=reason, user_id=membership.user_id, who=str(membership.user)
        )
    change = Change(membership.user_id, at, before, values, rearms)
    names = change.loosens
    if names and not reason.strip():
        raise Rejected("reason_missing", _WHY, {"reason": [_WHY]})
    row = _ask(held, values, membership.user_id, at, reason, names)
    if not names:
        _apply(held, row, values, membership.user_id, at)
        return row
    if not others_than(held, membership.user_id):
        row.applies_at = at + timedelta(hours=settings.GUARD_COOLING_HOURS)
        row.save(update_fields=["applies_at"])
    _tell_asked(held, row, at)
    return row


def _require_possible(guard: Guard, before: AnyVersion, after: AnyVersion, *, rearms: bool) -> None:
    if type(before) is not type(after):
        raise Rejected("other_kind", "A guard keeps its kind. Make another one.")
    floor = floor_of(guard)
    if floor is not None and isinstance(after, Version) and changes.undercuts(floor, after):
        raise Forbidden(
            "floor_of_installation",
            f"“{guard.name}” is asked for by whoever runs this installation. It can be tighter, not looser.",
        )
    if guard.state == State.FIRED:
        raise Conflict("guard_is_closing", "The guard is closing positions. Wait for its end.")
    if rearms and guard.state not in _ENDED:
        raise Conflict(
            "guard_not_fired", "This guard did not fire: there is nothing to begin anew."
        )


def _ask(
    guard: Guard,
    values: AnyVersion,
    user_id: int | None,
    at: datetime,
    reason: str,
    names: tuple[str, ...],
) -> GuardVersion:
    return GuardVersion.objects.create(
        workspace_id=guard.workspace_id,
        account_id=guard.account_id,
        guard=guard,
        number=next_number(guard),
        values=dump(values),
        state=ChangeState.WAITING,
        loosens=list(names),
        reason=reason.strip(),
        asked_by_id=user_id,
        asked_at=at,
    )


def _held(version: GuardVersion) -> GuardVersion:
    guard = lock_guard(version.guard_id)
    held = GuardVersion.objects.select_for_update().get(pk=version.pk)
    held.guard = guard
    if held.state != ChangeState.WAITING:
        raise Conflict("change_is_over", "This was decided already.")
    return held


def _settle(held: GuardVersion, at: datetime, *, approved_by: int | None) -> None:
    """Raises Refused unless it may apply now."""
    guard = held.guard
    assert guard.version is not None
    before = values_of(guard.kind, guard.version.values)
    after = values_of(guard.kind, held.values)
    rearms = changes.REARM in held.loosens
    _require_possible(guard, before, after, rearms=rearms)
    if rearms and guard.is_floor:
        raise Refused(_FLOOR)
    change = Change(held.asked_by_id or 0, held.asked_at, before, after, rearms)
    changes.check(
        change,
        at,
        approved_by=approved_by,
        others=others_than(guard, held.asked_by_id),
        cooling=timedelta(hours=settings.GUARD_COOLING_HOURS),
    )
    _apply(guard, held, after, approved_by, at)


def _apply(
    guard: Guard, row: GuardVersion, values: AnyVersion, user_id: int | None, at: datetime
) -> None:
    """Whatever happens to the machine: it goes on with what it knows, begins anew, or stops."""
    kept = kept_of(guard)
    rearms = changes.REARM in row.loosens or State(guard.state) is State.DISARMED
    if not values.is_armed:
        kept = Kept(disarm(kept.memory))
        lift_of(guard, at)
    elif rearms or not guard.memory:
        kept = Kept(arm(kept.memory if guard.memory else Memory(), at))
        guard.armed_at = at
        lift_of(guard, at)
    elif State(guard.state) in WATCHING and _is_marked_otherwise(guard, values):
        # What was marked was marked of another thing.
        kept = kept._replace(marks=None, parts={})
        guard.armed_at = at
    keep(guard, kept)
    guard.version = row
    guard.save()
    _close(row, ChangeState.APPLIED, user_id, at)


def _is_marked_otherwise(guard: Guard, values: AnyVersion) -> bool:
    return (
        guard.version is not None
        and isinstance(values, Version)
        and measures_otherwise(guard.version, values)
    )


def _apply_due(version_id: int, now: datetime) -> bool:
    with transaction.atomic():
        row = GuardVersion.objects.get(pk=version_id)
        try:
            _settle(_held(row), now, approved_by=None)
        except (Refused, Conflict, Forbidden):
            # Somebody has come since who has to agree, or it is over, or not possible at this moment.
            return False
    return True


def _close(
    row: GuardVersion, state: ChangeState, user_id: int | None, at: datetime
) -> GuardVersion:
    row.state, row.decided_by_id, row.decided_at = state, user_id, at
    row.save(update_fields=["state", "decided_by", "decided_at"])
    return row


def _kind_of(version: AnyVersion) -> GuardKind:
    if isinstance(version, Version):
        return GuardKind.LIMIT
    return GuardKind.CONDUCT if isinstance(version, changes.ConductVersion) else GuardKind.MARKET


def _require_writer(membership: Membership) -> None:
    if not membership.can_write:
        raise Forbidden("viewer_cannot_write", "Your role lets you read this workspace only.")


def _tell_asked(guard: Guard, row: GuardVersion, at: datetime) -> None:
    when = f"applies {row.applies_at:%Y-%m-%d %H:%M} UTC" if row.applies_at else "waits for you"
    lines = [f"It would protect less: {', '.join(row.loosens)}.", row.reason, f"It {when}."]
    say(guard, "change_asked", at, f"A guard is to protect less: {guard.name}", lines)
