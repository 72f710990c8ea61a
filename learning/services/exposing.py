"""What is open now and what all of it risks together: counted by a worker, kept once a day, shown from there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from journal.domain.names import name_key
from learning.domain.exposure.daily import Daily, beta, daily_returns, volatility
from learning.domain.exposure.options import (
    DAYS_A_YEAR,
    Greeks,
    Kind,
    Option,
    implied_volatility,
)
from learning.domain.exposure.portfolio import Holding
from learning.domain.exposure.reading import read_exposure
from learning.domain.figures import Figure, Reason
from learning.domain.seconds import DAY
from learning.models import ExposureReading
from learning.selectors.holdings import (
    Held,
    Price,
    list_held,
    read_closes,
    underlyings_of,
)
from learning.selectors.settings import zone_of
from learning.selectors.standings import Standing, standings_of
from learning.services.locks import lock_exposing

KEPT = timedelta(days=400)
_APART = timedelta(hours=30)
"""An option's price and its underlying's further apart than this tell no volatility together."""
_ENDS_AT = 20 * 3_600  # seconds of the day (UTC) at which options expire, about


@dataclass(frozen=True, slots=True)
class Line:
    """A holding with why something of it is not known, "" where all is."""

    held: Held
    holding: Holding
    why: str


@transaction.atomic
def expose(workspace_id: int, now: datetime) -> ExposureReading:
    """To be called within the scope of the workspace. Overwrites the reading of the day, unless it was taken later.

    One at a time: of two, the one that began first would else have the last word; and who erases an account waits for
    the one that still shows it.
    """
    lock_exposing(workspace_id)
    on = now.astimezone(zone_of(workspace_id)).date()
    later = ExposureReading.objects.filter(workspace_id=workspace_id, on=on, taken_at__gt=now)
    if (kept := later.first()) is not None:
        return kept
    positions, result = _look(workspace_id, now)
    kept, _ = ExposureReading.objects.update_or_create(
        workspace_id=workspace_id,
        on=on,
        defaults={"taken_at": now, "positions": positions, "result": result},
    )
    ExposureReading.objects.filter(workspace_id=workspace_id, on__lt=on - KEPT).delete()
    return kept


def _look(workspace_id: int, now: datetime) -> tuple[int, dict[str, Any]]:
    """How many positions are open, and what they come to."""
    names = underlyings_of(workspace_id)
    index = settings.LEARNING_INDEX
    closes = read_closes(workspace_id, {**names, index: [name_key(index)]}, now)
    held = list_held(workspace_id, now, closes)
    standings = {one.trade: one for one in standings_of(held)}
    daily = daily_returns({name: one.by_day for name, one in closes.items()})
    facts = _Facts(daily, index)
    books: dict[str, list[Line]] = defaultdict(list)
    for one in held:
        books[one.position.base_currency].append(_line(one, facts, now))
    spot = closes[index].last.value if index in closes else None
    result = {
        "index": {"name": index, "price": None if spot is None else str(spot), "days": len(daily.returns)},
        "interest": str(settings.LEARNING_INTEREST_PERCENT),
        "books": [
            {
                **_book(currency, books[currency], daily, None if spot is None else float(spot)),
                "trades": _trades(books[currency], standings),
            }
            for currency in sorted(books, key=lambda one: (-len(books[one]), one))
        ],
    }  # fmt: skip
    return len(held), result


def _book(
    currency: str, lines: Sequence[Line], daily: Daily, index_price: float | None
) -> dict[str, Any]:
    holdings = [line.holding for line in lines]
    return {
        "currency": currency,
        "positions": [_position(line) for line in lines],
        **read_exposure(holdings, daily, index_price),
    }


def _trades(lines: Sequence[Line], standings: Mapping[int, Standing]) -> list[dict[str, Any]]:
    """Open trades of which all prices are known: what closing each would bring."""
    ids = sorted({line.held.position.trade_id or 0 for line in lines} & standings.keys())
    return [
        {
            "trade": id_,
            "symbol": standings[id_].symbol,
            "profit": f"{standings[id_].profit:.2f}",
            "of_maximum": standings[id_].of_maximum,
        }
        for id_ in ids
    ]


class _Facts:
    """Volatility and beta of each underlying, counted once."""

    def __init__(self, daily: Daily, index: str) -> None:
        self.daily = daily
        self.index = index
        self.known: dict[str, tuple[Figure | None, Figure | None]] = {}

    def of(self, name: str) -> tuple[Figure | None, Figure | None]:
        if name not in self.known:
            self.known[name] = self._count(name)
        return self.known[name]

    def _count(self, name: str) -> tuple[Figure | None, Figure | None]:
        if name not in self.daily.names:
            return None, None
        own = self.daily.of(name)
        to_index = None
        if self.index in self.daily.names:
            to_index = beta(own, self.daily.of(self.index))
        return volatility(own), to_index


def _line(one: Held, facts: _Facts, now: datetime) -> Line:
    position = one.position
    deviation, to_index = facts.of(one.underlying)
    option, why = _option(one, now) if one.is_option else (None, "")
    spot = one.spot if one.is_option else one.mark or one.spot
    if spot is None:
        why = "no_price"
    if position.fx_rate is None:
        why = "no_rate"
    if position.is_inverse:
        why = "inverse"
    is_known = why in ("", "no_volatility")
    holding = Holding(
        one.underlying,
        float(position.signed_quantity),
        float(spot.value) if spot is not None and is_known else None,
        float(position.multiplier),
        option,
        None if to_index is None else to_index.value,
        None if deviation is None else deviation.value,
        one.sector,
        None if one.expiry_on is None else one.expiry_on.isoformat(),
        float(position.fx_rate or 1),
    )
    return Line(one, holding, why)


def _option(one: Held, now: datetime) -> tuple[Option, str]:
    """With the volatility that its price and its underlying's imply, where both were told at about the same time."""
    kind = Kind.CALL if one.right == "call" else Kind.PUT
    rate = float(settings.LEARNING_INTEREST_PERCENT) / 100
    strike = float(one.strike or 0)
    if one.expiry_on is None or not strike:
        return Option(kind, strike, 0.0, None, rate, 0.0, one.is_on_future), "no_contract"
    years = max(0.0, _years(now, one.expiry_on))
    bare = Option(kind, strike, years, None, rate, 0.0, one.is_on_future)
    implied = _implied(one, bare)
    if isinstance(implied, Reason):
        return bare, "no_volatility"
    return Option(kind, strike, years, implied, rate, 0.0, one.is_on_future), ""


