"""What brokers said, stored in sets, in bulk; and every attempt to hear them, with what the account was worth then."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain
from typing import Any, NamedTuple

from journal.brokers.base import InstrumentRow
from journal.brokers.live import AccountReading, Holding, WorkingOrder
from journal.domain.exact import divide
from journal.domain.names import name_key
from journal.models import BrokerInstrument, Instrument
from journal.selectors.names import name_key_of
from journal.services.copying import copy_rows, reserve_ids
from journal.services.instruments import InstrumentResolver
from reconciliation.domain.nav import Worth
from reconciliation.models import (
    AccountWorth,
    PositionSnapshot,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
)
from reconciliation.selectors.sterling import GBP, Rates
from reconciliation.services.reading import Word

_HUNDRED = Decimal(100)
_SNAPSHOT = (
    "id", "workspace", "account", "connection", "heard", "as_of", "received_at", "lacking", "currency", "equity",
    "balance", "margin_used", "cash", "took", "is_doubted",
)  # fmt: skip
_POSITION = (
    "workspace", "account", "snapshot", "instrument", "symbol", "ticket", "signed_quantity", "average_price", "price",
    "price_at", "bid", "ask", "open_pnl", "stop_price", "target_price",
)  # fmt: skip
_ORDER = (
    "workspace", "account", "snapshot", "instrument", "symbol", "order_id", "client_order_id", "side", "quantity",
    "filled_quantity", "limit_price", "stop_price", "is_reduce_only", "placed_at",
)  # fmt: skip
_WORTH = (
    "workspace", "account", "snapshot", "currency", "equity", "balance", "peak_equity", "drawdown_percent",
    "equity_gbp", "balance_gbp", "peak_equity_gbp", "position_count", "total_volume", "open_pnl",
    "margin_used_percent", "synced_at", "error", "created_at",
)  # fmt: skip


class Known(NamedTuple):
    """Which instruments the brokers' rows mean, by the broker and the row. What the book knows by none of its names is
    not in it."""

    ids: Mapping[tuple[str, InstrumentRow], int]

    def of(self, broker: str, row: InstrumentRow) -> int | None:
        return self.ids.get((broker, row))


def know_instruments(workspace_id: int, words: Iterable[Word]) -> Known:
    """By the broker's id, by the contract, and at last by a name that differs in its signs only."""
    rows: dict[str, dict[InstrumentRow, None]] = defaultdict(dict)
    for word in words:
        if word.reading is not None:
            own = rows[word.account.broker]
            own.update(dict.fromkeys(line.instrument for line in _lines(word.reading)))
    ids: dict[tuple[str, InstrumentRow], int] = {}
    for broker, some in rows.items():
        found = InstrumentResolver(workspace_id=workspace_id, broker=broker).find(some)
        left = [row for row in some if row not in found]
        found |= _by_mapping(workspace_id, broker, left)
        found |= _by_name(workspace_id, [row for row in left if row not in found])
        ids.update({(broker, row): id_ for row, id_ in found.items()})
    return Known(ids)


def _lines(reading: AccountReading) -> Iterable[Holding | WorkingOrder]:
    return chain(reading.holdings, reading.orders)


def mapped_name(symbol: str) -> str:
    """As what a broker's symbol is kept that a person said the meaning of: no broker's id looks like it."""
    return f"symbol:{symbol}"[:64]


def _by_mapping(
    workspace_id: int, broker: str, rows: Sequence[InstrumentRow]
) -> dict[InstrumentRow, int]:
    if not rows:
        return {}
    links = BrokerInstrument.objects.filter(
        workspace_id=workspace_id,
        broker=broker,
        broker_id__in={mapped_name(row.symbol) for row in rows},
    )
    known = dict(links.values_list("broker_id", "instrument_id"))
    return {row: known[name] for row in rows if (name := mapped_name(row.symbol)) in known}


def _by_name(workspace_id: int, rows: Sequence[InstrumentRow]) -> dict[InstrumentRow, int]:
    """Contracts that say no more than a symbol, where just one of the book's is called so."""
    plain = [row for row in rows if row.expiry_on is None and row.strike is None and not row.right]
    if not plain:
        return {}
    keys = {name_key(row.symbol) for row in plain}
    known = Instrument.objects.filter(workspace_id=workspace_id, expiry_on=None, right="")
    named: dict[tuple[str, str], set[tuple[int, str]]] = defaultdict(set)
    for id_, key, asset_class, currency in (
        known.annotate(name=name_key_of("symbol"))
        .filter(name__in=keys)
        .values_list("id", "name", "asset_class", "currency")
    ):
        named[key, asset_class].add((id_, currency))
    found = {}
    for row in plain:
        some = named.get((name_key(row.symbol), row.asset_class), set())
        fitting = [id_ for id_, currency in some if currency == row.currency] or [
            id_ for id_, _ in some
        ]
        if len(fitting) == 1:
            found[row] = fitting[0]
    return found


