"""Cash per currency at one moment, and what each day realised, over the union of both sides and of the same window."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from journal.domain.values import ZERO
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.findings import Finding, figures
from reconciliation.domain.records import RealizedLine
from reconciliation.domain.tolerances import Tolerance

_Day = tuple[date, str]


def compare_cash(
    ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal], tolerance: Tolerance
) -> list[Finding]:
    """A currency that one side does not list is one of which it has nothing."""
    findings = []
    for currency in sorted(ours.keys() | theirs.keys()):
        book, broker = ours.get(currency, ZERO), theirs.get(currency, ZERO)
        if abs(book - broker) > tolerance.cash:
            findings.append(
                Finding(Kind.CASH_BALANCE, f"cash:{currency}", None, currency,
                        figures(cash=book, currency=currency),
                        figures(cash=broker, currency=currency, unexplained=broker - book))
            )  # fmt: skip
    return findings


def compare_realized(
    ours: Iterable[RealizedLine], theirs: Iterable[RealizedLine], tolerance: Tolerance
) -> list[Finding]:
    one, other = _by_day(ours), _by_day(theirs)
    findings = []
    for on, currency in sorted(one.keys() | other.keys()):
        book, broker = (
            side.get((on, currency), RealizedLine(on, currency, ZERO)) for side in (one, other)
        )
        is_converted = book.is_converted or broker.is_converted
        if tolerance.same_realized(book.amount, broker.amount, is_converted=is_converted):
            continue
        findings.append(
            Finding(Kind.LOT_REALIZED, f"realized:{on}:{currency}", None, currency,
                    figures(on=on.isoformat(), realized=book.amount, currency=currency),
                    figures(on=on.isoformat(), realized=broker.amount, currency=currency,
                            unexplained=broker.amount - book.amount))
        )  # fmt: skip
    return findings


def _by_day(lines: Iterable[RealizedLine]) -> dict[_Day, RealizedLine]:
    grouped: dict[_Day, list[RealizedLine]] = defaultdict(list)
    for line in lines:
        grouped[line.on, line.currency].append(line)
    return {
        key: RealizedLine(
            *key, sum((one.amount for one in lines), ZERO), any(one.is_converted for one in lines)
        )
        for key, lines in grouped.items()
    }
