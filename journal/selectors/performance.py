"""Sums of realised P&L, read from the rollups: the same figures for dashboard, calendar, list totals and API.

Of single symbols there are no rollups: they are summed when somebody asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from common.sql import fetch
from journal.domain.exact import exact_sums
from journal.domain.values import ZERO
from journal.selectors.summing import summed_of_symbols


class Unit(StrEnum):
    """CURRENCY: as traded, per currency. BASE: in each account's base currency. PERCENT: net of cost."""

    CURRENCY = "currency"
    BASE = "base"
    PERCENT = "percent"


class Basis(StrEnum):
    NET = "net"
    GROSS = "gross"


@dataclass(frozen=True, slots=True)
class View:
    """How figures are wanted: the two switches of every page."""

    unit: Unit = Unit.BASE
    basis: Basis = Basis.NET


@dataclass(frozen=True, slots=True)
class Slice:
    """Which part of the book. None and empty mean all. Days are trading days, both included.

    `symbols` are those of trades, or their underlyings: everything that a symbol was ever called.
    """

    workspace_id: int
    account_ids: Sequence[int] | None = None
    start: date | None = None
    end: date | None = None
    asset_class: str = ""
    direction: str = ""
    source: str = ""
    symbols: Sequence[str] = ()

    @property
    def holds_executions(self) -> bool:
        """Fills, and what was paid for them, are counted by day and source only."""
        return not (self.asset_class or self.direction or self.symbols)

    @property
    def table(self) -> str:
        if self.symbols:
            return summed_of_symbols()
        return "journal_dayrollup" if self.holds_executions else "journal_slicerollup"


@dataclass(slots=True)
class Sums:
    """Sums over some days in one currency. Wins and losses by the basis of the view that asked for them.

    `unknown` counts matches without a known basis or rate, `unknown_trades` closed trades without a result.
    """

    currency: str
    gross: Decimal = ZERO
    net: Decimal = ZERO
    fees: Decimal = ZERO
    trades: int = 0
    wins: int = 0
    losses: int = 0
    win_sum: Decimal = ZERO
    loss_sum: Decimal = ZERO
    cost: Decimal = ZERO
    unknown: int = 0
    unknown_trades: int = 0
    executions: int = 0
    fees_paid: Decimal = ZERO

    def add(self, other: Sums) -> None:
        with exact_sums():
            for name in _SUMMED:
                setattr(self, name, getattr(self, name) + getattr(other, name))

    def pnl(self, basis: Basis) -> Decimal:
        return self.net if basis is Basis.NET else self.gross

    @property
    def is_known(self) -> bool:
        """False where things closed and the result of none is known, or no rate converts it: its P&L of zero says
        nothing."""
        known = (self.net, self.gross, self.win_sum, self.loss_sum)
        return not self.unknown or any(known)


_SUMMED = tuple(one.name for one in fields(Sums) if one.name != "currency")


@dataclass(slots=True)
class DaySums:
    """One currency's days in order, and their total."""

    currency: str
    days: list[tuple[date, Sums]] = field(default_factory=list)
    total: Sums = field(init=False)

    def __post_init__(self) -> None:
        self.total = Sums(self.currency)


def _columns(slice_: Slice, view: View) -> str:
    suffix = "" if view.unit is Unit.CURRENCY else "_base"
    basis = view.basis.value
    counts = "r.wins", "r.losses"
    if view.basis is Basis.GROSS:
        counts = "r.gross_wins", "r.gross_losses"
    paid = f"sum(r.fees_paid{suffix})" if slice_.holds_executions else "0"
    executions = "sum(r.executions)" if slice_.holds_executions else "0"
    money = "pnl" if view.unit is Unit.CURRENCY else "base"
    sums = [
        f"sum(r.gross_{money})", f"sum(r.net_{money})", f"sum(r.fees{suffix})", "sum(r.trades)",
        f"sum({counts[0]})", f"sum({counts[1]})", f"sum(r.win_{basis}{suffix})",
        f"sum(r.loss_{basis}{suffix})", f"sum(r.cost{suffix})",
        "sum(r.unknown_basis)" if not suffix else "sum(r.unknown_basis + r.unknown_base)",
        "sum(r.trades - r.wins - r.losses - r.flats)", executions, paid,
    ]  # fmt: skip
    return ", ".join(sums)


def _where(slice_: Slice) -> tuple[str, dict[str, object]]:
    values: dict[str, object] = {"workspace": slice_.workspace_id}
    clauses = ["r.workspace_id = %(workspace)s"]
    if slice_.account_ids:
        clauses.append("r.account_id = ANY(%(accounts)s)")
        values["accounts"] = list(slice_.account_ids)
    for name, operator in (("start", ">="), ("end", "<=")):
        if getattr(slice_, name):
            clauses.append(f"r.day {operator} %({name})s")
            values[name] = getattr(slice_, name)
    for name in ("asset_class", "direction", "source"):
        if getattr(slice_, name):
            clauses.append(f"r.{name} = %({name})s")
            values[name] = getattr(slice_, name)
    if slice_.symbols:
        values["symbols"] = list(slice_.symbols)
    return " AND ".join(clauses), values


def _rows(slice_: Slice, view: View, key: str) -> list[tuple[Any, ...]]:
    currency = "r.currency" if view.unit is Unit.CURRENCY else "coalesce(a.base_currency, '')"
    where, values = _where(slice_)
    keys = f"{currency}, {key}" if key else currency
    return fetch(
        f"SELECT {keys}, {_columns(slice_, view)} FROM {slice_.table} r "
        f"JOIN journal_brokeraccount a ON a.id = r.account_id WHERE {where} "
        f"GROUP BY {keys} ORDER BY {keys}",
        values,
    )


def sum_days(slice_: Slice, view: View) -> list[DaySums]:
    """P&L and counts per day, one series per currency, the currency with most executions first."""
    series: dict[str, DaySums] = {}
    for currency, day, *figures in _rows(slice_, view, "r.day"):
        one = series.setdefault(str(currency), DaySums(str(currency)))
        sums = Sums(str(currency), *figures)
        one.days.append((day, sums))
        one.total.add(sums)
    return sorted(series.values(), key=_weight, reverse=True)


def sum_totals(slice_: Slice, view: View) -> list[Sums]:
    found = [Sums(str(currency), *figures) for currency, *figures in _rows(slice_, view, "")]
    return sorted(found, key=lambda sums: (sums.executions, sums.trades), reverse=True)


def sum_months(slice_: Slice, view: View) -> list[tuple[str, date, Sums]]:
    """(currency, first day of the month, sums), in order."""
    return [
        (str(currency), month, Sums(str(currency), *figures))
        for currency, month, *figures in _rows(slice_, view, "date_trunc('month', r.day)::date")
    ]


def sum_sources(slice_: Slice, view: View) -> list[tuple[str, Sums]]:
    """(source, its sums) per currency, the source with most trades first: what they add up to is `sum_totals`."""
    found = [
        (str(source), Sums(str(currency), *figures))
        for currency, source, *figures in _rows(slice_, view, "r.source")
    ]
    return sorted(found, key=lambda one: (one[1].trades, one[1].executions), reverse=True)


def _weight(series: DaySums) -> tuple[int, int]:
    return (series.total.executions, series.total.trades)
