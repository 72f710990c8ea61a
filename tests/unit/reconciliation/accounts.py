"""Random accounts on which book and broker agree, and every way in which one of them can be made to differ."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from journal.domain.values import AssetClass, Side
from reconciliation.domain.comparison import Setting
from reconciliation.domain.records import (
    Action,
    FillLine,
    OrderLine,
    PositionLine,
    RealizedLine,
    Statement,
    Terms,
    Window,
)
from reconciliation.domain.tolerances import Tolerances

NOON = datetime(2026, 6, 10, 16, tzinfo=UTC)
TODAY = date(2026, 6, 10)
# Which ids the fills of a kind of broker have on both sides, and whether positions have tickets.
BROKERS = {
    "ids": ("b", True, False),
    "orders": ("", True, False),
    "nothing": ("", False, False),
    "tickets": ("b", True, True),
}
CLASSES = (
    AssetClass.STOCK,
    AssetClass.OPTION,
    AssetClass.FUTURE,
    AssetClass.FOREX,
    AssetClass.CRYPTO,
)


@dataclass
class Account:
    """Both sides' lines, and what they are compared under."""

    broker: str
    terms: dict[int, Terms]
    fills: list[FillLine]
    orders: list[OrderLine]
    positions: list[PositionLine]
    cash: dict[str, Decimal]
    realized: list[RealizedLine]
    their_fills: list[FillLine]
    their_orders: list[OrderLine]
    their_positions: list[PositionLine]
    their_cash: dict[str, Decimal]
    their_realized: list[RealizedLine]
    actions: list[Action]
    as_of: datetime = NOON
    today: date = TODAY
    locked_at: datetime | None = None

    def ours(self) -> Statement:
        return Statement(
            self.as_of, tuple(self.positions), tuple(self.orders), tuple(self.fills), self.cash, tuple(self.realized)
        )  # fmt: skip

    def theirs(self) -> Statement:
        return Statement(
            self.as_of, tuple(self.their_positions), tuple(self.their_orders), tuple(self.their_fills),
            self.their_cash, tuple(self.their_realized),
        )  # fmt: skip

    def setting(self) -> Setting:
        window = Window(self.as_of - timedelta(days=2), self.as_of)
        return Setting(
            self.terms,
            Tolerances(),
            window,
            self.today,
            tuple(self.actions),
            locked_at=self.locked_at,
        )


def random_account(random: Random, broker: str = "") -> Account:
    """Some contracts, fills over two days, and what follows from them; everything at least ten minutes apart."""
    broker = broker or random.choice(sorted(BROKERS))
    prefix, has_orders, has_tickets = BROKERS[broker]
    terms = {n: _terms(random, n) for n in range(1, random.randint(2, 6))}
    fills = []
    slots = random.sample(range(2, 280), random.randint(3, 25))
    for number, slot in enumerate(sorted(slots)):
        instrument = random.choice(sorted(terms))
        fills.append(_fill(random, terms[instrument], number, slot, prefix, has_orders))
    held: dict[int, Decimal] = {}
    for fill in fills:
        id_ = fill.instrument_id or 0
        held[id_] = held.get(id_, Decimal(0)) + fill.signed_quantity
    # What was there before the window, so that positions do not follow from its fills alone.
    for id_ in terms:
        held[id_] = held.get(id_, Decimal(0)) + random.choice([0, 7, -5])
    positions = [
        PositionLine(
            id_, terms[id_].symbol, f"t{id_}" if has_tickets else "", quantity, Decimal(random.randint(10, 400)),
            Decimal(5), Decimal(900), wants_stop=True, is_protected=True, evidence=(f"p{id_}",),
        )
        for id_, quantity in held.items() if quantity
    ]  # fmt: skip
    orders = [
        OrderLine(
            f"o{n}" if has_orders else "", f"c{n}", id_, terms[id_].symbol, Side.BUY, Decimal(10), Decimal(0), False,
            NOON - timedelta(hours=3), evidence=(f"o{n}",),
        )
        for n, id_ in enumerate(terms)
    ]  # fmt: skip
    cash = {"USD": Decimal(random.randint(1, 10**6)) / 100, "EUR": Decimal(7)}
    realized = [RealizedLine(TODAY, "USD", Decimal(random.randint(-(10**5), 10**5)) / 100)]
    return Account(
        broker, terms, fills, orders, positions, cash, realized, [*fills], [*orders], [*positions], {**cash},
        [*realized], [],
    )  # fmt: skip


def _terms(random: Random, number: int) -> Terms:
    asset_class = random.choice(CLASSES)
    measured = asset_class in {AssetClass.FOREX, AssetClass.CRYPTO}
    expires_on = TODAY + timedelta(days=9) if asset_class is AssetClass.OPTION else None
    return Terms(
        number, f"S{number}", asset_class, "USD", Decimal(100 if expires_on else 1), Decimal("0.01"),
        Decimal("0.001") if measured else Decimal(0), expires_on,
    )  # fmt: skip


def _fill(
    random: Random, terms: Terms, number: int, slot: int, prefix: str, has_orders: bool
) -> FillLine:
    return FillLine(
        (f"{prefix}:{number}",) if prefix else (), f"o{number}" if has_orders else "", "", terms.instrument_id,
        terms.symbol, random.choice(list(Side)), Decimal(random.randint(1, 9)), Decimal(random.randint(1000, 9000)) / 100,
        NOON - timedelta(minutes=10 * slot), Decimal("1.25"), "USD", Decimal("0.9"), evidence=(f"f{number}",),
    )  # fmt: skip


Fault = Callable[[Account, Random], bool]


def told_inside(account: Account, random: Random) -> int | None:
    """The place of a fill far from the ends of the window."""
    places = [
        n for n, fill in enumerate(account.fills)
        if account.as_of - timedelta(hours=40) < fill.at < account.as_of - timedelta(hours=1)
    ]  # fmt: skip
    return random.choice(places) if places else None
