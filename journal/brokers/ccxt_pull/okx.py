"""OKX v5. Fills of each kind of market and the bills that they do not state, three months back.

Facts: lists come newest first, 100 an answer, the next page is what is older than an id; ten questions in two seconds.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_pull import faults
from journal.brokers.ccxt_pull.compose import Sections, distinct
from journal.brokers.ccxt_pull.talk import Row, Talk, is_rows, ms
from journal.brokers.ccxt_pull.venue import PAGES_MAX, add_movements, number
from journal.brokers.fetching import Rate, Window
from journal.brokers.pull_faults import half_answer
from journal.domain.exact import divide

RATES = (Rate(4, timedelta(seconds=1)),)
OPTIONS = {"fetchMarkets": {"types": ["spot", "future", "swap"]}}
CODES = {"50119": "AuthenticationError", "50120": "PermissionDenied"}
REACH = timedelta(days=89)
_SETTLED = timedelta(minutes=5)
_PAGE = 100
_FILLS = ("SPOT", "MARGIN", "SWAP", "FUTURES", "OPTION")
# Interest, funding, clawback.
_BILLS = ("7", "8", "10")
_DELIVERY = "3"
_SIDES = {"112": "sell", "113": "buy", "170": "sell", "171": "buy"}
_KINDS = {
    "SPOT": ("spot",),
    "MARGIN": ("spot",),
    "SWAP": ("swap",),
    "FUTURES": ("future",),
    "OPTION": ("option",),
}


class Okx:
    span = timedelta(days=28)

    def __init__(self, talk: Talk) -> None:
        self._talk = talk

    def account(self) -> str:
        for one in self._data("private_get_account_config", {}):
            if one.get("uid"):
                return str(one["uid"])
        raise half_answer(self._talk.name)

    def complete(self, part: Window) -> datetime | None:
        return min(part.until, self._talk.link.now() - _SETTLED)

    def collect(self, part: Window, *, is_current: bool) -> Sections:
        self._talk.load_markets()
        sections = Sections()
        if is_current:
            sections.positions = self._positions()
            sections.balances = self._balances()
        for kind in _FILLS:
            rows = self._listed("private_get_trade_fills_history", {"instType": kind}, part)
            sections.trades += [
                self._parsed("parse_trade", one)
                for one in distinct(rows, "instId", "tradeId", "billId")
            ]
            if rows and kind != "OPTION":
                sections.orders += self._orders(kind, part)
        for type_ in _BILLS:
            rows = self._listed("private_get_account_bills_archive", {"type": type_}, part)
            sections.ledger += [self._entry(one) for one in distinct(rows, "billId")]
        rows = self._listed("private_get_account_bills_archive", {"type": _DELIVERY}, part)
        sections.settlements = [_settlement(one) for one in distinct(rows, "billId")]
        add_movements(self._talk, part, self.span, _PAGE, sections)
        return sections

    def _data(self, method: str, params: Row) -> list[Row]:
        answer = self._talk.ask(method, params, lambda found: is_rows(found.get("data")))
        return list(answer["data"])

    def _orders(self, kind: str, part: Window) -> list[Row]:
        """What became of those that were placed in this time."""
        rows = self._listed(
            "private_get_trade_orders_history_archive", {"instType": kind}, part, "ordId"
        )
        return [self._parsed("parse_order", one) for one in distinct(rows, "ordId")]

    def _listed(self, method: str, params: Row, part: Window, id_: str = "billId") -> list[Row]:
        """Each page must be older than the one before."""
        rows: list[Row] = []
        asked = {**params, "begin": ms(part.since), "end": ms(part.until) - 1, "limit": _PAGE}
        for _ in range(PAGES_MAX):
            page = self._data(method, asked)
            if page and rows and int(page[0][id_]) >= int(rows[-1][id_]):
                break
            rows += page
            if len(page) < _PAGE:
                return rows
            asked = {**asked, "after": rows[-1][id_]}
        raise faults.list_moves(self._talk.name)

    def _parsed(self, method: str, row: Row) -> Row:
        market = self._talk.market(str(row.get("instId")), *_KINDS[str(row.get("instType"))])
        return self._talk.parsed(method, row, market, {"code": "0", "data": [row]})

    def _symbol(self, row: Row) -> str:
        stated = str(row.get("instId") or "")
        market = self._talk.market(stated, "spot", "swap", "future", "option")
        return str(market["symbol"]) if market else _own_symbol(stated)

    def _entry(self, row: Row) -> Row:
        return {
            "id": row.get("billId"),
            "timestamp": int(str(row.get("ts"))),
            "currency": row.get("ccy"),
            "amount": row.get("balChg"),
            "symbol": self._symbol(row),
            "type": row.get("type"),
            "info": row,
        }

    def _positions(self) -> list[Row]:
        found = []
        for row in self._data("private_get_account_positions", {}):
            market = self._talk.market(str(row.get("instId")), "swap", "future")
            if market is not None and number(row.get("pos")):
                found.append(dict(self._talk.ccxt.parse_position(row, market)))
        return found

    def _balances(self) -> list[Row]:
        details = [
            coin
            for one in self._data("private_get_account_balance", {})
            for coin in one.get("details") or []
        ]
        return [{"currency": one.get("ccy"), "total": one.get("cashBal")} for one in details]


def _own_symbol(stated: str) -> str:
    try:
        return symbols.from_okx(stated) if stated else ""
    except ValueError:
        return stated


def _settlement(row: Row) -> Row:
    """A contract that ended. An option that ended worthless does not say of which side it was held."""
    symbol = _own_symbol(str(row.get("instId") or ""))
    sub_type = str(row.get("subType"))
    fee = number(row.get("fee")).copy_negate()
    return {
        "id": f"delivery:{row.get('billId')}",
        "timestamp": int(str(row.get("ts"))),
        "symbol": symbol,
        "side": _SIDES.get(sub_type, ""),
        "amount": row.get("sz"),
        "price": f"{_worth(symbol, number(row.get('px'))):f}" if sub_type in _SIDES else "0",
        "fee": {"cost": f"{fee:f}", "currency": row.get("ccy")},
        "info": row,
    }


def _worth(symbol: str, price: Decimal) -> Decimal:
    """Of one unit: a future's is its price, an option's what it pays, in the coin where it settles in that."""
    parts = symbol.partition(":")[2].split("-")
    if len(parts) < 4:
        return price
    strike = number(parts[2])
    paid = max(Decimal(0), price - strike if parts[3] == "C" else strike - price)
    settles_in_coin = symbol.startswith(f"{parts[0]}/")
    return divide(paid, price) if settles_in_coin and price else paid
