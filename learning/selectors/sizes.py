"""How much of an account each closed trade put at risk."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, datetime

import numpy as np

from journal.selectors.worths import list_worths
from learning.domain.trades import Floats
from learning.selectors.facts import Row

_NEWEST = 50
_LEAST = 1e-9


def shares_risked(workspace_id: int, rows: Sequence[Row], as_of: datetime) -> Floats:
    """Of the newest fifty trades with R whose account's worth was known the day before: risk at entry over that worth.

    The risk in the account's currency is the net result over R, so trades that came out at nothing are left out.
    """
    counted = [one for one in rows if one.r is not None and abs(one.r) > _LEAST and one.pnl]
    newest = counted[-_NEWEST:]
    if not newest:
        return np.empty(0)
    worths = list_worths(workspace_id, sorted({one.account_id for one in newest}), as_of)
    days = {id_: sorted(found) for id_, found in worths.items()}
    shares = []
    for one in newest:
        equity = _before(days.get(one.account_id, []), one.opened_at.date())
        known = worths.get(one.account_id, {}).get(equity) if equity is not None else None
        if known is not None and known.equity > 0 and one.r is not None:
            shares.append(abs(float(one.pnl) / one.r) / float(known.equity))
    return np.array(shares, dtype=np.float64)


def _before(days: Sequence[date], on: date) -> date | None:
    """The last of the days before that one."""
    place = bisect_right(days, on)
    while place and days[place - 1] >= on:
        place -= 1
    return days[place - 1] if place else None
