"""Everything that one batch of groups is booked from, read in a handful of queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from journal.domain.deliveries import OptionEnd, ShareMove, pair_deliveries
from journal.domain.joined import ENTERED_SPREAD, SPREAD
from journal.domain.values import (
    BookEvent,
    ExecutionKind,
    LotMethod,
    OptionDelivery,
    Problem,
    Right,
)
from journal.models import BrokerAccount, Instrument
from journal.selectors.evidence import RateBook, Report, iter_reports, list_booked_before
from journal.selectors.joined_fills import fills_by_key
from journal.selectors.lots import stated_lots
from journal.services.booking.compose import BookedFill
from journal.services.booking.effective import GroupFills, build_fills
from journal.services.booking.entries import Entries, load_entries
from journal.services.booking.scope import Group, Since
from journal.services.entered_fills import list_entered_instruments
from journal.services.issues import BookingIssue
from journal.services.kept_reports import KeptReports

_DELIVERING = (ExecutionKind.ASSIGNMENT, ExecutionKind.EXERCISE)


class GroupInputs(NamedTuple):
    """`fills` are the executions of the group, `events` what is booked: fills, splits, transfers of basis."""

    fills: list[BookedFill]
    events: list[BookEvent]
    deliveries: list[OptionDelivery]


@dataclass(slots=True)
class Inputs:
    instruments: Mapping[int, Instrument]
    fills: GroupFills
    entries: Entries
    found: list[BookingIssue]
    joined: Mapping[str, str]

    def of(self, group: Group) -> GroupInputs:
        reported = self.fills.of(group.instrument_ids)
        made = self.entries.of(group.instrument_ids, reported)
        self.found += made.issues
        booked = reported + made.fills
        events = [*(one.fill for one in booked), *made.events]
        entries = booked + made.book_entries
        return GroupInputs(entries, events, self._deliveries(booked))

    def issues(self) -> list[BookingIssue]:
        """What was odd before anything was booked. Deliveries add to it while groups are taken."""
        return self.found

    def _deliveries(self, fills: list[BookedFill]) -> list[OptionDelivery]:
        delivering = [one for one in fills if one.fill.kind in _DELIVERING]
        if not delivering:
            return []
        options, shares = [], []
        for booked in delivering:
            instrument = self.instruments[booked.fill.instrument_id]
            if instrument.right:
                options.append(_option_end(booked, instrument))
            else:
                shares.append(_share_move(booked, instrument))
        pairing = pair_deliveries(options, shares)
        by_id = {one.fill.id: one for one in delivering}
        self.found += [_issue(problem, by_id) for problem in pairing.problems]
        return pairing.deliveries


def _issue(problem: Problem, booked: Mapping[int, BookedFill]) -> BookingIssue:
    about = booked.get(problem.execution_id or 0)
    instrument_id = problem.instrument_id or (about.fill.instrument_id if about else 0)
    return BookingIssue(
        instrument_id, about.fill_key if about else "", problem.execution_id, problem
    )


def _option_end(booked: BookedFill, instrument: Instrument) -> OptionEnd:
    fill = booked.fill
    return OptionEnd(
        fill_id=fill.id,
        instrument_id=fill.instrument_id,
        underlying=instrument.underlying_symbol or instrument.symbol,
        underlying_id=instrument.underlying_id,
        right=Right(instrument.right),
        strike=instrument.strike or fill.price,
        multiplier=instrument.multiplier,
        side=fill.side,
        quantity=fill.quantity,
        price=fill.price,
        at=fill.executed_at,
    )


def _share_move(booked: BookedFill, instrument: Instrument) -> ShareMove:
    fill = booked.fill
    return ShareMove(
        fill_id=fill.id,
        instrument_id=fill.instrument_id,
        names=frozenset((instrument.symbol, *instrument.former_symbols)),
        side=fill.side,
        quantity=fill.quantity,
        multiplier=instrument.multiplier,
        price=fill.price,
        at=fill.executed_at,
        kind=fill.kind,
    )


def load_inputs(
    account: BrokerAccount,
    instruments: Mapping[int, Instrument],
    since: Mapping[int, Since],
    *,
    known_ids: Mapping[str, int],
    rates: RateBook,
    kept: KeptReports | None = None,
) -> Inputs:
    by_broker = account.lot_method == LotMethod.BROKER
    joined = fills_by_key(account.pk, since)
    fills = build_fills(
        account,
        instruments,
        _joined(kept.reports(account.pk, since), joined)
        if kept
        else _reports(account.pk, since, known_ids, joined),
        known_ids=known_ids,
        stated_lots=stated_lots(account.pk, list(since)) if by_broker else {},
        rates=rates,
    )
    entries = load_entries(
        account, instruments, since, known_ids=known_ids, rates=rates, fills=fills.by_instrument
    )
    if not entries.is_empty():
        # What they make may need a rate, and is made where there is no database.
        rates.load()
    return Inputs(instruments, fills, entries, _found(fills), joined)


def _found(fills: GroupFills) -> list[BookingIssue]:
    """With the fill, where there is one: so an issue stands until its fill is booked again."""
    if not fills.problems:
        return []
    ids = {one.fill_key: one.fill.id for own in fills.by_instrument.values() for one in own}
    return [
        BookingIssue(instrument_id, key if key in ids else "", ids.get(key), problem)
        for instrument_id, key, problem in fills.problems
    ]


def _reports(
    account_id: int,
    since: Mapping[int, Since],
    known_ids: Mapping[str, int],
    joined: Mapping[str, str],
) -> dict[int, list[Report]]:
    """The reports of the range, without those that only repeat, at another time, a fill booked before it; with those
    of its fills that say that they happened just before it."""
    reports = _joined(dict(iter_reports(account_id, since)), joined)
    fresh = {
        instrument_id: [one.fill_key for one in listed if one.fill_key not in known_ids]
        for instrument_id, listed in reports.items()
    }
    before = list_booked_before(account_id, since, fresh)
    if before:
        reports = {
            instrument_id: [
                one for one in listed if one.fill_key in known_ids or one.fill_key not in before
            ]
            for instrument_id, listed in reports.items()
        }
    if joined and any(since.values()):
        _add_earlier(account_id, since, reports, joined)
    return reports


def _joined(reports: dict[int, list[Report]], joined: Mapping[str, str]) -> dict[int, list[Report]]:
    """Under the keys by which the book knows the fills."""
    if not joined:
        return reports
    return {
        instrument_id: [
            one._replace(fill_key=joined[one.fill_key]) if one.fill_key in joined else one
            for one in listed
        ]
        for instrument_id, listed in reports.items()
    }


def _add_earlier(
    account_id: int,
    since: Mapping[int, Since],
    reports: dict[int, list[Report]],
    joined: Mapping[str, str],
) -> None:
    moments = {
        instrument_id: at
        for instrument_id, at in since.items()
        if at is not None and instrument_id in reports
    }
    entered = list_entered_instruments(account_id, moments)
    starts = {
        id_: at - (ENTERED_SPREAD if id_ in entered else SPREAD) for id_, at in moments.items()
    }
    earlier = iter_reports(account_id, starts, until=moments)
    for instrument_id, listed in _joined(dict(earlier), joined).items():
        keys = {one.fill_key for one in reports[instrument_id]}
        found = [one for one in listed if one.fill_key in keys]
        reports[instrument_id] = [*found, *reports[instrument_id]]
