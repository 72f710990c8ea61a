"""Times of an XTB report: text, or days since 1899 as spreadsheets count them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from journal.brokers.text.faults import BadDate
from journal.brokers.text.moments import When
from journal.brokers.text.row import Row

_FIRST_DAY = date(1899, 12, 30)
_MILLISECONDS = Decimal(86_400_000)
_DAYS_MAX = 110_000


def read_moment(row: Row, column: str) -> When:
    """Reports since 2025 are in UTC, as their head says; those before do not say in which zone they are."""
    cell = row.text(column)
    when = _of_serial(cell) if _is_serial(cell) else row.when(column)
    if row.text("ticker") and when.at is not None and when.offset is None:
        return when._replace(offset=timedelta())
    return when


def _is_serial(cell: str) -> bool:
    return cell.replace(".", "", 1).isdecimal() and "." not in (cell[:1], cell[-1:])


def _of_serial(cell: str) -> When:
    days = Decimal(cell)
    if days > _DAYS_MAX:
        raise BadDate(cell)
    whole = int(days)
    milliseconds = int(((days - whole) * _MILLISECONDS).to_integral_value())
    at = datetime.combine(_FIRST_DAY + timedelta(days=whole), time(), UTC)
    at += timedelta(milliseconds=milliseconds)
    return When(at.date(), at.time(), None)
