"""What was held before the first statement, as a book entry of its own: first in the stream, and what it cost.

Derived from the first stated position on or after the first known movement, and from all that moved up to then, so it
does not depend on the order of imports, and vanishes when the earlier statement explains it. Only computed where an
instrument is booked from its beginning: `journal.services.booking.scope` sees to that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from journal.domain.corporate import ActionRow, understand
from journal.domain.identity import value_key
from journal.domain.openings import (
    StatedPosition,
    Witness,
    hear_actions,
    hear_fills,
    is_believed,
)
from journal.domain.trading_day import trading_day
from journal.domain.trouble import problem
from journal.domain.values import (
    ZERO,
    BasisTransfer,
    Contract,
    ExecutionKind,
    Fill,
    PositionEffect,
    Problem,
    Side,
    Split,
    StatedCost,
    StatedOpenLot,
    TradingDay,
)
from journal.models import BrokerAccount, Instrument
from journal.selectors.openings import (
    UNLISTED,
    list_accounts_stated,
    list_newly_stated,
    list_opened,
    list_reported_days,
    list_stated_lots,
    list_stated_positions,
    sum_booked,
)
from journal.services.booking.compose import BookedFill
from journal.services.evidence import Touched

_JUST_BEFORE = timedelta(microseconds=1)


class Move(NamedTuple):
    """Something other than a reported fill that may move an instrument, under the key of its book entry."""

    instrument_id: int
    key: str
    at: datetime
    reported_on: date | None


class Action(NamedTuple):
    """A row of a corporate action, with the broker's day of it."""

    row: ActionRow
    reported_on: date | None


class Opening(NamedTuple):
    """What was held before, with what is known of its cost; or without `fill` why nothing is booked."""

    fill: Fill | None
    cost: StatedCost | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class Openings:
    """By instrument what is stated, and the keys of the entries; by fill key the broker's days of what moved."""

    stated: Mapping[int, StatedPosition]
    lots: Mapping[int, tuple[StatedOpenLot, ...]]
    keys: Mapping[int, str]
    reported_days: Mapping[str, date]
    day: TradingDay

    def find(
        self, contract: Contract, booked: Iterable[BookedFill], actions: Iterable[Action], id_: int
    ) -> Opening | None:
        """The opening, or why there is none though something is missing. None: all is explained.

        `booked` and `actions` are all that is known of the instrument (and of those that are booked with it).
        """
        stated = self.stated[contract.instrument_id]
        own = [one for one in booked if one.fill.instrument_id == contract.instrument_id]
        mine = [one for one in actions if one.row.instrument_id == contract.instrument_id]
        fills = [one.fill for one in own if self._day_of(one) <= stated.on]
        rows = [one.row for one in mine if self._day_of_action(one) <= stated.on]
        known = sum((one.signed_quantity for one in fills), ZERO)
        known += sum((one.signed_quantity for one in rows), ZERO)
        missing = stated.signed_quantity - known
        if not missing:
            return None
        figures: dict[str, Any] = {
            "on": stated.on,
            "stated": stated.signed_quantity,
            "known": known,
        }
        if not is_believed(stated, _hear(missing, fills, rows, contract)):
            code = "position_unexplained"
            return Opening(
                None, None, problem(code, instrument_id=contract.instrument_id, **figures)
            )
        first_at = min(
            [*(one.fill.executed_at for one in own), *(one.row.effective_at for one in mine)]
        )
        fill = _opening(id_, contract.instrument_id, missing, first_at - _JUST_BEFORE)
        lots = self._lots_before(first_at, contract.instrument_id)
        cost = _stated_cost(contract.instrument_id, stated, lots, [fill, *fills], rows)
        about = problem(
            "opening_unknown" if cost is None else "opening_stated",
            instrument_id=contract.instrument_id,
            execution_id=id_,
            quantity=missing,
            **figures,
        )
        return Opening(fill, cost, about)

    def _lots_before(self, first_at: datetime, instrument_id: int) -> tuple[StatedOpenLot, ...]:
        listed = self.lots.get(instrument_id, ())
        return tuple(lot for lot in listed if lot.opened_at < first_at)

    def _day_of(self, booked: BookedFill) -> date:
        stated = self.reported_days.get(booked.fill_key)
        return stated or trading_day(booked.fill.executed_at, self.day)

    def _day_of_action(self, action: Action) -> date:
        return action.reported_on or trading_day(action.row.effective_at, self.day)


