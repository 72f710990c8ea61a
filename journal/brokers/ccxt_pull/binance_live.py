"""Binance at this moment: USD-M futures with their orders (conditional ones too), and what the spot wallet holds.

An order is asked for by its market, so which market it was sent to is remembered before it is sent. The worth of the
account is that of the futures wallet; it is not known while the spot wallet holds coins that are no dollars.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from journal.brokers.base import InstrumentRow
from journal.brokers.ccxt_json import symbols
from journal.brokers.ccxt_pull.binance import Binance
from journal.brokers.ccxt_pull.live import (
    LONG,
    SHORT,
    SPOT,
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
from journal.brokers.ccxt_pull.venue import number
from journal.brokers.live import AccountReading, ClosingOrder, Holding, WorkingOrder
from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO, Side

_DOLLARS = frozenset({"USDT", "USDC", "FDUSD", "BUSD", "USD"})
_KEPT = 40
_USD_M = "usd-m"
_TICKETS = {"BOTH": "", "LONG": LONG, "SHORT": SHORT}
_BOOK_TICKERS = {_USD_M: "fapipublic_get_ticker_bookticker", SPOT: "public_get_ticker_bookticker"}
_FATES = {
    "FILLED": Fate.FILLED, "NEW": Fate.WORKING, "PARTIALLY_FILLED": Fate.WORKING, "CANCELED": Fate.REJECTED,
    "REJECTED": Fate.REJECTED, "EXPIRED": Fate.REJECTED, "EXPIRED_IN_MATCH": Fate.REJECTED,
}  # fmt: skip


class BinanceLive(Binance):
    def __init__(self, talk: Talk, wanted: list[str]) -> None:
        super().__init__(talk, wanted)
        # ccxt takes a name that is known already for any invalid order.
        talk.know("-4116", "DuplicateOrderId", "linear")

    def read(self, account_id: str) -> AccountReading:
        at = self._talk.link.now()
        held_here = [(one.holding, Market(_USD_M, str(one.row["symbol"]))) for one in self._held()]
        orders = self.orders()
        wallet = self._talk.ask("fapiprivatev3_get_account")
        spot = self._talk.ask("private_get_account")
        totals: dict[str, Decimal] = {}
        for one in spot.get("balances") or []:
            totals[str(one["asset"])] = number(one.get("free")) + number(one.get("locked"))
        spare = sum((totals.get(name, ZERO) for name in _DOLLARS), ZERO)
        is_plain = not any(amount for name, amount in totals.items() if name not in _DOLLARS)
        for one in wallet.get("assets") or []:
            name = str(one["asset"])
            totals[name] = totals.get(name, ZERO) + number(one.get("walletBalance"))
        bought, cash = coins(
            self._talk, {name: amount for name, amount in totals.items() if amount}
        )
        held = tell_quotes([*held_here, *bought], self._tickers)
        return AccountReading(
            account_id, at, "USDT", tuple(held), tuple(orders),
            number(wallet.get("totalMarginBalance")) + spare if is_plain else None,
            number(wallet.get("totalWalletBalance")) + spare if is_plain else None,
            cash, number(wallet.get("totalInitialMargin")),
        )  # fmt: skip

    def holdings(self) -> list[Holding]:
        return [one.holding for one in self._held()]

    def _held(self) -> list[Held]:
        found = []
        for row in self._talk.ask_list("fapiprivatev3_get_positionrisk"):
            quantity = number(row["positionAmt"])
            if not quantity:
                continue
            side = str(row.get("positionSide") or "BOTH")
            mark = some(row.get("markPrice"))
            holding = Holding(
                self._contract(row), _TICKETS[side], quantity, some(row.get("entryPrice")), mark,
                self._talk.link.now() if mark else None, number(row.get("unRealizedProfit")),
            )  # fmt: skip
            found.append(Held(holding, row))
        return found

    def orders(self) -> list[WorkingOrder]:
        """`algo` before the number of a conditional one: they are kept apart there."""
        plain = self._talk.ask_list("fapiprivate_get_openorders")
        conditional = self._talk.ask_list("fapiprivate_get_openalgoorders")
        return [self._order(one, f"{one['orderId']}", "origQty") for one in plain] + [
            self._order(one, f"algo{one['algoId']}", "quantity") for one in conditional
        ]

    def _order(self, row: Row, name: str, size: str) -> WorkingOrder:
        said = str(row.get("clientOrderId") or row.get("clientAlgoId") or "")
        stop = some(row.get("stopPrice")) or some(row.get("triggerPrice"))
        closes = any(str(row.get(one)).lower() == "true" for one in ("reduceOnly", "closePosition"))
        return WorkingOrder(
            name, said, self._contract(row), side_of(self._talk, row.get("side")), number(row.get(size)),
            number(row.get("executedQty")), some(row.get("price")), stop, closes,
            moment(row.get("time") or row.get("createTime")),
        )  # fmt: skip

    def place(self, order: ClosingOrder) -> Reply:
        found = check_is_contract(order) or position_for(order, self._held())
        if isinstance(found, Reply):
            return found
        symbol, side = str(found.row["symbol"]), str(found.row.get("positionSide") or "BOTH")
        kept = dict(self._talk.link.state.get("closes") or {})
        latest = dict([*kept.items(), (order.client_id, symbol)][-_KEPT:])
        self._talk.link.remember(closes=latest)
        # In hedge mode the side of the position says that it can only become less.
        only = {"reduceOnly": "true"} if side == "BOTH" else {"positionSide": side}
        answer = send_once(
            self._talk,
            "fapiprivate_post_order",
            {
                "symbol": symbol,
                "side": "SELL" if order.side is Side.SELL else "BUY",
                "type": "MARKET",
                "quantity": f"{order.quantity:f}",
                "newClientOrderId": order.client_id,
                "newOrderRespType": "RESULT",
                **only,
            },
        )
        return answer if isinstance(answer, Reply) else _reply(answer)

    def find(self, client_id: str) -> Reply:
        symbol = (self._talk.link.state.get("closes") or {}).get(client_id)
        if symbol is None:
            # It is remembered before it is sent.
            return Reply(Fate.NEVER)
        asked = {"symbol": symbol, "origClientOrderId": client_id}
        answer = send_once(self._talk, "fapiprivate_get_order", asked)
        if not isinstance(answer, Reply):
            return _reply(answer)
        is_missing = answer.fate is Fate.REJECTED and "OrderNotFound" in answer.reason
        return Reply(Fate.NOT_FOUND if is_missing else Fate.UNKNOWN, reason=answer.reason)

    def cancel(self, order: WorkingOrder) -> None:
        if order.order_id.startswith("algo"):
            asked = {"algoId": order.order_id.removeprefix("algo")}
            send_once(self._talk, "fapiprivate_delete_algoorder", asked)
            return
        symbol = next(
            (one["symbol"] for one in self._talk.ask_list("fapiprivate_get_openorders")
             if f"{one['orderId']}" == order.order_id), None,
        )  # fmt: skip
        if symbol is not None:
            asked = {"symbol": str(symbol), "orderId": order.order_id}
            send_once(self._talk, "fapiprivate_delete_order", asked)

    def _tickers(self, kind: str, ids: Sequence[str]) -> dict[str, Ticker]:
        """Which markets are halted stands in a list of a megabyte alone: it is not asked for."""
        rows = rows_told(
            self._talk, _BOOK_TICKERS[kind], ids, lambda id_: {"symbol": id_}, {},
            lambda answer: [answer] if isinstance(answer, dict) else answer,
        )  # fmt: skip
        return {
            str(one.get("symbol")): ticker(
                one.get("bidPrice"), one.get("askPrice"), (one.get("bidQty"), one.get("askQty")), at=one.get("time")
            )
            for one in rows
        }  # fmt: skip

    def _contract(self, row: Row) -> InstrumentRow:
        stated = str(row.get("symbol"))
        return contract(self._talk, lambda: symbols.from_binance(stated, is_contract=True))


def _reply(row: Row) -> Reply:
    return reply_of(
        row.get("status"), _FATES, row.get("executedQty"), row.get("avgPrice"), row.get("orderId")
    )
