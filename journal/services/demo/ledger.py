"""What was executed and what is held: the broker's side of the demo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from random import Random
from typing import NamedTuple

from journal.services.demo.catalogue import DemoAccount
from journal.services.demo.contracts import Contract

ZERO = Decimal(0)


class Order(NamedTuple):
    """`quantity` is signed; it fills in `pieces` in a session of the market, at `part` of the day."""

    account: DemoAccount
    contract: Contract
    quantity: Decimal
    session: int
    part: float
    pieces: int = 1


class Charge(NamedTuple):
    fee: Decimal  # positive when it costs
    tax: Decimal
    currency: str  # of the fee


class Fill(NamedTuple):
    account: DemoAccount
    contract: Contract
    at: datetime  # New York's wall clock
    session: int
    quantity: Decimal  # signed
    price: Decimal
    effect: str
    notes: str
    order: int
    charge: Charge


class Cash(NamedTuple):
    account: DemoAccount
    on: date
    kind: str  # as Flex says it
    text: str
    amount: Decimal
    currency: str
    contract: Contract | None = None


class SplitRow(NamedTuple):
    account: DemoAccount
    contract: Contract
    on: date
    quantity: Decimal  # units added
    ratio: int


@dataclass(slots=True)
class Holding:
    contract: Contract
    quantity: Decimal


@dataclass(slots=True)
class Ledger:
    """Stops at `limit` executions, to the fill."""

    limit: int
    dice: Random
    executed: int = 0
    orders: int = 0
    fills: list[Fill] = field(default_factory=list)
    cash: list[Cash] = field(default_factory=list)
    splits: list[SplitRow] = field(default_factory=list)
    _held: dict[DemoAccount, dict[int, Holding]] = field(default_factory=dict)

    @property
    def is_full(self) -> bool:
        return self.executed >= self.limit

    def held(self, account: DemoAccount, contract: Contract) -> Decimal:
        holding = self._held.get(account, {}).get(contract.number)
        return holding.quantity if holding else ZERO

    def holdings(self) -> Iterator[tuple[DemoAccount, Holding]]:
        for account, held in self._held.items():
            for holding in list(held.values()):
                yield account, holding

    def move(self, account: DemoAccount, contract: Contract, quantity: Decimal) -> None:
        held = self._held.setdefault(account, {})
        holding = held.setdefault(contract.number, Holding(contract, ZERO))
        holding.quantity += quantity
        if not holding.quantity:
            del held[contract.number]

    def trade(self, order: Order, at: datetime, price: Decimal) -> None:
        """One execution of an order in the market."""
        if not self.is_full:
            charge = charges(order.account, order.contract, order.quantity, price, self.dice)
            self._record(order, at, price, charge=charge, notes="")

    def settle(self, order: Order, at: datetime, price: Decimal, notes: str) -> None:
        """What the broker books by itself: an expiry, an assignment, a delivery."""
        charge = Charge(ZERO, ZERO, order.contract.product.currency)
        self._record(order, at, price, charge=charge, notes=notes)

    def _record(
        self, order: Order, at: datetime, price: Decimal, *, charge: Charge, notes: str
    ) -> None:
        account, contract, quantity = order.account, order.contract, order.quantity
        held = self.held(account, contract)
        effect = "C" if held and (held > 0) is not (quantity > 0) else "O"
        if effect == "C" and abs(quantity) > abs(held):
            effect = "C;O"
        self.fills.append(
            Fill(account, contract, at, order.session, quantity, price, effect, notes, self.orders, charge)
        )  # fmt: skip
        self.executed += 1
        self.move(account, contract, quantity)


_CENT = Decimal("0.01")
_PER_UNIT = {
    "OPT": (Decimal("0.65"), Decimal("0.65"), Decimal("0.0185")),
    "FUT": (Decimal("2.05"), Decimal("2.05"), ZERO),
}
_OF_MONEY = {
    "CASH": (Decimal("0.00002"), Decimal(2)),
    "CRYPTO": (Decimal("0.0018"), Decimal("1.75")),
    "EUR": (Decimal("0.0005"), Decimal("1.25")),
    "GBP": (Decimal("0.0005"), Decimal("1.00")),
}
_SHARE_FEE, _SHARE_FEE_LEAST = Decimal("0.0035"), Decimal("0.35")
_REBATE = Decimal("0.0012")
_STAMP_DUTY = Decimal("0.005")


def charges(
    account: DemoAccount, contract: Contract, quantity: Decimal, price: Decimal, dice: Random
) -> Charge:
    """Commission and tax. A negative commission is a rebate for giving liquidity."""
    units, currency, category = abs(quantity), contract.product.currency, contract.category
    if category in _PER_UNIT:
        each, least, levy = _PER_UNIT[category]
        return Charge(max(least, each * units), (levy * units).quantize(_CENT), currency)
    if category == "STK" and currency == "USD":
        if dice.random() < 0.05:
            return Charge(-_REBATE * units, ZERO, currency)
        return Charge(max(_SHARE_FEE_LEAST, _SHARE_FEE * units), ZERO, currency)
    share, least = _OF_MONEY.get(category) or _OF_MONEY[currency]
    # Currency trades are charged in the account's own currency, whatever they are quoted in.
    money = units if category == "CASH" else units * price
    charged_in = account.currency if category == "CASH" else currency
    is_dutiable = currency == "GBP" and category == "STK" and quantity > 0
    tax = (money * _STAMP_DUTY).quantize(_CENT) if is_dutiable else ZERO
    return Charge(max(least, (money * share).quantize(_CENT)), tax, charged_in)
