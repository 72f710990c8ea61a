"""Bars of the demo's market for what was traded in its last months."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.domain.bars import Bar
from journal.models import Trade
from journal.services.demo.catalogue import PRODUCTS, Product
from journal.services.demo.chain_records import NEW_YORK
from journal.services.demo.chain_shares import first_session
from journal.services.demo.market import Market
from journal.services.prices.storing import SeriesName, store_bars

SOURCE = "demo"
_MINUTES = 30
_LOOKS = 4  # at the market in a bar
_NEVER_CLOSES = {"CRYPTO", "CASH"}


def store_prices(workspace_id: int, market: Market, *, now: datetime) -> int:
    """How many bars are new."""
    first = first_session(market) - 1
    since = datetime.combine(market.days[first], datetime.min.time(), NEW_YORK)
    traded = Trade.objects.filter(workspace_id=workspace_id, last_at__gte=since)
    symbols = {
        *traded.exclude(asset_class="option").order_by().values_list("symbol", flat=True).distinct()
    }
    added = 0
    for symbol in sorted(symbols):
        product = _product_of(symbol)
        if product is not None:
            added += store_series(workspace_id, market, symbol, product, first, now=now)
    return added


def store_series(
    workspace_id: int, market: Market, symbol: str, product: Product, first: int, *, now: datetime
) -> int:
    """Bars of one product from its `first` session on; how many are new."""
    minutes = 60 if product.category in _NEVER_CLOSES else _MINUTES
    name = SeriesName(symbol, minutes * 60, SOURCE, "America/New_York")
    return store_bars(workspace_id, name, _bars(market, product, first, minutes), now=now).added


def _product_of(symbol: str) -> Product | None:
    """A future is traded by month, at the price of its root."""
    for word in (symbol, symbol.replace("/", "."), symbol[:-2], symbol.split("/", maxsplit=1)[0]):
        if word in PRODUCTS:
            return PRODUCTS[word]
    return None


def _bars(market: Market, product: Product, first: int, minutes: int) -> Iterator[Bar]:
    length = timedelta(minutes=minutes)
    last_close: tuple[datetime, float] | None = None
    for index in range(first, market.count):
        midnight = datetime.combine(market.days[index], datetime.min.time(), NEW_YORK)
        start = product.opens // minutes * minutes
        if last_close is not None and product.category in _NEVER_CLOSES:
            opens = (midnight + timedelta(minutes=start)).astimezone(UTC)
            yield from _night(
                product, last_close, (opens, market.price(product, index, 0.0)), length
            )
        for minute in range(start, product.closes, minutes):
            prices = [
                market.price(product, index, _part(product, minute + minutes * look / _LOOKS))
                for look in range(_LOOKS + 1)
            ]
            at = (midnight + timedelta(minutes=minute)).astimezone(UTC)
            yield _bar(product, at, length, prices)
        end = start + -(-(product.closes - start) // minutes) * minutes
        last_close = (midnight + timedelta(minutes=end)).astimezone(UTC), prices[-1]


def _part(product: Product, minute: float) -> float:
    return min(1.0, max(0.0, (minute - product.opens) / (product.closes - product.opens)))


def _night(
    product: Product,
    before: tuple[datetime, float],
    after: tuple[datetime, float],
    length: timedelta,
) -> Iterator[Bar]:
    """From one session's close to the next one's open: little happens."""
    (at, price), (until, target) = before, after
    count = max(1, round((until - at) / length))
    for number in range(count):
        here, there = (price + (target - price) * step / count for step in (number, number + 1))
        yield _bar(product, at + number * length, length, [here, there])


def _bar(product: Product, at: datetime, length: timedelta, prices: list[float]) -> Bar:
    ticks = float(product.tick)
    opens, high, low, close = (
        max(1, round(price / ticks)) * product.tick
        for price in (prices[0], max(prices), min(prices), prices[-1])
    )
    return Bar(at, at + length, *map(Decimal, (opens, high, low, close)))
