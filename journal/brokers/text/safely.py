"""What becomes of a row that its reader cannot understand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from journal.brokers.base import ProblemRow, Record
from journal.brokers.text import remarks
from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.row import Row
from journal.domain.values import Severity

_ANY_REMEDY = "Export it again; if the row is still like this, add it by hand."
# What reading a row may raise.
FAULTS = (Missing, BadValue, ArithmeticError)


def left_out(
    row: int,
    account_id: str,
    raw: Mapping[str, str],
    fault: Exception,
    remedy: Callable[[str], str | None],
    what: str = "",
) -> ProblemRow:
    """What is wrong with the row, where, and what helps: for readers of every kind. `what` names it beside its number;
    `fault` is one of FAULTS, `remedy` gives what helps against a code."""
    code, trouble = _trouble(fault, raw)
    named = f"{row} ({what})" if what else f"{row}"
    sentence = (
        f"Row {named} was left out: {trouble}. {remedy(code) or _ANY_REMEDY} "
        "The other rows are not affected."
    )
    return ProblemRow(row, account_id, Severity.ERROR, code, sentence, dict(raw))


def safely(row: Row, read: Callable[[Row], Iterable[Record]]) -> Iterator[Record]:
    """What the reader of a table makes of the row, or the row as a problem."""
    try:
        records = list(read(row))
    except FAULTS as fault:
        yield problem(row, fault)
    else:
        yield from records or [row.kept("Not used")]


def problem(row: Row, fault: Exception) -> ProblemRow:
    return left_out(row.number, row.account_id, row.raw, fault, remarks.remedy)


def lacks(code: str) -> Missing:
    """For lacks whose words are the same in every table."""
    return Missing(code, remarks.LACKS[code])


def _trouble(fault: Exception, raw: Mapping[str, str]) -> tuple[str, str]:
    if isinstance(fault, Missing):
        return fault.code, fault.lack
    if isinstance(fault, BadValue):
        return fault.code, fault.trouble_in(raw)
    return "bad_number", "its numbers cannot be computed with"
