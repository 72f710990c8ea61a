"""What accounts hold by the book, with the price that the broker gave last: for reminders, which rather stay silent."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Max, OuterRef, Subquery, Sum

from journal.models import OpenLot, Trade
from journal.selectors.lives import read_lives
from reconciliation.models import Snapshot, SnapshotPosition

# Prices of a snapshot that is older are nobody's prices any more.
FRESH = timedelta(hours=30)


@dataclass(frozen=True, slots=True)
class Standing:
    """An open trade: what it could bring at most since it was last adjusted, and what it has brought so far with all of
    it closed at the prices of `as_of`, both after fees and in the trade's currency."""

    trade: Trade
    max_profit: Decimal
    profit: Decimal
    as_of: datetime


def read_standings(workspace_id: int, now: datetime) -> list[Standing]:
    """Of the trades of which all of it is known: cost and price of every leg, a limited profit, and a broker that holds
    exactly what the book does."""
    prices = _prices(workspace_id, now)
    lots: dict[int, list[OpenLot]] = defaultdict(list)
    open_lots = OpenLot.objects.filter(workspace_id=workspace_id, account__archived_at=None)
    for lot in open_lots.select_related("leg", "instrument"):
        lots[lot.leg.trade_id].append(lot)
    priced = {
        trade_id: found
        for trade_id, of in lots.items()
        if (found := _marked(of, prices)) is not None
    }
    trades = Trade.objects.filter(pk__in=priced, closed_at=None).select_related("account")
    lives = read_lives(list(priced))
    standings = []
    for trade in trades.order_by("pk"):
        life = lives.get(trade.pk)
        most = life.max_profit.value if life is not None else None
        if most is not None and most > 0 and trade.cost_known:
            marked, as_of = priced[trade.pk]
            standings.append(Standing(trade, most, trade.gross_pnl + marked - trade.fees, as_of))
    return standings


_Prices = Mapping[tuple[int, int], tuple[Decimal, datetime]]


def _prices(workspace_id: int, now: datetime) -> _Prices:
    """By account and instrument, where the broker's quantity is the book's."""
    newest = (
        Snapshot.objects.filter(account=OuterRef("account"), lacking=[], as_of__gte=now - FRESH)
        .order_by("-as_of", "-id")
        .values("pk")[:1]
    )
    held = SnapshotPosition.objects.filter(
        workspace_id=workspace_id, instrument__isnull=False, snapshot=Subquery(newest)
    ).select_related("snapshot")
    sizes: dict[tuple[int, int], Decimal] = defaultdict(Decimal)
    prices: dict[tuple[int, int], set[Decimal | None]] = defaultdict(set)
    moments: dict[tuple[int, int], datetime] = {}
    for one in held:
        key = (one.account_id, one.instrument_id or 0)
        sizes[key] += one.signed_quantity
        prices[key].add(one.price)
        moments[key] = one.price_at or one.snapshot.as_of
    found: dict[tuple[int, int], tuple[Decimal, datetime]] = {}
    for key, size in _sizes_in_book(workspace_id, {key[0] for key in sizes}).items():
        told = prices.get(key, set())
        price = next(iter(told)) if len(told) == 1 else None
        if price is not None and sizes[key] == size and moments[key] >= now - FRESH:
            found[key] = (price, moments[key])
    return found


def _sizes_in_book(
    workspace_id: int, account_ids: Collection[int]
) -> dict[tuple[int, int], Decimal]:
    lots = OpenLot.objects.filter(workspace_id=workspace_id, account__in=account_ids).order_by()
    sums = lots.values("account_id", "instrument_id").annotate(size=Sum("signed_quantity"))
    return {(one["account_id"], one["instrument_id"]): one["size"] for one in sums}


def _marked(lots: list[OpenLot], prices: _Prices) -> tuple[Decimal, datetime] | None:
    """What closing all of them would bring before fees, and the oldest of the prices."""
    total, oldest = Decimal(0), None
    for lot in lots:
        price = prices.get((lot.account_id, lot.instrument_id))
        if price is None or lot.price is None or not lot.cost_known or lot.instrument.is_inverse:
            return None
        total += (price[0] - lot.price) * lot.signed_quantity * lot.instrument.multiplier
        oldest = price[1] if oldest is None else min(oldest, price[1])
    return None if oldest is None else (total, oldest)


@dataclass(frozen=True, slots=True)
class Expiring:
    account_id: int
    account_name: str
    zone: str
    instrument_id: int
    symbol: str
    expiry_on: date
    quantity: Decimal
    trade_id: int


def read_expiring(workspace_id: int, until: datetime) -> list[Expiring]:
    """Options and futures that are open in the book and expire until then."""
    lots = OpenLot.objects.filter(
        workspace_id=workspace_id,
        account__archived_at=None,
        instrument__expiry_on__isnull=False,
        instrument__expiry_on__lte=until.date(),
    ).order_by()
    rows = lots.values_list(
        "account_id", "account__name", "account__broker_id", "account__zone", "instrument_id",
        "instrument__symbol", "instrument__expiry_on",
    ).annotate(size=Sum("signed_quantity"), trade=Max("leg__trade_id"))  # fmt: skip
    return [
        Expiring(account, name or number, zone, instrument, symbol, expiry, size, trade)
        for account, name, number, zone, instrument, symbol, expiry, size, trade in rows
        if size
    ]
