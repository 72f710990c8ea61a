"""What was proposed and shown on the day on which a trade was opened, with the chances that were told by then."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, time
from typing import NamedTuple
from zoneinfo import ZoneInfo

from common.sql import fetch
from learning.domain.entry import AT_ENTRY
from learning.models import TradeFact

# The model's own word was written down after the proposal, but the model was made before it (`predicting`).
_OFFERED = """
SELECT wanted.id, r.record_id, r.strategy, r.recommended_at, r.probability, p.p
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS wanted (id, since, until)
JOIN journal_recommendation r ON r.workspace_id = %s AND r.pool = 'shown'
    AND r.recommended_at BETWEEN wanted.since AND wanted.until
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
JOIN accounts_workspace w ON w.id = r.workspace_id
LEFT JOIN learning_prediction p ON p.workspace_id = r.workspace_id AND p.recommendation_id = r.id
WHERE r.received_at <= wanted.until OR r.recommended_at < w.created_at
ORDER BY wanted.id, r.recommended_at, r.id
"""


class Proposal(NamedTuple):
    record_id: str
    strategy: str
    stated: float | None
    model: float | None


class OfDay(NamedTuple):
    """The one that the trade followed, where it followed one, and those that were known when it was opened."""

    own: Proposal | None
    others: tuple[Proposal, ...]


def proposals_of_day(facts: Sequence[TradeFact], zone: ZoneInfo) -> dict[int, OfDay]:
    """By trade; of one workspace. What its scanner told within the hour after the entry may be what it followed, and is
    no alternative."""
    if not facts:
        return {}
    rows = fetch(
        _OFFERED,
        [
            [one.pk for one in facts],
            [_midnight(one.opened_at, zone) for one in facts],
            [one.opened_at + AT_ENTRY for one in facts],
            facts[0].workspace_id,
        ],
    )
    told: dict[int, list[tuple[datetime, Proposal]]] = defaultdict(list)
    for id_, name, strategy, at, stated, model in rows:
        chance = None if stated is None else float(stated)
        told[id_].append((at, Proposal(name, strategy, chance, model)))
    return {one.pk: _of_day(one, told[one.pk]) for one in facts}


def _midnight(moment: datetime, zone: ZoneInfo) -> datetime:
    return datetime.combine(moment.astimezone(zone).date(), time(), zone)


def _of_day(fact: TradeFact, told: Sequence[tuple[datetime, Proposal]]) -> OfDay:
    name = fact.recommendation_id
    own = next((one for _, one in told if name and one.record_id == name), None)
    others = tuple(one for at, one in told if at <= fact.opened_at and one.record_id != name)
    return OfDay(own, others)
