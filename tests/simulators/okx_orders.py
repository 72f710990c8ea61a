"""OKX with positions and orders: names of letters and digits alone, orders that are too late, two modes of positions."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from decimal import Decimal as D
from typing import Any

from tests.simulators import okx
from tests.simulators.exchange import API_SECRET, Row
from tests.simulators.exchange_orders import Book, is_full
from tests.simulators.wire import Request, Response

_SIGNS = {"long": 1, "short": -1}


class TradingOkx(okx.Okx):
    """`book.held` by market and side (net, long, short), signed."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.book = Book()
        self.may_trade = True
        self.working: list[Row] = []
        self.conditional: list[Row] = []
        self.options: list[Row] = []
        self.state = "live"
        self.bid, self.ask = "60999", "61001"
        self.quoted_at: int | None = None

    def respond(self, request: Request) -> Response:
        path, params = request.path, request.params
        if path == "/api/v5/public/instruments":
            rows = [one for one in [*okx._MARKETS, *self.options] if one["instType"] == params["instType"]]  # fmt: skip
            asked = params.get("instId")
            return okx._ok([one | {"state": self.state} for one in rows if asked in (None, one["instId"])])  # fmt: skip
        if path in ("/api/v5/market/ticker", "/api/v5/market/tickers"):
            ids = [params["instId"]] if "instId" in params else [one["instId"] for one in okx._MARKETS]  # fmt: skip
            return okx._ok([self._ticker(id_) for id_ in ids])
        return super().respond(request)

    def _ticker(self, id_: str) -> Row:
        at = self.now if self.quoted_at is None else self.quoted_at
        return {"instId": id_, "last": self.book.price, "bidPx": self.bid, "askPx": self.ask, "bidSz": "300",
                "askSz": "120.5", "ts": str(at)}  # fmt: skip

    def _refusal(self, request: Request) -> Response | None:
        if request.method != "POST":
            return super()._refusal(request)
        text = f"{request.headers['ok-access-timestamp']}POST{request.path}{request.body.decode()}"
        digest = hmac.new(API_SECRET.encode(), text.encode(), hashlib.sha256).digest()
        if request.headers.get("ok-access-sign") != base64.b64encode(digest).decode():
            return okx.error("50113", "Invalid Sign", 401)
        return None if self.may_trade else okx.error("50120", "No permission", 401)

    def _private(self, request: Request) -> Response:
        path, params = request.path, request.params
        if request.method == "POST":
            return self._change(request)
        if path == "/api/v5/trade/order":
            return self._told(params)
        usdt = {"ccy": "USDT", "cashBal": "5000", "eq": "5100", "eqUsd": "5100", "upl": "100", "isoUpl": "0"}  # fmt: skip
        lists: dict[str, list[Row]] = {
            "/api/v5/account/positions": [*map(self._position, self.book.held.items()), *self.positions],
            "/api/v5/account/balance": [{"totalEq": "5100", "imr": "610", "details": [usdt, *self.coins]}],
            "/api/v5/trade/orders-pending": self.working,
            "/api/v5/trade/orders-algo-pending": [
                one for one in self.conditional if one["ordType"] in params.get("ordType", "")
            ],
        }  # fmt: skip
        return okx._ok(lists[path]) if path in lists else super()._private(request)

    def _change(self, request: Request) -> Response:
        asked = json.loads(request.body)
        if request.path == "/api/v5/trade/order":
            return self._create(asked, request.headers.get("exptime"))
        if request.path == "/api/v5/trade/cancel-order":
            self.working = [one for one in self.working if one["ordId"] != asked["ordId"]]
            return okx._ok([{"ordId": asked["ordId"], "sCode": "0"}])
        gone = [one["algoId"] for one in asked]
        self.conditional = [one for one in self.conditional if one["algoId"] not in gone]
        return okx._ok([{"algoId": id_, "sCode": "0"} for id_ in gone])

    def _position(self, line: tuple[tuple[str, str], D]) -> Row:
        """In two modes the count has no sign."""
        (market, side), held = line
        count = held if side == "net" else held * _SIGNS[side]
        kind = {1: "SPOT", 2: "SWAP" if market.endswith("SWAP") else "FUTURES", 4: "OPTION"}
        return {"instType": kind[market.count("-")], "instId": market, "posSide": side, "pos": str(count),
                "mgnMode": "cross", "avgPx": "60000", "markPx": "61000", "upl": "100"}  # fmt: skip

    def _create(self, asked: Row, deadline: str | None) -> Response:
        name, side = asked["clOrdId"], asked.get("posSide", "net")
        if deadline is not None and int(deadline) < self.now:
            return okx.error("50036", "The expTime can't be earlier than the current system time.")
        if not name.isalnum() or len(name) > 32 or asked["tdMode"] != "cross":
            return _refused("51000", "Parameter error")
        if name in self.book.orders:
            return _refused("51016", "Client order ID already exists")
        closes = (side, asked["side"]) in (("long", "sell"), ("short", "buy"))
        only = closes or (side == "net" and asked.get("reduceOnly") is True)
        order = self.book.place(
            name, asked["instId"], asked["side"], D(asked["sz"]), place=side, only_reduces=only
        )
        if order["is_dead"]:
            del self.book.orders[name]
            return _refused("51169", "You don't have any positions in this direction to reduce or close.")  # fmt: skip
        return okx._ok([{"ordId": "7", "clOrdId": name, "sCode": "0", "sMsg": ""}])

    def _told(self, params: dict[str, str]) -> Response:
        order = self.book.look(params["clOrdId"])
        if order is None or order["symbol"] != params["instId"]:
            return okx.error("51603", "Order does not exist")
        state = "filled" if is_full(order) else "partially_filled"
        return okx._ok([{"ordId": "7", "clOrdId": order["name"], "state": state,
                         "accFillSz": str(order["filled"]), "avgPx": self.book.price}])  # fmt: skip


def _refused(code: str, text: str) -> Response:
    return Response.of({"code": "1", "msg": "All operations failed",
                        "data": [{"clOrdId": "", "ordId": "", "sCode": code, "sMsg": text}]})  # fmt: skip
