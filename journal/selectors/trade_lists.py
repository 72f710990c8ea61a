"""The list of trades: its orders, its pages, and what the filtered ones add up to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum, Value

from journal.domain.exact import divide
from journal.domain.values import ZERO
from journal.models import Trade
from journal.selectors.keyset import Key, Page, read_page
from journal.selectors.performance import Slice, Unit, View, sum_totals

PAGE_SIZE = 50
LATEST = "-last_at"
_ID = Key("id", descending=True)
# The orders that the list offers; each runs along an index of Trade, forwards or backwards.
ORDERS: dict[str, tuple[Key, ...]] = {
    "-last_at": (Key("last_at", descending=True), _ID),
    "-opened_at": (Key("opened_at", descending=True), _ID),
    "-net_base": (Key("net_base", descending=True, nullable=True), _ID),
    "symbol": (Key("symbol"), Key("last_at", descending=True), _ID),
}
ORDERS |= {
    sort.removeprefix("-") if sort.startswith("-") else f"-{sort}": tuple(
        key.flipped for key in keys
    )
    for sort, keys in tuple(ORDERS.items())
}
# A trading day may begin and end this much away from the day in UTC: zone and roll-over.
_DAY_SLACK = timedelta(days=2)
# Days beyond are those of a filter that means everything.
_FIRST_DAY, _LAST_DAY = date(1, 1, 4), date(9999, 12, 27)


def read_trades(
    trades: QuerySet[Trade],
    *,
    sort: str = LATEST,
    cursor: str = "",
    limit: int = PAGE_SIZE,
    days: tuple[date | None, date | None] = (None, None),
) -> Page[Trade]:
    """`days` are those that `trades` is filtered by already: they tell where in the index to look."""
    keys = ORDERS.get(sort, ORDERS[LATEST])
    return read_page(_streams(trades, *days), keys, limit=limit, cursor=cursor)


def _streams(
    trades: QuerySet[Trade], start: date | None, end: date | None
) -> list[QuerySet[Trade]]:
    """Closed trades end in the days asked for, so a range of `last_at` holds them; few are open."""
    if start is None and end is None:
        return [trades]
    closed = trades.filter(closed_at__isnull=False)
    if start is not None:
        closed = closed.filter(last_at__gte=_midnight(start) - _DAY_SLACK)
    if end is not None:
        closed = closed.filter(last_at__lt=_midnight(end) + _DAY_SLACK + timedelta(days=1))
    return [closed, trades.filter(closed_at__isnull=True)]


def _midnight(day: date) -> datetime:
    return datetime.combine(min(max(day, _FIRST_DAY), _LAST_DAY), time.min, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class ListTotals:
    """What the closed trades of a list come to, in one currency. `pnl` follows the basis of the view.

    `unknown` counts those without a known result; they are in `trades` and in no amount. `realised` is what
    the calendar shows for the same days: partial closings of other trades are in it; None where it is not known.
    """

    currency: str
    trades: int
    wins: int
    losses: int
    pnl: Decimal
    cost: Decimal
    unknown: int
    realised: Decimal | None = None

    @property
    def flats(self) -> int:
        return self.trades - self.unknown - self.wins - self.losses

    @property
    def win_rate(self) -> Decimal | None:
        known = self.trades - self.unknown
        return divide(Decimal(self.wins), Decimal(known)) if known else None


def totals_from_rollups(slice_: Slice, view: View) -> list[ListTotals]:
    """For a list filtered by nothing but accounts, days, asset class and side."""
    return [
        ListTotals(
            currency=sums.currency,
            trades=sums.trades,
            wins=sums.wins,
            losses=sums.losses,
            pnl=sums.win_sum + sums.loss_sum,
            cost=sums.cost,
            unknown=sums.unknown_trades,
            realised=sums.pnl(view.basis),
        )
        for sums in sum_totals(slice_, view)
        if sums.trades or sums.pnl(view.basis)
    ]


def totals_from_trades(trades: QuerySet[Trade], view: View) -> list[ListTotals]:
    """The same for any list, by reading all of its trades once."""
    suffix = "pnl" if view.unit is Unit.CURRENCY else "base"
    basis = view.basis.value
    amount = f"{basis}_{suffix}"
    currency = "currency" if view.unit is Unit.CURRENCY else "account__base_currency"
    known = Q(cost_known=True)
    # Wins and losses are by the traded currency, as in the rollups: a rate is no part of a result.
    own = f"{basis}_pnl"
    rows = (
        trades.filter(closed_at__isnull=False)
        .order_by()
        .values(unit=F(currency))
        .annotate(
            n=Count("id"),
            wins=Count("id", filter=known & Q(**{f"{own}__gt": 0})),
            losses=Count("id", filter=known & Q(**{f"{own}__lt": 0})),
            known=Count("id", filter=known),
            amount=Sum(amount, filter=known & ~Q(**{own: 0})),
            money=Sum("cost" if view.unit is Unit.CURRENCY else "cost_base"),
        )
        .order_by("-n", "unit")
    )
    return [
        ListTotals(
            currency=row["unit"],
            trades=row["n"],
            wins=row["wins"],
            losses=row["losses"],
            pnl=row["amount"] or ZERO,
            cost=row["money"] or ZERO,
            unknown=row["n"] - row["known"],
        )
        for row in rows
    ]


def find_neighbours(trade: Trade) -> tuple[int | None, int | None]:
    """The trades before and after this one in the order of the list: (older, newer)."""
    trades = Trade.objects.all()
    older = (
        trades.filter(Q(last_at__lt=trade.last_at) | Q(pk__lt=trade.pk), last_at__lte=trade.last_at)
        .order_by("-last_at", "-id")
        .annotate(is_older=Value(True))
    )
    newer = (
        trades.filter(Q(last_at__gt=trade.last_at) | Q(pk__gt=trade.pk), last_at__gte=trade.last_at)
        .order_by("last_at", "id")
        .annotate(is_older=Value(False))
    )
    both = older.values("pk", "is_older")[:1].union(newer.values("pk", "is_older")[:1])
    found = {one["is_older"]: int(one["pk"]) for one in both}
    return found.get(True), found.get(False)
