"""The second section: what the period came to, beside 90 days and beside what those days predict."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.report import cells
from learning.domain.report.document import Cell, Section, Table
from learning.domain.report.expected import arrow, band, draw_rows, falls
from learning.domain.report.material import PAST_DAYS, Row
from learning.domain.report.reading import Reading
from learning.domain.seconds import DAY, WEEK
from learning.domain.trades import Floats
from learning.domain.words.numbers import counted, in_r

_LEVELS = (0.05, 0.95)
_LEAST_WEEKS = 8
_DRAWDOWN = "Below the peak of 90 days"


def scoreboard(reading: Reading) -> Section:
    told = reading.material
    rows = (
        _total(reading), _money(reading), _trades(reading), _expectancy(reading), _win_rate(reading),
        _break_even(reading), _profit_factor(reading), _open_risk(reading), _drawdown(reading),
    )  # fmt: skip
    columns = ("", f"This {told.period}", "90 days", "Expected", "Outside")
    sentences = (_sentence(reading), *money_sentences(reading))
    table = Table("", columns, rows, frozenset({1, 2, 3}))
    return Section("scoreboard", "Scoreboard", sentences, (table,), "equity_r", equity_of(reading))


def _sentence(reading: Reading) -> str:
    n = len(reading.past)
    if reading.drawn is None:
        return (
            f"{counted(n, 'trade')} in the 90 days before: too few to say what was to be expected."
        )
    return (
        f"Expected is what {counted(n, 'trade')} of the 90 days before predict for as many trades (90 % of cases); "
        "an arrow stands only where the figure lies outside."
    )


def money_sentences(reading: Reading) -> list[str]:
    """Where money of other currencies is not in what is told."""
    told = reading.material
    now, before = (
        (sum(1 for row in rows if not row.pnl), len(rows))
        for rows in (reading.now_rows, reading.window_rows)
    )
    if not before[0]:
        return []
    left = f"{now[0]} of {counted(now[1], 'trade')} this {told.period} and {before[0]} of {before[1]} in 90 days"
    return [f"{left} were in other currencies: {told.currency} is of the others."]


def _row(name: str, now: Cell, before: Cell, expected: Cell) -> tuple[Cell, ...]:
    mark = ""
    if now.figure and now.figure.value is not None and expected.figure and expected.figure.ci:
        mark = arrow(now.figure.value, expected.figure.ci)
    return (Cell(name), now, before, expected, Cell(mark))


def _predicted(reading: Reading, drawn: Floats | None, unit: Unit) -> Cell:
    ci = None if drawn is None or not len(drawn) else band(drawn)
    return cells.range_cell(ci, len(reading.past), unit, "predicted")


def _total(reading: Reading) -> tuple[Cell, ...]:
    drawn = reading.drawn
    expected = _predicted(reading, None if drawn is None else drawn.sum(axis=1), Unit.R)
    now, before = (
        cells.told(one["total_r"], "total_r")
        for one in (reading.figures_now, reading.figures_window)
    )
    return _row("Result, R", now, before, expected)


def _money(reading: Reading) -> tuple[Cell, ...]:
    told = reading.material
    sums = []
    for rows in (reading.now_rows, reading.window_rows):
        own = [Decimal(row.pnl) for row in rows if row.pnl]
        sums.append(cells.money(sum(own, Decimal(0)), told.currency, len(own), "total_money"))
    return _row("Result, net", sums[0], sums[1], Cell(cells.DASH))


def _trades(reading: Reading) -> tuple[Cell, ...]:
    ago = (reading.material.begins - 1 - reading.past.closed) // WEEK
    # The ninety days end in a part of a week.
    weeks = np.bincount(ago[ago < PAST_DAYS * DAY // WEEK])
    is_known = not reading.material.is_month and len(weeks) >= _LEAST_WEEKS
    ci = Interval(*(float(one) for one in np.quantile(weeks, _LEVELS))) if is_known else None
    expected = cells.range_cell(ci, len(weeks), Unit.COUNT, "counts")
    return _row(
        "Trades closed",
        cells.count(len(reading.now), formula="trades"),
        cells.count(len(reading.window), formula="trades"),
        expected,
    )


def _expectancy(reading: Reading) -> tuple[Cell, ...]:
    drawn = reading.drawn
    expected = _predicted(reading, None if drawn is None else drawn.mean(axis=1), Unit.R)
    now = cells.told(reading.figures_now["expectancy_r"], "expectancy_r")
    before = cells.told(reading.figures_window["expectancy_r"], "expectancy_r", interval=True)
    return _row("Expectancy, R per trade", now, before, expected)


def _win_rate(reading: Reading) -> tuple[Cell, ...]:
    drawn = reading.drawn_wins
    expected = _predicted(reading, None if drawn is None else drawn.mean(axis=1), Unit.FRACTION)
    now = cells.told(reading.figures_now["win_rate"], "win_rate")
    before = cells.told(reading.figures_window["win_rate"], "win_rate", interval=True)
    return _row("Win rate", now, before, expected)


def _break_even(reading: Reading) -> tuple[Cell, ...]:
    now, before = (_rate(reading, rows) for rows in (reading.now_rows, reading.window_rows))
    return _row("Break-even win rate", now, before, Cell(cells.DASH))


def _rate(reading: Reading, rows: tuple[Row, ...]) -> Cell:
    """Of fewer trades than the win rate above it, it says of how many."""
    figure = reading.break_even(rows)
    cell = cells.told(figure, "break_even_rate")
    is_less = figure.value is not None and figure.n < len(rows)
    return cell._replace(text=f"{cell.text} of {figure.n} with R") if is_less else cell


def _profit_factor(reading: Reading) -> tuple[Cell, ...]:
    now = cells.told(reading.figures_now["profit_factor_r"], "profit_factor_r")
    before = cells.told(reading.figures_window["profit_factor_r"], "profit_factor_r", interval=True)
    return _row("Profit factor", now, before, Cell(cells.DASH))


def _open_risk(reading: Reading) -> tuple[Cell, ...]:
    told = reading.material
    known = [Decimal(one.risk) for one in told.held if one.risk]
    if told.held and not known:
        now = cells.told(Figure.absent(Reason.RISK_MISSING, 0, Unit.MONEY), "open_risk")
    else:
        now = cells.money(
            sum(known, Decimal(0)), told.currency, len(known), "open_risk", plus=False
        )
    return _row("Open risk", now, Cell(cells.DASH), Cell(cells.DASH))


def _drawdown(reading: Reading) -> tuple[Cell, ...]:
    r = reading.window.r[np.isfinite(reading.window.r)]
    if not len(r):
        absent = Figure.absent(Reason.RISK_MISSING, 0, Unit.R)
        return _row(_DRAWDOWN, cells.told(absent, "drawdown_r"), Cell(cells.DASH), Cell(cells.DASH))
    value = float(falls(r[None, :])[0])
    drawn = draw_rows(reading.past, len(r), reading.dice(3), draws=1_000)
    expected = _predicted(reading, None if drawn is None else falls(drawn), Unit.R)
    expected = expected._replace(text=expected.text.replace("+", ""))
    # Deeper is worse, and without a sign: an amount below a peak.
    figure = Figure(value, len(r), Unit.R)
    now = Cell(in_r(value).lstrip("+"), figure, formula="drawdown_r")
    return _row(_DRAWDOWN, now, Cell(cells.DASH), expected)


def equity_of(reading: Reading) -> dict[str, object]:
    """The running sum of R over 90 days, by the day of the close; where the period begins; what was expected of it."""
    trades = reading.window
    rows = np.isfinite(trades.r)
    order = np.argsort(trades.closed[rows], kind="stable")
    sums = np.cumsum(trades.r[rows][order])
    drawn = reading.drawn
    expected = None
    if drawn is not None and drawn.shape[1]:
        paths = np.quantile(np.cumsum(drawn, axis=1), (0.05, 0.25, 0.5, 0.75, 0.95), axis=0)
        expected = [[round(float(one), 6) for one in path] for path in paths]
    return {
        "closed": [int(one) for one in trades.closed[rows][order]],
        "r": [round(float(one), 6) for one in sums],
        "begins": reading.material.begins,
        "fan": expected,
    }
