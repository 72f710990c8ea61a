"""tastytrade's API: grants, tokens of 900 seconds, User-Agent and version, accounts, lists in pages.

Rows are whatever a test puts into an account's lists; `transaction` and its siblings make whole ones. Numbers have no
sign but an effect beside them, as there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.simulators.link import Clock
from tests.simulators.wire import Request, Response, Simulator

CLIENT_SECRET = "cs-4f1d9ab27e"
REFRESH_TOKEN = "rt-eyJhbGciOiJFZERTQSJ9.93ba11"
VERSIONS = ("20250813", "20251101", "20261012")
_AGENT = re.compile(r"[\w.-]+/[\w.-]+")
_ACCOUNT = re.compile(r"/accounts/(\w+)(/[\w/-]+)")


def error(status: int, code: str, message: str = "") -> Response:
    return Response.of({"error": {"code": code, "message": message or code}}, status)


NGINX_401 = Response.html(401, "Authorization Required")
BAD_GATEWAY = Response.html(502, "Bad Gateway")
SLOW_DOWN = error(429, "too_many_requests")  # without any header about limits


@dataclass
class Account:
    number: str
    opened_at: str = "2024-02-01T15:00:00.000+00:00"
    transactions: list[dict] = field(default_factory=list)
    orders: list[dict] = field(default_factory=list)
    positions: list[dict] = field(default_factory=list)
    snapshots: list[dict] = field(default_factory=list)


class Tastytrade(Simulator):
    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self.clock = clock
        self.accounts: dict[str, Account] = {}
        self.is_revoked = False
        self.scope = "read openid"
        self.versions = VERSIONS
        self._tokens: dict[str, datetime] = {}

    def account(self, number: str, **fields: object) -> Account:
        return self.accounts.setdefault(number, Account(number, **fields))

    def withdraw_tokens(self) -> None:
        self._tokens.clear()

    def respond(self, request: Request) -> Response:
        if not _AGENT.match(request.headers.get("user-agent", "")):
            return NGINX_401
        if request.path == "/oauth/token":
            return self._token(request)
        refusal = self._refusal(request)
        if refusal is not None:
            return refusal
        if request.path == "/customers/me/accounts":
            return self._accounts()
        return self._list(request)

    def _list(self, request: Request) -> Response:
        match = _ACCOUNT.fullmatch(request.path)
        if not match or match[1] not in self.accounts:
            return error(404, "record_not_found")
        lists = {
            "/positions": self._positions, "/orders": self._orders,
            "/balance-snapshots": self._snapshots, "/transactions": self._transactions,
        }  # fmt: skip
        if match[2] not in lists:
            return error(404, "record_not_found")
        return lists[match[2]](self.accounts[match[1]], request)

    # -- who asks

    def _token(self, request: Request) -> Response:
        asked = request.json()
        if asked.get("grant_type") != "refresh_token":
            return _oauth_error("unsupported_grant_type")
        if asked.get("client_secret") != CLIENT_SECRET:
            return _oauth_error("invalid_client")
        if self.is_revoked or asked.get("refresh_token") != REFRESH_TOKEN:
            return _oauth_error("invalid_grant")
        token = f"at-{len(self.asked('/oauth/token'))}"
        self._tokens[token] = self.clock.now() + timedelta(seconds=900)
        return Response.of(
            {"access_token": token, "token_type": "Bearer", "expires_in": 900, "scope": self.scope}
        )

    def _refusal(self, request: Request) -> Response | None:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, self.clock.now()) <= self.clock.now():
            return error(401, "token_invalid")
        if "read" not in self.scope.split():
            return error(403, "not_permitted")
        version = request.headers.get("accept-version")
        if version is not None and (not version.isdecimal() or version < self.versions[0]):
            return error(406, "406")
        if version is not None and version > max(self.versions):
            return error(406, "406")
        return None

    def _version(self, request: Request) -> str:
        """A date between versions means the one before it; none means the newest."""
        asked = request.headers.get("accept-version", self.versions[-1])
        return max(one for one in self.versions if one <= asked)

    # -- what is asked

    def _accounts(self) -> Response:
        items = [
            {
                "account": {
                    "account-number": one.number, "opened-at": one.opened_at, "nickname": "Individual",
                    "account-type-name": "Individual", "is-closed": False, "margin-or-cash": "Margin",
                },
                "authority-level": "owner",
            }
            for one in self.accounts.values()
        ]  # fmt: skip
        return Response.of({"data": {"items": items}, "context": "/customers/me/accounts"})

    def _positions(self, account: Account, request: Request) -> Response:
        return Response.of({"data": {"items": account.positions}, "context": request.path})

    def _orders(self, account: Account, request: Request) -> Response:
        needs_start = self._version(request) >= "20261012"
        if needs_start and not request.params.keys() & {"start-date", "start-at"}:
            return error(400, "validation_error", "start-date is missing")
        found = [one for one in account.orders if _in_dates(one["received-at"][:10], request)]
        return _paged(found, request, "received-at", standard=10, most=200)

    def _snapshots(self, account: Account, request: Request) -> Response:
        if request.params.get("time-of-day") not in ("BOD", "EOD"):
            return error(400, "validation_error", "time-of-day is missing")
        found = [one for one in account.snapshots if _in_dates(one["snapshot-date"], request)]
        answer = _page(found, request, "snapshot-date", standard=250, most=2000)
        if isinstance(answer, Response):
            return answer
        today = f"{self.clock.now():%Y-%m-%d}"
        # What the balance is at this moment comes along, with another figure each time.
        figure = f"{1000 + len(self.requests)}.0"
        answer["data"]["items"].append(
            {"account-number": account.number, "cash-balance": figure, "snapshot-date": today}
        )
        return Response.of(answer)

    def _transactions(self, account: Account, request: Request) -> Response:
        since = datetime.fromisoformat(request.params.get("start-at", "2000-01-01T00:00:00Z"))
        until = datetime.fromisoformat(request.params.get("end-at", "2100-01-01T00:00:00Z"))
        found = [
            one
            for one in account.transactions
            if since <= datetime.fromisoformat(one["executed-at"]) < until
        ]
        return _paged(found, request, "executed-at", standard=250, most=2000)


def _oauth_error(code: str) -> Response:
    return Response.of({"error_code": code, "error_description": "…"}, 400)


def _in_dates(day: str, request: Request) -> bool:
    return request.params.get("start-date", "") <= day <= request.params.get("end-date", "9999")


def _paged(items: list[dict], request: Request, by: str, *, standard: int, most: int) -> Response:
    answer = _page(items, request, by, standard=standard, most=most)
    return answer if isinstance(answer, Response) else Response.of(answer)


def _page(
    items: list[dict], request: Request, by: str, *, standard: int, most: int
) -> dict | Response:
    per_page = int(request.params.get("per-page", standard))
    page = int(request.params.get("page-offset", 0))
    if not 1 <= per_page <= most:
        return error(400, "validation_error", "per-page does not have a valid value")
    is_newest_first = request.params.get("sort", "Desc") == "Desc"
    # Sorted by the moment alone: rows of one moment keep the order in which they were booked.
    ordered = sorted(items, key=lambda one: one[by], reverse=is_newest_first)
    shown = ordered[page * per_page : (page + 1) * per_page]
    return {
        "data": {"items": list(shown)},
        "context": request.path,
        "api-version": "v1",
        "pagination": {
            "per-page": per_page, "page-offset": page, "item-offset": page * per_page,
            "total-items": len(items), "total-pages": -(-len(items) // per_page),
            "current-item-count": len(shown), "previous-link": None, "next-link": None,
        },
    }  # fmt: skip


# -- rows


def effect(number: float) -> str:
    return "None" if not number else "Credit" if number > 0 else "Debit"


def trade(id: int, at: str, action: str, quantity: int, price: str, **more: object) -> dict:
    """A fill of shares; `more` changes or adds anything."""
    sign = 1 if action.startswith("Sell") else -1
    value = sign * quantity * float(price)
    row = {
        "id": id, "account-number": "5WX00001", "symbol": "FERN", "instrument-type": "Equity",
        "underlying-symbol": "FERN", "transaction-type": "Trade", "transaction-sub-type": action,
        "description": f"{action} {quantity} FERN @ {price}", "action": action, "quantity": f"{quantity}.0",
        "price": price, "executed-at": at, "transaction-date": at[:10],
        "value": f"{abs(value):.2f}", "value-effect": effect(value),
        "regulatory-fees": "0.02", "regulatory-fees-effect": "Debit",
        "clearing-fees": "0.08", "clearing-fees-effect": "Debit",
        "commission": "0.0", "commission-effect": "None",
        "net-value": f"{abs(value - 0.10):.2f}", "net-value-effect": effect(value - 0.10),
        "is-estimated-fee": True, "order-id": 700_000 + id, "exec-id": f"4_X-{id}", "leg-count": 1,
    }  # fmt: skip
    return row | more


def snapshot(day: str, cash: str, value: str) -> dict:
    return {
        "account-number": "5WX00001", "cash-balance": cash, "net-liquidating-value": value, "pending-cash": "0.0",
        "pending-cash-effect": "None", "snapshot-date": day, "time-of-day": "EOD", "currency": "USD",
    }  # fmt: skip


def position(symbol: str, quantity: int, **more: object) -> dict:
    """Quantity and multiplier are numbers, prices texts. `cost-effect` is that of closing."""
    row = {
        "account-number": "5WX00001", "symbol": symbol, "instrument-type": "Equity", "underlying-symbol": symbol,
        "quantity": abs(quantity), "quantity-direction": "Long" if quantity > 0 else "Short",
        "close-price": "21.0", "average-open-price": "20.0", "multiplier": 1,
        "cost-effect": "Credit" if quantity > 0 else "Debit", "is-suppressed": False, "is-frozen": False,
        "created-at": "2026-11-02T15:00:00.000+00:00", "updated-at": "2026-11-02T15:00:00.000+00:00",
    }  # fmt: skip
    return row | more


def order(id: int, at: str, **more: object) -> dict:
    row = {
        "id": id, "account-number": "5WX00001", "time-in-force": "Day", "order-type": "Limit", "size": 1,
        "underlying-symbol": "FERN", "underlying-instrument-type": "Equity", "price": "20.0", "price-effect": "Debit",
        "status": "Filled", "received-at": at, "updated-at": 1789652023617, "terminal-at": at, "legs": [],
    }  # fmt: skip
    return row | more
