"""How far trades went while they were open, from the best prices that there are.

In this order: bars of less than a day that tell of all of the time; what a bot itself saw; bars of a day. Where none
will do, the reason is told, and there is no figure.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, NamedTuple

from common.sql import fetch
from journal.domain.bar_coverage import covered
from journal.domain.bars import DAY_SECONDS, Bar, Basis, interval_name
from journal.domain.exact import exact_sums
from journal.domain.excursions import Excursions, Extremes, Reach, excursions, stranger_among
from journal.domain.values import ZERO, AssetClass
from journal.models import Execution, Leg, PriceBasis, PriceSeries, Trade
from journal.selectors.prices import is_same_split, keys_of, read_bars, series_for, splits_for
from journal.selectors.trade_paths import NoPath, TradePath, path_of

NO_BARS = "There are no price bars of that time."
_STRANGER = (
    "The bars of {series} are of something else, or in other units: a fill at {price} is far outside of its bar. If a "
    "split lies between, hand in the file of splits."
)
# What is shown before and after a trade: a part of its time, at least some bars.
_AROUND = 0.15
_BARS_AROUND = 12
_HIGHS = ("high_while_open", "highest_price", "max_rate")
_LOWS = ("low_while_open", "lowest_price", "min_rate")


class Quality(StrEnum):
    INTRADAY = "intraday"
    BOT = "bot"
    EOD = "eod"


class Risk(NamedTuple):
    """What the first stop put at risk, in the trade's currency; `stop` in the units of the trade's end."""

    money: Decimal
    stop: Decimal


@dataclass(frozen=True, slots=True)
class TradeExcursions:
    """`found` is None where they are not known, and `reason` says why. Money is in the trade's currency, before fees.

    `bars` are those of `series` in the units of the trade's end, with some before and after it, whether or not they
    told enough. `holidays` are
    weekdays without a bar which were taken for holidays; `until` is how far the bars of an open trade reach.
    """

    found: Excursions | None
    reason: str = ""
    quality: Quality | None = None
    series: PriceSeries | None = None
    interval: str = ""
    bars: list[Bar] = field(default_factory=list)
    holidays: tuple[date, ...] = ()
    until: datetime | None = None
    path: TradePath | None = None


def excursions_of(
    trade: Trade,
    *,
    now: datetime,
    legs: Sequence[Leg] | None = None,
    executions: Sequence[Execution] | None = None,
) -> TradeExcursions:
    """`legs` and `executions` of the trade where they are known already."""
    try:
        path = path_of(trade, legs, executions)
    except NoPath as error:
        return TradeExcursions(None, str(error))
    lack: TradeExcursions | None = None
    days: TradeExcursions | None = None
    for series in series_for(keys_of(path.instrument), path.since, path.until or now):
        told = _from_bars(path, series, path.until or now)
        if told.found is None:
            lack = lack or told
        elif told.quality is Quality.EOD:
            days = days or told
        else:
            return told
    seen = None if path.basis.splits else _seen_by_bot(trade)
    if seen is not None:
        found = excursions(path.fills, worth=path.worth, extremes=seen)
        shown = days or lack or TradeExcursions(None)
        return TradeExcursions(
            found, quality=Quality.BOT, path=path, bars=shown.bars, series=shown.series, interval=shown.interval
        )  # fmt: skip
    return days or lack or TradeExcursions(None, NO_BARS, path=path)


def initial_risk(path: TradePath, stop: Decimal | None, stopped_at: datetime) -> Risk | None:
    """What the first stop risked, as it stood at `stopped_at`; None where it would have been a gain."""
    if stop is None:
        return None
    with exact_sums():
        stop = path.basis.price(stop, stopped_at, path.end)
        opening = [fill for fill in path.fills if (fill.signed_quantity > ZERO) is path.is_long]
        worth = path.worth.of(stop)
        paid = sum((fill.signed_quantity * path.worth.of(fill.price) for fill in opening), ZERO)
        money = paid - sum((fill.signed_quantity for fill in opening), ZERO) * worth
    return Risk(money, stop) if money > ZERO else None


def _from_bars(path: TradePath, series: PriceSeries, until: datetime) -> TradeExcursions:
    least = _BARS_AROUND * timedelta(seconds=series.seconds)
    around = max((until - path.since) * _AROUND, least)
    fills = [fill.at for fill in path.fills]
    read = read_bars(series, path.since - around, until + around, fills)
    shown_bars = _in_units_of(path, series, read.bars)
    bars = [one for one in shown_bars if one.closes_at > path.since and one.opened_at < until]
    interval = interval_name(read.near)
    if read.seconds != read.near:
        interval = f"{interval}, taken together by {interval_name(read.seconds)}"
    never_closes = path.instrument.asset_class == AssetClass.CRYPTO or series.source.startswith(
        "ccxt"
    )
    reaches = min(until, bars[-1].closes_at) if bars else until
    told = covered(bars, path.since, path.until or reaches, series.tz, never_closes=never_closes)
    shown = TradeExcursions(None, series=series, interval=interval, bars=shown_bars, path=path)
    if told.lack:
        return replace(shown, reason=f"Of {series}, {told.lack}.")
    stranger = stranger_among(path.traded, bars)
    if stranger is not None:
        return replace(shown, reason=_STRANGER.format(series=series, price=f"{stranger.price:f}"))
    is_days = series.seconds >= DAY_SECONDS
    return replace(
        shown,
        found=excursions(path.fills, bars, worth=path.worth, sessions=is_days and not never_closes),
        quality=Quality.EOD if is_days else Quality.INTRADAY,
        holidays=told.holidays,
        until=None if path.until else reaches,
    )


def _in_units_of(path: TradePath, series: PriceSeries, bars: list[Bar]) -> list[Bar]:
    """Bars in the units of the path's end: raw ones by the splits of the book, adjusted ones by those that any source
    knows since."""
    if series.basis == PriceBasis.RAW:
        if not path.basis.splits:
            return bars
        return list(path.basis.raw_bars(bars, path.end))
    known = splits_for(keys_of(path.instrument))
    new = [one for one in path.basis.splits if not any(is_same_split(one, each) for each in known)]
    every = Basis([*known, *new])
    end = series.adjusted_at or path.end
    return list(every.adjusted_bars(bars, max(end, path.end), path.end))


def _seen_by_bot(trade: Trade) -> Extremes | None:
    """The widest that reports of the trade's fills and of their orders state."""
    rows = fetch(
        """
        WITH own AS (
            SELECT e.account_id, e.fill_key FROM journal_execution e JOIN journal_leg l
            ON l.id = e.leg_id OR l.id = e.closed_leg WHERE l.trade_id = %(trade)s
        ), keys AS (
            SELECT account_id, fill_key AS key FROM own
            UNION SELECT j.account_id, j.key FROM journal_joinedfill j JOIN own USING (account_id, fill_key)
        ), reports AS (
            SELECT r.account_id, r.raw, r.order_id, r.order_reference FROM keys k JOIN journal_executionreport r
            ON r.account_id = k.account_id AND r.fill_key = k.key
            JOIN journal_importbatch b ON b.id = r.batch_id AND b.withdrawn_at IS NULL
        )
        SELECT raw FROM reports UNION ALL
        SELECT o.raw FROM journal_orderreport o JOIN journal_importbatch b
        ON b.id = o.batch_id AND b.withdrawn_at IS NULL JOIN reports r ON r.account_id = o.account_id AND (
            (o.order_id <> '' AND o.order_id = r.order_id)
            OR (o.client_order_id <> '' AND o.client_order_id = r.order_reference))
        """,
        {"trade": trade.pk},
    )
    highs = [one for (raw,) in rows if (one := _stated(raw, _HIGHS)) is not None]
    lows = [one for (raw,) in rows if (one := _stated(raw, _LOWS)) is not None]
    if not highs or not lows or max(highs) < min(lows):
        return None
    return Extremes(max(highs), min(lows))


