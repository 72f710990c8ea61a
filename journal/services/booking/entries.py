"""Book entries that no execution report made: corporate actions, transfers, option events whose fill is missing, and
what was held before the first statement.

Each has an execution of its own in the book, so that a person sees what moved the position; its key is the event's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import TypeVar
from zoneinfo import ZoneInfo

from journal.domain.corporate import ActionKind, ActionRow, understand
from journal.domain.exact import divide
from journal.domain.trading_day import trading_day
from journal.domain.values import (
    ONE,
    ZERO,
    BookEvent,
    ExecutionKind,
    Fill,
    PositionEffect,
    Side,
)
from journal.models import BrokerAccount, Execution, Instrument
from journal.selectors.events import (
    ActionReport,
    OptionEvent,
    Transfer,
    action_key,
    list_actions,
    list_cost_shares,
    list_option_events,
    list_transfers,
)
from journal.selectors.evidence import RateBook
from journal.services.booking.compose import BookedFill
from journal.services.booking.directions import direct
from journal.services.booking.openings import Action, Move, Openings, load_openings
from journal.services.copying import reserve_ids
from journal.services.issues import BookingIssue

# IBKR books exercises, assignments and expiries at this time of day.
_OPTION_EVENT_TIME = time(16, 20)
_DAYS_BETWEEN_SECTION_AND_FILL = timedelta(days=4)
Event = TypeVar("Event", ActionReport, Transfer, OptionEvent)

_OPTION_KINDS = {
    "exercise": ExecutionKind.EXERCISE,
    "assignment": ExecutionKind.ASSIGNMENT,
    "expiry": ExecutionKind.EXPIRY,
    "cash_settlement": ExecutionKind.CASH_SETTLEMENT,
    "delivery": ExecutionKind.ASSIGNMENT,
}


@dataclass(slots=True)
class MadeEntries:
    """`fills` are booked like any fill; `book_entries` only stand beside the events that name them."""

    fills: list[BookedFill] = field(default_factory=list)
    book_entries: list[BookedFill] = field(default_factory=list)
    events: list[BookEvent] = field(default_factory=list)
    issues: list[BookingIssue] = field(default_factory=list)


@dataclass(slots=True)
class Entries:
    """Events of a batch of instruments, ready to be taken group by group."""

    account: BrokerAccount
    instruments: Mapping[int, Instrument]
    rates: RateBook
    ids: Mapping[str, int]
    actions: Mapping[int, list[ActionReport]]
    transfers: Mapping[int, list[Transfer]]
    option_events: Mapping[int, list[OptionEvent]]
    cost_shares: Mapping[str, Decimal]
    openings: Openings

    def is_empty(self) -> bool:
        return not (self.actions or self.transfers or self.option_events or self.openings.keys)

    def of(self, instrument_ids: Sequence[int], reported: Sequence[BookedFill]) -> MadeEntries:
        made = MadeEntries()
        for instrument_id in instrument_ids:
            made.fills += [self._transferred(one) for one in self.transfers.get(instrument_id, ())]
        actions = [one for id_ in instrument_ids for one in self.actions.get(id_, ())]
        rows = [self._action_row(one) for one in actions]
        for instrument_id in instrument_ids:
            self._end_options(instrument_id, reported, rows, made)
        if self.openings.keys:
            dated = [Action(row, one.reported_on) for row, one in zip(rows, actions, strict=True)]
            self._open(instrument_ids, [*reported, *made.fills], dated, made)
        if actions:
            self._act(actions, rows, [*reported, *made.fills], made)
        return made

    def _end_options(
        self,
        instrument_id: int,
        reported: Sequence[BookedFill],
        rows: Sequence[ActionRow],
        made: MadeEntries,
    ) -> None:
        events = _unexplained(self.option_events.get(instrument_id, ()), reported)
        made.fills += [self._option_fill(one) for one in events if one.is_directed]
        open_ended = [one for one in events if not one.is_directed]
        if not open_ended:
            return
        fills = [one.fill for one in (*reported, *made.fills)]
        directed = direct(instrument_id, open_ended, fills, rows, self.account.trading_day)
        made.fills += [self._option_fill(one) for one in directed.events]
        made.issues += [BookingIssue(instrument_id, "", None, one) for one in directed.problems]

    def _open(
        self,
        instrument_ids: Sequence[int],
        fills: Sequence[BookedFill],
        actions: Sequence[Action],
        made: MadeEntries,
    ) -> None:
        for instrument_id in instrument_ids:
            key = self.openings.keys.get(instrument_id)
            if key is None:
                continue
            instrument = self.instruments[instrument_id]
            found = self.openings.find(instrument.contract, fills, actions, self.ids[key])
            if found is None:
                continue
            fill, problem = found.fill, found.problem
            if fill is not None:
                fill.fx_rate = self._fx_rate(instrument_id, None, fill.executed_at)
                made.fills.append(_entry(fill, key, instrument.currency))
            made.events += found.costs
            fill_key = key if fill is not None else ""
            issue = BookingIssue(instrument_id, fill_key, problem.execution_id, problem)
            made.issues.append(issue)

    def _act(
        self,
        actions: list[ActionReport],
        rows: Sequence[ActionRow],
        fills: Sequence[BookedFill],
        made: MadeEntries,
    ) -> None:
        understood = understand(rows, [one.fill for one in fills])
        keys = {self.ids[_action_key(one)]: one for one in actions}
        for event in understood.events:
            if isinstance(event, Fill):
                report = keys[event.id]
                made.fills.append(_entry(event, _action_key(report), ""))
            else:
                made.events.append(event)
                report = keys[event.execution_id or 0]
                made.book_entries.append(self._stand_in(report))
        for problem in understood.problems:
            about = keys[problem.execution_id or 0]
            issue = BookingIssue(
                about.instrument_id, _action_key(about), problem.execution_id, problem
            )
            made.issues.append(issue)

    def _action_row(self, report: ActionReport) -> ActionRow:
        return ActionRow(
            execution_id=self.ids[_action_key(report)],
            instrument_id=report.instrument_id,
            kind=ActionKind(report.kind),
            effective_at=report.effective_at,
            sequence=0,
            signed_quantity=report.signed_quantity,
            cash=report.cash,
            value=report.value,
            stated_pnl=report.stated_pnl,
            fx_rate=self._fx_rate(report.instrument_id, report.fx_rate, report.effective_at),
            multiplier=self.instruments[report.instrument_id].multiplier,
            ratio=report.ratio,
            action_id=report.action_id,
            code=report.code,
            description=report.description,
            parent_id=self._parent(report),
            cost_fraction=self.cost_shares.get(_action_key(report)),
        )

    def _parent(self, report: ActionReport) -> int | None:
        """The instrument that the text names beside the row's own."""
        others = [one for one in self.instruments.values() if one.pk != report.instrument_id]
        if report.other_isin:
            for instrument in others:
                if instrument.isin == report.other_isin:
                    return instrument.pk
        if report.other_symbol:
            for instrument in others:
                if report.other_symbol in (instrument.symbol, *instrument.former_symbols):
                    return instrument.pk
        return None

    def _stand_in(self, report: ActionReport) -> BookedFill:
        key = _action_key(report)
        fill = Fill(
            self.ids[key],
            report.instrument_id,
            report.effective_at,
            0,
            Side.BUY if report.signed_quantity > 0 else Side.SELL,
            abs(report.signed_quantity),
            ZERO,
            kind=ExecutionKind.CORPORATE_ACTION,
            fx_rate=self._fx_rate(report.instrument_id, report.fx_rate, report.effective_at),
        )
        return _entry(fill, key, self.instruments[report.instrument_id].currency)

    def _transferred(self, report: Transfer) -> BookedFill:
        key = _transfer_key(report)
        incoming = report.signed_quantity > 0
        price = self._transfer_price(report) if incoming else None
        fill = Fill(
            self.ids[key],
            report.instrument_id,
            report.occurred_at,
            0,
            Side.BUY if incoming else Side.SELL,
            abs(report.signed_quantity),
            ZERO if price is None else price,
            kind=ExecutionKind.TRANSFER,
            fx_rate=self._fx_rate(report.instrument_id, report.fx_rate, report.occurred_at),
            price_known=price is not None,
        )
        return _entry(fill, key, self.instruments[report.instrument_id].currency)

    def _transfer_price(self, report: Transfer) -> Decimal | None:
        """The basis that came along, per unit. A market price is no basis, so without one it is unknown."""
        if report.stated_cost is None:
            return None
        units = report.signed_quantity * self.instruments[report.instrument_id].multiplier
        return abs(divide(report.stated_cost, units))

    def _option_fill(self, event: OptionEvent) -> BookedFill:
        key = _option_key(event)
        at = _settled_at(event, self.account)
        is_option = bool(self.instruments[event.instrument_id].right)
        fill = Fill(
            self.ids[key],
            event.instrument_id,
            at,
            0,
            Side.BUY if event.signed_quantity > 0 else Side.SELL,
            abs(event.signed_quantity),
            event.price,
            fee=event.fee,
            kind=_OPTION_KINDS[event.kind],
            effect=PositionEffect.CLOSE if is_option else PositionEffect.UNKNOWN,
            fx_rate=self._fx_rate(event.instrument_id, event.fx_rate, at),
            stated_cost=event.stated_cost,
            stated_pnl=event.stated_pnl,
        )
        return _entry(fill, key, self.instruments[event.instrument_id].currency)

    def _fx_rate(self, instrument_id: int, stated: Decimal | None, at: datetime) -> Decimal | None:
        currency = self.instruments[instrument_id].currency
        if currency == self.account.base_currency:
            return ONE
        if stated is not None and stated > 0:
            return stated
        day = trading_day(at, self.account.trading_day)
        return self.rates.rate(currency, self.account.base_currency, day)


