"""Bybit v5 as far as a pull uses it: signed questions, windows, cursors, its own error codes in answers of status 200."""

from __future__ import annotations

from typing import Any

from tests.simulators.exchange import API_KEY, DAY_MS, Exchange, Row, between, signature
from tests.simulators.wire import Request, Response

UID = 24680135
_WEEK = 7 * DAY_MS
_MONTH = 30 * DAY_MS
# Path: the name of its rows' time, the longest window, the largest page.
_LISTS = {
    "/v5/execution/list": ("execTime", _WEEK, 100),
    "/v5/order/history": ("createdTime", _WEEK, 50),
    "/v5/account/transaction-log": ("transactionTime", _WEEK, 50),
    "/v5/asset/delivery-record": ("deliveryTime", _MONTH, 50),
    "/v5/asset/deposit/query-record": ("successAt", _MONTH, 50),
    "/v5/asset/withdraw/query-record": ("createTime", _MONTH, 50),
}


def error(code: int, text: str = "…") -> Response:
    return Response.of({"retCode": code, "retMsg": text, "result": {}, "retExtInfo": {}, "time": 0})


def execution(at: int, symbol: str, side: str, price: str, quantity: str, **more: Any) -> Row:
    value = f"{float(price) * float(quantity):.8f}"
    row = {
        "symbol": symbol, "orderId": f"o-{at}", "orderLinkId": "", "side": side, "orderPrice": price,
        "orderQty": quantity, "leavesQty": "0", "createType": "CreateByUser", "orderType": "Limit",
        "stopOrderType": "", "execFee": "0", "execId": f"e-{symbol}-{at}", "execPrice": price, "execQty": quantity,
        "execType": "Trade", "execValue": value, "execTime": str(at), "feeCurrency": "", "isMaker": False,
        "feeRate": "0.0006", "closedSize": "0", "seq": at, "category": "linear",
    }  # fmt: skip
    return row | more


