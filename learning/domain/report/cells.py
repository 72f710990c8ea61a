"""Numbers of a report as people read them."""

from __future__ import annotations

from decimal import Decimal

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.report.document import Cell
from learning.domain.seconds import day_of
from learning.domain.words.numbers import MINUS, counted, in_r, interval_in_r, percent, signed

DASH = "–"
ELLIPSIS = "…"

REASONS = {
    Reason.NO_TRADES: "no trade", Reason.NO_LOSERS: "no loss yet", Reason.NO_WINNERS: "no win yet",
    Reason.ZERO_VARIANCE: "all the same", Reason.TOO_FEW: "too few", Reason.RISK_MISSING: "no risk at entry",
    Reason.NOT_MATURED: "no outcome yet", Reason.NO_QUOTE: "no price", Reason.NO_DRAWDOWN: "no drawdown",
    Reason.TOO_SHORT: "too short",
}  # fmt: skip


def told(figure: Figure, formula: str, *, interval: bool = False, href: str = "") -> Cell:
    """What it is, or why there is nothing."""
    if figure.value is None:
        return Cell(absent(figure), figure, formula=formula)
    text = _value(figure.value, figure.unit)
    if interval and figure.ci is not None:
        text = f"{text} ({_interval(figure.ci, figure.unit)})"
    return Cell(text, figure, href, formula)


def absent(figure: Figure) -> str:
    reason = REASONS.get(figure.reason, "") if figure.reason else ""
    if figure.reason in (Reason.TOO_FEW, Reason.TOO_SHORT) and figure.least is not None:
        return f"{DASH} {figure.n} of {figure.least}"
    return f"{DASH} {reason}".strip()


def _value(value: float, unit: Unit) -> str:
    if unit is Unit.R:
        return in_r(value)
    if unit in (Unit.FRACTION, Unit.PROBABILITY):
        return percent(value)
    return _plain(value, 0 if unit is Unit.COUNT else 2)


def _plain(value: float, digits: int) -> str:
    """With a minus, not a hyphen."""
    text = f"{abs(value):,.{digits}f}"
    return f"{MINUS}{text}" if value < 0 and any(one in text for one in "123456789") else text


def _interval(ci: Interval, unit: Unit) -> str:
    if unit is Unit.R:
        return interval_in_r(ci)
    if unit in (Unit.FRACTION, Unit.PROBABILITY):
        return f"{percent(ci.low)} {ELLIPSIS} {percent(ci.high)}"
    digits = 0 if unit is Unit.COUNT else 2
    return f"{_plain(ci.low, digits)} {ELLIPSIS} {_plain(ci.high, digits)}"


def range_cell(ci: Interval | None, n: int, unit: Unit, formula: str) -> Cell:
    """An expected range by itself; its middle is the figure's value."""
    if ci is None:
        return Cell(DASH)
    figure = Figure((ci.low + ci.high) / 2, n, unit, ci)
    return Cell(_interval(ci, unit), figure, formula=formula)


def interval_of(figure: Figure, formula: str) -> Cell:
    """Only how far it may be off."""
    if figure.value is None or figure.ci is None:
        return Cell(DASH)
    return Cell(_interval(figure.ci, figure.unit), figure, formula=formula)


def open_result(profit: str, currency: str) -> Cell:
    """What an open trade would bring at the price of the day; `profit` is exact, "" where it is not known."""
    if not profit:
        return told(Figure.absent(Reason.NO_QUOTE, 0, Unit.MONEY), "open_result")
    return money(Decimal(profit), currency, 1, "open_result")


def money(amount: Decimal, currency: str, n: int, formula: str, *, plus: bool = True) -> Cell:
    """Exact, to the cent."""
    text = signed_money(amount) if plus else f"{amount:,.2f}"
    return Cell(f"{text} {currency}", Figure(float(amount), n, Unit.MONEY), formula=formula)


def signed_money(amount: Decimal) -> str:
    text = f"{abs(amount):,.2f}"
    return text if not amount else signed(float(amount))[0] + text


def count(number: int, one: str = "", formula: str = "count") -> Cell:
    text = counted(number, one) if one else f"{number:,}"
    return Cell(text, Figure(float(number), number, Unit.COUNT), formula=formula)


def short_day(seconds: int) -> str:
    day = day_of(seconds)
    return f"{day.day} {day:%b}"


def trade_path(key: int) -> str:
    return f"/trades/{key}"