def _entry(fill: Fill, key: str, currency: str) -> BookedFill:
    # Cheap to be wrong about: a book entry is booked again when rates arrive.
    return BookedFill(fill, key, None, "", "statement", fill.fee, ZERO, currency, fill.fee, True)


def _unexplained(
    events: Iterable[OptionEvent], reported: Sequence[BookedFill]
) -> list[OptionEvent]:
    """The events that no fill accounts for: a fill of such a kind, with that quantity, at about that day."""
    free = [one.fill for one in reported if one.fill.kind in _OPTION_KINDS.values()]
    missing = []
    for event in events:
        match = next((fill for fill in free if _accounts_for(fill, event)), None)
        if match is None:
            missing.append(event)
        else:
            free.remove(match)
    return missing


def _accounts_for(fill: Fill, event: OptionEvent) -> bool:
    near = abs(fill.executed_at.date() - event.happened_on) <= _DAYS_BETWEEN_SECTION_AND_FILL
    same = fill.instrument_id == event.instrument_id
    return same and near and fill.quantity == abs(event.signed_quantity)


def _action_key(report: ActionReport) -> str:
    return action_key(report.event_key)


def _transfer_key(report: Transfer) -> str:
    return f"tr:{report.event_key}"


def _option_key(event: OptionEvent) -> str:
    return f"oe:{event.event_key}"


