"""A booking as rows of the derived tables. Pure: values in, tuples out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from common.copy_text import lines_of
from journal.domain.exact import divide
from journal.domain.trading_day import trading_day
from journal.domain.values import (
    ZERO,
    Booking,
    Fill,
    LegResult,
    Lot,
    Match,
    TradingDay,
)
from journal.models import Instrument, Result, Source

EXECUTION_COLUMNS = (
    "id", "workspace", "account", "instrument", "report", "leg", "closed_leg", "fill_key",
    "broker_id", "order_id", "source", "kind", "side", "quantity", "price", "executed_at",
    "sequence", "trading_day", "effect", "fee", "tax", "fee_currency", "fee_quoted", "fx_rate",
    "gross_pnl", "net_pnl", "uses_rates",
)  # fmt: skip
MATCH_COLUMNS = (
    "workspace", "account", "instrument", "leg", "closing", "opening", "ordinal", "direction",
    "currency", "asset_class", "quantity", "open_price", "close_price", "opened_at", "closed_at",
    "closed_on", "open_fee", "close_fee", "gross_pnl", "net_pnl", "gross_base", "net_base",
    "open_fx_rate", "close_fx_rate",
)  # fmt: skip
LOT_COLUMNS = (
    "workspace", "account", "instrument", "leg", "opening", "signed_quantity", "price", "fee",
    "opened_at", "cost_known", "fx_rate",
)  # fmt: skip
_ROUND_TRIP_COLUMNS = (
    "id", "workspace", "account", "direction", "currency", "opened_at", "opened_on", "closed_at",
    "closed_on", "quantity", "average_open", "average_close", "cost", "gross_pnl", "net_pnl",
    "fees", "gross_base", "net_base", "fees_base", "cost_base", "cost_known", "execution_count",
)  # fmt: skip
LEG_COLUMNS = (
    *_ROUND_TRIP_COLUMNS, "instrument", "trade", "closed_quantity", "opened_quantity", "digest",
)  # fmt: skip
TRADE_COLUMNS = (
    *_ROUND_TRIP_COLUMNS, "symbol", "underlying", "asset_class", "leg_count", "result", "source", "last_at",
)  # fmt: skip

_SUMMED = {
    name: (MATCH_COLUMNS.index(f"{name}_base"), MATCH_COLUMNS.index(f"{name}_pnl"))
    for name in ("gross", "net")
}
_CLOSED_ON_OF_LEG = _ROUND_TRIP_COLUMNS.index("closed_on")
_SOURCE = TRADE_COLUMNS.index("source") - len(_ROUND_TRIP_COLUMNS)
_CLOSED_ON = MATCH_COLUMNS.index("closed_on")
_CURRENCY = MATCH_COLUMNS.index("currency")
_NET = MATCH_COLUMNS.index("net_pnl")


_OfLeg = TypeVar("_OfLeg", Match, Lot)


class BookedFill(NamedTuple):
    """A fill with what its row in the book says beside it; figures as booked (corrections applied).

    `report_id` is None for the book entry of a corporate action or transfer.
    """

    fill: Fill
    fill_key: str
    report_id: int | None
    order_id: str
    source: str
    fee: Decimal
    tax: Decimal
    fee_currency: str
    fee_quoted: Decimal | None
    uses_rates: bool


@dataclass(frozen=True, slots=True)
class Owner:
    workspace_id: int
    account_id: int
    day: TradingDay

    def day_of(self, at: datetime) -> date:
        return trading_day(at, self.day)


class Realised(NamedTuple):
    """What one match added to a day."""

    on: date
    currency: str
    net_pnl: Decimal | None


@dataclass(slots=True)
class LegRows:
    """A leg with all that hangs on it, as lines for COPY; `digest` is equal when all of them are."""

    digest: str
    source: str
    closed_on: date | None
    realised: list[Realised]
    leg: str
    trade: str
    matches: list[str]
    lots: list[str]


def compose_legs(
    booking: Booking,
    instruments: Mapping[int, Instrument],
    owner: Owner,
    sources: Mapping[int, str],
) -> dict[int, LegRows]:
    """`sources` are those of the executions, by id."""
    matches = _by_leg(booking.matches)
    lots = _by_leg(booking.lots)
    parts = [
        _leg_parts(
            leg,
            matches.get(leg.id, []),
            lots.get(leg.id, []),
            instruments[leg.instrument_id],
            owner,
            sources.get(leg.id, Source.STATEMENT),
        )
        for leg in booking.legs
    ]
    # All lines at once, kind by kind, and dealt out again: that is far quicker than leg by leg.
    common = lines_of([part.common for part in parts])
    own = lines_of([part.leg for part in parts])
    trades = lines_of([part.trade for part in parts])
    match_lines = iter(lines_of([row for part in parts for row in part.matches]))
    lot_lines = iter(lines_of([row for part in parts for row in part.lots]))
    return {
        leg.id: _leg_rows(
            leg,
            part,
            (f"{shared}\t{leg_line}", f"{shared}\t{trade_line}"),
            list(islice(match_lines, len(part.matches))),
            list(islice(lot_lines, len(part.lots))),
        )
        for leg, part, shared, leg_line, trade_line in zip(
            booking.legs, parts, common, own, trades, strict=True
        )
    }


def _by_leg(parts: Iterable[_OfLeg]) -> dict[int, list[_OfLeg]]:
    by_leg: dict[int, list[_OfLeg]] = {}
    for part in parts:
        by_leg.setdefault(part.leg_id, []).append(part)
    return by_leg


class _LegParts(NamedTuple):
    """Rows of values, each in the order of its table's columns. `common` are the first ones of leg and trade, the
    leg's digest is still missing."""

    common: tuple[Any, ...]
    leg: tuple[Any, ...]
    trade: tuple[Any, ...]
    matches: list[tuple[Any, ...]]
    lots: list[tuple[Any, ...]]


