"""What a report is made of, and nothing else: rows as they were known, with the dice. It travels with the report, so
that anybody can make all of its numbers again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, Self
from zoneinfo import ZoneInfo

import numpy as np

from learning.domain.parameters.candidates import NEVER, Candidates
from learning.domain.trades import Ints, Trades, weeks_of

VERSION = "4"
"""Of the rules by which a report is made of its material."""
PAST_DAYS = 90


class Row(NamedTuple):
    """A closed trade. `pnl` is exact, "" where it is in another currency than the report's; `r_plan` is what its plan
    came to without hands on it; `checks` map a rule to whether it was kept, None where nobody can tell. `entry_cost` is
    what the entry cost against the mid, in R, `spread_share` how much of the spread that was; None without a quote."""

    key: int
    symbol: str
    opened: int
    closed: int
    known_at: int
    pnl: str
    r: float | None
    result: int
    r_plan: float | None = None
    process: str = ""
    quadrant: str = ""
    checks: Mapping[str, bool | None] = {}
    entry_cost: float | None = None
    spread_share: float | None = None


class Offer(NamedTuple):
    """A recommendation, followed or not, as `Candidates` has it; moments are NEVER where there are none."""

    key: int
    opened: int
    known_at: int
    r_plan: float | None
    r_actual: float | None
    fate: int
    shadow: bool
    mark: int


class Held(NamedTuple):
    """A trade that is open. `risk` is exact, "" where it was not fixed at entry; `expires_on` is an ISO date or "".
    `profit` is exact too, at the prices of the report's day, `of_maximum` what share that is of the most it can make,
    `earnings_on` an ISO date as a scanner stated it; "" and None where nobody knows."""

    key: int
    symbol: str
    underlying: str
    opened: int
    expires_on: str
    risk: str
    profit: str = ""
    of_maximum: float | None = None
    earnings_on: str = ""


class Move(NamedTuple):
    """A setting that the learner moved, and what became of it on proposals after it."""

    parameter: str
    before: float
    after: float
    at: int
    verdict: str
    made: float | None
    judged: int | None


class Told(NamedTuple):
    """A sentence that another part of the learner wrote; `is_confirmed` where it has grade A."""

    sentence: str
    is_confirmed: bool = False
    href: str = ""


class Kept(NamedTuple):
    """The focus of an earlier report."""

    rule: str
    instruction: str


class Material(NamedTuple):
    """`begins` to `ends`, in seconds since 1970, are the days from `since` to `until`; `as_of` is an ISO moment.
    `returns` are the ordinal of a Sunday and what the accounts made in the week up to it; `tried` counts the ledger of
    trials. Both only in the report of a month."""

    kind: str
    workspace: str
    zone: str
    since: str
    until: str
    begins: int
    ends: int
    as_of: str
    currency: str
    dice: int
    rows: tuple[Row, ...] = ()
    offers: tuple[Offer, ...] = ()
    held: tuple[Held, ...] = ()
    moves: tuple[Move, ...] = ()
    claims: tuple[Told, ...] = ()
    proposals: tuple[Told, ...] = ()
    notes: Mapping[str, tuple[str, ...]] = {}
    focus: Kept | None = None
    data_version: str = ""
    returns: tuple[tuple[int, float], ...] = ()
    tried: int = 0

    @property
    def is_month(self) -> bool:
        return self.kind == "monthly"

    @property
    def made_on(self) -> date:
        """The day on which it is read, which is the day after the period where that is over."""
        return datetime.fromisoformat(self.as_of).astimezone(ZoneInfo(self.zone)).date()

    @property
    def period(self) -> str:
        return "month" if self.is_month else "week"

    def as_json(self) -> dict[str, Any]:
        told = self._asdict()
        for name, row in _ROWS.items():
            told[name] = {"columns": list(row._fields), "rows": [list(one) for one in told[name]]}
        told["focus"] = None if self.focus is None else self.focus._asdict()
        told["notes"] = {key: list(lines) for key, lines in self.notes.items()}
        told["returns"] = [list(one) for one in self.returns]
        return told

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        """Raises KeyError or TypeError where it is not what `as_json` writes."""
        values = dict(told)
        for name, row in _ROWS.items():
            columns = values[name]["columns"]
            values[name] = tuple(
                row(**dict(zip(columns, one, strict=True))) for one in values[name]["rows"]
            )
        values["focus"] = None if told["focus"] is None else Kept(**told["focus"])
        values["notes"] = {key: tuple(lines) for key, lines in told["notes"].items()}
        values["returns"] = tuple((int(on), float(made)) for on, made in told["returns"])
        return cls(**values)


_ROWS: Mapping[str, Any] = {
    "rows": Row, "offers": Offer, "held": Held, "moves": Move, "claims": Told, "proposals": Told,
}  # fmt: skip


def trades_of(rows: Sequence[Row]) -> Trades:
    """In the order of `known_at`, then of `key`."""
    ordered = sorted(rows, key=lambda row: (row.known_at, row.key))
    opened = _ints([row.opened for row in ordered])
    return Trades(
        key=_ints([row.key for row in ordered]),
        opened=opened,
        closed=_ints([row.closed for row in ordered]),
        known_at=_ints([row.known_at for row in ordered]),
        pnl=np.array([float(row.pnl or 0) for row in ordered], dtype=np.float64),
        r=np.array([np.nan if row.r is None else row.r for row in ordered], dtype=np.float64),
        result=_ints([row.result for row in ordered]),
        week=weeks_of(opened),
    )


def candidates_of(offers: Sequence[Offer]) -> Candidates:
    """With what the four estimands need; no groups and no features."""
    opened = _ints([one.opened for one in offers])
    known = _ints([one.known_at for one in offers])
    planned, actual = (
        np.array([np.nan if one is None else one for one in column], dtype=np.float64)
        for column in ([one.r_plan for one in offers], [one.r_actual for one in offers])
    )
    return Candidates(
        key=_ints([one.key for one in offers]),
        opened=opened,
        closed=known,
        known_at=known,
        week=weeks_of(opened),
        r_plan=planned,
        result=np.sign(np.nan_to_num(planned)).astype(np.int64),
        slippage=np.zeros(len(offers)),
        r_actual=actual,
        actual_at=np.where(np.isfinite(actual), known, NEVER),
        fate=_ints([one.fate for one in offers]),
        decided_at=opened,
        shadow=np.array([one.shadow for one in offers], dtype=np.bool_),
        mark=_ints([one.mark for one in offers]),
    )


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, dtype=np.int64)
