"""Any other exchange, by ccxt's unified methods alone.

How long a window may be and from which end a long list is cut, only an exchange's own documentation tells. So windows
are as short as the shortest that is known (HTX: two days), pages overlap, and the beginning of a long page is looked
behind.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.compose import Sections, distinct, within
from journal.brokers.ccxt_pull.talk import Row, Talk, ms, windows
from journal.brokers.ccxt_pull.venue import PAGES_MAX, add_movements, number
from journal.brokers.fetching import PullFault, Rate, Window

RATES = (Rate(2, timedelta(seconds=1)), Rate(60, timedelta(minutes=1)))
REACH = timedelta(days=365)
_SPAN = timedelta(days=28)
_STEP = timedelta(days=2)
_SETTLED = timedelta(minutes=10)
# No exchange's page is known to be shorter.
_LONG_PAGE = 20


class Unified:
    span = _SPAN

    def __init__(self, talk: Talk, account: str, wanted: list[str]) -> None:
        self._talk = talk
        self._account = account
        self._wanted = wanted

    def account(self) -> str:
        """No method of ccxt says it, so a person does. The balance shows whether the key is good."""
        if not self._account:
            raise faults.credentials_missing("A name for the account")
        if not self._can("fetchMyTrades"):
            raise faults.not_offered(self._talk.name)
        self._balance()
        return self._account

    def complete(self, part: Window) -> datetime | None:
        return min(part.until, self._talk.link.now() - _SETTLED)

    def collect(self, part: Window, *, is_current: bool) -> Sections:
        self._talk.load_markets()
        sections = Sections()
        if is_current:
            sections.balances = self._balance()
            sections.positions = self._positions()
        for symbol in self._symbols():
            sections.trades += self._listed("fetch_my_trades", symbol, part)
        if self._can("fetchFundingHistory"):
            sections.funding = self._funding(part)
        if self._can("fetchDeposits") and self._can("fetchWithdrawals"):
            add_movements(self._talk, part, _SPAN, None, sections)
        return sections

    def _can(self, method: str) -> bool:
        return self._talk.ccxt.has.get(method) is True

    def _symbols(self) -> list[str | None]:
        """Those that a person has named, else all at once, where the exchange tells so."""
        if not self._wanted:
            return [None]
        unknown = [one for one in self._wanted if one not in self._talk.ccxt.markets]
        if unknown:
            raise faults.market_unknown(self._talk.name, unknown[0])
        return list(self._wanted)

    def _listed(self, method: str, symbol: str | None, part: Window) -> list[Row]:
        rows: list[Row] = []
        for since, until in windows(part.since, part.until, _STEP):
            rows += self._between(method, symbol, ms(since), ms(until))
        return distinct(within(rows, part.since, part.until), "symbol", "id", "timestamp")

    def _between(self, method: str, symbol: str | None, since: int, until: int) -> list[Row]:
        """Page behind page, each beginning with what the last one ended with, so that no gap goes unseen. A long first
        page that begins late may have been cut at its beginning: then what is before it is asked for as well."""
        rows: list[Row] = []
        start = since
        for count in range(PAGES_MAX):
            page = self._page(method, symbol, start, until)
            known = {_name(one) for one in rows}
            new = [one for one in page if _name(one) not in known]
            if rows and new and len(new) == len(page):
                raise faults.list_moves(self._talk.name)
            rows += new
            oldest = min((_at(one) for one in page), default=since)
            if count == 0 and len(page) >= _LONG_PAGE and oldest > since:
                rows += self._between(method, symbol, since, oldest)
            if not new:
                return rows
            start = max(_at(one) for one in page)
        raise faults.list_moves(self._talk.name)

    def _page(self, method: str, symbol: str | None, since: int, until: int) -> list[Row]:
        """What is of the time; some exchanges do not look at its end."""
        try:
            page = self._talk.unified(method, symbol, since, None, {"until": until - 1})
        except PullFault as fault:
            if symbol is None and fault.code == "request_refused":
                raise faults.symbols_needed(self._talk.name) from None
            raise
        return [one for one in page if since <= _at(one) < until]

    def _funding(self, part: Window) -> list[Row]:
        found: list[Row] = []
        for symbol in self._symbols():
            if symbol is not None and ":" not in symbol:
                continue
            try:
                found += self._listed("fetch_funding_history", symbol, part)
            except PullFault as fault:
                # Some tell it of one market only, and none is named.
                if fault.code not in ("symbols_needed", "not_offered"):
                    raise
        return found

    def _positions(self) -> list[Row]:
        """Some keys and some exchanges have none: what is not known is not stated."""
        if not self._can("fetchPositions"):
            return []
        try:
            return self._talk.unified("fetch_positions")
        except PullFault as fault:
            if fault.code in ("banned", "too_many_requests", "no_answer"):
                raise
            return []

    def _balance(self) -> list[Row]:
        answer = self._talk.call(
            self._talk.ccxt.fetch_balance, lambda found: isinstance(found, dict)
        )
        total = answer.get("total") or {}
        return [
            {"currency": name, "total": str(amount)}
            for name, amount in total.items()
            if number(amount)
        ]


def _at(row: Row) -> int:
    return int(str(row.get("timestamp") or 0))


def _name(row: Row) -> tuple[object, ...]:
    return (row.get("symbol"), row.get("id"), row.get("timestamp"))
