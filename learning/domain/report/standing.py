"""What of the open trades asks for a decision soon: half of the most they can make, earnings within the week."""

from __future__ import annotations

from datetime import date

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.report import cells
from learning.domain.report.document import Cell, Table
from learning.domain.report.material import Held, Material
from learning.domain.words.numbers import counted

HALF = 0.5
DAYS_AHEAD = 7
SHOWN = 8


def ripe(told: Material) -> list[Held]:
    """At half of the most that they can make, or beyond; the farthest first."""
    found = [one for one in told.held if one.of_maximum is not None and one.of_maximum >= HALF]
    return sorted(found, key=lambda one: (-(one.of_maximum or 0.0), one.key))


def ripe_sentence(told: Material) -> str:
    """ "" where nothing is open."""
    if not told.held:
        return ""
    known = sum(1 for one in told.held if one.of_maximum is not None)
    if not known:
        return "How much of its most any of them has made is not known: prices or a limit of the profit are missing."
    number = len(ripe(told))
    of_known = f"of {known} whose share is known" if known < len(told.held) else "of them"
    verb = "has" if number == 1 else "have"
    return f"{number} {of_known} {verb} made half of the most they can make, or more."


def ripe_table(told: Material) -> Table:
    rows = tuple(
        (
            Cell(one.symbol, href=cells.trade_path(one.key)),
            cells.told(Figure(one.of_maximum, 1, Unit.FRACTION), "of_maximum"),
            cells.open_result(one.profit, told.currency),
            Cell(one.expires_on or cells.DASH),
        )
        for one in ripe(told)[:SHOWN]
    )
    title = "At half of the most they can make, or more"
    return Table(title, ("Trade", "Of the most", "Now", "Expires"), rows, frozenset({1, 2}))


def reporting(told: Material) -> list[Held]:
    """Whose underlying reports its earnings within the week, the soonest first."""
    found = [
        one
        for one in told.held
        if one.earnings_on
        and 0 <= (date.fromisoformat(one.earnings_on) - told.made_on).days <= DAYS_AHEAD
    ]
    return sorted(found, key=lambda one: (one.earnings_on, one.symbol, one.key))


def earnings_sentence(told: Material) -> str:
    """ "" where nothing is open. Days are as scanners stated them."""
    names = {one.underlying for one in told.held}
    if not names:
        return ""
    known = {one.underlying for one in told.held if one.earnings_on}
    lacking = len(names) - len(known)
    if not known:
        return f"Of none of {counted(len(names), 'underlying')} anybody stated when it reports its earnings."
    soon = sorted({(one.earnings_on, one.underlying) for one in reporting(told)})
    listed = ", ".join(f"{name} on {day}" for day, name in soon)
    first = f"Earnings within {DAYS_AHEAD} days, as scanners stated: {listed or 'none'}"
    return f"{first}; of {lacking} nobody stated a day." if lacking else f"{first}."


def earnings_table(told: Material) -> Table:
    rows = tuple(
        (
            Cell(one.symbol, href=cells.trade_path(one.key)),
            Cell(one.earnings_on),
            cells.told(_risk(one), "open_risk"),
        )
        for one in reporting(told)[:SHOWN]
    )
    title = f"Earnings within {DAYS_AHEAD} days"
    return Table(title, ("Trade", "On", f"At risk, {told.currency}"), rows, frozenset({2}))


def _risk(one: Held) -> Figure:
    if not one.risk:
        return Figure.absent(Reason.RISK_MISSING, 0, Unit.MONEY)
    return Figure(float(one.risk), 1, Unit.MONEY)
