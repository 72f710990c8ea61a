"""How tastytrade quotes what is held. Funded accounts alone are told; nothing depends on it, so it is asked once and
briefly, and what does not come stays unknown.

Facts: `GET /market-data/by-type` takes lists of symbols by kind, at most 100 of them together, and answers with texts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from journal.brokers.tastytrade.row import read_money
from journal.brokers.tastytrade_json.accounts import instant
from journal.brokers.tastytrade_json.cells import raw_of, text_of
from journal.brokers.tastytrade_json.session import Session
from journal.brokers.text.numbers import read_number
from journal.brokers.text.safely import FAULTS

_AT_ONCE = 100
_KINDS = {
    "Equity": "equity", "Equity Option": "equity-option", "Future": "future", "Future Option": "future-option",
    "Cryptocurrency": "cryptocurrency", "Index": "index",
}  # fmt: skip
# It is not said whether the sizes of shares count shares or round lots.
_UNSURE = "Equity"


class Quoted(NamedTuple):
    bid: Decimal | None = None
    ask: Decimal | None = None
    size: Decimal | None = None
    at: datetime | None = None
    is_halted: bool | None = None


def quotes_of(session: Session, rows: Iterable[dict[str, str]]) -> dict[str, Quoted]:
    """By symbol, as positions name them. Raises PullFault only where nothing more may be asked."""
    wanted = sorted(
        {(kind, row["symbol"]) for row in rows if (kind := _KINDS.get(text_of(row, "instrument-type")))}
    )  # fmt: skip
    found = {}
    for start in range(0, len(wanted), _AT_ONCE):
        params: dict[str, list[str]] = defaultdict(list)
        for kind, symbol in wanted[start : start + _AT_ONCE]:
            params[kind].append(symbol)
        asked = {kind: ",".join(symbols) for kind, symbols in params.items()}
        answer = session.glance("/market-data/by-type", asked) or {}
        items = answer["data"].get("items") if answer else None
        for item in items if isinstance(items, list) else []:
            if isinstance(item, dict) and isinstance(item.get("symbol"), str):
                found[item["symbol"]] = _quoted(item)
    return found


def _quoted(item: dict[str, object]) -> Quoted:
    raw, halted = raw_of(item), item.get("is-trading-halted")
    is_halted = halted if isinstance(halted, bool) else None
    try:
        bid, ask = read_money(text_of(raw, "bid")), read_money(text_of(raw, "ask"))
        sizes = [read_number(text_of(raw, name)) for name in ("bid-size", "ask-size")]
        at = instant(text_of(raw, "updated-at"))
    except FAULTS:
        return Quoted(is_halted=is_halted)
    stated = [one for one in sizes if one is not None]
    is_sure = len(stated) == len(sizes) and text_of(raw, "instrument-type") != _UNSURE
    return Quoted(bid or None, ask or None, min(stated) if is_sure else None, at, is_halted)
