"""Rows that sum up fills, or state only a part of one, beside the fills themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping

from journal.brokers.base import HAND_AUTHORITY, ORDER_AUTHORITY, PART_AUTHORITY
from journal.domain.identity import ReportType, fill_key, known_id
from journal.domain.orders import OrderLine, find_repeated
from journal.domain.parts import Part, Whole, find_held, find_made
from journal.domain.trading_day import trading_day
from journal.domain.trouble import problem
from journal.domain.values import Problem, Side, TradingDay
from journal.models import BrokerAccount
from journal.selectors.evidence import Report

_SIDES = {side.value: side for side in Side}


def without_repeats(
    account: BrokerAccount, instrument_id: int, reports: list[Report]
) -> tuple[list[Report], list[Problem]]:
    """`reports` of one instrument, the ones that count more later. An order booked as one fill gives way to the single
    fills of the same order, once they are imported, and a part of a fill to the whole one. The problems are orders
    whose fills are too few.
    """
    if all(report.authority > ORDER_AUTHORITY for report in reports):
        return reports, []
    best: dict[str, Report] = {}
    for report in reports:
        if report.report != ReportType.CANCEL:
            best[report.fill_key] = report
    gone = find_held(_parts(best), _wholes(best, ORDER_AUTHORITY))
    made = find_made(_parts(best, gone), _wholes(best, PART_AUTHORITY, ORDER_AUTHORITY))
    settled = gone | made.orders | made.parts
    repeated = find_repeated(
        _order_line(one, account.trading_day)
        for one in best.values()
        if one.fill_key not in settled
    )
    gone |= made.orders | repeated.keys
    # Orders whose parts do not make all of them stay, and hold what there is of them.
    rest = _parts(best, gone | made.parts | repeated.makers)
    gone |= find_held(rest, _wholes(best, PART_AUTHORITY, skip=gone))
    odd = [
        problem(
            "order_incomplete",
            instrument_id=instrument_id,
            order=order.order_id,
            on=order.day,
            quantity=order.quantity,
            known=known,
        )
        for order, known in repeated.incomplete
    ]
    return [one for one in reports if one.fill_key not in gone], odd


def without_sums(reports: list[Report]) -> list[Report]:
    """Without entries by hand that are the sum of a fill, by whose key they go, and others: nobody differs there."""
    others: dict[str, list[Report]] = defaultdict(list)
    for report in reports:
        if report.authority != HAND_AUTHORITY and report.report != ReportType.CANCEL:
            others[report.fill_key].append(report)
    return [
        one
        for one in reports
        if one.authority != HAND_AUTHORITY
        or known_id(one.exec_id)
        or one.fill_key not in others
        or any(_says(one) == _says(other) for other in others[one.fill_key])
    ]


def _says(report: Report) -> tuple[object, ...]:
    return report.side, report.quantity, report.price


def _parts(reports: Mapping[str, Report], skip: Collection[str] = ()) -> list[Part]:
    return [
        Part(
            key, fill_key(broker_id=one.trade_id), _SIDES[one.side], one.executed_at, one.quantity,
            one.price,
        )
        for key, one in reports.items()
        if one.authority <= PART_AUTHORITY and key not in skip
    ]  # fmt: skip


def _wholes(
    reports: Mapping[str, Report],
    above: int,
    up_to: int | None = None,
    skip: Collection[str] = (),
) -> list[Whole]:
    """Fills and orders, by their authorities."""
    return [
        Whole(
            key, one.authority <= ORDER_AUTHORITY, _SIDES[one.side], one.executed_at, one.quantity,
            one.price,
        )
        for key, one in reports.items()
        if above < one.authority and (up_to is None or one.authority <= up_to) and key not in skip
    ]  # fmt: skip


def _order_line(report: Report, day: TradingDay) -> OrderLine:
    return OrderLine(
        report.fill_key,
        PART_AUTHORITY < report.authority <= ORDER_AUTHORITY,
        report.order_id,
        _SIDES[report.side],
        trading_day(report.executed_at, day),
        report.quantity,
        report.price,
    )
