"""What becomes of a row that its reader cannot understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from journal.brokers.base import ProblemRow, Record
from journal.brokers.text import remarks
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.row import Row
from journal.domain.values import Severity


def safely(row: Row, read: Callable[[Row], Iterable[Record]]) -> Iterator[Record]:
    """What the reader makes of the row, or a problem that says what is wrong, where, and what helps."""
    try:
        records = list(read(row))
    except Missing as missing:
        yield problem(row, missing.code, missing.lack)
    except BadValue as bad:
        yield problem(row, bad.code, bad.trouble_in(row.raw))
    except ArithmeticError:
        yield problem(row, "bad_number", "its numbers cannot be computed with")
    else:
        yield from records or [row.kept("Not used")]


def problem(row: Row, code: str, trouble: str) -> ProblemRow:
    remedy = remarks.REMEDIES.get(code, remarks.ANY_REMEDY)
    sentence = (
        f"Row {row.number} was left out: {trouble}. {remedy} The other rows are not affected."
    )
    return ProblemRow(row.number, row.account_id, Severity.ERROR, code, sentence, row.raw)
