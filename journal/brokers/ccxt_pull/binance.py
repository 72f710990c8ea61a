"""Binance: spot and USD-M futures of one key.

Trades are told of one market at a time, so the question is which. Spot: those that were ever traded, those among
coins that are held, and, on a day on which the account changed, every market there is, one question each; only then
is anything called complete. Futures: those that the income names (three months back), those that were ever traded,
and open positions.

Facts: spot trades by ascending id, 1000 an answer, all of history; futures trades in windows of 7 days, half a year
back; income 1000 an answer; deposits and withdrawals in windows of 90 days.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from journal.brokers.ccxt_json import answers
from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.binance_spot import SpotTrades
from journal.brokers.ccxt_pull.compose import Sections, distinct
from journal.brokers.ccxt_pull.talk import Row, Talk, ms, windows
from journal.brokers.ccxt_pull.venue import add_movements, number
from journal.brokers.fetching import Rate, Window
from journal.brokers.pull_faults import half_answer

# Six thousand a minute may be spent, and most questions here cost twenty: half of it stays for the person's bots.
RATES = (Rate(4, timedelta(seconds=1)), Rate(150, timedelta(minutes=1)))
OPTIONS = {"fetchMarkets": {"types": ["spot", "linear"]}, "fetchMargins": False}
# It opened in July 2017.
REACH = timedelta(days=3_650)
_WEEK = timedelta(days=7)
_QUARTER = timedelta(days=84)
_SETTLED = timedelta(minutes=5)
# One day of both limits stays for what is under way.
_INCOME_REACH = timedelta(days=89)
_TRADES_REACH = timedelta(days=179)
_PAGE = 1_000
_FORCED_PAGE = 100


class Binance:
    span = _QUARTER

    def __init__(self, talk: Talk, wanted: list[str]) -> None:
        self._talk = talk
        self._wanted = wanted
        self._account: Row = {}
        self._has_futures = False
        self._spot: SpotTrades | None = None

    def account(self) -> str:
        self._account = self._talk.ask("private_get_account")
        number_ = self._account.get("uid")
        if not number_:
            raise half_answer(self._talk.name)
        rights = self._talk.ask("sapi_get_account_apirestrictions")
        self._has_futures = rights.get("enableFutures") is True
        return str(number_)

    def complete(self, part: Window) -> datetime | None:
        """None while not every market of the spot account was asked since it last changed."""
        if self._spot is None or not self._spot.is_whole:
            return None
        return min(part.until, self._talk.link.now() - _SETTLED)

    def collect(self, part: Window, *, is_current: bool) -> Sections:
        self._talk.load_markets()
        if self._spot is None:
            self._spot = SpotTrades(self._talk, self._account, self._wanted)
        sections = Sections()
        if is_current:
            sections.balances = self._balances()
            sections.positions = self._positions() if self._has_futures else []
        sections.trades = self._spot.take(part)
        if self._has_futures:
            self._collect_futures(part, sections)
        add_movements(self._talk, part, _QUARTER, _PAGE, sections)
        return sections

    # -- futures

    def _collect_futures(self, part: Window, sections: Sections) -> None:
        now = self._talk.link.now()
        told = Window(max(part.since, now - _INCOME_REACH), part.until)
        income = self._income(told) if told.since < told.until else []
        reached = Window(max(part.since, now - _TRADES_REACH), part.until)
        if reached.since < reached.until:
            for symbol in self._futures_markets(income, sections.positions):
                sections.trades += self._futures_trades(symbol, reached)
            sections.orders = self._forced(reached)
        sections.ledger = [self._entry(one) for one in income]

    def _futures_markets(self, income: Iterable[Row], positions: Iterable[Row]) -> list[str]:
        state = self._talk.link.state
        known = set(state.get("futures_markets") or [])
        named = {str(one.get("symbol") or "") for one in income}
        named |= {str((one.get("info") or {}).get("symbol") or "") for one in positions}
        for symbol in self._wanted:
            market = self._talk.ccxt.markets.get(symbol)
            if market and market["swap"]:
                named.add(market["id"])
        found = known | named - {""}
        if found != known:
            self._talk.link.remember(futures_markets=sorted(found))
        return sorted(found)

    def _futures_trades(self, symbol: str, part: Window) -> list[Row]:
        rows: list[Row] = []
        for since, until in windows(part.since, part.until, _WEEK):
            page = self._talk.ask_list(
                "fapiprivate_get_usertrades",
                {
                    "symbol": symbol,
                    "startTime": ms(since),
                    "endTime": ms(until) - 1,
                    "limit": _PAGE,
                },
            )
            rows += page
            while len(page) == _PAGE and int(page[-1]["time"]) < ms(until):
                first = int(page[-1]["id"]) + 1
                page = self._talk.ask_list(
                    "fapiprivate_get_usertrades",
                    {"symbol": symbol, "fromId": first, "limit": _PAGE},
                )
                check_ascending(self._talk, page, first)
                rows += [one for one in page if int(one["time"]) < ms(until)]
        return [self._trade(one) for one in distinct(rows, "id")]

    def _trade(self, row: Row) -> Row:
        market = self._talk.market(str(row.get("symbol")), "swap", "future")
        return self._talk.parsed("parse_trade", row, market, [row])

    def _income(self, part: Window) -> list[Row]:
        """What comes in one instant may be more than one answer holds: then it is not known what is missing."""
        rows: list[Row] = []
        for since, until in windows(part.since, part.until, _WEEK):
            start = ms(since)
            while True:
                page = self._talk.ask_list(
                    "fapiprivate_get_income",
                    {"startTime": start, "endTime": ms(until) - 1, "limit": _PAGE},
                )
                rows += page
                if len(page) < _PAGE:
                    break
                last = max(int(one["time"]) for one in page)
                if last <= start:
                    raise faults.list_moves(self._talk.name)
                start = last
        return distinct(rows, "tranId", "incomeType", "symbol", "asset", "tradeId")

    def _entry(self, row: Row) -> Row:
        found = answers.read_answer([row])
        entry = found.rows[0] if found else {"info": row}
        # One transaction's number stands on several rows.
        return {**entry, "id": f"{row.get('incomeType')}:{row.get('tranId')}:{row.get('asset')}"}

    def _forced(self, part: Window) -> list[Row]:
        """Orders that the exchange placed itself: liquidation and auto-deleveraging."""
        rows: list[Row] = []
        waiting = windows(part.since, part.until, _WEEK)
        while waiting:
            since, until = waiting.pop(0)
            page = self._talk.ask_list(
                "fapiprivate_get_forceorders",
                {"startTime": ms(since), "endTime": ms(until) - 1, "limit": _FORCED_PAGE},
            )
            if len(page) == _FORCED_PAGE and until - since > timedelta(seconds=1):
                middle = since + (until - since) / 2
                waiting = [(since, middle), (middle, until), *waiting]
            else:
                rows += page
        found = answers.read_answer(rows)
        return found.rows if found else []

    def _positions(self) -> list[Row]:
        rows = self._talk.ask_list("fapiprivatev3_get_positionrisk")
        found = answers.read_answer([one for one in rows if number(one.get("positionAmt"))])
        return found.rows if found else []

    def _balances(self) -> list[Row]:
        total: dict[str, object] = {}
        for one in self._account.get("balances") or []:
            total[one["asset"]] = number(one.get("free")) + number(one.get("locked"))
        if self._has_futures:
            for one in self._talk.ask_list("fapiprivatev3_get_balance"):
                asset = one["asset"]
                total[asset] = number(total.get(asset)) + number(one.get("balance"))
        return [
            {"currency": name, "total": f"{amount:f}"} for name, amount in total.items() if amount
        ]


def check_ascending(talk: Talk, page: list[Row], first: int) -> None:
    """Ids in order, from the one that was asked for: else something is missing in between."""
    ids = [int(one["id"]) for one in page]
    if ids != sorted(set(ids)) or (ids and ids[0] < first):
        raise faults.list_moves(talk.name)
