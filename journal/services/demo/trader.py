"""The demo's trader, day by day: orders, what the broker books by itself, and the money that moves beside."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random

from journal.services.demo.catalogue import (
    ACCOUNTS,
    EUROPA,
    LONDON,
    PRODUCTS,
    SPLIT_RATIO,
    SPLIT_SYMBOL,
    TRADING,
    DemoAccount,
    Product,
)
from journal.services.demo.contracts import Contract, Contracts
from journal.services.demo.habits import HABITS, KEPT, Habit
from journal.services.demo.ledger import ZERO, Cash, Ledger, Order, SplitRow
from journal.services.demo.market import Market

_CENT = Decimal("0.01")
_QUARTER, _MONTH = 63, 21
# What lies ahead counts less the nearer the end is, so that the last days bring no flood of new trades.
_HORIZON = 45
_DEPOSIT, _RECEIPT = "Deposits/Withdrawals", "CASH RECEIPTS / ELECTRONIC FUND TRANSFERS"
_DATA = "US SECURITIES SNAPSHOT AND FUTURES VALUE BUNDLE"
_SETTLES = timedelta(hours=16, minutes=20)


@dataclass(slots=True)
class Trader:
    """Makes `executions` executions up to `until`; `days` gives one session after the other."""

    executions: int
    dice: Random
    market: Market
    contracts: Contracts = field(init=False)
    ledger: Ledger = field(init=False)
    pace: float = field(init=False)
    _agenda: dict[int, list[Order]] = field(default_factory=lambda: defaultdict(list))
    _ahead: int = 0
    _busy: dict[tuple[str, str], tuple[int, float]] = field(default_factory=dict)
    _streak: float = 0.0
    _combo: tuple[datetime, str, str] | None = None

    def __post_init__(self) -> None:
        self.contracts = Contracts(self.market)
        self.ledger = Ledger(self.executions, self.dice)
        self.pace = min(1.0, 50 * self.market.count / self.executions)

    # -- what habits ask -----------------------------------------------------------------------------

    def place(self, order: Order) -> None:
        self._agenda[order.session].append(order)
        self._ahead += order.pieces

    def mood(self, index: int) -> float:
        """Good weeks and bad weeks: winning and losing streaks."""
        return 0.035 * math.sin(index / 17) + self._streak

    def claim(self, account: DemoAccount, product: Product, index: int, part: float) -> float:
        """When the product can next be traded in the account today; 1 when it cannot."""
        session, until = self._busy.get((account.number, product.symbol), (-1, 0.0))
        if session > index:
            return 1.0
        return part if session < index else max(part * self.pace, until + 0.002)

    def release(self, account: DemoAccount, product: Product, index: int, part: float) -> None:
        self._busy[account.number, product.symbol] = (index, part)

    # -- the days ------------------------------------------------------------------------------------

    def days(self) -> Iterator[int]:
        """Runs one session at a time. What it brought waits in the ledger for whoever asks."""
        self._buy_what_is_kept()
        weights = [habit.weight for habit in HABITS]
        for index in range(self.market.count):
            self._open(index)
            for habit in self._ideas(index, weights):
                habit.trade(self, index)
            self._execute(index)
            self._expire(index)
            yield index

    def _ideas(self, index: int, weights: list[float]) -> Iterator[Habit]:
        if index == 0:
            yield from HABITS  # something of everything, however little there is
        quota = self.executions * (index + 1) / self.market.count
        share = max(0.0, min(1.0, (self.market.count - 1 - index) / _HORIZON))
        while True:
            today = sum(order.pieces for order in self._agenda[index])
            if self.ledger.executed + today + (self._ahead - today) * share >= quota:
                return
            yield self.dice.choices(HABITS, weights)[0]

    def _execute(self, index: int) -> None:
        orders = self._agenda.pop(index, [])
        market = self.market
        timed = sorted(
            (market.moment(order.contract.product, index, order.part), place, order)
            for place, order in enumerate(orders)
        )
        for at, _, order in timed:
            self._ahead -= order.pieces
            self._fill(order, at)

    def _fill(self, order: Order, at: datetime) -> None:
        # The legs of a structure are one order.
        combo = (at, order.account.number, order.contract.product.symbol)
        if not order.contract.is_option or combo != self._combo:
            self.ledger.orders += 1
        self._combo = combo
        quantity, contract = order.quantity, order.contract
        price = self.contracts.price(contract, order.session, order.part)
        left = quantity
        for piece in range(order.pieces, 0, -1):
            size = left if piece == 1 else _part_of(left, piece, contract)
            if not size:
                continue
            self.ledger.trade(order._replace(quantity=size), at, price)
            left -= size
            at += timedelta(seconds=self.dice.randint(0, 9))
            price = max(contract.tick, price + contract.tick * self.dice.randint(-1, 1))

    # -- what happens by itself ------------------------------------------------------------------------

    def _buy_what_is_kept(self) -> None:
        for place, (account, symbol, units) in enumerate(KEPT):
            contract = self.contracts.of(PRODUCTS[symbol], self.market.days[0])
            self.place(Order(account, contract, Decimal(units), 0, 0.1 + place * 0.01))
        # Bought long before the first statement: nobody can tell the book at what price.
        forgotten = self.contracts.of(PRODUCTS["INTC"], self.market.days[0])
        self.ledger.move(TRADING, forgotten, Decimal(100))
        self.place(Order(TRADING, forgotten, Decimal(-100), 3, 0.4))

    def _open(self, index: int) -> None:
        if index == self.market.split_session:
            self._split(index)
        if self.dice.random() < 0.05:
            self._streak = self.dice.uniform(-0.06, 0.06)
        self._bank(index)
        if index % _QUARTER == 20:
            self._pay_dividends(index)

    def _split(self, index: int) -> None:
        for account, holding in list(self.ledger.holdings()):
            contract = holding.contract
            if contract.symbol == SPLIT_SYMBOL and not contract.is_option:
                added = holding.quantity * (SPLIT_RATIO - 1)
                day = self.market.days[index]
                self.ledger.splits.append(SplitRow(account, contract, day, added, SPLIT_RATIO))
                self.ledger.move(account, contract, added)

    def _bank(self, index: int) -> None:
        """Deposits, interest and fees, in their rhythm."""
        month, dice = index % _MONTH, self.dice
        for account in ACCOUNTS if index == 0 else ():
            self._pay(account, index, _DEPOSIT, _RECEIPT, Decimal(account.deposit))
        for account in (TRADING, EUROPA, LONDON) if month == 9 else ():
            interest = Decimal(account.deposit * dice.randint(4, 14)) / 20_000
            text = f"{account.currency} CREDIT INT FOR {self.market.days[index]:%b-%Y}".upper()
            self._pay(account, index, "Broker Interest Received", text, interest)
        if month == 2:
            self._pay(TRADING, index, "Other Fees", _DATA, Decimal(-10))
        if month == 4 and dice.random() < 0.6:
            self._pay(TRADING, index, "Other Fees", f"{_DATA}, WAIVED", Decimal(10))
        if index % _QUARTER == 40:
            amount = Decimal(dice.choice((-6_000, -4_000, 5_000, 10_000)))
            text = "DISBURSEMENT" if amount < 0 else _RECEIPT
            self._pay(TRADING, index, _DEPOSIT, text, amount)

    def _pay_dividends(self, index: int) -> None:
        for account, holding in list(self.ledger.holdings()):
            contract, product = holding.contract, holding.contract.product
            if contract.category != "STK" or not product.dividend_yield or holding.quantity < 0:
                continue
            each = product.dividend_yield / 4 * self.market.close(product, index)
            amount = Decimal(f"{each:.4f}") * holding.quantity
            text = f"{contract.symbol} CASH DIVIDEND {product.currency} {each:.4f} PER SHARE"
            self._pay(account, index, "Dividends", f"{text} (Ordinary Dividend)", amount, contract)
            if product.currency == "USD":
                tax = amount * Decimal("-0.15")
                self._pay(account, index, "Withholding Tax", f"{text} - US TAX", tax, contract)

    def _pay(
        self, account: DemoAccount, index: int, kind: str, text: str, amount: Decimal,
        contract: Contract | None = None,
    ) -> None:  # fmt: skip
        currency = contract.product.currency if contract else account.currency
        self.ledger.cash.append(
            Cash(account, self.market.days[index], kind, text, amount.quantize(_CENT), currency, contract)
        )  # fmt: skip

    def _expire(self, index: int) -> None:
        day = self.market.days[index]
        ends = [
            (account, holding.contract, holding.quantity)
            for account, holding in self.ledger.holdings()
            if holding.contract.is_option and holding.contract.expiry == day
        ]
        for account, contract, quantity in ends:
            if not self.ledger.is_full:
                self._end_option(account, contract, quantity, index)

    def _end_option(
        self, account: DemoAccount, contract: Contract, quantity: Decimal, index: int
    ) -> None:
        at = _midnight(self.market.days[index]) + _SETTLES
        strike = contract.strike or ZERO
        distance = Decimal(self.market.close(contract.product, index)) - strike
        is_in_the_money = distance > 0 if contract.right == "C" else distance < 0
        end = Order(account, contract, -quantity, index, 1.0)
        if not is_in_the_money:
            self.ledger.settle(end, at, ZERO, "Ep")
        elif self.ledger.executed + 2 <= self.ledger.limit:
            units = quantity if contract.right == "C" else -quantity
            shares = self.contracts.of(contract.product, self.market.days[index])
            delivery = Order(account, shares, units * 100, index, 1.0)
            notes = "A" if quantity < 0 else "Ex"
            self.ledger.settle(end, at, ZERO, notes)
            self.ledger.settle(delivery, at, strike, notes)
            # Nobody wanted the shares: they go in the morning.
            part = 0.02 + 0.05 * self.dice.random()
            self.place(delivery._replace(quantity=-delivery.quantity, session=index + 1, part=part))


def _part_of(quantity: Decimal, pieces: int, contract: Contract) -> Decimal:
    """A first piece of a fill that comes in several."""
    step = Decimal("0.0001") if contract.category == "CRYPTO" else Decimal(1)
    return int(quantity / pieces / step) * step


def _midnight(day: date) -> datetime:
    return datetime.combine(day, datetime.min.time())
