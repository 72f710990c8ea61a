"""How a person looks at the book: which accounts and days, in which unit, net or gross.

Kept in the session, one for each workspace; any address may set it by its query string, so a link that is shared
shows what its sender saw. Parameters: `accounts` (ids with commas, or "all"), `period` (a name below, or "custom"
with `from` and `to`), `unit`, `basis`, `currency` (which one is in focus where there are several).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from common.errors import NotFound
from common.numbers import PERCENT
from journal.domain.exact import divide
from journal.domain.values import ZERO
from journal.models import BrokerAccount, Trade
from journal.selectors.performance import Basis, Slice, Sums, Unit, View
from journal.selectors.positions import Position

PERIODS = {
    "all": "All time",
    "year": "This year",
    "month": "This month",
    "30d": "Last 30 days",
    "90d": "Last 90 days",
    "12m": "Last 12 months",
}
# What an address says for the figures of accounts without a base currency.
NO_CURRENCY = "none"
PARAMETERS = ("accounts", "period", "from", "to", "unit", "basis", "currency")
_DAYS = {"30d": 29, "90d": 89, "12m": 364}

Choice = TypeVar("Choice", Unit, Basis)


@dataclass(frozen=True, slots=True)
class Lens:
    """`accounts` are all of the workspace, `account_ids` the chosen ones (none: all)."""

    workspace_id: int
    accounts: Sequence[BrokerAccount]
    account_ids: tuple[int, ...] = ()
    period: str = "all"
    start: date | None = None
    end: date | None = None
    unit: Unit = Unit.BASE
    basis: Basis = Basis.NET
    currency: str = ""

    @property
    def view(self) -> View:
        return View(self.unit, self.basis)

    @property
    def slice(self) -> Slice:
        return Slice(self.workspace_id, self.account_ids or None, self.start, self.end)

    @property
    def is_percent(self) -> bool:
        return self.unit is Unit.PERCENT

    @property
    def chosen(self) -> list[BrokerAccount]:
        return [one for one in self.accounts if not self.account_ids or one.pk in self.account_ids]

    @property
    def base_currencies(self) -> list[str]:
        return sorted({account.base_currency for account in self.chosen if account.base_currency})

    @property
    def base_name(self) -> str:
        """The base currency, where the chosen accounts share one."""
        currencies = self.base_currencies
        return currencies[0] if len(currencies) == 1 else ""

    @property
    def period_name(self) -> str:
        if self.period != "custom":
            return PERIODS[self.period]
        if self.start == self.end:
            return f"{self.start:%d %b %Y}"
        return " – ".join(f"{day:%d %b %Y}" if day else "…" for day in (self.start, self.end))

    @property
    def mode(self) -> str:
        """For headings: "Net, base currency"."""
        return f"{self.basis.value.capitalize()}, {self.unit_name}"

    @property
    def unit_name(self) -> str:
        units = {
            Unit.CURRENCY: "as traded",
            Unit.BASE: f"base currency {self.base_name}".rstrip(),
            Unit.PERCENT: "% of cost",
        }
        return units[self.unit]

    def unit_of(self, currency: str) -> str:
        """What stands behind a figure that `figure` made."""
        return PERCENT if self.is_percent else currency

    def figure(self, amount: Decimal | None, cost: Decimal | None) -> Decimal | None:
        """The amount, or in percent its part of `cost`: the money that the closed trades took."""
        if not self.is_percent or amount is None:
            return amount
        return divide(amount, cost) if cost else None

    def pnl(self, sums: Sums) -> Decimal | None:
        return self.figure(sums.pnl(self.basis), sums.cost) if sums.is_known else None


@dataclass(frozen=True, slots=True)
class SeenFigure:
    """The P&L of a trade or a position through a lens; `reason` says why there is none."""

    value: Decimal | None
    unit: str
    reason: str = ""


def has_result(trade: Trade) -> bool:
    """Whether anything of it is closed. A structure has an average only once all of its legs are."""
    return trade.closed_at is not None or trade.average_close is not None or trade.gross_pnl != ZERO


def trade_figure(lens: Lens, trade: Trade, base_currency: str) -> SeenFigure:
    net = lens.basis is Basis.NET
    if not trade.cost_known:
        return SeenFigure(None, "", "What it was opened at is not known, so neither is its result")
    if not has_result(trade):
        return SeenFigure(None, "", "Open, and nothing realised yet")
    if lens.unit is Unit.CURRENCY:
        return SeenFigure(trade.net_pnl if net else trade.gross_pnl, trade.currency)
    amount = trade.net_base if net else trade.gross_base
    if amount is None:
        return SeenFigure(None, "", _no_rate(trade.currency, base_currency))
    reason = "" if trade.cost_base else "It took no money to open, or nobody knows how much"
    return SeenFigure(lens.figure(amount, trade.cost_base), lens.unit_of(base_currency), reason)


def position_figure(lens: Lens, position: Position) -> SeenFigure:
    """What closing it at the mark would gain, before fees. A percentage of its cost needs no rate."""
    amount = position.unrealized_pnl
    if position.average_price is None:
        return SeenFigure(None, "", "What it was opened at is not known")
    if amount is None:
        return SeenFigure(None, "", "No statement marks this position")
    if lens.unit is Unit.CURRENCY:
        return SeenFigure(amount, position.currency)
    if lens.unit is Unit.PERCENT:
        return SeenFigure(lens.figure(amount, position.cost), PERCENT, "It took no money to open")
    base = position.base_currency
    reason = f"{_no_rate(position.currency, base)} on the day of its mark"
    return SeenFigure(position.unrealized_base, base, reason)


def _no_rate(currency: str, base_currency: str) -> str:
    return f"No conversion rate from {currency} to {base_currency or 'a base currency'}"


class LensRequest(HttpRequest):
    lens: Lens


def read_lens(request: HttpRequest) -> Lens:
    """The lens of this request: the session's, changed by what the address says, and kept."""
    known: Lens | None = getattr(request, "lens", None)
    if known is not None:
        return known
    workspace_id = request.workspace.pk  # type: ignore[attr-defined]
    key = f"lens:{workspace_id}"
    accounts = list(list_accounts())
    lens = Lens(workspace_id, accounts)
    lens = _changed(lens, request.session.get(key, {}), strict=False)
    wanted = {name: request.GET[name] for name in PARAMETERS if name in request.GET}
    if wanted:
        lens = _changed(lens, wanted, strict=True)
        kept = _kept(lens)
        if request.session.get(key) != kept:
            request.session[key] = kept
    request.lens = lens  # type: ignore[attr-defined]
    return lens


