"""Recommendations as they stand now, what was said of them, and what followed them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, CharField, F, Q, QuerySet, Value, When
from django.db.models.functions import Now

from common.errors import NotFound, Unavailable
from common.sql import fetch
from journal.brokers.base import OrderStatus
from journal.domain.standing import Standing, Step
from journal.models import (
    CapturedKind,
    CapturedRecord,
    Decision,
    DecisionRules,
    Order,
    Recommendation,
    RecommendationOutcome,
    RecommendationStanding,
)
from journal.selectors.keyset import Key, Page, read_page

NEWEST = [Key("recommended_at", descending=True), Key("id", descending=True)]
_FILLED = (OrderStatus.FILLED, OrderStatus.PARTIALLY_FILLED)


def list_recommendations() -> QuerySet[Recommendation]:
    """Those that count, each with its `status` of this moment: a rule that did not run yet changes nothing in it."""
    status = Case(
        When(standing__lapses_at__lte=Now(), then=F("standing__lapses_to")),
        When(standing__isnull=True, then=Value(Standing.RECOMMENDED.value)),
        default=F("standing__status"),
        output_field=CharField(),
    )
    counting = Recommendation.objects.filter(batch__withdrawn_at=None)
    return counting.select_related("standing").annotate(status=status)  # type: ignore[no-redef]


def read_recommendations(
    rows: QuerySet[Recommendation], *, cursor: str = "", limit: int = 50
) -> Page[Recommendation]:
    """The newest first."""
    return read_page([rows], NEWEST, limit=limit, cursor=cursor)


def waiting() -> QuerySet[RecommendationStanding]:
    """Those that somebody should decide."""
    standings = RecommendationStanding.objects.filter(waits=True)
    return standings.filter(Q(lapses_at=None) | Q(lapses_at__gt=Now()))


def find_recommendation(rows: QuerySet[Recommendation], reference: str) -> Recommendation:
    """By its sender's name of it, else by our number. Raises NotFound, and Unavailable for what came this moment."""
    reference = reference.replace("\0", "\ufffd")
    found = rows.filter(record_id=reference).order_by("-pk").first()
    if found is None and reference.isdecimal() and len(reference) < 19:
        found = rows.filter(pk=int(reference)).first()
    if found is not None:
        return found
    just_came = CapturedRecord.objects.filter(
        kind=CapturedKind.RECOMMENDATION, record_id=reference, batch=None
    )
    if just_came.exists():
        raise Unavailable(
            "recommendation_waits",
            f"The recommendation “{reference[:64]}” came this moment and is being stored. Ask again in a second.",
        )
    raise NotFound(
        "recommendation_not_found",
        f"There is no recommendation “{reference[:64]}” in this workspace.",
    )


def find_named(record_ids: Sequence[str]) -> Recommendation | None:
    """The first of these that is here."""
    if not record_ids:
        return None
    found = {one.record_id: one for one in list_recommendations().filter(record_id__in=record_ids)}
    return next((found[name] for name in record_ids if name in found), None)


def list_decisions(record_id: str) -> list[Decision]:
    """The oldest first."""
    return list(Decision.objects.filter(record_id=record_id).order_by("id"))


def list_steps(workspace_id: int, record_ids: Collection[str]) -> dict[str, list[Step]]:
    rows = Decision.objects.filter(workspace_id=workspace_id, record_id__in=record_ids)
    found: dict[str, list[Step]] = defaultdict(list)
    for record_id, verdict, at in rows.order_by("id").values_list(
        "record_id", "verdict", "decided_at"
    ):
        found[record_id].append(Step(Standing(verdict), at))
    return found


def list_outcomes(record_id: str) -> list[RecommendationOutcome]:
    """The newest first, which counts."""
    return list(RecommendationOutcome.objects.filter(record_id=record_id).order_by("-id"))


def newest_outcomes(record_ids: Collection[str]) -> dict[str, RecommendationOutcome]:
    rows = RecommendationOutcome.objects.filter(record_id__in=record_ids)
    newest = rows.order_by("record_id", "-id").distinct("record_id")
    return {one.record_id: one for one in newest}


def orders_following(workspace_id: int, record_ids: Collection[str]) -> list[Order]:
    """The orders that name one of these recommendations, the oldest first."""
    named = Order.objects.filter(workspace_id=workspace_id, recommendation_id__in=record_ids)
    return list(
        named.exclude(recommendation_id="").select_related("instrument", "account").order_by("placed_at", "id")
    )  # fmt: skip


class Link(NamedTuple):
    """What followed a recommendation: when it was executed, by what, and the trade where it is known."""

    at: datetime
    words: str
    trade_id: int | None


def links_of(
    workspace_id: int, record_ids: Collection[str], orders: Iterable[Order]
) -> dict[str, Link]:
    """By record_id: of recommendations that a trade follows, by its orders, fills or plan, else that a filled order
    names whose fills are not in the book. An order that nothing filled executes nothing."""
    found: dict[str, Link] = {}
    for order in orders:
        if order.filled_quantity or order.status in _FILLED:
            words = f"The order {order} follows it and was filled."
            link = Link(order.closed_at or order.last_at, words, None)
            found.setdefault(order.recommendation_id, link)
    for record_id, opened_at, trade_id in _trades_following(workspace_id, list(record_ids)):
        known = found.get(record_id)
        if known is None or known.trade_id is None:
            found[record_id] = Link(opened_at, f"Trade {trade_id} follows it.", trade_id)
    return found


def _trades_following(workspace_id: int, record_ids: list[str]) -> list[tuple[str, datetime, int]]:
    """(record_id, opened_at, trade), the first trade first."""
    return fetch(
        "SELECT f.record_id, t.opened_at, t.id FROM ("
        " SELECT c.recommendation_id AS record_id, c.id FROM journal_tradechain c"
        " WHERE c.workspace_id = %(workspace)s AND c.recommendation_id = ANY(%(names)s)"
        " UNION SELECT p.recommendation_id, c.id FROM journal_plan p JOIN journal_tradechain c ON c.plan_id = p.id"
        " WHERE p.workspace_id = %(workspace)s AND p.recommendation_id = ANY(%(names)s)"
        ") f JOIN journal_trade t ON t.id = f.id ORDER BY t.opened_at, t.id",
        {"workspace": workspace_id, "names": record_ids},
    )


def rules_of(workspace_id: int) -> DecisionRules:
    """Those of the workspace, else the defaults."""
    found = DecisionRules.objects.filter(workspace_id=workspace_id).first()
    return found or DecisionRules(workspace_id=workspace_id)
