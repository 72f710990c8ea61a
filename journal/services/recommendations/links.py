"""Links by which people decide without signing in: bound to one person and one recommendation, for one use.

Opening one decides nothing: mail scanners open every link. It leads to a page with a form, and the form decides.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django_scopes import scopes_disabled

from accounts.models import Membership, User
from common.errors import NotFound
from common.secrets import digest
from journal.models import DecidedVia, DecisionLink, Recommendation
from journal.selectors.recommendations import (
    find_recommendation,
    list_recommendations,
    rules_of,
)
from journal.services.recommendations.deciding import decide, person

_BYTES = 32


def make_link(proposal: Recommendation, user: User) -> str:
    """The secret, which is nowhere else."""
    secret = secrets.token_urlsafe(_BYTES)
    hours = rules_of(proposal.workspace_id).link_hours
    DecisionLink.objects.create(
        workspace_id=proposal.workspace_id,
        account_id=proposal.account_id,
        record_id=proposal.record_id,
        user=user,
        digest=_digest(secret),
        expires_at=timezone.now() + timedelta(hours=hours),
    )
    return secret


def find_link(secret: str) -> DecisionLink:
    """One that can be used now, of whatever workspace. Raises NotFound, and says no more of why."""
    with scopes_disabled():
        links = DecisionLink.objects.select_related("user", "workspace")
        link = links.filter(
            digest=_digest(secret),
            used_at=None,
            revoked_at=None,
            expires_at__gt=timezone.now(),
        ).first()
    if link is None or not _may_still(link):
        raise NotFound(
            "link_not_open",
            "This link was used or withdrawn, has expired, or was not copied whole. "
            "Sign in to see what became of the recommendation.",
        )
    return link


def proposal_of(link: DecisionLink) -> Recommendation:
    """Within its workspace. Raises NotFound for one whose import was undone."""
    return find_recommendation(list_recommendations().select_related("batch"), link.record_id)


@transaction.atomic
def decide_by_link(secret: str, verdict: str, *, reason: str, seen: str) -> bool:
    """Uses the link up, but for a decision that is refused. Within its workspace; raises what `decide` raises."""
    link = find_link(secret)
    held = DecisionLink.objects.select_for_update().get(pk=link.pk)
    if held.used_at is not None:
        raise NotFound("link_not_open", "This link was used a moment ago.")
    actor = person(link.user, DecidedVia.LINK)
    changed = decide(proposal_of(link), verdict, actor, reason=reason, seen=seen)
    held.used_at = timezone.now()
    held.save(update_fields=["used_at"])
    return changed


def revoke_links(workspace_id: int, *, user_id: int, record_id: str = "") -> int:
    """Those of the person that are still open; says how many."""
    links = DecisionLink.objects.filter(workspace_id=workspace_id, user_id=user_id)
    if record_id:
        links = links.filter(record_id=record_id)
    return links.filter(used_at=None, revoked_at=None).update(revoked_at=timezone.now())


def _digest(secret: str) -> str:
    return digest(f"decision-link:{secret}")


def _may_still(link: DecisionLink) -> bool:
    membership = Membership.objects.filter(user=link.user, workspace=link.workspace_id).first()
    return link.user.is_active and membership is not None and membership.can_write