def store_snapshots(workspace_id: int, words: Sequence[Word], known: Known) -> dict[int, int]:
    """By account the id of its snapshot; accounts that were not heard of have none. Inside a transaction."""
    heard = [(word, word.reading) for word in words if word.reading is not None]
    ids = reserve_ids(Snapshot, len(heard))
    numbered = list(zip(ids, heard, strict=True))
    copy_rows(
        Snapshot,
        _SNAPSHOT,
        [
            (
                id_, workspace_id, word.account.pk, word.connection and word.connection.pk, str(word.heard),
                reading.as_of, word.received_at, tuple(reading.lacking), reading.currency, reading.equity,
                reading.balance, reading.margin_used, _cash(reading), word.took, False,
            )
            for id_, (word, reading) in numbered
        ],
    )  # fmt: skip
    copy_rows(
        SnapshotPosition,
        _POSITION,
        [
            (
                workspace_id, word.account.pk, id_, known.of(word.account.broker, line.instrument),
                line.instrument.symbol[:64], line.ticket, line.signed_quantity, line.average_price, line.price,
                line.price_at, line.bid, line.ask, line.open_pnl, line.stop_price, line.target_price,
            )
            for id_, (word, reading) in numbered
            for line in reading.holdings
        ],
    )  # fmt: skip
    copy_rows(
        SnapshotOrder,
        _ORDER,
        [
            (
                workspace_id, word.account.pk, id_, known.of(word.account.broker, line.instrument),
                line.instrument.symbol[:64], line.order_id, line.client_order_id, str(line.side), line.quantity,
                line.filled_quantity, line.limit_price, line.stop_price, line.is_reduce_only, line.at,
            )
            for id_, (word, reading) in numbered
            for line in reading.orders
        ],
    )  # fmt: skip
    return {word.account.pk: id_ for id_, (word, _) in numbered}


def _cash(reading: AccountReading) -> str | None:
    if reading.cash is None:
        return None
    return json.dumps({currency: format(amount, "f") for currency, amount in reading.cash.items()})


def store_worths(
    workspace_id: int,
    words: Sequence[Word],
    snapshots: Mapping[int, int],
    *,
    worths: Mapping[int, Worth],
    synced: Mapping[int, datetime],
    at: datetime,
) -> None:
    """One row for each attempt. `synced` is by account when it was last heard whole, before this time."""
    rows = AccountWorth.objects.filter(account_id__in=worths)
    kept_in = dict(rows.values_list("account_id", "currency"))
    currencies = {*map(_currency, words), *kept_in.values()}
    rates = Rates(workspace_id, [*currencies, GBP], at.date())
    copy_rows(
        PositionSnapshot,
        _WORTH,
        [
            (
                workspace_id, word.account.pk, snapshots.get(word.account.pk),
                *_worth(word, worths.get(word.account.pk), kept_in.get(word.account.pk, ""), rates),
                word.received_at if word.is_whole else synced.get(word.account.pk), word.error[:255], at,
            )
            for word in words
        ],
    )  # fmt: skip


def _currency(word: Word) -> str:
    return word.reading.currency if word.reading is not None else word.account.base_currency


def _worth(word: Word, worth: Worth | None, kept_in: str, rates: Rates) -> tuple[Any, ...]:
    """From `currency` up to `margin_used_percent`. What was not heard whole has no figures. `kept_in` is the currency
    of `worth`."""
    currency = _currency(word)
    reading = word.reading
    if reading is None or not word.is_whole:
        return (currency, *[None] * 11)
    peak = worth.money_peak if worth else None
    if kept_in != currency:
        peak = rates.convert(peak, kept_in, currency)
    drawdown = worth.drawdown * _HUNDRED if worth else None
    margin = None
    if reading.margin_used is not None and reading.equity:
        margin = divide(reading.margin_used * _HUNDRED, reading.equity)
    return (
        currency, reading.equity, reading.balance, peak, drawdown,
        *(rates.convert(amount, currency, GBP) for amount in (reading.equity, reading.balance, peak)),
        len(reading.holdings), sum((abs(one.signed_quantity) for one in reading.holdings), Decimal(0)),
        open_pnl_of(reading), margin,
    )  # fmt: skip


def open_pnl_of(reading: AccountReading) -> Decimal | None:
    """As the broker states it of each position; not known where it leaves one out, or tells it in other money."""
    stated = [
        one.open_pnl
        for one in reading.holdings
        if one.open_pnl is not None and one.instrument.currency == reading.currency
    ]
    return sum(stated, Decimal(0)) if len(stated) == len(reading.holdings) else None