def _opening(id_: int, instrument_id: int, signed_quantity: Decimal, at: datetime) -> Fill:
    return Fill(
        id_,
        instrument_id,
        at,
        0,
        Side.BUY if signed_quantity > ZERO else Side.SELL,
        abs(signed_quantity),
        ZERO,
        kind=ExecutionKind.OPENING,
        effect=PositionEffect.OPEN,
        price_known=False,
    )


def _stated_cost(
    instrument_id: int,
    stated: StatedPosition,
    lots: tuple[StatedOpenLot, ...],
    fills: Sequence[Fill],
    rows: Sequence[ActionRow],
) -> StatedCost | None:
    """Of what is open once all has moved that the position is stated after."""
    if stated.cost is None or not stated.signed_quantity:
        return None
    at, sequence = max(
        [
            *((one.executed_at, one.sequence) for one in fills),
            *((one.effective_at, one.sequence) for one in rows),
        ]
    )
    return StatedCost(
        instrument_id, at, sequence, stated.signed_quantity, stated.cost, lots, stated.on
    )


def _hear(
    missing: Decimal, fills: list[Fill], rows: list[ActionRow], contract: Contract
) -> Witness:
    if hear_actions(missing, rows, fills) is Witness.FOR:
        return Witness.FOR
    events = understand(rows, fills).events
    if any(isinstance(one, BasisTransfer) for one in events):
        return Witness.SILENT
    moves = (one for one in events if isinstance(one, Fill | Split))
    return hear_fills(missing, [*fills, *moves], contract)


def load_openings(
    account: BrokerAccount,
    instruments: Iterable[Instrument],
    fills: Mapping[int, Sequence[BookedFill]],
    moves: Iterable[Move],
) -> Openings:
    """For instruments that are booked from their beginning. `fills` are those that were reported, by instrument.

    A hedging account has positions per ticket, which no section of positions tells apart.
    """
    first_at = {
        instrument.pk: min(one.fill.executed_at for one in fills[instrument.pk])
        for instrument in instruments
        if fills.get(instrument.pk)
    }
    moves, by_id = list(moves), {instrument.pk: instrument for instrument in instruments}
    for move in moves:
        if move.instrument_id in by_id:
            earliest = first_at.get(move.instrument_id, move.at)
            first_at[move.instrument_id] = min(earliest, move.at)
    day = account.trading_day
    first_days = {
        id_: trading_day(at, day)
        for id_, at in first_at.items()
        if not account.is_hedging and by_id[id_].asset_class not in UNLISTED
    }
    stated = list_stated_positions(account.pk, first_days)
    days = {id_: position.on for id_, position in stated.items()}
    reported_days = list_reported_days(account.pk, days)
    lots = list_stated_lots(account.pk, days)
    reported_days |= {one.key: one.reported_on for one in moves if one.reported_on is not None}
    keys = {id_: value_key((by_id[id_].key,), 0).replace("v:", "op:") for id_ in stated}
    return Openings(stated, lots, keys, reported_days, day)


def touch_openings(account: BrokerAccount, batch_id: int, touched: Touched) -> None:
    """Have instruments booked again whose opening is another with the positions that the batch states.

    Most state nothing new about an opening: the position of an earlier day decides. `batch_id` may be withdrawn.
    Where one is booked, the batch may state another cost of it.
    """
    if account.pk not in list_accounts_stated(batch_id):
        return
    first_days = list_newly_stated(account.pk, batch_id)
    for instrument_id, since in touched.since.items():
        if since is None:
            first_days.pop(instrument_id, None)
    if not first_days:
        return
    stated = list_stated_positions(account.pk, first_days)
    booked = sum_booked(account.pk, {id_: position.on for id_, position in stated.items()})
    opened = list_opened(account.pk, first_days)
    for instrument_id in first_days:
        position = stated.get(instrument_id)
        if (
            position is None
            or instrument_id in opened
            or booked.get(instrument_id) != position.signed_quantity
        ):
            touched.add(instrument_id, None)
