"""Which spot markets were traded at Binance, and their trades, oldest first, market by market.

State: `spot_markets` are those that were ever traded, `spot_marks` the newest trade of each that is older than any
overlap (time, id): the next pull begins behind it. `swept_at` is what the account said of its last change when every
market had been asked, `sweep_place` how far a sweep came that was interrupted.
"""

from __future__ import annotations

from datetime import timedelta

from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.compose import DAY_MS
from journal.brokers.ccxt_pull.talk import Row, Talk, ms
from journal.brokers.ccxt_pull.venue import number
from journal.brokers.fetching import Window

_PAGE = 1_000
_SWEEP_EVERY_MS = DAY_MS
# Written down so often that an interrupted sweep loses little.
_SWEEP_STEP = 50
# Marks are older than what a pull asks for again.
_MARK_AGE = timedelta(days=5)


class SpotTrades:
    """Parts must be taken oldest first."""

    def __init__(self, talk: Talk, account: Row, wanted: list[str]) -> None:
        self._talk = talk
        self._account = account
        self._changed_at = int(account.get("updateTime") or 0)
        spot = [one for one in talk.ccxt.markets.values() if one["spot"]]
        self._by_id = {one["id"]: one for one in spot}
        self._wanted = [one["id"] for one in spot if one["symbol"] in wanted]
        self._is_limited = bool(wanted)
        self._readers: dict[str, _Reader] = {}
        self.is_whole = self._is_limited or self._is_swept()

    def take(self, part: Window) -> list[Row]:
        rows: list[Row] = []
        for id_ in self._markets():
            reader = self._readers.get(id_)
            if reader is None:
                reader = self._readers[id_] = _Reader(self._talk, id_, self._mark(id_, part))
            found = reader.take(part)
            rows += [self._parsed(one) for one in found]
            self._note(id_, found)
        return rows

    def _markets(self) -> list[str]:
        if self._is_limited:
            return self._wanted
        known = set(self._talk.link.state.get("spot_markets") or [])
        if not self.is_whole and self._may_sweep():
            known |= self._sweep(known)
        return sorted(known | (set() if self.is_whole else self._among_held()))

    def _is_swept(self) -> bool:
        return int(self._talk.link.state.get("swept_at") or -1) >= self._changed_at

    def _may_sweep(self) -> bool:
        last = int(self._talk.link.state.get("sweep_done") or 0)
        return ms(self._talk.link.now()) - last >= _SWEEP_EVERY_MS

    def _among_held(self) -> set[str]:
        """Markets between coins that are held now."""
        held = {
            str(one.get("asset"))
            for one in self._account.get("balances") or []
            if number(one.get("free")) or number(one.get("locked"))
        }
        return {
            id_
            for id_, one in self._by_id.items()
            if one["baseId"] in held and one["quoteId"] in held
        }

    def _sweep(self, known: set[str]) -> set[str]:
        """Every market is asked for its first trade. Takes a quarter of an hour, and goes on where it stopped."""
        link = self._talk.link
        found = set(known)
        place = str(link.state.get("sweep_place") or "")
        ids = [id_ for id_ in sorted(self._by_id) if id_ > place and id_ not in known]
        for count, id_ in enumerate(ids, 1):
            params = {"symbol": id_, "fromId": 0, "limit": 1}
            if self._talk.ask_list("private_get_mytrades", params):
                found.add(id_)
                link.remember(spot_markets=sorted(found), sweep_place=id_)
            elif count % _SWEEP_STEP == 0:
                link.remember(sweep_place=id_)
        link.remember(
            spot_markets=sorted(found),
            sweep_place=None,
            swept_at=self._changed_at,
            sweep_done=ms(link.now()),
        )
        self.is_whole = True
        return found

    def _mark(self, id_: str, part: Window) -> int:
        """The id behind which the part's trades begin, as far as it is known."""
        mark = (self._talk.link.state.get("spot_marks") or {}).get(id_)
        return int(mark[1]) + 1 if mark and int(mark[0]) < ms(part.since) else 0

    def _note(self, id_: str, found: list[Row]) -> None:
        link = self._talk.link
        latest = ms(link.now() - _MARK_AGE)
        old = [one for one in found if int(one["time"]) < latest]
        if not found:
            return
        markets = set(link.state.get("spot_markets") or [])
        if id_ not in markets:
            link.remember(spot_markets=sorted(markets | {id_}))
        if old:
            marks = dict(link.state.get("spot_marks") or {})
            link.remember(spot_marks={**marks, id_: [int(old[-1]["time"]), int(old[-1]["id"])]})

    def _parsed(self, row: Row) -> Row:
        return self._talk.parsed("parse_trade", row, self._by_id.get(str(row.get("symbol"))), [row])


class _Reader:
    """One market's trades by ascending id; what belongs to a later part waits."""

    def __init__(self, talk: Talk, id_: str, first: int) -> None:
        self._talk = talk
        self._id = id_
        self._next = first
        self._waiting: list[Row] = []
        self._is_over = False

    def take(self, part: Window) -> list[Row]:
        since, until = ms(part.since), ms(part.until)
        while not self._is_over and not (self._waiting and int(self._waiting[-1]["time"]) >= until):
            self._waiting += self._page()
        found = [one for one in self._waiting if int(one["time"]) < until]
        self._waiting = self._waiting[len(found) :]
        return [one for one in found if int(one["time"]) >= since]

    def _page(self) -> list[Row]:
        params = {"symbol": self._id, "fromId": self._next, "limit": _PAGE}
        page = self._talk.ask_list("private_get_mytrades", params)
        ids = [int(one["id"]) for one in page]
        if ids != sorted(set(ids)) or (ids and ids[0] < self._next):
            raise faults.list_moves(self._talk.name)
        self._is_over = len(page) < _PAGE
        if ids:
            self._next = ids[-1] + 1
        return page
