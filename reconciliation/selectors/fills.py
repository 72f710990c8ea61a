"""The fills of a time on both sides: as the book counts them, and as broker, bots and people reported each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from common.sql import fetch
from journal.domain.identity import known_id
from journal.domain.values import PositionEffect, Side
from journal.models import Source
from reconciliation.domain.causes import Told, cause_of
from reconciliation.domain.records import Cause, FillLine

BROKERS_WORD = frozenset({Source.STATEMENT.value, Source.BROKER_API.value})
# What was entered to settle a difference is nobody's word on a fill.
ADJUSTMENT = "adjustment"

_EXECUTIONS = """
SELECT e.account_id, e.id, e.instrument_id, i.symbol, e.fill_key, e.side, e.quantity, e.price, e.executed_at,
       e.fee + e.tax, e.fee_currency, e.effect, e.closed_leg IS NOT NULL AND e.leg_id IS NULL
FROM journal_execution e JOIN journal_instrument i ON i.id = e.instrument_id
WHERE e.account_id = ANY(%(accounts)s) AND e.trading_day >= %(day)s AND e.executed_at >= %(since)s
  AND e.report_id IS NOT NULL
"""
_REPORTS = """
WITH near AS (
    SELECT e.account_id, e.id, e.fill_key FROM journal_execution e
    WHERE e.account_id = ANY(%(accounts)s) AND e.trading_day >= %(day)s AND e.executed_at >= %(since)s
      AND e.report_id IS NOT NULL
), known AS (
    SELECT account_id, id, fill_key AS key FROM near
    UNION ALL
    SELECT near.account_id, near.id, joined.key FROM near JOIN journal_joinedfill joined
      ON joined.account_id = near.account_id AND joined.fill_key = near.fill_key
)
SELECT known.id, r.id, r.source, r.authority, r.report, r.kind, r.broker_id, r.exec_id, r.order_id, r.order_reference,
       r.original_ids, r.side, r.quantity, r.price, r.executed_at, r.fee, r.tax, r.fee_currency, r.effect, r.order_type,
       r.notes, CASE WHEN b.format = 'mt5_deals' THEN coalesce(r.raw ->> 'reason', '') ELSE '' END, b.source
FROM known JOIN journal_executionreport r ON r.account_id = known.account_id AND r.fill_key = known.key
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE r.report <> 'cancel'
ORDER BY r.authority, coalesce(r.stated_at, b.received_at), r.id
"""
# What a person had left out of the book, though the broker tells of it.
_LEFT_OUT = """
SELECT r.account_id, r.id, r.instrument_id, i.symbol, r.source, r.authority, r.report, r.kind, r.broker_id, r.exec_id,
       r.order_id, r.order_reference, r.original_ids, r.side, r.quantity, r.price, r.executed_at, r.fee, r.tax,
       r.fee_currency, r.effect, r.order_type, r.notes, '', b.source
FROM journal_correction c
JOIN journal_executionreport r ON r.account_id = c.account_id AND r.fill_key = c.fill_key
JOIN journal_instrument i ON i.id = r.instrument_id
JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
WHERE c.account_id = ANY(%(accounts)s) AND c.withdrawn_at IS NULL AND c.kind = 'exclude'
  AND r.executed_at >= %(since)s AND r.source IN ('statement', 'broker_api') AND r.report <> 'cancel'