def _implied(one: Held, bare: Option) -> float | Reason:
    mark, spot = one.mark, one.spot
    if mark is None or spot is None or abs(mark.at - spot.at) > _APART:
        return Reason.NO_QUOTE
    then = _years(mark.at, one.expiry_on) if one.expiry_on else 0.0
    told = Option(bare.kind, bare.strike, max(0.0, then), None, bare.rate, 0.0, bare.is_on_future)
    return implied_volatility(told, float(spot.value), float(mark.value))


def _years(at: datetime, expiry_on: date) -> float:
    ends = datetime(expiry_on.year, expiry_on.month, expiry_on.day, tzinfo=at.tzinfo)
    return (ends - at + timedelta(seconds=_ENDS_AT)).total_seconds() / DAY / DAYS_A_YEAR


def _position(line: Line) -> dict[str, Any]:
    held, holding = line.held, line.holding
    position, told = held.position, holding.greeks()
    known = told if isinstance(told, Greeks) and holding.price is not None else None
    return {
        "account": position.account_id,
        "account_name": position.account_name,
        "trade": position.trade_id,
        "symbol": position.symbol,
        "underlying": held.underlying,
        "sector": held.sector,
        "expiry": holding.expiry,
        "quantity": str(position.signed_quantity),
        "mark": _price(held.mark),
        "spot": _price(held.spot),
        "volatility": holding.option.volatility if holding.option else holding.volatility,
        "beta": holding.beta,
        "delta": None if known is None else holding.units * known.delta * (holding.price or 0) / 100,
        "theta": None if known is None else holding.units * known.theta,
        "vega": None if known is None else holding.units * known.vega,
        "why": line.why,
    }  # fmt: skip


def _price(told: Price | None) -> dict[str, str] | None:
    return None if told is None else {"price": str(told.value), "at": told.at.isoformat()}
