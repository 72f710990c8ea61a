"""Trades that were open at a moment, with the risk that was fixed when they were opened."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from common.sql import fetch
from journal.models import Recommendation
from journal.selectors.joined_fills import known_keys
from journal.selectors.trade_paths import resized_among
from learning.domain.entry import AT_ENTRY
from learning.domain.report.material import Held
from learning.domain.seconds import second_within
from learning.selectors.risks import Opened, risks_of

# A trade whose end was told of only later was open then, as far as anybody knew.
_OPEN = """
SELECT t.account_id, a.base_currency, t.id, t.opened_at, t.direction, t.symbol, t.underlying, t.asset_class,
    t.leg_count, t.average_open, t.quantity, c.plan_id,
    coalesce(nullif(c.recommendation_id, ''), p.recommendation_id, ''),
    legs.multiplier, legs.is_inverse, legs.opened_quantity, legs.expires_on, legs.currencies,
    t.opened_at < a.created_at
FROM journal_trade t
JOIN journal_brokeraccount a ON a.id = t.account_id
LEFT JOIN journal_tradechain c ON c.id = t.id
LEFT JOIN journal_plan p ON p.id = c.plan_id
CROSS JOIN LATERAL (
    SELECT max(i.multiplier) AS multiplier, bool_or(i.is_inverse) AS is_inverse, min(i.expiry_on) AS expires_on,
        sum(l.opened_quantity) AS opened_quantity, array_agg(DISTINCT i.currency) AS currencies
    FROM journal_leg l JOIN journal_instrument i ON i.id = l.instrument_id WHERE l.trade_id = t.id
) legs
WHERE t.workspace_id = %(workspace)s AND t.opened_at <= %(at)s AND legs.multiplier IS NOT NULL
    AND (t.closed_at IS NULL OR t.closed_at > %(at)s OR EXISTS (
        SELECT FROM learning_tradefact f WHERE f.id = t.id AND f.known_at > %(at)s
    ))
ORDER BY t.account_id, t.id
"""
# When the first of the fills that opened each came.
_HEARD = f"""
WITH own AS (
    SELECT l.trade_id, e.fill_key FROM journal_leg l JOIN journal_execution e ON e.leg_id = l.id
    WHERE l.trade_id = ANY(%(trades)s)
), known AS ({known_keys("own", "trade_id")})
SELECT known.trade_id,
    min(CASE WHEN b.file_id IS NULL THEN coalesce(r.stated_at, b.received_at) ELSE b.received_at END)
FROM known JOIN journal_executionreport r ON r.account_id = %(account)s AND r.fill_key = known.key
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL GROUP BY 1
"""


def held_at(workspace_id: int, at: datetime, currency: str) -> list[Held]:
    """What was known then to be open, with the amounts of the book of now. `risk` only where it is in `currency`: money
    of two currencies does not add up."""
    rows = _heard_by(fetch(_OPEN, {"workspace": workspace_id, "at": at}), at)
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
            opened=second_within(row[3]),
            expires_on=row[16].isoformat() if row[16] is not None else "",
            risk=str(risks[row[2]].amount)
            if row[2] in risks and set(row[17]) == {currency}
            else "",
        )
        for row in rows
    ]


def _heard_by(rows: list[tuple], at: datetime) -> list[tuple]:  # type: ignore[type-arg]
    """Those of whose opening somebody had told by then; what was opened before its account was kept here is history."""
    by_account: dict[int, list[int]] = defaultdict(list)
    for row in rows:
        if not row[18]:
            by_account[row[0]].append(row[2])
    heard = {
        id_: came
        for account_id, ids in by_account.items()
        for id_, came in fetch(_HEARD, {"account": account_id, "trades": ids})
    }
    return [row for row in rows if heard.get(row[2], at) <= at]


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
