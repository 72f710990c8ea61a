"""OKX v5 as far as a pull uses it: signed questions, lists that go back from an id, its own codes in answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

from tests.simulators.exchange import API_KEY, API_SECRET, DAY_MS, Exchange, Row, between
from tests.simulators.wire import Request, Response

UID = "44705892343619584"
PASSPHRASE = "phrase-7Hk2"
_REACH = 92 * DAY_MS


def error(code: str, text: str = "…", status: int = 200) -> Response:
    return Response.of({"code": code, "msg": text, "data": []}, status)


SLOW_DOWN = error("50011", "Too Many Requests", 429)
BUSY = error("50013", "Systems are busy. Please try again later.")


def fill(id_: int, at: int, market: str, side: str, price: str, size: str, **more: Any) -> Row:
    kind = {1: "SPOT", 2: "SWAP" if market.endswith("SWAP") else "FUTURES"}[
        min(2, market.count("-"))
    ]
    row = {
        "instType": kind, "instId": market, "tradeId": str(id_), "ordId": str(id_ + 7), "clOrdId": "",
        "billId": str(10**6 + id_), "subType": "1" if side == "buy" else "2", "tag": "", "fillPx": price,
        "fillSz": size, "fillIdxPx": "", "fillPnl": "0", "side": side, "posSide": "net", "execType": "T",
        "feeCcy": "USDT", "fee": "-0.1", "ts": str(at), "fillTime": str(at),
    }  # fmt: skip
    return row | more


def bill(
    id_: int, at: int, kind: str, change: str, market: str = "BTC-USDT-SWAP", **more: Any
) -> Row:
    row = {"billId": str(id_), "ts": str(at), "type": kind, "subType": "", "ccy": "USDT", "balChg": change,
           "instId": market, "instType": "SWAP", "sz": "0", "px": "0", "fee": "0", "pnl": change}  # fmt: skip
    return row | more


class Okx(Exchange):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.is_key_valid = True
        self.fills: list[Row] = []
        self.bills: list[Row] = []
        self.orders: list[Row] = []
        self.positions: list[Row] = []
        self.coins: list[Row] = []
        self.deposits: list[Row] = []

    def respond(self, request: Request) -> Response:
        path = request.path
        if path == "/api/v5/public/instruments":
            return _ok([one for one in _MARKETS if one["instType"] == request.params["instType"]])
        if path == "/api/v5/public/time":
            return _ok([{"ts": str(self.now)}])
        if path in ("/api/v5/market/candles", "/api/v5/market/history-candles"):
            return _ok(self._candles(request.params))
        return self._refusal(request) or self._private(request)

    def _refusal(self, request: Request) -> Response | None:
        headers = request.headers
        stated = headers.get("ok-access-timestamp", "1970-01-01T00:00:00.000Z")
        at = datetime.fromisoformat(stated).astimezone(UTC)
        if abs(int(at.timestamp() * 1000) - self.now) > 30_000:
            return error("50102", "Timestamp request expired", 401)
        if headers.get("ok-access-key") != API_KEY or not self.is_key_valid:
            return error("50111", "Invalid OK-ACCESS-KEY", 401)
        if headers.get("ok-access-passphrase") != PASSPHRASE:
            return error("50105", "Request header OK-ACCESS-PASSPHRASE incorrect.", 401)
        query = f"?{request.query}" if request.query else ""
        text = f"{stated}{request.method}{request.path}{query}"
        digest = hmac.new(API_SECRET.encode(), text.encode(), hashlib.sha256).digest()
        if headers.get("ok-access-sign") != base64.b64encode(digest).decode():
            return error("50113", "Invalid Sign", 401)
        return None

    def _private(self, request: Request) -> Response:
        path, params = request.path, request.params
        if path == "/api/v5/trade/fills-history":
            return self._backwards(
                [one for one in self.fills if one["instType"] == params["instType"]], params
            )
        if path == "/api/v5/trade/orders-history-archive":
            found = [one for one in self.orders if one["instType"] == params["instType"]]
            return self._backwards(found, params, "cTime", "ordId")
        if path == "/api/v5/account/bills-archive":
            return self._backwards(
                [one for one in self.bills if one["type"] == params["type"]], params
            )
        if path == "/api/v5/asset/deposit-history":
            return _ok(
                between(self.deposits, "ts", int(params["before"]) + 1, int(params["after"]) - 1)
            )
        plain: dict[str, list[Row]] = {
            "/api/v5/account/config": [{"uid": UID, "posMode": "net_mode", "perm": "read_only"}],
            "/api/v5/account/positions": self.positions,
            "/api/v5/account/balance": [{"uTime": str(self.now), "details": self.coins}],
            "/api/v5/asset/withdrawal-history": [],
        }
        return _ok(plain[path]) if path in plain else error("50404", "not here", 404)

    def _backwards(
        self, rows: list[Row], params: dict[str, str], at: str = "ts", id_: str = "billId"
    ) -> Response:
        since = max(int(params.get("begin", 0)), self.now - _REACH)
        found = between(rows, at, since, params.get("end", self.now))
        found.sort(key=lambda one: int(one[id_]), reverse=True)
        if "after" in params:
            found = [one for one in found if int(one[id_]) < int(params["after"])]
        return _ok(found[: min(100, int(params.get("limit", 100)))])

    def _candles(self, params: dict[str, str]) -> list[list[str]]:
        since = int(params.get("before") or 0)
        days = range(-(-since // DAY_MS) * DAY_MS, self.now, DAY_MS)
        return [[str(at), "1", "1", "1", "62000", "1", "1", "1", "1"] for at in days][::-1]


def _ok(data: object) -> Response:
    return Response.of({"code": "0", "msg": "", "data": data})


def _market(name: str, kind: str, **more: str) -> Row:
    base, quote, *_ = name.split("-")
    row = {
        "instType": kind, "instId": name, "uly": "", "instFamily": "", "baseCcy": "", "quoteCcy": "", "settleCcy": "",
        "ctVal": "", "ctMult": "", "ctValCcy": "", "ctType": "", "optType": "", "stk": "", "listTime": "1548133413000",
        "expTime": "", "lever": "10", "tickSz": "0.1", "lotSz": "1", "minSz": "1", "state": "live", "alias": "",
        "category": "1", "maxLmtSz": "1000", "maxMktSz": "1000",
    }  # fmt: skip
    if kind == "SPOT":
        return row | {"baseCcy": base, "quoteCcy": quote} | more
    family = f"{base}-{quote}"
    return row | {"uly": family, "instFamily": family, "ctMult": "1"} | more


_MARKETS = [
    _market("BTC-USDT", "SPOT"),
    _market("TON-USDT", "SPOT"),
    _market("BTC-USDT-SWAP", "SWAP", settleCcy="USDT", ctVal="0.01", ctValCcy="BTC", ctType="linear"),
    _market("BTC-USD-SWAP", "SWAP", settleCcy="BTC", ctVal="100", ctValCcy="USD", ctType="inverse"),
    _market("BTC-USDT-261225", "FUTURES", settleCcy="USDT", ctVal="0.01", ctValCcy="BTC", ctType="linear",
            expTime="1798185600000"),
]  # fmt: skip
