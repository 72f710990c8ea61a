"""Bybit v5, unified accounts. Executions are asked for as Bybit has them: ccxt's own method leaves out everything that
is no trade, and with it funding, liquidations, auto-deleveraging and settlement.

Facts: windows of at most 7 days (executions, orders, log) or 30 (deposits, deliveries), pages by cursor, two years
back.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_pull.compose import Sections, distinct
from journal.brokers.ccxt_pull.talk import Row, Talk, ms, windows
from journal.brokers.ccxt_pull.venue import add_movements, cursor_pages, number
from journal.brokers.fetching import Rate, Window
from journal.brokers.pull_faults import half_answer

RATES = (Rate(5, timedelta(seconds=1)),)
OPTIONS = {"fetchMarkets": {"types": ["spot", "linear", "inverse"]}}
REACH = timedelta(days=729)
_WEEK = timedelta(days=7)
_MONTH = timedelta(days=30)
# What an execution may still appear after.
_SETTLED = timedelta(minutes=5)
_CATEGORIES = ("linear", "inverse", "spot", "option")
_KINDS = {
    "spot": ("spot",),
    "linear": ("swap", "future"),
    "inverse": ("swap", "future"),
    "option": ("option",),
}
# What executions do not state.
_LOGGED = ("INTEREST", "BONUS", "FEE_REFUND", "AIRDROP")


class Bybit:
    span = 4 * _WEEK

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def account(self) -> str:
        result = self._talk.ask("private_get_v5_user_query_api").get("result")
        number_ = result.get("userID") if isinstance(result, dict) else None
        if not number_:
            raise half_answer(self._talk.name)
        return str(number_)

    def complete(self, part: Window) -> datetime | None:
        return min(part.until, self._talk.link.now() - _SETTLED)

    def collect(self, part: Window, *, is_current: bool) -> Sections:
        self._talk.load_markets()
        sections = Sections()
        if is_current:
            # First, so that a fill that comes meanwhile is among the executions.
            sections.positions = self._positions()
            sections.balances = self._balances()
        for category in _CATEGORIES:
            rows = self._executions(category, part)
            sections.trades += rows
            if rows and category != "option":
                sections.orders += self._orders(category, part)
        sections.settlements = self._deliveries(part)
        sections.ledger = self._log(part)
        add_movements(self._talk, part, _MONTH, 50, sections)
        return sections

    def _listed(self, method: str, params: Row, part: Window, longest: timedelta) -> list[Row]:
        rows: list[Row] = []
        for since, until in windows(part.since, part.until, longest):
            asked = {**params, "startTime": ms(since), "endTime": ms(until) - 1}
            rows += cursor_pages(self._talk, method, asked)
        return rows

    def _executions(self, category: str, part: Window) -> list[Row]:
        params = {"category": category, "limit": 100}
        rows = self._listed("private_get_v5_execution_list", params, part, _WEEK)
        return distinct((self._execution(one, category) for one in rows), "id")

    def _execution(self, row: Row, category: str) -> Row:
        """As ccxt has it, or as our reader does where the market is gone and ccxt no longer knows it."""
        row = {**row, "category": category}
        market = self._talk.market(str(row.get("symbol")), *_KINDS[category])
        answer = {"retCode": 0, "result": {"category": category, "list": [row]}}
        return self._talk.parsed("parse_trade", row, market, answer)

    def _orders(self, category: str, part: Window) -> list[Row]:
        """What became of them; and which of two positions a fill is of, in hedge mode, is told by its order only, which
        may be older."""
        since = part.since - _WEEK
        params = {"category": category, "limit": 50}
        rows = self._listed(
            "private_get_v5_order_history", params, Window(since, part.until), _WEEK
        )
        return distinct((self._order(one, category) for one in rows), "id")

    def _order(self, row: Row, category: str) -> Row:
        market = self._talk.market(str(row.get("symbol")), *_KINDS[category])
        answer = {"retCode": 0, "result": {"category": category, "list": [row]}}
        return self._talk.parsed("parse_order", row, market, answer)

    def _positions(self) -> list[Row]:
        rows = []
        for params in (
            {"category": "linear", "settleCoin": "USDT"},
            {"category": "linear", "settleCoin": "USDC"},
            {"category": "inverse"},
        ):
            asked = {**params, "limit": 200}
            for row in cursor_pages(self._talk, "private_get_v5_position_list", asked):
                market = self._talk.market(str(row.get("symbol")), "swap", "future")
                if market is not None:
                    rows.append(dict(self._talk.ccxt.parse_position(row, market)))
        return rows

    def _balances(self) -> list[Row]:
        asked = {"accountType": "UNIFIED"}
        coins = [
            coin
            for one in cursor_pages(self._talk, "private_get_v5_account_wallet_balance", asked)
            for coin in one.get("coin") or []
        ]
        return [{"currency": one.get("coin"), "total": one.get("walletBalance")} for one in coins]

    def _deliveries(self, part: Window) -> list[Row]:
        """Options end without an execution."""
        params = {"category": "option", "limit": 50}
        rows = self._listed("private_get_v5_asset_delivery_record", params, part, _MONTH)
        return distinct(map(_settlement, rows), "id")

    def _log(self, part: Window) -> list[Row]:
        rows: list[Row] = []
        for kind in _LOGGED:
            params = {"accountType": "UNIFIED", "type": kind, "limit": 50}
            rows += self._listed("private_get_v5_account_transaction_log", params, part, _WEEK)
        return distinct(map(_entry, rows), "id")


def _settlement(row: Row) -> Row:
    """What one unit was worth in the end; the side is that of the close."""
    strike, price = number(row.get("strike")), number(row.get("deliveryPrice"))
    symbol = str(row.get("symbol"))
    is_call = symbol.split("-")[3:4] == ["C"]
    worth = max(Decimal(0), price - strike if is_call else strike - price)
    side = "sell" if row.get("side") == "Buy" else "buy"
    return {
        "id": f"delivery:{symbol}:{row.get('deliveryTime')}:{side}",
        "timestamp": int(str(row.get("deliveryTime"))),
        "symbol": symbols.from_bybit(symbol, "option"),
        "side": side,
        "amount": row.get("position"),
        "price": f"{worth:f}",
        "fee": {"cost": row.get("fee"), "currency": "USDT" if symbol.endswith("-USDT") else "USDC"},
        "info": row,
    }


def _entry(row: Row) -> Row:
    return {
        "id": row.get("id"),
        "timestamp": int(str(row.get("transactionTime"))),
        "currency": row.get("currency"),
        "amount": row.get("change"),
        "type": row.get("type"),
        "direction": None,
        "info": row,
    }
