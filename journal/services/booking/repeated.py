"""Rows that sum up fills, or state only a part of one, beside the fills themselves."""

from __future__ import annotations

from collections.abc import Mapping

from journal.brokers.base import ORDER_AUTHORITY, PART_AUTHORITY
from journal.domain.identity import ReportType, fill_key
from journal.domain.orders import OrderLine, find_repeated
from journal.domain.parts import Part, Whole, find_held
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
    gone = _held(best, with_orders=False)
    repeated = find_repeated(
        _order_line(one, account.trading_day) for one in best.values() if one.fill_key not in gone
    )
    gone |= repeated.keys
    # Orders whose parts do not make all of them stay, and hold what there is of them.
    gone |= _held({key: one for key, one in best.items() if key not in gone}, with_orders=True)
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


def _held(reports: Mapping[str, Report], *, with_orders: bool) -> set[str]:
    """Keys of the parts that the fills among the reports hold, or also the orders."""
    parts = [
        Part(
            one.fill_key, fill_key(broker_id=one.trade_id), _SIDES[one.side], one.executed_at,
            one.quantity, one.price,
        )
        for one in reports.values()
        if one.authority <= PART_AUTHORITY
    ]  # fmt: skip
    if not parts:
        return set()
    above = PART_AUTHORITY if with_orders else ORDER_AUTHORITY
    wholes = [
        Whole(
            one.fill_key, one.authority <= ORDER_AUTHORITY, _SIDES[one.side], one.executed_at,
            one.quantity, one.price,
        )
        for one in reports.values()
        if one.authority > above
    ]  # fmt: skip
    return find_held(parts, wholes)


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
