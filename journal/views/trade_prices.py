"""What the market did while a trade was open: figures and chart for the page of a trade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from common.numbers import write_money, write_price, write_quantity
from common.templatetags.figures import write_day
from journal.brokers.base import OrderRole
from journal.charts import Mark, PricePoint, PriceWay, price_way
from journal.domain.bars import Bar
from journal.domain.exact import divide
from journal.domain.excursions import PathFill, Reach
from journal.domain.order_life import OrderStep
from journal.domain.values import ZERO
from journal.models import Order, Trade
from journal.selectors.excursions import (
    Quality,
    TradeExcursions,
    excursions_of,
)
from journal.selectors.orders import list_steps
from journal.selectors.trade_pages import TradePage
from journal.selectors.trade_paths import TradePath
from journal.selectors.trade_risks import TradeRisk

# A chart is some hundred pixels wide.
_POINTS_MAX = 360
# Nobody reads more rows: of more bars, neighbours are told together.
_ROWS_MAX = 60
_WORDS = {
    Quality.INTRADAY: "from bars of {interval}, {source}",
    Quality.EOD: "from bars of a day, {source}: nobody knows when in a day its high and low were",
    Quality.BOT: "as the bot saw it while the trade was open",
}


@dataclass(frozen=True, slots=True)
class ReachFigure:
    """`of` is None where it is not known, R where nothing says what was risked."""

    name: str
    title: str
    of: Reach | None
    r: Decimal | None
    r_bound: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceCard:
    """`kept` is how much of the most that it was worth the trade brought home; `chart` None where nothing is drawn."""

    reaches: list[ReachFigure]
    reason: str
    words: str
    risk: TradeRisk | None
    kept: Decimal | None
    chart: dict[str, Any] | None


def price_card(
    trade: Trade, page: TradePage, orders: Sequence[Order], risk: TradeRisk
) -> PriceCard | None:
    """None where nobody has any prices of it."""
    told = excursions_of(
        trade,
        now=timezone.now(),
        legs=page.legs,
        executions=[line.execution for line in page.lines],
    )
    if told.found is None and not told.bars:
        return None
    path = told.path
    assert path is not None  # there are figures or bars
    steps = list_steps(orders)
    stops = _ways(orders, steps, path, OrderRole.STOP_LOSS)
    return PriceCard(
        reaches=_reaches(told, risk),
        reason=told.reason,
        words=_words(told),
        risk=risk if risk.amount is not None else None,
        kept=_kept(trade, told),
        chart=_chart(
            trade, told, path, [*stops, *_ways(orders, steps, path, OrderRole.TAKE_PROFIT)]
        ),
    )


def _reaches(told: TradeExcursions, risk: TradeRisk) -> list[ReachFigure]:
    both = told.found or (None, None)
    names = (
        (
            "MAE",
            "Maximum adverse excursion: the least that it was worth while it was open, before fees",
        ),
        (
            "MFE",
            "Maximum favourable excursion: the most that it was worth while it was open, before fees",
        ),
    )
    return [
        ReachFigure(
            name,
            title,
            reach,
            risk.multiple(reach.money) if reach else None,
            risk.multiple(reach.money_bound) if reach else None,
        )
        for (name, title), reach in zip(names, both, strict=True)
    ]


def _words(told: TradeExcursions) -> str:
    if told.quality is None:
        return ""
    source = f"source {told.series.source}" if told.series else ""
    words = _WORDS[told.quality].format(interval=told.interval, source=source)
    if told.holidays:
        days = ", ".join(write_day(day) for day in told.holidays)
        words += f"; no bars on {days}, taken for holidays"
    return words


def _kept(trade: Trade, told: TradeExcursions) -> Decimal | None:
    if told.found is None or trade.closed_at is None or not told.found.mfe.is_exact:
        return None
    best = told.found.mfe.money
    return divide(trade.gross_pnl, best) if best > ZERO and trade.gross_pnl > ZERO else None


def _ways(
    orders: Iterable[Order],
    steps: dict[int, list[OrderStep]],
    path: TradePath,
    role: OrderRole,
) -> list[PriceWay]:
    """The prices of all stops, or of all targets, each until it was moved or over; in the units of the path's end."""
    term, name = (
        ("stop_price", "Stop") if role is OrderRole.STOP_LOSS else ("limit_price", "Target")
    )
    kind = "stop" if role is OrderRole.STOP_LOSS else "target"
    ways = []
    for order in orders:
        if order.role != role:
            continue
        held = [
            (step.moment.happened_at, path.basis.price(after, step.moment.happened_at, path.end))
            for step in steps.get(order.pk, ())
            for what, _, after in step.changes
            if what == term
        ]
        if held:
            end = order.closed_at or path.until or held[-1][0]
            ways.append(PriceWay(name, kind, [*held, (max(end, held[-1][0]), held[-1][1])]))
    return sorted(ways, key=lambda way: way.steps[0][0])


