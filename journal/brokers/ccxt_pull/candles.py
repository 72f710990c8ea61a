"""Bars of a market, as the exchange tells them to anybody."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any

from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.talk import Talk, moment, ms
from journal.brokers.fetching import Window
from journal.domain.bars import Bar, interval_name

# No exchange gives fewer at once, and none refuses so many.
_PAGE = 200
_PAGES_MAX = 60


def candles(talk: Talk, symbol: str, seconds: int, window: Window) -> Iterator[Bar]:
    """Those that opened in the window, in order, each once. Nothing where the exchange has no such market, or has no
    bars of that length. Raises PullFault."""
    talk.load_markets()
    name = interval_name(seconds)
    if symbol not in talk.ccxt.markets or name not in (talk.ccxt.timeframes or {}):
        return
    if not talk.ccxt.has.get("fetchOHLCV"):
        return
    since, until, step = ms(window.since), ms(window.until), seconds * 1_000
    since = since // step * step
    for _ in range(_PAGES_MAX):
        if since >= until:
            return
        limit = min(_PAGE, (until - since) // step + 1)
        question = partial(talk.ccxt.fetch_ohlcv, symbol, name, since, limit)
        page = talk.call(question, _are_candles)
        new = {int(row[0]): row for row in page if since <= int(row[0]) < until}
        for at in sorted(new):
            bar = _bar(new[at], seconds)
            if bar is not None:
                yield bar
        # A page of nothing may only say that nobody traded in it.
        since = max(new, default=since + (limit - 1) * step) + step
    raise faults.list_moves(talk.name)


def _bar(row: list[Any], seconds: int) -> Bar | None:
    try:
        prices = [Decimal(str(one)) for one in row[1:5]]
        volume = Decimal(str(row[5])) if len(row) > 5 and row[5] is not None else None
    except InvalidOperation:
        return None
    opened_at = moment(row[0])
    first, high, low, close = prices
    bar = Bar(opened_at, opened_at + timedelta(seconds=seconds), first, high, low, close, volume)
    return None if bar.fault else bar


def _are_candles(answer: object) -> bool:
    return isinstance(answer, list) and all(
        isinstance(one, list) and len(one) >= 5 for one in answer
    )
