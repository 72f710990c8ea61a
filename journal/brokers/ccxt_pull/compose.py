"""What was read of an exchange, as the document that its reader understands."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from journal.brokers.ccxt_pull.talk import Row, Talk, ms
from journal.brokers.fetching import Window

DAY_MS = 86_400_000


@dataclass(slots=True)
class Sections:
    trades: list[Row] = field(default_factory=list)
    orders: list[Row] = field(default_factory=list)
    positions: list[Row] = field(default_factory=list)
    funding: list[Row] = field(default_factory=list)
    ledger: list[Row] = field(default_factory=list)
    deposits: list[Row] = field(default_factory=list)
    withdrawals: list[Row] = field(default_factory=list)
    settlements: list[Row] = field(default_factory=list)
    balances: list[Row] = field(default_factory=list)
    rates: list[Row] = field(default_factory=list)
    # What the key may not read.
    left_out: list[str] = field(default_factory=list)

    def happened(self) -> bool:
        """Whether anything is in it that came to pass in its time."""
        return any(
            (self.trades, self.funding, self.ledger, self.deposits, self.withdrawals, self.settlements)
        )  # fmt: skip

    def symbols(self) -> set[str]:
        rows = (*self.trades, *self.positions, *self.funding, *self.settlements, *self.ledger)
        return {str(one["symbol"]) for one in rows if one.get("symbol")}


def compose(
    talk: Talk, account: str, part: Window, sections: Sections, base_currency: str, quotes: Row
) -> bytes:
    """Whole days, and nothing of when it was asked: where nothing is new, the same bytes come again, and are no second
    import."""
    document: dict[str, Any] = {
        "fillbook": "ccxt",
        "exchange": talk.exchange,
        "account": account,
        "since": ms(part.since) // DAY_MS * DAY_MS,
        "until": -(-ms(part.until) // DAY_MS) * DAY_MS - 1,
        "base_currency": base_currency,
        "quotes": quotes,
        "markets": talk.sizes(sections.symbols()),
    }
    rows = {one.name: getattr(sections, one.name) for one in fields(sections)}
    left_out = ", ".join(rows.pop("left_out"))
    document |= {"left_out": left_out} if left_out else {}
    document |= {name: listed for name, listed in rows.items() if listed}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def within(rows: Iterable[Row], since: datetime, until: datetime) -> list[Row]:
    """Those of the time; a row without one is told by the reader."""
    low, high = ms(since), ms(until)
    return [one for one in rows if _is_within(one.get("timestamp"), low, high)]


def _is_within(stated: object, low: int, high: int) -> bool:
    return stated is None or low <= int(str(stated)) < high


def distinct(rows: Iterable[Row], *names: str) -> list[Row]:
    """Each once, by its ids, as it came first. Rows without an id all stay."""
    seen: dict[tuple[object, ...], Row] = {}
    nameless = []
    for one in rows:
        key = tuple(one.get(name) for name in names)
        if any(key):
            seen.setdefault(key, one)
        else:
            nameless.append(one)
    return [*seen.values(), *nameless]
