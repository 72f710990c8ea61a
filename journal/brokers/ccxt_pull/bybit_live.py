"""Bybit v5 at this moment: contracts of all settlements, orders at work (conditional ones too), the unified wallet."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_pull.bybit import Bybit
from journal.brokers.ccxt_pull.live import (
    LONG,
    SHORT,
    Held,
    check_is_contract,
    coins,
    contract,
    position_for,
    reply_of,
    send_once,
    side_of,
    some,
)
from journal.brokers.ccxt_pull.quotes import Market, Ticker, rows_told, tell_quotes, ticker
from journal.brokers.ccxt_pull.talk import Row, Talk, moment
from journal.brokers.ccxt_pull.venue import cursor_pages, number
from journal.brokers.live import AccountReading, ClosingOrder, Holding, WorkingOrder
from journal.brokers.pull_faults import half_answer
from journal.domain.fate import Fate, Reply
from journal.domain.values import Side

_KINDS: tuple[Row, ...] = (
    {"category": "linear", "settleCoin": "USDT"},
    {"category": "linear", "settleCoin": "USDC"},
    {"category": "inverse"},
)
_SIGNS = {"Buy": 1, "Sell": -1}
_FATES = {
    "Filled": Fate.FILLED, "New": Fate.WORKING, "PartiallyFilled": Fate.WORKING, "Untriggered": Fate.WORKING,
    "Triggered": Fate.WORKING, "Created": Fate.WORKING, "Cancelled": Fate.REJECTED, "Rejected": Fate.REJECTED,
    "PartiallyFilledCanceled": Fate.REJECTED, "Deactivated": Fate.REJECTED,
}  # fmt: skip
_TICKETS = {"0": "", "1": LONG, "2": SHORT}
# All of them fit on one page.
_MARKETS = 1_000
_CREATE = "private_post_v5_order_create"


class BybitLive(Bybit):
    def __init__(self, talk: Talk) -> None:
        super().__init__(talk)
        # ccxt takes a name that is known already for any invalid order.
        for code in ("110072", "170141"):
            talk.know(code, "DuplicateOrderId")
        # By the number of an order its category, by our symbol the exchange's.
        self._places: dict[str, str] = {}
        self._ids: dict[str, str] = {}

    def read(self, account_id: str) -> AccountReading:
        at = self._talk.link.now()
        held_here = [
            (one.holding, Market(str(one.row["category"]), str(one.row["symbol"])))
            for one in self._held()
        ]
        orders = self.orders()
        wallet = next(iter(self._pages("account_wallet_balance", {"accountType": "UNIFIED"})), None)
        if wallet is None:
            raise half_answer(self._talk.name)
        totals = {
            str(one.get("coin")): number(one.get("walletBalance"))
            for one in wallet.get("coin") or []
        }
        bought, cash = coins(self._talk, totals)
        held = tell_quotes([*held_here, *bought], self._tickers)
        return AccountReading(
            account_id, at, "USD", tuple(held), tuple(orders), some(wallet.get("totalEquity")),
            some(wallet.get("totalWalletBalance")), cash, number(wallet.get("totalInitialMargin")),
        )  # fmt: skip

    def holdings(self) -> list[Holding]:
        return [one.holding for one in self._held()]

    def _held(self) -> list[Held]:
        found = []
        for params in _KINDS:
            for told in self._pages("position_list", {**params, "limit": 200}):
                row = {**told, "category": params["category"]}
                size, side = number(row.get("size")), str(row.get("side"))
                if size:
                    if side not in _SIGNS:
                        raise half_answer(self._talk.name)
                    found.append(Held(self._holding(row, _SIGNS[side] * size), row))
        return found

    def _holding(self, row: Row, quantity: Decimal) -> Holding:
        """In hedge mode (1 long, 2 short) both sides are positions of their own."""
        index = str(row.get("positionIdx") or "0")
        mark = some(row.get("markPrice"))
        return Holding(
            self._contract(row), _TICKETS[index], quantity, some(row.get("avgPrice")), mark,
            self._talk.link.now() if mark else None, number(row.get("unrealisedPnl")), some(row.get("stopLoss")),
            some(row.get("takeProfit")),
        )  # fmt: skip

    def orders(self) -> list[WorkingOrder]:
        found = []
        for params in (*_KINDS, {"category": "spot"}):
            for told in self._pages("order_realtime", {**params, "openOnly": 0, "limit": 50}):
                row = {**told, "category": params["category"]}
                self._places[str(row["orderId"])] = str(params["category"])
                found.append(
                    WorkingOrder(
                        str(row["orderId"]), str(row.get("orderLinkId") or ""), self._contract(row),
                        side_of(self._talk, row.get("side")), number(row.get("qty")), number(row.get("cumExecQty")),
                        some(row.get("price")), some(row.get("triggerPrice")),
                        str(row.get("reduceOnly")).lower() == "true", moment(row.get("createdTime")),
                    )
                )  # fmt: skip
        return found

    def place(self, order: ClosingOrder) -> Reply:
        found = check_is_contract(order) or position_for(order, self._held())
        if isinstance(found, Reply):
            return found
        answer = send_once(
            self._talk,
            _CREATE,
            {
                "category": found.row["category"],
                "symbol": found.row["symbol"],
                "side": "Sell" if order.side is Side.SELL else "Buy",
                "orderType": "Market",
                "qty": f"{order.quantity:f}",
                "reduceOnly": True,
                "positionIdx": int(str(found.row.get("positionIdx") or 0)),
                "orderLinkId": order.client_id,
            },
        )
        if isinstance(answer, Reply):
            return answer
        # It says that the order came, and nothing of its fate.
        return Reply(Fate.WORKING, order_id=str((answer.get("result") or {}).get("orderId") or ""))

    def find(self, client_id: str) -> Reply:
        for method in ("order_realtime", "order_history"):
            for category in ("linear", "inverse"):
                asked = {"category": category, "orderLinkId": client_id}
                for row in self._pages(method, asked):
                    return reply_of(
                        row.get("orderStatus"), _FATES, row.get("cumExecQty"), row.get("avgPrice"), row.get("orderId")
                    )  # fmt: skip
        return Reply(Fate.NOT_FOUND)

    def cancel(self, order: WorkingOrder) -> None:
        id_ = self._ids[order.instrument.symbol]
        asked = {"category": self._places[order.order_id], "symbol": id_, "orderId": order.order_id}
        send_once(self._talk, "private_post_v5_order_cancel", asked)

    def _tickers(self, category: str, ids: Sequence[str]) -> dict[str, Ticker]:
        def told(what: str, **whole: object) -> list[Row]:
            return rows_told(
                self._talk, f"public_get_v5_market_{what}", ids,
                lambda id_: {"category": category, "symbol": id_}, {"category": category, **whole}, _listed,
            )  # fmt: skip

        modes = {one.get("symbol"): one.get("status") for one in told("instruments_info", limit=_MARKETS)}  # fmt: skip
        return {
            str(one.get("symbol")): ticker(
                one.get("bid1Price"), one.get("ask1Price"), (one.get("bid1Size"), one.get("ask1Size")),
                one.get("lastPrice"),
            )._replace(is_halted=_is_halted(modes.get(one.get("symbol"))))
            for one in told("tickers")
        }  # fmt: skip

    def _contract(self, row: Row) -> InstrumentRow:
        stated, category = str(row.get("symbol")), str(row.get("category"))
        found = contract(self._talk, lambda: symbols.from_bybit(stated, category))
        self._ids[found.symbol] = stated
        return found

    def _pages(self, method: str, params: Row) -> list[Row]:
        return list(cursor_pages(self._talk, f"private_get_v5_{method}", params))


def _listed(answer: Any) -> Any:
    return ((answer if isinstance(answer, dict) else {}).get("result") or {}).get("list")


def _is_halted(status: object) -> bool | None:
    return None if not status else status != "Trading"
