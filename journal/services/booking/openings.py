"""What was held before the first statement, as a book entry of its own: first in the stream, and what it cost.

Derived from the first stated position on or after the first known movement, and from all that moved up to then; where
there is none, from the last one before it. So it does not depend on the order of imports, and vanishes when the earlier
statement explains it. Only computed where an
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
from journal.selectors.issues import list_told
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
from journal.services.issues import UNEXPLAINED

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


class Listed(NamedTuple):
    """A stated position, and the open lots that the same day lists of it."""

    position: StatedPosition
    lots: tuple[StatedOpenLot, ...]


class Opening(NamedTuple):
    """What was held before, with what is known of its cost; or without `fill` why nothing is booked."""

    fill: Fill | None
    costs: list[StatedCost]
    problem: Problem


@dataclass(frozen=True, slots=True)
class Openings:
    """By instrument what is stated after the first movement and before it, with the lots of those days, and the keys
    of the entries; by fill key the broker's days of what moved."""

    after: Mapping[int, Listed]
    before: Mapping[int, Listed]
    keys: Mapping[int, str]
    reported_days: Mapping[str, date]
    day: TradingDay

    def find(
        self, contract: Contract, booked: Iterable[BookedFill], actions: Iterable[Action], id_: int
    ) -> Opening | None:
        """The opening, or why there is none though something is missing. None: all is explained.

        `booked` and `actions` are all that is known of the instrument (and of those that are booked with it).
        """
        id_of = contract.instrument_id
        before, after = self.before.get(id_of), self.after.get(id_of)
        decisive = after or before
        if decisive is None:
            return None
        stated = decisive.position
        own = [one for one in booked if one.fill.instrument_id == contract.instrument_id]
        mine = [one for one in actions if one.row.instrument_id == contract.instrument_id]
        fills = [one.fill for one in own if self._day_of(one) <= stated.on]
        rows = [one.row for one in mine if self._day_of_action(one) <= stated.on]
        known = sum((one.moved for one in fills), ZERO)
        known += sum((one.signed_quantity for one in rows), ZERO)
        missing = stated.signed_quantity - known
        if not missing:
            return None
        figures: dict[str, Any] = {
            "on": stated.on,
            "stated": stated.signed_quantity,
            "known": known,
        }
        # No fill is up to a day before the first movement: then all of them may speak.
        heard = (fills, rows) if after else ([one.fill for one in own], [one.row for one in mine])
        first_at = min(
            [*(one.fill.executed_at for one in own), *(one.row.effective_at for one in mine)]
        )
        fill = _opening(id_, contract.instrument_id, missing, first_at - _JUST_BEFORE)
        cost = stated.cost if after and not contract.inverse else None
        if not is_believed(stated, _hear(fill, *heard, contract, cost)):
            return Opening(None, [], problem(UNEXPLAINED, instrument_id=id_of, **figures))
        costs = []
        if before and before.position.signed_quantity == missing:
            costs += _stated_cost(id_of, before, first_at, [fill], [])
        if after:
            costs += _stated_cost(id_of, after, first_at, [fill, *fills], rows)
        about = problem(
            "opening_stated" if costs else "opening_unknown",
            instrument_id=id_of,
            execution_id=id_,
            quantity=missing,
            **figures,
        )
        return Opening(fill, costs, about)

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
    listed: Listed,
    first_at: datetime,
    fills: Sequence[Fill],
    rows: Sequence[ActionRow],
) -> list[StatedCost]:
    """Of what is open once all has moved that the position is stated after; none where none is stated."""
    stated = listed.position
    if stated.cost is None or not stated.signed_quantity:
        return []
    lots = tuple(lot for lot in listed.lots if lot.opened_at < first_at)
    at, sequence = max(
        [
            *((one.executed_at, one.sequence) for one in fills),
            *((one.effective_at, one.sequence) for one in rows),
        ]
    )
    cost = StatedCost(
        instrument_id, at, sequence, stated.signed_quantity, stated.cost, lots, stated.on
    )
    return [cost]


def _list(account_id: int, first_days: Mapping[int, date], *, before: bool) -> dict[int, Listed]:
    stated = list_stated_positions(account_id, first_days, before=before)
    held = {id_: position.on for id_, position in stated.items() if position.signed_quantity}
    lots = list_stated_lots(account_id, held)
    return {id_: Listed(position, lots.get(id_, ())) for id_, position in stated.items()}


def _hear(
    opening: Fill,
    fills: list[Fill],
    rows: list[ActionRow],
    contract: Contract,
    cost: Decimal | None,
) -> Witness:
    if hear_actions(opening.signed_quantity, rows, fills) is Witness.FOR:
        return Witness.FOR
    events = understand(rows, fills).events
    if any(isinstance(one, BasisTransfer) for one in events):
        return Witness.SILENT
    moves = (one for one in events if isinstance(one, Fill | Split))
    return hear_fills(opening, [*fills, *moves], contract, cost)


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
    after = _list(account.pk, first_days, before=False)
    before = _list(account.pk, first_days, before=True)
    reported_days = list_reported_days(
        account.pk, {id_: one.position.on for id_, one in after.items()}
    )
    reported_days |= {one.key: one.reported_on for one in moves if one.reported_on is not None}
    keys = {
        id_: value_key((by_id[id_].key,), 0).replace("v:", "op:")
        for id_ in after.keys() | before.keys()
    }
    return Openings(after, before, keys, reported_days, day)


def touch_openings(account: BrokerAccount, batch_id: int, touched: Touched) -> None:
    """Have instruments booked again whose opening is another with the positions that the batch states.

    Most state nothing new about an opening: the position of an earlier day decides. `batch_id` may be withdrawn.
    Where one is booked, the batch may state another cost of it; where it is told why none is, it may explain that.
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
    opened = list_opened(account.pk, first_days) | list_told(account.pk, UNEXPLAINED)
    for instrument_id in first_days:
        position = stated.get(instrument_id)
        if (
            position is None
            or instrument_id in opened
            or booked.get(instrument_id) != position.signed_quantity
        ):
            touched.add(instrument_id, None)
