"""What is open now, as holdings that exposure is counted of, and what their underlyings did from day to day."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

from common.sql import fetch
from journal.domain.names import name_key
from journal.domain.values import AssetClass
from journal.models import Instrument, PriceSeries, Recommendation
from journal.selectors.marks import Mark, list_marks
from journal.selectors.positions import Position, list_positions

DAYS = 260
"""So many days of an underlying are looked at: about a year of sessions."""
STALE = timedelta(days=5)
"""An older price is nobody's price any more."""
_OPTIONS = {AssetClass.OPTION, AssetClass.FUTURE_OPTION}
_PAIRS = {AssetClass.CRYPTO, AssetClass.FOREX, AssetClass.METAL}
_CLOSES = """
SELECT (opened_at AT TIME ZONE %(zone)s)::date AS day, (array_agg(close ORDER BY opened_at DESC))[1], max(opened_at)
FROM journal_pricebar WHERE series_id = %(series)s AND opened_at > %(since)s AND opened_at <= %(now)s
GROUP BY 1 ORDER BY 1
"""


class Price(NamedTuple):
    value: Decimal
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """One open position with what is known of its contract. `mark` is what it is valued at, `spot` the price of its
    underlying (its own where it has none); None where nobody has said for five days."""

    position: Position
    underlying: str
    sector: str | None
    strike: Decimal | None
    expiry_on: date | None
    right: str
    mark: Price | None
    spot: Price | None

    @property
    def is_option(self) -> bool:
        return self.position.asset_class in _OPTIONS

    @property
    def is_on_future(self) -> bool:
        return self.position.asset_class == AssetClass.FUTURE_OPTION


class Closes(NamedTuple):
    """The last price of each day, oldest first."""

    by_day: Mapping[date, float]
    last: Price


def list_held(
    workspace_id: int, now: datetime, closes: Mapping[str, Closes] | None = None
) -> list[Held]:
    """Of all accounts. `closes` by underlying, where they were read already."""
    positions = [one for one in list_positions(workspace_id) if one.signed_quantity]
    instruments = Instrument.objects.filter(
        workspace_id=workspace_id, pk__in={one.instrument_id for one in positions}
    )
    contracts = {one.pk: one for one in instruments.select_related("underlying")}
    marks = list_marks(workspace_id, {one.account_id for one in positions}, now)
    known = closes if closes is not None else read_closes(workspace_id, _names(contracts.values()), now)  # fmt: skip
    sectors = _sectors(workspace_id, {one.underlying_name for one in contracts.values()})
    spots = _spots(positions, contracts, marks, known, now)
    held = []
    for one in positions:
        contract = contracts[one.instrument_id]
        name = contract.underlying_name
        held.append(
            Held(
                one,
                name,
                sectors.get(name),
                contract.strike,
                contract.expiry_on,
                contract.right,
                _mark(one, marks, now),
                spots.get(name),
            )
        )
    return held


def underlyings_of(workspace_id: int) -> dict[str, list[str]]:
    """The names under which bars of what is held may be kept, by underlying."""
    positions = list_positions(workspace_id)
    instruments = Instrument.objects.filter(
        workspace_id=workspace_id, pk__in={one.instrument_id for one in positions}
    )
    return _names(instruments.select_related("underlying"))


def _names(contracts: Iterable[Instrument]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in contracts:
        names = [one.underlying_name]
        if AssetClass(one.asset_class) in _PAIRS:
            names = [f"{one.symbol}{one.currency}", one.symbol]
        elif AssetClass(one.asset_class) not in _OPTIONS:
            names += [one.symbol, *one.former_symbols]
        keys = found.setdefault(one.underlying_name, [])
        keys += [key for key in map(name_key, names) if key and key not in keys]
    return found


def read_closes(
    workspace_id: int, names: Mapping[str, Collection[str]], now: datetime
) -> dict[str, Closes]:
    """By underlying, from the series that reaches farthest; without those of which there is none."""
    wanted = {key for keys in names.values() for key in keys}
    series: dict[str, list[PriceSeries]] = {}
    rows = PriceSeries.objects.filter(workspace_id=workspace_id, key__in=wanted, bars__gt=0)
    for one in rows.order_by("-last_at", "-seconds", "pk"):
        series.setdefault(one.key, []).append(one)
    found = {}
    for name, keys in names.items():
        kept = [one for key in keys for one in series.get(key, [])]
        if kept and (closes := _closes(max(kept, key=_reach), now)) is not None:
            found[name] = closes
    return found


def _reach(series: PriceSeries) -> tuple[date, int, int]:
    """The one that ends last, and of those of one day the longest bars, which are read fastest."""
    last = series.last_at.date() if series.last_at else date.min
    return last, series.seconds, -series.pk


def _closes(series: PriceSeries, now: datetime) -> Closes | None:
    rows = fetch(
        _CLOSES,
        {
            "series": series.pk,
            "zone": series.zone,
            "since": now - timedelta(days=DAYS * 365 // 252),
            "now": now,
        },
    )
    if not rows:
        return None
    _, last, at = rows[-1]
    return Closes(
        {day: float(close) for day, close, _ in rows},
        Price(last, min(at + timedelta(seconds=series.seconds), now)),
    )


def _spots(
    positions: Sequence[Position],
    contracts: Mapping[int, Instrument],
    marks: Mapping[tuple[int, int], Mark],
    closes: Mapping[str, Closes],
    now: datetime,
) -> dict[str, Price]:
    """By underlying: the newest of its bars and of what brokers value it at where it is held itself."""
    found = {name: one.last for name, one in closes.items() if now - one.last.at <= STALE}
    for one in positions:
        contract = contracts[one.instrument_id]
        if contract.asset_class in _OPTIONS:
            continue
        mark, name = _mark(one, marks, now), contract.underlying_name
        if mark is not None and (name not in found or found[name].at < mark.at):
            found[name] = mark
    return found


def _mark(one: Position, marks: Mapping[tuple[int, int], Mark], now: datetime) -> Price | None:
    """What the broker said last, live or by statement."""
    live = marks.get((one.account_id, one.instrument_id))
    told = [Price(live.price, live.at)] if live is not None else []
    if one.mark_price is not None and one.marked_on is not None:
        at = datetime.combine(one.marked_on, time(21), UTC)
        told.append(Price(one.mark_price, min(at, now)))
    fresh = [price for price in told if now - price.at <= STALE]
    return max(fresh, key=lambda price: price.at, default=None)


def _sectors(workspace_id: int, names: Collection[str]) -> dict[str, str]:
    """As a scanner said last; nobody else here knows."""
    rows = (
        Recommendation.objects.filter(
            workspace_id=workspace_id,
            symbol__in=names,
            features__has_key="sector",
            batch__withdrawn_at=None,
        )
        .order_by("symbol", "-recommended_at", "-pk")
        .distinct("symbol")
        .values_list("symbol", "features__sector")
    )
    found = {}
    for symbol, told in rows:
        value = told.get("value") if isinstance(told, dict) else told
        if isinstance(value, str) and value:
            found[symbol] = value
    return found