def load_entries(
    account: BrokerAccount,
    instruments: Mapping[int, Instrument],
    since: Mapping[int, datetime | None],
    *,
    known_ids: Mapping[str, int],
    rates: RateBook,
    fills: Mapping[int, Sequence[BookedFill]],
) -> Entries:
    """`fills` are those that were reported, by instrument."""
    ids = list(since)
    actions = [
        one
        for one in list_actions(account.pk, ids)
        if _reached(since[one.instrument_id], one.effective_at)
    ]
    transfers = [
        one
        for one in list_transfers(account.pk, ids)
        if one.signed_quantity and _reached(since[one.instrument_id], one.occurred_at)
    ]
    option_events = [
        one
        for one in list_option_events(account.pk, ids)
        if (start := since[one.instrument_id]) is None or one.happened_on >= start.date()
    ]
    moves = [
        *(Move(one.instrument_id, _action_key(one), one.effective_at, one.reported_on) for one in actions),
        *(Move(one.instrument_id, _transfer_key(one), one.occurred_at, one.reported_on) for one in transfers),
        *(Move(one.instrument_id, _option_key(one), _settled_at(one, account), None) for one in option_events),
    ]  # fmt: skip
    whole = [instruments[id_] for id_ in ids if since[id_] is None]
    openings = load_openings(account, whole, fills, moves)
    keys = [*(one.key for one in moves), *openings.keys.values()]
    return Entries(
        account,
        instruments,
        rates,
        _with_new_ids(known_ids, keys),
        _by_instrument(actions),
        _by_instrument(transfers),
        _by_instrument(option_events),
        list_cost_shares(account.pk, [_action_key(one) for one in actions]),
        openings,
    )


def _with_new_ids(known_ids: Mapping[str, int], keys: Iterable[str]) -> dict[str, int]:
    fresh = [key for key in dict.fromkeys(keys) if key not in known_ids]
    return {**known_ids, **dict(zip(fresh, reserve_ids(Execution, len(fresh)), strict=True))}


def _settled_at(event: OptionEvent, account: BrokerAccount) -> datetime:
    return datetime.combine(event.happened_on, _OPTION_EVENT_TIME, ZoneInfo(account.zone))


def _reached(since: datetime | None, at: datetime) -> bool:
    return since is None or at >= since


def _by_instrument(events: list[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        found[event.instrument_id].append(event)
    return found