def _leg_parts(
    leg: LegResult,
    matches: list[Match],
    lots: list[Lot],
    instrument: Instrument,
    owner: Owner,
    source: str,
) -> _LegParts:
    match_rows = [_match_row(match, instrument, owner) for match in matches]
    common = _round_trip(leg, match_rows, matches, lots, instrument, owner)
    last_at = leg.closed_at or max([leg.opened_at, *(match.closed_at for match in matches)])
    trade = (
        instrument.symbol, instrument.underlying_name, instrument.asset_class, 1,
        result_of(leg.closed_at is not None, leg.cost_known, leg.net_pnl), source, last_at,
    )  # fmt: skip
    own = (leg.instrument_id, leg.id, leg.closed_quantity, leg.opened_quantity)
    return _LegParts(common, own, trade, match_rows, [_lot_row(lot, owner) for lot in lots])


def _leg_rows(
    leg: LegResult,
    parts: _LegParts,
    lines: tuple[str, str],
    match_lines: list[str],
    lot_lines: list[str],
) -> LegRows:
    content = "\n".join((str(leg.execution_ids), *lines, *match_lines, *lot_lines))
    digest = blake2b(content.encode(), digest_size=16).hexdigest()
    own, trade = lines
    return LegRows(
        digest,
        parts.trade[_SOURCE],
        parts.common[_CLOSED_ON_OF_LEG],
        [Realised(row[_CLOSED_ON], row[_CURRENCY], row[_NET]) for row in parts.matches],
        f"{own}\t{digest}",
        trade,
        match_lines,
        lot_lines,
    )


def _round_trip(
    leg: LegResult,
    match_rows: list[tuple[Any, ...]],
    matches: list[Match],
    lots: list[Lot],
    instrument: Instrument,
    owner: Owner,
) -> tuple[Any, ...]:
    cost = _cost(leg, instrument)
    opening_rate = _opening_rate(matches, lots)
    fees_base = _fees_base(matches, lots)
    return (
        leg.id, owner.workspace_id, owner.account_id, leg.direction, instrument.currency,
        leg.opened_at, owner.day_of(leg.opened_at), leg.closed_at,
        owner.day_of(leg.closed_at) if leg.closed_at else None,
        leg.max_quantity, leg.average_open, leg.average_close, cost, leg.gross_pnl, leg.net_pnl,
        leg.fees, _known_sum(match_rows, "gross"), _known_sum(match_rows, "net"), fees_base,
        None if cost is None or opening_rate is None else cost * opening_rate,
        leg.cost_known, len(leg.execution_ids),
    )  # fmt: skip


def _known_sum(rows: list[tuple[Any, ...]], name: str) -> Decimal | None:
    """Sum of gross_base or net_base; None when a figure that is known in the quoted currency has no rate."""
    base, quoted = _SUMMED[name]
    total = ZERO
    for row in rows:
        if row[base] is not None:
            total += row[base]
        elif row[quoted] is not None:
            return None
    return total


def _cost(leg: LegResult, instrument: Instrument) -> Decimal | None:
    if leg.average_open is None:
        return None
    if instrument.is_inverse:
        return (
            divide(leg.opened_quantity * instrument.multiplier, leg.average_open)
            if leg.average_open
            else None
        )
    return abs(leg.average_open) * leg.opened_quantity * instrument.multiplier


