"""Bybit and Binance with positions and orders: scripted fills, names that are known twice, reduce-only as they keep to it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from decimal import Decimal as D
from typing import Any
from urllib.parse import parse_qsl

from tests.simulators import binance, bybit
from tests.simulators.exchange import API_KEY, Row, signature
from tests.simulators.wire import Request, Response


@dataclass
class Book:
    """`held` by market (and side in hedge mode). `in_parts`: only so much is filled until it is looked at again."""

    held: dict[tuple[str, str], D] = field(default_factory=dict)
    orders: dict[str, Row] = field(default_factory=dict)
    price: str = "61000"
    in_parts: D | None = None

    def place(self, name: str, symbol: str, side: str, size: D, *, place: str, only_reduces: bool) -> Row:  # fmt: skip
        """The order; one that would reduce nothing is none."""
        sign = 1 if side.lower() == "buy" else -1
        held = self.held.get((symbol, place), D(0))
        if only_reduces:
            size = min(size, max(-sign * held, D(0)))
        order = {"name": name, "symbol": symbol, "side": side, "place": place, "size": size, "filled": D(0),
                 "sign": sign, "is_dead": not size}  # fmt: skip
        self.orders[name] = order
        self.fill(order, self.in_parts or size)
        return order

    def fill(self, order: Row, most: D) -> None:
        count = min(most, order["size"] - order["filled"])
        order["filled"] += count
        key = (order["symbol"], order["place"])
        self.held[key] = self.held.get(key, D(0)) + order["sign"] * count

    def look(self, name: str) -> Row | None:
        order = self.orders.get(name)
        if order is not None and self.in_parts is not None:
            self.fill(order, self.in_parts)
        return order


def is_full(order: Row) -> bool:
    return order["size"] > 0 and order["filled"] == order["size"]


class TradingBybit(bybit.Bybit):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.book = Book()
        self.may_trade = True
        self.working: list[Row] = []
        self.spot_coins: list[Row] = []
        self.state, self.size = "Trading", "300"
        self.bid, self.ask = "60999", "61001"

    def respond(self, request: Request) -> Response:
        if request.path == "/v5/market/tickers":
            row = {"lastPrice": self.book.price, "bid1Price": self.bid, "ask1Price": self.ask, "bid1Size": self.size,
                   "ask1Size": "120.5"}  # fmt: skip
            names = [request.params["symbol"]] if "symbol" in request.params else self._names()
            return bybit._ok({"list": [row | {"symbol": name} for name in names]})
        if request.path == "/v5/market/instruments-info" and "symbol" in request.params:
            return bybit._ok({"list": [{"symbol": request.params["symbol"], "status": self.state}]})
        return super().respond(request)

    def _names(self) -> list[str]:
        return sorted({symbol for symbol, _ in self.book.held} | {"SOLUSDT"})

    def _refusal(self, request: Request) -> Response | None:
        if request.method != "POST":
            return super()._refusal(request)
        at, window = request.headers["x-bapi-timestamp"], request.headers["x-bapi-recv-window"]
        if request.headers["x-bapi-sign"] != signature(
            f"{at}{API_KEY}{window}{request.body.decode()}"
        ):
            return bybit.error(10004, "error sign!")
        return None if self.may_trade else bybit.error(10005, "Permission denied")

    def _private(self, request: Request) -> Response:
        path, params = request.path, request.params
        if path == "/v5/position/list":
            rows = [
                {"symbol": symbol, "size": f"{abs(held)}", "side": "Buy" if held > 0 else "Sell",
                 "positionIdx": int(place), "avgPrice": "60000", "markPrice": "61000", "unrealisedPnl": "100",
                 "stopLoss": "", "takeProfit": "", "positionValue": "6100"}
                for (symbol, place), held in self.book.held.items()
                if held and params["category"] == "linear" and symbol.endswith(params["settleCoin"])
            ]  # fmt: skip
            return bybit._ok({"category": params["category"], "list": rows, "nextPageCursor": ""})
        if path == "/v5/account/wallet-balance":
            wallet = {"totalEquity": "5100", "totalWalletBalance": "5000", "totalInitialMargin": "610",
                      "coin": [{"coin": "USDT", "walletBalance": "5000"}, *self.spot_coins]}  # fmt: skip
            return bybit._ok({"list": [wallet]})
        if path.startswith("/v5/order/") and request.method == "GET" and "startTime" not in params:
            found = self._realtime(params) if path.endswith("realtime") else []
            return bybit._ok({"list": found, "nextPageCursor": ""})
        if path == "/v5/order/create":
            return self._create(json.loads(request.body))
        if path == "/v5/order/cancel":
            asked = json.loads(request.body)
            self.working = [one for one in self.working if one["orderId"] != asked["orderId"]]
            return bybit._ok({"orderId": asked["orderId"]})
        return super()._private(request)

    def _realtime(self, params: dict[str, str]) -> list[Row]:
        if "orderLinkId" not in params:
            is_usdt = params.get("settleCoin") == "USDT"
            return self.working if is_usdt else []
        order = self.book.look(params["orderLinkId"])
        if order is None or params["category"] != "linear":
            return []
        status = (
            "Filled" if is_full(order) else "Cancelled" if order["is_dead"] else "PartiallyFilled"
        )
        return [{"orderId": "o1", "orderLinkId": order["name"], "orderStatus": status,
                 "cumExecQty": str(order["filled"]), "avgPrice": self.book.price}]  # fmt: skip

    def _create(self, asked: Row) -> Response:
        name = asked["orderLinkId"]
        if name in self.book.orders:
            return bybit.error(110072, "OrderLinkedID is duplicate")
        self.book.place(
            name, asked["symbol"], asked["side"], D(asked["qty"]), place=str(asked["positionIdx"]),
            only_reduces=asked.get("reduceOnly") is True,
        )  # fmt: skip
        return bybit._ok({"orderId": "o1", "orderLinkId": name})


class TradingBinance(binance.Binance):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.book = Book()
        self.may_trade = True
        self.working: list[Row] = []
        self.conditional: list[Row] = []
        self.bid, self.ask = "60999", "61001"
        self.quoted_at: int | None = None

    def respond(self, request: Request) -> Response:
        if request.path.endswith("/ticker/bookTicker"):
            at = self.now if self.quoted_at is None else self.quoted_at
            row = {"bidPrice": self.bid, "askPrice": self.ask, "bidQty": "300", "askQty": "120.5",
                   **({"time": at} if request.path.startswith("/fapi") else {})}  # fmt: skip
            if "symbol" in request.params:
                return Response.of(row | {"symbol": request.params["symbol"]})
            return Response.of([row | {"symbol": symbol} for symbol, _ in self.book.held])
        return super().respond(request)

    def _refusal(self, request: Request) -> Response | None:
        if request.method != "POST":
            return super()._refusal(request)
        signed, _, stated = request.body.decode().partition("&signature=")
        if stated != signature(signed):
            return binance.error(-1022, "Signature for this request is not valid.")
        if not self.may_trade:
            return binance.error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return None

    def _lists(self, path: str, params: dict[str, str]) -> Response | None:
        if path == "/fapi/v3/positionRisk":
            rows = [
                {"symbol": symbol, "positionSide": place, "positionAmt": str(held), "entryPrice": "60000",
                 "markPrice": "61000", "unRealizedProfit": "100"}
                for (symbol, place), held in self.book.held.items()
            ]  # fmt: skip
            return Response.of(rows)
        if path == "/fapi/v3/account":
            wallet = {"totalMarginBalance": "5100", "totalWalletBalance": "5000", "totalInitialMargin": "610",
                      "assets": [{"asset": "USDT", "walletBalance": "5000"}]}  # fmt: skip
            return Response.of(wallet)
        plain = {"/fapi/v1/openOrders": self.working, "/fapi/v1/openAlgoOrders": self.conditional}
        return Response.of(plain[path]) if path in plain else super()._lists(path, params)

    def _private(self, request: Request) -> Response:
        if request.path == "/fapi/v1/order" and request.method == "POST":
            return self._create(dict(parse_qsl(request.body.decode())))
        if request.path == "/fapi/v1/order" and request.method == "GET":
            order = self.book.look(request.params["origClientOrderId"])
            if order is None or order["symbol"] != request.params["symbol"]:
                return binance.error(-2013, "Order does not exist.")
            return Response.of(self._told(order))
        if request.path == "/fapi/v1/order" and request.method == "DELETE":
            gone = request.params["orderId"]
            self.working = [one for one in self.working if str(one["orderId"]) != gone]
            return Response.of({})
        if request.path == "/fapi/v1/algoOrder" and request.method == "DELETE":
            gone = request.params["algoId"]
            self.conditional = [one for one in self.conditional if str(one["algoId"]) != gone]
            return Response.of({})
        return super()._private(request)

    def _create(self, asked: dict[str, str]) -> Response:
        place, name = asked.get("positionSide", "BOTH"), asked["newClientOrderId"]
        if name in self.book.orders:
            return binance.error(-4116, "ClientOrderId is duplicated.")
        if place != "BOTH" and "reduceOnly" in asked:
            return binance.error(-1106, "Parameter 'reduceonly' sent when not required.")
        only = asked.get("reduceOnly") == "true" or place != "BOTH"
        order = self.book.place(
            name,
            asked["symbol"],
            asked["side"],
            D(asked["quantity"]),
            place=place,
            only_reduces=only,
        )
        if order["is_dead"]:
            del self.book.orders[name]
            return binance.error(-2022, "ReduceOnly Order is rejected.")
        return Response.of(self._told(order))

    def _told(self, order: Row) -> Row:
        return {"orderId": 7, "clientOrderId": order["name"], "status": "FILLED" if is_full(order) else "PARTIALLY_FILLED",
                "executedQty": str(order["filled"]), "avgPrice": self.book.price}  # fmt: skip
