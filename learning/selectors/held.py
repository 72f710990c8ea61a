"""Trades that were open at a moment, with the risk that was fixed when they were opened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from common.sql import fetch
from journal.models import Recommendation
from journal.selectors.trade_paths import resized_among
from learning.domain.entry import AT_ENTRY
from learning.domain.report.material import Held
from learning.selectors.risks import Opened, risks_of

_OPEN = """
SELECT t.account_id, a.base_currency, t.id, t.opened_at, t.direction, t.symbol, t.underlying, t.asset_class,
    t.leg_count, t.average_open, t.quantity, c.plan_id,
    coalesce(nullif(c.recommendation_id, ''), p.recommendation_id, ''),
    legs.multiplier, legs.is_inverse, legs.opened_quantity, legs.expires_on, legs.currencies
FROM journal_trade t
JOIN journal_brokeraccount a ON a.id = t.account_id
LEFT JOIN journal_tradechain c ON c.id = t.id
LEFT JOIN journal_plan p ON p.id = c.plan_id
CROSS JOIN LATERAL (
    SELECT max(i.multiplier) AS multiplier, bool_or(i.is_inverse) AS is_inverse, min(i.expiry_on) AS expires_on,
        sum(l.opened_quantity) AS opened_quantity, array_agg(DISTINCT i.currency) AS currencies
    FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id WHERE l.trade_id = t.id
) legs
WHERE t.workspace_id = %s AND t.opened_at <= %s AND (t.closed_at IS NULL OR t.closed_at > %s)
    AND legs.multiplier IS NOT NULL
ORDER BY t.account_id, t.id
"""


def held_at(workspace_id: int, at: datetime, currency: str) -> list[Held]:
    """By the book of now. `risk` only where it is in `currency`: money of two currencies does not add up."""
    rows = fetch(_OPEN, [workspace_id, at, at])
    proposals = _proposals(workspace_id, {row[12] for row in rows} - {""})
    by_account: dict[int, list[Opened]] = defaultdict(list)
    for row in rows:
        by_account[row[0]].append(_opened(row, proposals.get(row[12])))
    risks = {
        id_: risk
        for account_id, opened in by_account.items()
        for id_, risk in risks_of(
            account_id, opened, resized_among([one.id for one in opened])
        ).items()
    }
    return [
        Held(
            key=row[2],
            symbol=row[5],
            underlying=row[6] or row[5],
            opened=int(row[3].timestamp()),
            expires_on=row[16].isoformat() if row[16] is not None else "",
            risk=str(risks[row[2]].amount)
            if row[2] in risks and set(row[17]) == {currency}
            else "",
        )
        for row in rows
    ]


def _proposals(workspace_id: int, record_ids: set[str]) -> dict[str, Recommendation]:
    rows = Recommendation.objects.filter(
        workspace_id=workspace_id, record_id__in=record_ids, batch__withdrawn_at=None
    )
    return {one.record_id: one for one in rows.defer("raw").order_by("pk")}


def _opened(row: tuple, proposal: Recommendation | None) -> Opened:  # type: ignore[type-arg]
    stop = entry = None
    if proposal is not None and proposal.recommended_at <= row[3] + AT_ENTRY:
        stop, entry = proposal.stop_price, proposal.entry_price
    return Opened(
        id=row[2], opened_at=row[3], direction=row[4], symbol=row[5], asset_class=row[7], leg_count=row[8],
        average_open=row[9], quantity=row[10], opened_quantity=row[15], multiplier=row[13], is_inverse=row[14],
        plan_id=row[11], proposed_entry=entry, proposed_stop=stop,
    )  # fmt: skip