def list_accounts() -> QuerySet[BrokerAccount]:
    return BrokerAccount.objects.filter(archived_at=None).order_by("broker", "broker_id")


def _kept(lens: Lens) -> dict[str, str]:
    return {
        "accounts": ",".join(map(str, lens.account_ids)) or "all",
        "period": lens.period,
        "from": lens.start.isoformat() if lens.start else "",
        "to": lens.end.isoformat() if lens.end else "",
        "unit": lens.unit.value,
        "basis": lens.basis.value,
        "currency": lens.currency,
    }


def _changed(lens: Lens, wanted: Mapping[str, str], *, strict: bool) -> Lens:
    """What cannot be understood changes nothing; an account of somebody else is not there."""
    if "accounts" in wanted:
        ids = _account_ids(lens, wanted["accounts"], strict=strict)
        lens = replace(lens, account_ids=ids)
    if "period" in wanted:
        lens = _in_period(lens, wanted)
    lens = replace(
        lens,
        unit=_choice(Unit, wanted.get("unit"), lens.unit),
        basis=_choice(Basis, wanted.get("basis"), lens.basis),
    )
    return replace(lens, currency=wanted.get("currency", lens.currency)[:12])


def _account_ids(lens: Lens, text: str, *, strict: bool) -> tuple[int, ...]:
    known = {account.pk for account in lens.accounts}
    asked = [int(part) for part in text.split(",") if part.isascii() and part.isdigit()]
    if strict and not known.issuperset(asked):
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    return tuple(sorted(known.intersection(asked)))


def _in_period(lens: Lens, wanted: Mapping[str, str]) -> Lens:
    period = wanted["period"]
    if period == "custom":
        start, end = _day(wanted.get("from")), _day(wanted.get("to"))
        if start and end and end < start:
            start, end = end, start
        return replace(lens, period="custom" if start or end else "all", start=start, end=end)
    if period not in PERIODS:
        return lens
    return replace(lens, period=period, start=_start(period, timezone.localdate()), end=None)


def _start(period: str, today: date) -> date | None:
    if period == "year":
        return today.replace(month=1, day=1)
    if period == "month":
        return today.replace(day=1)
    return today - timedelta(days=_DAYS[period]) if period in _DAYS else None


def _day(text: str | None) -> date | None:
    try:
        return parse_date(text) if text else None
    except ValueError:
        return None


def _choice(kind: type[Choice], text: str | None, now: Choice) -> Choice:
    try:
        return kind(text) if text else now
    except ValueError:
        return now


def focus(lens: Lens, currencies: Sequence[str]) -> str:
    """The currency that the page is about: the chosen one where it is there, else the busiest."""
    wanted = "" if lens.currency == NO_CURRENCY else lens.currency
    if lens.currency and wanted in currencies:
        return wanted
    return currencies[0] if currencies else lens.base_name


def context_of(lens: Lens) -> dict[str, Any]:
    return {"lens": lens, "mode": lens.mode}
