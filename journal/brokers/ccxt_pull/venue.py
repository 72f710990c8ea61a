"""What an exchange of its own rules has to do, and what all of them share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Protocol

from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.compose import DAY_MS, Sections, distinct, within
from journal.brokers.ccxt_pull.talk import Row, Talk, is_rows, moment, ms, windows
from journal.brokers.fetching import PullFault, Window

# Further than any list of one window goes; more is a list that runs in a circle.
PAGES_MAX = 5_000
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


class Venue(Protocol):
    """One exchange. All methods raise PullFault.

    `span` is how much time one document holds. `complete` says whether everything of a part was found, or only what
    was known where to look for.
    """

    span: timedelta

    def account(self) -> str: ...

    def collect(self, part: Window, *, is_current: bool) -> Sections: ...

    def complete(self, part: Window) -> datetime | None: ...


def cursor_pages(talk: Talk, method: str, params: Row) -> Iterator[Row]:
    """All rows of a list of Bybit whose answers name the next page. Raises PullFault where it runs in a circle."""
    seen = set()
    asked = dict(params)
    for _ in range(PAGES_MAX):
        result = talk.ask(method, asked, _is_page)["result"]
        yield from result["list"]
        cursor = result.get("nextPageCursor")
        if not cursor or not result["list"]:
            return
        if cursor in seen:
            break
        seen.add(cursor)
        asked = {**params, "cursor": cursor}
    raise faults.list_moves(talk.name)


def _is_page(answer: Row) -> bool:
    result = answer.get("result")
    return isinstance(result, dict) and is_rows(result.get("list"))


def add_movements(
    talk: Talk, part: Window, longest: timedelta, page: int | None, sections: Sections
) -> None:
    """Deposits and withdrawals by ccxt's unified methods. `page` is how many an exchange tells at once: where it tells
    so many, half of the time is asked for, so that none is left out.

    A key may be good for trades and not for the wallet: that is told with the document, and stops nothing.
    """
    for name in ("deposits", "withdrawals"):
        try:
            rows = _movements(talk, f"fetch_{name}", part, longest, page)
        except PullFault as fault:
            if fault.code != "permission_missing":
                raise
            sections.left_out.append(name)
        else:
            getattr(sections, name).extend(rows)


def _movements(
    talk: Talk, method: str, part: Window, longest: timedelta, page: int | None
) -> list[Row]:
    rows: list[Row] = []
    waiting = windows(part.since, part.until, longest)
    while waiting:
        since, until = waiting.pop(0)
        found = talk.unified(method, None, ms(since), page, {"until": ms(until) - 1})
        if page is not None and len(found) >= page and until - since > _SECOND:
            middle = since + (until - since) / 2
            waiting = [(since, middle), (middle, until), *waiting]
        else:
            rows += within(found, since, until)
    return distinct(rows, "id", "txid")


def daily_rates(talk: Talk, coins: Iterable[str], base: str, days: Window) -> list[Row]:
    """What a coin was worth at the end of each day, so that fees and contracts in it can be counted in the base.

    A coin without a market in the base has none.
    """
    rates = []
    now = ms(talk.link.now())
    for coin in sorted(set(coins) - {base, ""}):
        symbol = f"{coin}/{base}"
        if symbol not in talk.ccxt.markets:
            continue
        # From the day before: what happens today is counted at yesterday's end until today is over.
        since = ms(days.since - _DAY) // DAY_MS * DAY_MS
        count = (days.until - days.since) // _DAY + 3
        question = partial(talk.ccxt.fetch_ohlcv, symbol, "1d", since, count)
        candles = talk.call(question, _is_candles)
        rates += [
            {"from": coin, "to": base, "on": f"{moment(one[0]):%Y-%m-%d}", "rate": str(one[4])}
            for one in candles
            if one[0] < ms(days.until) and one[0] + DAY_MS <= now and one[4] is not None
        ]
    return rates


def _is_candles(answer: object) -> bool:
    return isinstance(answer, list) and all(
        isinstance(one, list) and len(one) >= 5 for one in answer
    )


def number(stated: object) -> Decimal:
    """0 where it says nothing that is a number."""
    try:
        return Decimal(str(stated)) if stated not in (None, "") else Decimal(0)
    except InvalidOperation:
        return Decimal(0)


def coins_of(sections: Sections) -> set[str]:
    """In which something has to be counted in another currency: what trades are paid in, and fees in a third coin."""
    found = set()
    for one in sections.trades:
        base, _, rest = str(one.get("symbol") or "").partition("/")
        quote, _, settle = rest.partition(":")
        money = settle.partition("-")[0] or quote
        fees = {
            str(fee.get("currency") or "")
            for fee in [one.get("fee") or {}, *(one.get("fees") or [])]
        }
        found |= {money} | (fees - {base})
    return found