"""
_WATCHED = """
SELECT a.id FROM unnest(%(accounts)s::bigint[]) AS a (id)
WHERE EXISTS (
    SELECT FROM journal_importbatch b
    WHERE b.account_id = a.id AND b.file_id IS NULL AND b.withdrawn_at IS NULL AND b.received_at >= %(lately)s
      AND b.reported_by IN ('bot', 'orchestrator', 'scanner', 'chat')
)
"""
_SENT = """
SELECT account_id, client_id FROM reconciliation_closestep
WHERE account_id = ANY(%(accounts)s) AND client_id <> '' AND created_at >= %(since)s
"""
# A bot that reported nothing for so long is not at work in the account.
_LATELY = timedelta(days=14)


class Word(NamedTuple):
    """One report of one fill."""

    id: int
    source: str
    authority: int
    report: str
    kind: str
    broker_id: str
    exec_id: str
    order_id: str
    order_reference: str
    original_ids: list[str]
    side: str
    quantity: Decimal
    price: Decimal
    executed_at: datetime
    fee: Decimal | None
    tax: Decimal | None
    fee_currency: str
    effect: str
    order_type: str
    notes: list[str]
    deal_reason: str
    door: str

    @property
    def is_brokers(self) -> bool:
        return self.source in BROKERS_WORD

    @property
    def ids(self) -> tuple[str, ...]:
        known = (("b", known_id(self.broker_id)), ("x", known_id(self.exec_id)))
        return tuple(f"{kind}:{id_}" for kind, id_ in known if id_)

    @property
    def cost(self) -> Decimal | None:
        if self.fee is None and self.tax is None:
            return None
        return (self.fee or Decimal(0)) + (self.tax or Decimal(0))


class Fills(NamedTuple):
    """`ours` is what the book counts, `theirs` what the broker reported of the same time. `told_twice` pairs what our
    own side reported of a fill with the broker's word on it; `news` are fills that only the broker told, in an account
    in which programs report what they do."""

    ours: tuple[FillLine, ...] = ()
    theirs: tuple[FillLine, ...] = ()
    told_twice: tuple[tuple[FillLine, FillLine], ...] = ()
    news: tuple[FillLine, ...] = ()


NO_FILLS = Fills()


def fills_since(account_ids: Sequence[int], since: datetime) -> dict[int, Fills]:
    """Five queries, however many accounts. An account without fills since then is not in it."""
    values: dict[str, Any] = {
        "accounts": list(account_ids), "since": since, "day": (since - timedelta(days=1)).date(),
        "lately": since - _LATELY,
    }  # fmt: skip
    executions = fetch(_EXECUTIONS, values)
    left_out = fetch(_LEFT_OUT, values)
    if not executions and not left_out:
        return {}
    words: dict[int, list[Word]] = defaultdict(list)
    for id_, *said in fetch(_REPORTS, values):
        words[id_].append(Word(*said))
    watched = {id_ for (id_,) in fetch(_WATCHED, values)}
    sent: dict[int, set[str]] = defaultdict(set)
    for account_id, client_id in fetch(_SENT, values):
        sent[account_id].add(client_id)
    by_account: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in executions:
        by_account[row[0]].append(row)
    found = {
        account_id: _fills(rows, words, sent[account_id], is_watched=account_id in watched)
        for account_id, rows in by_account.items()
    }
    for account_id, _, instrument_id, symbol, *said in left_out:
        line = _line(Word(_, *said), instrument_id, symbol)
        known = found.get(account_id, NO_FILLS)
        found[account_id] = known._replace(theirs=(*known.theirs, line))
    return found


def _fills(
    rows: Sequence[tuple[Any, ...]],
    words: Mapping[int, Sequence[Word]],
    sent: Collection[str],
    *,
    is_watched: bool,
) -> Fills:
    ours, theirs, twice, news = [], [], [], []
    for row in rows:
        said = words.get(row[1], ())
        if any(word.door == ADJUSTMENT for word in said):
            continue
        brokers = [word for word in said if word.is_brokers]
        own = [word for word in said if not word.is_brokers]
        ours.append(_booked(row, said))
        if not brokers:
            continue
        line = _line(brokers[-1], row[2], row[3], sent, is_watched=is_watched, is_closing=row[12])
        theirs.append(line)
        if own:
            twice.append((_line(own[-1], row[2], row[3]), line))
        elif line.cause is Cause.OURS:
            # What the system closed is in its own log, and no news to anybody.
            continue
        elif is_watched or line.cause is Cause.FORCED or line.reverses:
            news.append(line)
    return Fills(tuple(ours), tuple(theirs), tuple(twice), tuple(news))


def _booked(row: tuple[Any, ...], said: Sequence[Word]) -> FillLine:
    """As the book counts it, under every id that anybody knows it by."""
    _, id_, instrument_id, symbol, key, side, quantity, price, at, fee, currency, effect, closes = (
        row
    )
    ids = tuple(dict.fromkeys(one for word in reversed(said) for one in word.ids))
    known = next((word for word in reversed(said) if word.cost is not None), None)
    return FillLine(
        ids or (f"k:{key}",),
        next((word.order_id for word in said if word.order_id), ""),
        next((word.order_reference for word in said if word.order_reference), ""),
        instrument_id, symbol, Side(side), quantity, price, at,
        fee=None if known is None else fee, fee_currency=currency,
        is_closing=_closes(effect, closes), evidence=(f"execution:{id_}",),
    )  # fmt: skip


def _line(
    word: Word,
    instrument_id: int,
    symbol: str,
    sent: Collection[str] = (),
    *,
    is_watched: bool = False,
    is_closing: bool | None = None,
) -> FillLine:
    told = Told(word.kind, word.order_type, word.order_reference, word.notes, word.deal_reason)
    return FillLine(
        word.ids, word.order_id, word.order_reference, instrument_id, symbol, Side(word.side), word.quantity,
        word.price, word.executed_at, fee=word.cost, fee_currency=word.fee_currency,
        is_closing=_closes(word.effect, is_closing), cause=cause_of(told, our_ids=sent, is_watched=is_watched),
        reverses=tuple(word.original_ids) if word.report == "correct" else (),
        evidence=(f"report:{word.id}",),
    )  # fmt: skip


def _closes(effect: str, known: bool | None) -> bool | None:
    if effect in (PositionEffect.OPEN, PositionEffect.CLOSE):
        return effect == PositionEffect.CLOSE
    return known
