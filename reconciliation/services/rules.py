"""How a workspace wants differences handled, and by how much figures of a class of instruments may differ."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from django.db import transaction
from django.utils import timezone

from accounts.models import Membership, User, Workspace
from common.errors import Rejected
from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance
from reconciliation.models import ReconciliationRules, ToleranceVersion

FIELDS = (*(name for name in Tolerance._fields if name != "time"), "time")


@transaction.atomic
def change_rules(
    membership: Membership, *, four_eyes: bool, resolves_by_rule: bool
) -> ReconciliationRules:
    rules, _ = ReconciliationRules.objects.update_or_create(
        workspace_id=membership.workspace_id,
        defaults={"four_eyes": four_eyes, "resolves_by_rule": resolves_by_rule},
    )
    return rules


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