def _stated(raw: object, names: Sequence[str]) -> Decimal | None:
    if not isinstance(raw, dict):
        return None
    extra = raw.get("extra")
    places = [raw, *([extra] if isinstance(extra, dict) else [])]
    for name in names:
        for place in places:
            for stated in (place.get(name), place.get(f"trade.{name}")):
                number = _number(stated)
                if number is not None:
                    return number
    return None


def _number(stated: object) -> Decimal | None:
    if stated is None or isinstance(stated, bool):
        return None
    try:
        number = Decimal(str(stated))
    except InvalidOperation:
        return None
    return number if number.is_finite() and number > ZERO else None


def told_figures(trade: Trade, told: TradeExcursions) -> dict[str, Any]:
    """All of it by name, for programs and assistants; what is not known is None."""
    mae, mfe = told.found or (None, None)
    return {
        "mae": _figures(mae),
        "mfe": _figures(mfe),
        "reason": told.reason,
        "quality": told.quality.value if told.quality else None,
        "source": told.series.source if told.series and told.quality is not Quality.BOT else "",
        "interval": told.interval if told.quality is not Quality.BOT else "",
        "currency": trade.currency,
        "holidays": list(told.holidays),
        "until": told.until,
    }


def _figures(reach: Reach | None) -> dict[str, Any] | None:
    if reach is None:
        return None
    names = ("money", "money_bound", "price", "price_bound", "move", "move_bound", "is_exact", "at")
    return {name: getattr(reach, name) for name in names}