def _chart(
    trade: Trade, told: TradeExcursions, path: TradePath, ways: Sequence[PriceWay]
) -> dict[str, Any] | None:
    if not told.bars:
        return None
    zone = ZoneInfo(trade.account.zone)
    is_entry = [(fill.signed_quantity > ZERO) is path.is_long for fill in path.fills]
    marks = [_mark(fill, zone) for fill in path.fills]
    levels = []
    if told.found is not None:
        levels = [("Worst", told.found.mae.price), ("Best", told.found.mfe.price)]
    figure = price_way(
        [
            PricePoint(_middle(bar).astimezone(zone), bar.high, bar.low, bar.close)
            for bar in thinned(told.bars, _POINTS_MAX)
        ],
        entries=[mark for mark, entry in zip(marks, is_entry, strict=True) if entry],
        exits=[mark for mark, entry in zip(marks, is_entry, strict=True) if not entry],
        ways=[
            PriceWay(way.name, way.role, [(at.astimezone(zone), price) for at, price in way.steps])
            for way in ways
        ],
        levels=levels,
    )
    return {
        "figure_id": "chart-prices",
        "says": _says(told, trade),
        "figure": figure,
        "size": "l",
        "columns": ["From", "Open", "High", "Low", "Close"],
        "rows": [_row(bar, zone) for bar in thinned(told.bars, _ROWS_MAX)],
    }


def _row(bar: Bar, zone: ZoneInfo) -> list[str]:
    opened = bar.opened_at.astimezone(zone)
    return [f"{opened:%d %b %Y %H:%M}", *map(write_price, (bar.open, bar.high, bar.low, bar.close))]


def _middle(bar: Bar) -> datetime:
    return bar.opened_at + (bar.closes_at - bar.opened_at) / 2


def thinned(bars: Sequence[Bar], most: int) -> list[Bar]:
    """At most so many: neighbours become one with the highest high and the lowest low of them."""
    each = -(-len(bars) // most) if bars else 1
    groups = [bars[at : at + each] for at in range(0, len(bars), each)]
    return [
        Bar(
            group[0].opened_at, group[-1].closes_at, group[0].open, max(one.high for one in group),
            min(one.low for one in group), group[-1].close,
        )
        for group in groups
    ]  # fmt: skip


def _mark(fill: PathFill, zone: ZoneInfo) -> Mark:
    verb = "Bought" if fill.signed_quantity > ZERO else "Sold"
    what = f"{verb} {write_quantity(abs(fill.signed_quantity))} at {write_price(fill.price)}"
    at: datetime = fill.at.astimezone(zone)
    return Mark(at, fill.price, f"{what}<br>{at:%d %b %Y %H:%M:%S}")


def _says(told: TradeExcursions, trade: Trade) -> str:
    if told.found is None:
        return f"What the market did around this trade. How far it went is not known: {told.reason}"
    mae, mfe = told.found
    worst = write_money(mae.money, trade.currency, plus=True)
    best = write_money(mfe.money, trade.currency, plus=True)
    return (
        f"While it was open, the trade was {_least(mae)}{worst} at its worst (price {write_price(mae.price)}) and "
        f"{_least(mfe)}{best} at its best (price {write_price(mfe.price)}), before fees."
    )


def _least(reach: Reach) -> str:
    return "" if reach.is_exact else "at least "
