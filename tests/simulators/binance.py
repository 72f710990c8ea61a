"""Binance as far as a pull uses it: spot and USD-M futures, signed questions, one market at a time, windows and ids."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.simulators.exchange import API_KEY, DAY_MS, Exchange, Row, between, signature
from tests.simulators.wire import Request, Response

UID = 354937868
_WEEK = 7 * DAY_MS


def error(code: int, text: str = "…", status: int = 400, **headers: str) -> Response:
    response = Response.of({"code": code, "msg": text}, status)
    response.headers = {name.replace("_", "-"): value for name, value in headers.items()}
    return response


BANNED = error(
    -1003, "Way too many requests; IP banned until 1795019999999.", 418, Retry_After="1800"
)
SLOW_DOWN = error(-1003, "Too much request weight used", 429, Retry_After="7")


def spot_trade(
    id_: int, at: int, symbol: str, side: str, price: str, quantity: str, **more: Any
) -> Row:
    row = {
        "symbol": symbol, "id": id_, "orderId": id_ + 7, "orderListId": -1, "price": price, "qty": quantity,
        "quoteQty": f"{float(price) * float(quantity):.8f}", "commission": "0", "commissionAsset": "BNB", "time": at,
        "isBuyer": side == "buy", "isMaker": False, "isBestMatch": True,
    }  # fmt: skip
    return row | more


def futures_trade(
    id_: int, at: int, symbol: str, side: str, price: str, quantity: str, **more: Any
) -> Row:
    row = {
        "symbol": symbol, "id": id_, "orderId": id_ + 7, "side": side.upper(), "price": price, "qty": quantity,
        "realizedPnl": "0", "quoteQty": f"{float(price) * float(quantity):.8f}", "commission": "0.1",
        "commissionAsset": "USDT", "time": at, "positionSide": "BOTH", "buyer": side == "buy", "maker": False,
    }  # fmt: skip
    return row | more


def income(id_: int, at: int, kind: str, amount: str, symbol: str = "DOGEUSDT", **more: Any) -> Row:
    row = {"symbol": symbol, "incomeType": kind, "income": amount, "asset": "USDT", "info": kind, "time": at,
           "tranId": id_, "tradeId": ""}  # fmt: skip
    return row | more


class Binance(Exchange):
    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.is_key_valid = True
        self.has_futures = True
        self.spot: list[Row] = []
        self.futures: list[Row] = []
        self.incomes: list[Row] = []
        self.forced: list[Row] = []
        self.positions: list[Row] = []
        self.assets: dict[str, str] = {"USDT": "1000"}
        self.changed_at = 0
        self.deposits: list[Row] = []
        self.pairs = ["BTCUSDT", "SOLUSDT", "BNBUSDT", "SOLBTC", "ETHUSDT"]

    def respond(self, request: Request) -> Response:
        path = request.path
        if path == "/api/v3/exchangeInfo":
            return Response.of({"symbols": [_pair(one) for one in self.pairs]})
        if path == "/fapi/v1/exchangeInfo":
            return Response.of({"symbols": [_perpetual("DOGEUSDT"), _perpetual("BTCUSDT")]})
        if path in ("/api/v3/time", "/fapi/v1/time"):
            return Response.of({"serverTime": self.now})
        if path == "/api/v3/klines":
            day = int(request.params["startTime"]) // DAY_MS * DAY_MS
            return Response.of(
                [
                    [at, "1", "1", "1", "900", "1", 0, "1", 1, "1", "1", "0"]
                    for at in range(day, self.now, DAY_MS)
                ]
            )
        return self._refusal(request) or self._private(request)

    def _refusal(self, request: Request) -> Response | None:
        if request.headers.get("x-mbx-apikey") != API_KEY or not self.is_key_valid:
            return error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        at = int(request.params.get("timestamp", "0"))
        if at > self.now + 1000 or self.now - at > int(request.params.get("recvWindow", "5000")):
            return error(-1021, "Timestamp for this request is outside of the recvWindow.")
        signed, _, stated = request.query.partition("&signature=")
        if stated != signature(signed):
            return error(-1022, "Signature for this request is not valid.")
        if request.path.startswith("/fapi") and not self.has_futures:
            return error(-2015, "Invalid API-key, IP, or permissions for action.", 401)
        return None

    def _private(self, request: Request) -> Response:
        answer = self._lists(request.path, request.params)
        return error(-1, f"no {request.path}", 404) if answer is None else answer

    def _lists(self, path: str, params: dict[str, str]) -> Response | None:
        answers: dict[str, Callable[[], object]] = {
            "/api/v3/account": self._account,
            "/sapi/v1/account/apiRestrictions": lambda: {
                "enableReading": True,
                "enableFutures": self.has_futures,
            },
            "/api/v3/myTrades": lambda: self._my_trades(params),
            "/fapi/v1/userTrades": lambda: self._user_trades(params),
            "/fapi/v1/income": lambda: _windowed(self.incomes, params, 1000),
            "/fapi/v1/forceOrders": lambda: _windowed(self.forced, params, 100),
            "/fapi/v3/positionRisk": lambda: self.positions,
            "/fapi/v3/balance": lambda: [
                {"asset": "USDT", "balance": "250.5", "crossWalletBalance": "250.5"}
            ],
            "/sapi/v1/capital/deposit/hisrec": lambda: between(
                self.deposits, "insertTime", params["startTime"], params["endTime"]
            ),
            "/sapi/v1/capital/withdraw/history": list,
        }
        if path not in answers:
            return None
        answer = answers[path]()
        return answer if isinstance(answer, Response) else Response.of(answer)

    def _account(self) -> Row:
        balances = [
            {"asset": name, "free": amount, "locked": "0"} for name, amount in self.assets.items()
        ]
        return {
            "makerCommission": 10,
            "uid": UID,
            "updateTime": self.changed_at,
            "balances": balances,
        }

    def _my_trades(self, params: dict[str, str]) -> Response:
        if "symbol" not in params:
            return error(
                -1102, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
            )
        rows = sorted(
            (one for one in self.spot if one["symbol"] == params["symbol"]),
            key=lambda one: one["id"],
        )
        limit = int(params.get("limit", 500))
        assert "fromId" in params, "the newest trades are not asked for"
        return Response.of([one for one in rows if one["id"] >= int(params["fromId"])][:limit])

    def _user_trades(self, params: dict[str, str]) -> Response:
        rows = sorted(
            (one for one in self.futures if one["symbol"] == params["symbol"]),
            key=lambda one: one["id"],
        )
        limit = int(params.get("limit", 500))
        if "fromId" in params:
            if "startTime" in params or "endTime" in params:
                return error(-1128, "Combination of optional parameters invalid.")
            return Response.of([one for one in rows if one["id"] >= int(params["fromId"])][:limit])
        if int(params["endTime"]) - int(params["startTime"]) > _WEEK:
            return error(-4165, "Invalid time interval: The maximum time interval is 7 days.")
        return Response.of(between(rows, "time", params["startTime"], params["endTime"])[:limit])


def _windowed(rows: list[Row], params: dict[str, str], most: int) -> Response:
    if int(params["endTime"]) - int(params["startTime"]) > _WEEK:
        return error(-4165, "Invalid time interval: The maximum time interval is 7 days.")
    found = sorted(
        between(rows, "time", params["startTime"], params["endTime"]), key=lambda one: one["time"]
    )
    return Response.of(found[: min(most, int(params.get("limit", 100)))])


def _split(symbol: str) -> tuple[str, str]:
    quote = "BTC" if symbol.endswith("BTC") else "USDT"
    return symbol.removesuffix(quote), quote


def _pair(symbol: str) -> Row:
    base, quote = _split(symbol)
    return {
        "symbol": symbol, "status": "TRADING", "baseAsset": base, "baseAssetPrecision": 8, "quoteAsset": quote,
        "quotePrecision": 8, "quoteAssetPrecision": 8, "orderTypes": ["LIMIT", "MARKET"], "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False, "permissions": ["SPOT"], "permissionSets": [["SPOT"]],
        "filters": [
            {"filterType": "PRICE_FILTER", "minPrice": "0.01", "maxPrice": "1000000", "tickSize": "0.01"},
            {"filterType": "LOT_SIZE", "minQty": "0.0001", "maxQty": "9000", "stepSize": "0.0001"},
        ],
    }  # fmt: skip


def _perpetual(symbol: str) -> Row:
    _, quote = _split(symbol)
    return _pair(symbol) | {
        "pair": symbol, "contractType": "PERPETUAL", "deliveryDate": 4133404800000, "onboardDate": 1569398400000,
        "marginAsset": quote, "pricePrecision": 2, "quantityPrecision": 3, "underlyingType": "COIN",
        "maintMarginPercent": "2.5", "requiredMarginPercent": "5",
    }  # fmt: skip
