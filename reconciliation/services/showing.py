"""What guards are shown of what was heard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from common.sql import fetch
from journal.brokers.live import AccountReading
from reconciliation.domain.records import FillLine
from reconciliation.services.guards.seen import Seen
from reconciliation.services.reading import Word
from reconciliation.services.snapshots import open_pnl_of

# A position whose price is older says nothing about what it is worth now.
_PRICE_AGE = timedelta(minutes=15)
# So much of a change of equity must what is open account for.
_MOSTLY = Decimal("0.9")

_BEFORE = """
SELECT a.id, last.created_at, last.equity, last.open_pnl, last.position_count
FROM unnest(%(accounts)s::bigint[]) AS a (id)
CROSS JOIN LATERAL (
    SELECT p.created_at, p.equity, p.open_pnl, p.position_count FROM reconciliation_positionsnapshot p
    WHERE p.account_id = a.id AND p.equity IS NOT NULL ORDER BY p.created_at DESC, p.id DESC LIMIT 1
) last
"""


class Before(NamedTuple):
    """The latest known worth of an account."""

    at: datetime
    equity: Decimal
    open_pnl: Decimal | None
    positions: int


def worths_before(account_ids: list[int]) -> dict[int, Before]:
    rows: list[tuple[Any, ...]] = fetch(_BEFORE, {"accounts": account_ids})
    return {id_: Before(*said) for id_, *said in rows}


def seen_of(
    word: Word,
    snapshot_id: int | None,
    before: Before | None,
    fills: Sequence[FillLine] | None,
) -> Seen:
    """Of what was not heard whole only that it was tried: silence is no figure. `fills` of the book, None where they
    could not be read."""
    reading = word.reading
    if reading is None or not word.is_whole:
        at, currency = word.received_at, word.account.base_currency
        return Seen(word.account.pk, None, at, currency, None, None)
    return Seen(
        word.account.pk, snapshot_id, reading.as_of, reading.currency, reading.equity, reading.balance,
        prices_ok=_are_fresh(reading),
        moved=_may_explain(reading, before, fills), broker=word.account.broker, holdings=reading.holdings,
    )  # fmt: skip


def _are_fresh(reading: AccountReading) -> bool:
    return all(
        line.price_at is None or reading.as_of - line.price_at <= _PRICE_AGE
        for line in reading.holdings
    )


def _may_explain(
    reading: AccountReading,
    before: Before | None,
    fills: Sequence[FillLine] | None,
) -> bool:
    """Whether fills or prices may be why equity is another one than before."""
    if before is None or reading.equity is None or fills is None:
        return True
    if any(fill.at >= before.at for fill in fills) or len(reading.holdings) != before.positions:
        return True
    if not reading.holdings:
        return False
    open_pnl = open_pnl_of(reading)
    if open_pnl is None or before.open_pnl is None:
        return True
    changed = reading.equity - before.equity
    return abs(open_pnl - before.open_pnl) >= _MOSTLY * abs(changed)
