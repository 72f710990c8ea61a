"""Claims as pages read them."""

from __future__ import annotations

from django.db.models import Count

from common.errors import NotFound
from journal.selectors.keyset import Key, Page, read_page
from learning.models import Claim
from learning.models.claims import OVER

_NEWEST = [Key("raised_at", descending=True), Key("id", descending=True)]
_DRAWN = 16


def read_claims(state: str = "", *, cursor: str = "", limit: int = 30) -> Page[Claim]:
    """The latest raised first; of one state where it is given."""
    rows = Claim.objects.filter(state=state) if state else Claim.objects.all()
    return read_page([rows], _NEWEST, limit=limit, cursor=cursor)


def newest_claims() -> list[Claim]:
    """With the steps of their lives."""
    rows = Claim.objects.order_by("-raised_at", "-id").prefetch_related("events")
    return list(rows[:_DRAWN])


def get_claim(claim_id: int) -> Claim:
    """Raises NotFound."""
    found = Claim.objects.filter(pk=claim_id).prefetch_related("events").first()
    if found is None:
        raise NotFound("claim_not_found", "There is no such claim in this workspace.")
    return found


def count_states() -> dict[str, int]:
    rows = Claim.objects.order_by().values_list("state")
    return dict(rows.annotate(number=Count("pk")))


def standing_claims() -> dict[str, Claim]:
    """Those that are not over, by their subject: at most one of each."""
    return {one.subject: one for one in Claim.objects.exclude(state__in=OVER)}
