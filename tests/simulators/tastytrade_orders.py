"""tastytrade's API with orders: scripted fills, and what it does to whoever is careless.

Without "strict-position-effect-validation" an order that closes what is gone opens it the other way round, as there. A
name (external-identifier) that comes twice makes two orders.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from tests.simulators.tastytrade import Account, Tastytrade, error
from tests.simulators.wire import Request, Response

NUMBER = "5WX00001"
ORDERS = f"/accounts/{NUMBER}/orders"
_PATH = re.compile(r"/accounts/(\w+)/(orders|complex-orders)(?:/([\w-]+))?")
_OVER = ("Filled", "Cancelled", "Rejected", "Expired")


class TradingTastytrade(Tastytrade):
    """`in_steps`: an order is live first, and filled by so much each time that it is asked about; None: at once."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.scope = "read trade openid"
        self.price = "21.5"
        self.cash = "5000.0"
        self.in_steps: int | None = None
        self.is_session_offline = False
        self.placed: list[dict] = []
        # What it tells of markets beside their symbols.
        self.quotes: dict[str, dict] = {}

    def _list(self, request: Request) -> Response:
        match = _PATH.fullmatch(request.path)
        if request.path == "/market-data/by-type":
            asked = [one for some in request.params.values() for one in some.split(",")]
            assert len(asked) <= 100
            items = [{"symbol": one} | self.quotes[one] for one in asked if one in self.quotes]
            return Response.of({"data": {"items": items}, "pagination": None})
        if request.path.endswith("/balances"):
            return self._balances_now(request)
        if match is None or match[1] not in self.accounts:
            return super()._list(request)
        account, name = self.accounts[match[1]], match[3] or ""
        ways: dict[tuple[str, bool], Callable[[], Response]] = {
            ("POST", True): lambda: self._dry(account, request),
            ("POST", False): lambda: self._place(account, request),
            ("DELETE", True): lambda: self._cancel(match[2], name),
            ("GET", True): self._live,
        }
        way = ways.get((request.method, bool(name)))
        return way() if way else super()._list(request)

    def _orders(self, account: Account, request: Request) -> Response:
        account.orders = [one for one in self.placed if one["status"] in _OVER]
        return super()._orders(account, request)

    def _live(self) -> Response:
        for one in self.placed:
            if (
                one["status"] == "Live"
                and "stop-trigger" not in one
                and one["order-type"] == "Market"
            ):
                self._fill(one, self.in_steps or 10**9)
        return Response.of({"data": {"items": self.placed}, "context": "/orders/live"})

    def _balances_now(self, request: Request) -> Response:
        return Response.of(
            {
                "data": {
                    "account-number": NUMBER, "cash-balance": self.cash, "cash-balance-effect": "Credit",
                    "net-liquidating-value": "7100.0", "maintenance-requirement": "1050.0", "currency": "USD",
                },
                "context": request.path,
            }
        )  # fmt: skip

    def _refuse(self) -> Response | None:
        if "trade" not in self.scope.split():
            return error(403, "not_permitted")
        if self.is_session_offline:
            return Response.of(
                {
                    "data": {"buying-power-effect": {}},
                    "error": {
                        "code": "preflight_check_failure",
                        "errors": [{"code": "session_offline", "message": "Session offline"}],
                    },
                },
                422,
            )
        return None

    def _dry(self, account: Account, request: Request) -> Response:
        assert request.path.endswith("/dry-run")
        return self._refuse() or Response.of({"data": {"order": {"status": "Received"}, "warnings": []}})  # fmt: skip

    def _place(self, account: Account, request: Request) -> Response:
        refused = self._refuse()
        if refused:
            return refused
        order = dict(request.json()) | {
            "id": 900_000 + len(self.placed), "status": "Live", "received-at": self.clock.now().isoformat(),
            "account-number": account.number,
        }  # fmt: skip
        for leg in order["legs"]:
            leg |= {"remaining-quantity": leg["quantity"], "fills": []}
        self.placed.append(order)
        if self._is_strict(order) and not self._can_close(account, order["legs"][0]):
            order |= {"status": "Rejected", "reject-reason": "position_effect_invalid"}
        elif order["order-type"] == "Market" and self.in_steps is None:
            self._fill(order, 10**9)
        return Response.of({"data": {"order": order, "warnings": []}}, 201)

    def _is_strict(self, order: dict) -> bool:
        return bool(order.get("advanced-instructions", {}).get("strict-position-effect-validation"))

    def _can_close(self, account: Account, leg: dict) -> bool:
        for one in account.positions:
            if one["symbol"] == leg["symbol"]:
                direction = "Long" if leg["action"] == "Sell to Close" else "Short"
                fits = one["quantity"] >= leg["quantity"] or not isinstance(leg["quantity"], int)
                return one["quantity-direction"] == direction and fits
        return False

    def _fill(self, order: dict, most: int) -> None:
        leg = order["legs"][0]
        count = min(most, int(leg["remaining-quantity"]))
        leg["fills"].append(
            {"fill-id": f"{order['id']}-{len(leg['fills'])}", "quantity": count, "fill-price": self.price,
             "filled-at": self.clock.now().isoformat()}
        )  # fmt: skip
        leg["remaining-quantity"] = int(leg["remaining-quantity"]) - count
        if not leg["remaining-quantity"]:
            order["status"] = "Filled"
        self._move(order["account-number"], leg, count)

    def _move(self, number: str, leg: dict, count: int) -> None:
        account = self.accounts[number]
        sign = 1 if leg["action"].startswith("Buy") else -1
        row = next((one for one in account.positions if one["symbol"] == leg["symbol"]), None)
        if row is None:
            row = {**leg, "quantity": 0, "quantity-direction": "Zero", "multiplier": 1}
            account.positions.append(row)
        held = row["quantity"] * {"Long": 1, "Short": -1, "Zero": 0}[row["quantity-direction"]]
        held += sign * count
        row["quantity"] = abs(held)
        row["quantity-direction"] = "Long" if held > 0 else "Short" if held else "Zero"
        account.positions = [one for one in account.positions if one["quantity"]]

    def _cancel(self, kind: str, name: str) -> Response:
        key = "id" if kind == "orders" else "complex-order-id"
        for one in self.placed:
            if str(one.get(key)) == name and one["status"] not in _OVER:
                one["status"] = "Cancelled"
        return Response.of({"data": {}})


def held(account: Account) -> dict[str, Decimal]:
    signs = {"Long": 1, "Short": -1}
    return {
        one["symbol"]: Decimal(one["quantity"]) * signs[one["quantity-direction"]]
        for one in account.positions
    }