def _opening_rate(matches: list[Match], lots: list[Lot]) -> Decimal | None:
    if matches:
        return matches[0].open_fx_rate or matches[0].close_fx_rate
    return lots[0].fx_rate if lots else None


def _fees_base(matches: list[Match], lots: list[Lot]) -> Decimal | None:
    total = ZERO
    for match in matches:
        if match.close_fx_rate is None:
            return None
        total += (match.open_fee + match.close_fee) * match.close_fx_rate
    for lot in lots:
        if lot.fee and lot.fx_rate is None:
            return None
        total += lot.fee * (lot.fx_rate or ZERO)
    return total


def result_of(is_closed: bool, cost_known: bool, net_pnl: Decimal) -> str:
    """Of a trade (`journal.models.Trade.result`)."""
    if not is_closed:
        return ""
    if not cost_known:
        return Result.UNKNOWN
    if net_pnl == 0:
        return Result.FLAT
    return Result.WIN if net_pnl > 0 else Result.LOSS


def _match_row(match: Match, instrument: Instrument, owner: Owner) -> tuple[Any, ...]:
    rate = match.close_fx_rate
    return (
        owner.workspace_id, owner.account_id, match.instrument_id, match.leg_id, match.closing_id,
        match.opening_id, match.ordinal, match.direction, instrument.currency,
        instrument.asset_class, match.quantity, match.open_price, match.close_price,
        match.opened_at, match.closed_at, owner.day_of(match.closed_at), match.open_fee,
        match.close_fee, match.gross_pnl, match.net_pnl, _times(match.gross_pnl, rate),
        _times(match.net_pnl, rate), match.open_fx_rate, rate,
    )  # fmt: skip


def _times(amount: Decimal | None, rate: Decimal | None) -> Decimal | None:
    return None if amount is None or rate is None else amount * rate


def _lot_row(lot: Lot, owner: Owner) -> tuple[Any, ...]:
    return (
        owner.workspace_id, owner.account_id, lot.instrument_id, lot.leg_id, lot.opening_id,
        lot.signed_quantity, lot.price if lot.cost_known else None, lot.fee, lot.opened_at,
        lot.cost_known, lot.fx_rate,
    )  # fmt: skip


def compose_executions(
    fills: Iterable[BookedFill], booking: Booking, owner: Owner
) -> dict[int, tuple[Any, ...]]:
    """Rows by execution id, each with the leg it is in and what it realised."""
    leg_of, closed_leg_of = _memberships(booking.legs)
    gross, net = _realised(booking.matches)
    rows = {}
    for booked in fills:
        fill = booked.fill
        rows[fill.id] = (
            fill.id, owner.workspace_id, owner.account_id, fill.instrument_id,
            booked.report_id, leg_of.get(fill.id), closed_leg_of.get(fill.id), booked.fill_key,
            fill.broker_id, booked.order_id, booked.source, fill.kind, fill.side, fill.quantity, fill.price,
            fill.executed_at, fill.sequence, owner.day_of(fill.executed_at), fill.effect,
            booked.fee, booked.tax, booked.fee_currency, booked.fee_quoted, fill.fx_rate,
            gross.get(fill.id, ZERO), net.get(fill.id, ZERO), booked.uses_rates,
        )  # fmt: skip
    return rows


def _memberships(legs: Iterable[LegResult]) -> tuple[dict[int, int], dict[int, int]]:
    legs = list(legs)
    opens = {leg.id for leg in legs}
    leg_of: dict[int, int] = {}
    closed_leg_of: dict[int, int] = {}
    for leg in legs:
        for execution_id in leg.execution_ids:
            if execution_id != leg.id and execution_id in opens:
                closed_leg_of[execution_id] = leg.id
            else:
                leg_of[execution_id] = leg.id
    return leg_of, closed_leg_of


def _realised(
    matches: Iterable[Match],
) -> tuple[dict[int, Decimal | None], dict[int, Decimal | None]]:
    """Gross and net P&L by closing execution: None as soon as one of its matches is unknown."""
    gross: dict[int, Decimal | None] = {}
    net: dict[int, Decimal | None] = {}
    for match in matches:
        id_ = match.closing_id
        gross[id_] = _plus(gross.get(id_, ZERO), match.gross_pnl)
        net[id_] = _plus(net.get(id_, ZERO), match.net_pnl)
    return gross, net


def _plus(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return None if one is None or other is None else one + other
