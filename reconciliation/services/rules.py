"""How a workspace wants differences handled, and by how much figures of a class of instruments may differ."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

import pghistory
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from accounts.models import Membership, User, Workspace
from accounts.roles import Role
from common.errors import Conflict, Forbidden, Rejected
from journal.domain.values import AssetClass
from journal.services.reasons import check_reason
from reconciliation.domain.tolerances import Tolerance
from reconciliation.models import ReconciliationRules, ToleranceVersion
from reconciliation.services.telling import DIVERGENCES, tell

FIELDS = (*(name for name in Tolerance._fields if name != "time"), "time")


@transaction.atomic
def change_rules(
    membership: Membership, *, four_eyes: bool, resolves_by_rule: bool, reason: str = ""
) -> ReconciliationRules:
    """At once, but for four eyes that are to be two: that protects less. Another owner has to agree (`agree_off`), and
    where there is none it waits for GUARD_COOLING_HOURS. All who want to know of differences are told.

    Raises Forbidden for who is no owner, and Rejected where four eyes are switched off without a reason.
    """
    _require_owner(membership)
    ReconciliationRules.objects.get_or_create(workspace_id=membership.workspace_id)
    held = _held(membership.workspace_id)
    held.resolves_by_rule = resolves_by_rule
    if four_eyes:
        # A wish that waits is taken back by `keep_on`, and not in passing.
        held.four_eyes = True
    elif held.four_eyes and held.off_asked_at is None:
        _ask_off(held, membership, check_reason(reason))
    with pghistory.context(**({"reason": reason} if reason else {})):
        held.save()
    return held


@transaction.atomic
def agree_off(membership: Membership) -> ReconciliationRules:
    """By an owner who did not ask for it. Raises Forbidden, and Conflict where nobody asked."""
    _require_owner(membership)
    held = _asked(membership.workspace_id)
    if held.off_asked_by_id == membership.user_id:
        raise Forbidden("second_person_needed", "Another owner has to agree: nobody does so alone.")
    return _switch_off(held, str(membership.user))


@transaction.atomic
def keep_on(membership: Membership) -> ReconciliationRules:
    """By any owner: refused, or taken back. Raises Conflict where nobody asked."""
    _require_owner(membership)
    held = _asked(membership.workspace_id)
    _forget(held)
    held.save()
    _tell(held, "kept", "Two people still have to agree", [f"{membership.user} decided so."])
    return held


def apply_due(now: datetime) -> int:
    """Those whose time to cool off is over. Says how many were switched off. Outside of any scope."""
    due = ReconciliationRules.objects.filter(off_applies_at__lte=now).order_by("pk")
    return sum(_apply_due(one) for one in due.values_list("workspace_id", flat=True))


def _apply_due(workspace_id: int) -> bool:
    with scope(workspace=workspace_id), transaction.atomic():
        held = _held(workspace_id)
        if held.off_applies_at is None:
            return False
        if _other_owners(held.workspace_id, held.off_asked_by_id):
            # Somebody has come since who has to agree.
            held.off_applies_at = None
            held.save()
            return False
        _switch_off(held, "nobody else could agree, and its time is over")
    return True


def _ask_off(held: ReconciliationRules, membership: Membership, reason: str) -> None:
    now = timezone.now()
    held.off_asked_by_id, held.off_asked_at, held.off_reason = membership.user_id, now, reason
    when = "It waits for another owner."
    if not _other_owners(held.workspace_id, membership.user_id):
        held.off_applies_at = now + timedelta(hours=settings.GUARD_COOLING_HOURS)
        when = f"No other owner can agree, so it applies {held.off_applies_at:%Y-%m-%d %H:%M} UTC."
    subject = "Two people are not to have to agree any more"
    _tell(held, "asked", subject, [f"{membership.user} asks for it: {reason}", when])


def _switch_off(held: ReconciliationRules, who: str) -> ReconciliationRules:
    reason = held.off_reason
    held.four_eyes = False
    with pghistory.context(reason=reason):
        subject = "One person is enough now to settle a difference"
        _tell(held, "off", subject, [f"Agreed: {who}.", f"Why: {reason}"])
        _forget(held)
        held.save()
    return held


def _forget(held: ReconciliationRules) -> None:
    held.off_asked_by = held.off_asked_at = held.off_applies_at = None
    held.off_reason = ""


def _held(workspace_id: int) -> ReconciliationRules:
    return ReconciliationRules.objects.select_for_update(of=("self",)).get(
        workspace_id=workspace_id
    )


def _asked(workspace_id: int) -> ReconciliationRules:
    rows = ReconciliationRules.objects.select_for_update(of=("self",))
    held = rows.filter(workspace_id=workspace_id, off_asked_at__isnull=False).first()
    if held is None:
        raise Conflict("change_is_over", "This was decided already.")
    return held


def _other_owners(workspace_id: int, user_id: int | None) -> int:
    rows = Membership.objects.filter(
        workspace_id=workspace_id, role=Role.OWNER, user__is_active=True
    )
    return (rows if user_id is None else rows.exclude(user_id=user_id)).count()


def _require_owner(membership: Membership) -> None:
    if not membership.is_owner:
        raise Forbidden("owner_needed", "An owner of the workspace decides this.")


def _tell(held: ReconciliationRules, what: str, subject: str, lines: list[str]) -> None:
    tell(
        DIVERGENCES,
        workspace_id=held.workspace_id,
        account_id=None,
        key=f"four-eyes:{held.pk}:{held.off_asked_at or timezone.now():%Y%m%d%H%M%S%f}:{what}",
        subject=subject,
        lines=lines,
        url_path="/reconciliation/rules",
        urgent=True,
        data={},
    )


def change_tolerance(
    membership: Membership, asset_class: AssetClass, values: Mapping[str, Decimal], *, reason: str
) -> ToleranceVersion:
    """By a person of the workspace. As `set_tolerance`."""
    return set_tolerance(
        membership.workspace_id, asset_class, values, author=membership.user, reason=reason
    )


@transaction.atomic
def set_tolerance(
    workspace_id: int,
    asset_class: AssetClass,
    values: Mapping[str, Decimal],
    *,
    author: User,
    reason: str,
) -> ToleranceVersion:
    """The next version; `time` is in seconds. Raises Rejected for what is below nothing or not a number."""
    # One version after the other.
    Workspace.objects.select_for_update().get(pk=workspace_id)
    texts = {name: _plain(name, values[name]) for name in FIELDS}
    latest = ToleranceVersion.objects.filter(
        workspace_id=workspace_id, asset_class=asset_class
    ).first()
    if latest is not None and latest.values == texts:
        return latest
    return ToleranceVersion.objects.create(
        workspace_id=workspace_id,
        asset_class=asset_class,
        number=latest.number + 1 if latest is not None else 1,
        values=texts,
        user=author.pk,
        actor=str(author),
        reason=reason,
        created_at=timezone.now(),
    )


def _plain(name: str, value: Decimal) -> str:
    try:
        fits = value.is_finite() and value >= 0
    except InvalidOperation:
        fits = False
    if not fits:
        complaint = "A number from 0 on."
        raise Rejected("tolerance_invalid", f"“{name}”: {complaint}", {name: [complaint]})
    return format(value, "f")
