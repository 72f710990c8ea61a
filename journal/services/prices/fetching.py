"""Bars for the trades of a connection that lack them, in the course of its pull: from the same exchange, by its rates.

Of a trade whose bars were asked for, nothing is asked again, whatever the exchange had. So much and no more at once:
the rest comes with the next pull, the newest trades first. What goes wrong here is no failure of the pull.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

import httpx
from django.db import transaction

from journal.brokers.fetching import Fetcher, Link, Pricing, PullFault, Window
from journal.domain.bars import DAY_SECONDS, Bar
from journal.domain.names import name_key
from journal.domain.spans import Span, join, without
from journal.domain.values import AssetClass
from journal.models import Connection, Instrument, Leg, PriceSeries
from journal.services.prices.storing import SeriesName, series_of, store_bars

_TRADES_MAX = 100
_ASKED_MAX = 20
_AGE_MAX = timedelta(days=400)
# How long a trade may be for bars of which length: some thousand at most.
_LENGTHS = (
    (timedelta(days=1), 60),
    (timedelta(days=7), 300),
    (timedelta(days=90), 3_600),
)
_AROUND = 15


class Want(NamedTuple):
    """Bars of one market that a trade lacks."""

    symbol: str
    seconds: int
    span: Span


def fetch_prices(connection: Connection, fetcher: Fetcher, link: Link) -> int:
    """How many bars are new. In the open workspace; raises what the link raises where the pull is no longer ours."""
    if not isinstance(fetcher, Pricing):
        return 0
    source = f"ccxt {fetcher.exchange_of(link)}"
    added = 0
    for want in _first(_wants(connection, fetcher.broker, source, link.now())):
        try:
            bars = list(fetcher.bars(link, want.symbol, want.seconds, Window(*want.span)))
        except (PullFault, httpx.TransportError):
            break
        added += _keep(connection, want, source, bars, link.now())
    return added


def _first(wants: Iterator[Want]) -> Iterator[Want]:
    for _, want in zip(range(_ASKED_MAX), wants, strict=False):
        yield want


@transaction.atomic
def _keep(connection: Connection, want: Want, source: str, bars: list[Bar], now: datetime) -> int:
    name = SeriesName(want.symbol, want.seconds, source)
    series = series_of(connection.workspace_id, name)
    asked = join([*_asked(series), want.span])
    PriceSeries.objects.filter(pk=series.pk).update(
        asked=[[one.since.isoformat(), one.until.isoformat()] for one in asked]
    )
    return store_bars(connection.workspace_id, name, bars, now=now).added if bars else 0


def _asked(series: PriceSeries) -> list[Span]:
    return [Span(*map(datetime.fromisoformat, one)) for one in series.asked]


def _wants(connection: Connection, broker: str, source: str, now: datetime) -> Iterator[Want]:
    legs = Leg.objects.filter(account__broker=broker, opened_at__gt=now - _AGE_MAX)
    if connection.account_numbers:
        legs = legs.filter(account__broker_id__in=connection.account_numbers)
    for leg in legs.select_related("instrument").order_by("-opened_at")[:_TRADES_MAX]:
        symbol = market_of(leg.instrument)
        if not symbol:
            continue
        seconds, span = _span(leg.opened_at, leg.closed_at, now)
        known = PriceSeries.objects.filter(
            key=name_key(symbol), seconds=seconds, source=source
        ).first()
        for missing in without([span], _asked(known) if known else []):
            # A bar that is not over is not told of: it is asked for again, and not for its own sake.
            if missing.until - missing.since > timedelta(seconds=2 * seconds):
                yield Want(symbol, seconds, missing)


def _span(since: datetime, closed_at: datetime | None, now: datetime) -> tuple[int, Span]:
    until = closed_at or now
    length = next((one for limit, one in _LENGTHS if until - since <= limit), DAY_SECONDS)
    around = timedelta(seconds=_AROUND * length)
    # What was asked for is over, so that nothing of it comes later.
    end = min(until + around, now - timedelta(seconds=length))
    return length, Span(since - around, max(end, since))


def market_of(instrument: Instrument) -> str:
    """What ccxt calls it, "" for what has no market of its own there."""
    if instrument.asset_class == AssetClass.CRYPTO:
        return f"{instrument.symbol}/{instrument.currency}"
    return instrument.symbol if "/" in instrument.symbol else ""
