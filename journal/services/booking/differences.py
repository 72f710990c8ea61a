"""Where the broker states another profit than the book: said beside the fill, never taken over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from journal.domain.openings import ROUNDING
from journal.domain.values import AssetClass, ExecutionKind, LotMethod, Problem, Severity
from journal.models import Instrument
from journal.services.booking.compose import EXECUTION_COLUMNS, BookedFill
from journal.services.issues import BookingIssue

_NET = EXECUTION_COLUMNS.index("net_pnl")
_COMPARABLE = {LotMethod.FIFO, LotMethod.BROKER}


def list_differences(
    fills: Iterable[BookedFill],
    rows: Mapping[int, tuple[Any, ...]],
    instruments: Mapping[int, Instrument],
    method: LotMethod,
) -> list[BookingIssue]:
    """Fills of an account that is booked as the broker does it, whose net profit is not what the broker states.

    Currencies are left out: brokers state the profit of a conversion in the base currency, or not at all.
    """
    if method not in _COMPARABLE:
        return []
    issues = []
    for booked in fills:
        fill = booked.fill
        if not fill.stated_pnl or fill.kind is not ExecutionKind.TRADE:
            continue
        net = rows[fill.id][_NET]
        if net is None or abs(net - fill.stated_pnl) <= ROUNDING:
            continue
        instrument = instruments[fill.instrument_id]
        if instrument.asset_class != AssetClass.FOREX:
            problem = _difference(fill.stated_pnl, net, instrument.currency)
            issues.append(BookingIssue(fill.instrument_id, booked.fill_key, fill.id, problem))
    return issues


def _difference(stated: Decimal, net: Decimal, currency: str) -> Problem:
    return Problem(
        Severity.INFO,
        "profit_differs",
        f"The broker states a profit of {stated:.2f} {currency} for this fill, the book has {net:.2f}: the broker "
        "closed other lots. Most often they were opened before the first imported statement: import it too.",
    )