class Bybit(Exchange):
    """Rows of a list carry their `category` where the list is asked by one; newest come first."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.is_key_valid = True
        self.rows: dict[str, list[Row]] = {path: [] for path in _LISTS}
        self.positions: list[Row] = []
        self.coins: list[Row] = []
        self.gone: set[str] = set()

    @property
    def executions(self) -> list[Row]:
        return self.rows["/v5/execution/list"]

    def respond(self, request: Request) -> Response:
        path = request.path
        if path == "/v5/market/time":
            return _ok(
                {"timeSecond": str(self.now // 1000), "timeNano": str(self.now * 1_000_000)},
                time=self.now,
            )
        if path == "/v5/market/instruments-info":
            return _ok({"category": request.params["category"], "nextPageCursor": "",
                        "list": [one for one in _MARKETS[request.params["category"]] if one["symbol"] not in self.gone]})  # fmt: skip
        if path == "/v5/market/kline":
            return _ok(
                {
                    "category": "spot",
                    "symbol": request.params["symbol"],
                    "list": self._candles(request),
                }
            )
        return self._refusal(request) or self._private(request)

    def _refusal(self, request: Request) -> Response | None:
        """As the exchange does it: the clock before the key before the signature."""
        at = request.headers.get("x-bapi-timestamp", "0")
        window = request.headers.get("x-bapi-recv-window", "5000")
        if not -int(window) < int(at) - self.now < 1000:
            return error(10002, "invalid request, please check your server timestamp")
        key = request.headers.get("x-bapi-api-key", "")
        if key != API_KEY or not self.is_key_valid:
            return error(10003, "API key is invalid.")
        if request.headers.get("x-bapi-sign") != signature(f"{at}{key}{window}{request.query}"):
            return error(10004, "error sign! please check your signature generation algorithm.")
        return None

    def _private(self, request: Request) -> Response:
        path, params = request.path, request.params
        if path == "/v5/user/query-api":
            return _ok({"id": "1", "userID": UID, "readOnly": 1, "unified": 0, "uta": 1})
        if path == "/v5/position/list":
            assert (
                params["category"] != "linear" or params.get("settleCoin") or params.get("symbol")
            )
            coin = params.get("settleCoin", "")
            found = [
                one
                for one in self.positions
                if one["category"] == params["category"] and one["symbol"].endswith(coin)
            ]
            return _ok({"category": params["category"], "list": found, "nextPageCursor": ""})
        if path == "/v5/account/wallet-balance":
            return _ok({"list": [{"accountType": params["accountType"], "coin": self.coins}]})
        if path in _LISTS:
            return self._list(request)
        return Response.html(404, "Not Found")

    def _list(self, request: Request) -> Response:
        name, longest, page = _LISTS[request.path]
        params = request.params
        since, until = int(params["startTime"]), int(params["endTime"])
        if until - since > longest:
            return error(10001, "The time interval exceeds the limit")
        rows = between(self.rows[request.path], name, since, until)
        for key in ("category", "type"):
            if key in params:
                rows = [one for one in rows if one.get(key) == params[key]]
        rows.sort(key=lambda one: int(one[name]), reverse=True)
        size = min(page, int(params.get("limit", 20)))
        start = (
            int(params["cursor"].removeprefix("p%3A").removeprefix("p:"))
            if params.get("cursor")
            else 0
        )
        some = rows[start : start + size]
        cursor = f"p%3A{start + size}" if start + size < len(rows) else ""
        key = "rows" if request.path.endswith("query-record") else "list"
        return _ok({"category": params.get("category", ""), key: some, "nextPageCursor": cursor})

    def _candles(self, request: Request) -> list[list[str]]:
        """62000 at the end of each day, and in each minute 5 more or less; newest first."""
        if request.params["interval"] != "D":
            step = int(request.params["interval"]) * 60_000
            start = -(-int(request.params["start"]) // step) * step
            end = min(self.now + step, start + int(request.params["limit"]) * step)
            return [
                [str(at), "62000", "62005", "61995", "62000", "1", "1"]
                for at in range(start, end, step)
            ][::-1]
        day = int(request.params["start"]) // DAY_MS * DAY_MS
        days = range(day, self.now, DAY_MS)
        return [[str(at), "1", "1", "1", "62000", "1", "1"] for at in days][::-1]


def _ok(result: object, **more: Any) -> Response:
    return Response.of(
        {"retCode": 0, "retMsg": "OK", "result": result, "retExtInfo": {}, "time": 1, **more}
    )


def _pair(base: str, quote: str) -> Row:
    return {
        "symbol": f"{base}{quote}", "baseCoin": base, "quoteCoin": quote, "innovation": "0", "status": "Trading",
        "marginTrading": "both",
        "lotSizeFilter": {"basePrecision": "0.000001", "quotePrecision": "0.00000001", "minOrderQty": "0.0001",
                          "maxOrderQty": "100", "minOrderAmt": "1", "maxOrderAmt": "200000"},
        "priceFilter": {"tickSize": "0.01"},
    }  # fmt: skip


def _contract(
    symbol: str, kind: str, base: str, quote: str, settle: str, delivery: str = "0"
) -> Row:
    return {
        "symbol": symbol, "contractType": kind, "status": "Trading", "baseCoin": base, "quoteCoin": quote,
        "settleCoin": settle, "launchTime": "1585526400000", "deliveryTime": delivery, "deliveryFeeRate": "",
        "priceScale": "2", "unifiedMarginTrade": True, "fundingInterval": 480,
        "leverageFilter": {"minLeverage": "1", "maxLeverage": "100", "leverageStep": "0.01"},
        "priceFilter": {"minPrice": "0.5", "maxPrice": "999999", "tickSize": "0.5"},
        "lotSizeFilter": {"maxOrderQty": "100", "minOrderQty": "0.001", "qtyStep": "0.001"},
    }  # fmt: skip


_MARKETS = {
    "spot": [
        _pair("BTC", "USDT"),
        _pair("SOL", "USDT"),
        _pair("MNT", "USDT"),
        _pair("USDC", "USDT"),
    ],
    "linear": [
        _contract("BTCUSDT", "LinearPerpetual", "BTC", "USDT", "USDT"),
        _contract("ETHUSDT", "LinearPerpetual", "ETH", "USDT", "USDT"),
        _contract("BTCPERP", "LinearPerpetual", "BTC", "USDC", "USDC"),
        _contract("BTCUSDT-25DEC26", "LinearFutures", "BTC", "USDT", "USDT", "1798185600000"),
    ],
    "inverse": [_contract("BTCUSD", "InversePerpetual", "BTC", "USD", "BTC")],
    "option": [],
}
