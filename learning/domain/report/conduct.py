"""The third and fourth section: which rules were kept, what breaking them came to, and decisions beside outcomes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from learning.domain.adherence import INSTRUCTIONS, Rule, share_interval
from learning.domain.figures import Figure, Reason, Unit
from learning.domain.insights.luck import Quadrant
from learning.domain.report import cells
from learning.domain.report.document import Cell, Section, Table
from learning.domain.report.fills import fills_sentence, fills_table
from learning.domain.report.focus import Habit
from learning.domain.report.material import Row
from learning.domain.report.reading import Reading
from learning.domain.trades import weeks_of
from learning.domain.words.numbers import counted, in_r, percent

SHOWN = 8
QUADRANTS = (
    (Quadrant.DESERVED_WIN, "Kept, won"),
    (Quadrant.UNLUCKY_GOOD_TRADE, "Kept, lost"),
    (Quadrant.LUCKY_BREACH, "Broken, won"),
    (Quadrant.DESERVED_LOSS, "Broken, lost"),
)


def process(reading: Reading) -> Section:
    checked = [row for row in reading.now_rows if _share(row) is not None]
    sentences = [_adherence_sentence(reading, len(checked))]
    costs = reading.costs
    if costs.unknown:
        sentences.append(
            f"Of {counted(costs.unknown, 'trade')} that broke a rule nobody knows what the plan would have made."
        )
    if fills := fills_sentence(reading):
        sentences.append(fills)
    tables = (
        _adherence_table(reading), _breaks_table(reading), _costs_table(reading), fills_table(reading),
    )  # fmt: skip
    return Section(
        "process", "Process", tuple(sentences), tuple(one for one in tables if one.rows), "rule_costs", _bars(reading)
    )  # fmt: skip


def _share(row: Row) -> float | None:
    known = [kept for kept in row.checks.values() if kept is not None]
    return sum(known) / len(known) if known else None


def adherence_of(reading: Reading, rows: Sequence[Row], part: int) -> Figure:
    shares = [(one, row.opened) for row in rows if (one := _share(row)) is not None]
    if not shares:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.FRACTION)
    amounts = np.array([one for one, _ in shares])
    weeks = weeks_of(np.array([opened for _, opened in shares], dtype=np.int64))
    ci = share_interval(amounts, weeks, reading.dice(part))
    return Figure(float(amounts.mean()), len(shares), Unit.FRACTION, ci)


def _adherence_sentence(reading: Reading, checked: int) -> str:
    n, period = len(reading.now_rows), reading.material.period
    if not n:
        return f"No trade closed this {period}, so no rule was put to the test."
    if not checked:
        return f"None of {counted(n, 'trade')} had a plan with a rule that can be checked."
    broken = sum(1 for row in reading.now_rows if False in row.checks.values())
    kept = adherence_of(reading, reading.now_rows, 4)
    share = percent(kept.value) if kept.value is not None else cells.DASH
    return f"{share} of the rules were kept, over {checked} of {counted(n, 'trade')}; {broken} broke at least one."


def _adherence_table(reading: Reading) -> Table:
    if not any(row.checks for row in reading.window_rows):
        return Table("", (), ())
    row = (
        Cell("Rules kept"),
        cells.told(adherence_of(reading, reading.now_rows, 4), "adherence"),
        cells.told(adherence_of(reading, reading.window_rows, 5), "adherence", interval=True),
    )
    columns = ("", f"This {reading.material.period}", "90 days")
    return Table("", columns, (row,), frozenset({1, 2}))


def _breaks_table(reading: Reading) -> Table:
    rows = []
    for row in sorted(reading.now_rows, key=lambda one: (one.closed, one.key)):
        for rule, kept in sorted(row.checks.items()):
            if kept is False:
                r = Figure.absent(Reason.RISK_MISSING, 1, Unit.R)
                if row.r is not None:
                    r = Figure(row.r, 1, Unit.R)
                rows.append(
                    (
                        Cell(f"{row.symbol}, {cells.short_day(row.closed)}", href=cells.trade_path(row.key)),
                        Cell(rule_words(rule)),
                        cells.told(r, "r"),
                    )
                )  # fmt: skip
    left = len(rows) - SHOWN
    title = f"Broken this {reading.material.period}" + (f" ({left} more)" if left > 0 else "")
    return Table(title, ("Trade", "Rule", "Result"), tuple(rows[:SHOWN]), frozenset({2}))


def _costs_table(reading: Reading) -> Table:
    costs = reading.costs
    names = sorted(costs.by_rule, key=lambda name: (costs.by_rule[name].value or 0.0, name))
    rows = tuple(
        (
            Cell(rule_words(name)),
            cells.count(costs.breaches[name]),
            _cost(costs.by_rule[name]),
        )
        for name in names
    )
    return Table(
        "What broken rules came to in 90 days, against their plans",
        ("Rule", "Broken", "R"), rows, frozenset({1, 2}),
    )  # fmt: skip


def _cost(figure: Figure) -> Cell:
    told = cells.told(figure, "mistake_cost", interval=True)
    return told if figure.value is not None else told._replace(text=f"{cells.DASH} not known")


def _bars(reading: Reading) -> dict[str, object]:
    costs = reading.costs
    known = [(name, one) for name, one in sorted(costs.by_rule.items()) if one.value is not None]
    return {
        "rules": [rule_words(name) for name, _ in known],
        "r": [one.value for _, one in known],
        "n": [costs.breaches[name] for name, _ in known],
    }


def rule_words(rule: str) -> str:
    """As its instruction says it, without the full stop."""
    try:
        return INSTRUCTIONS[Rule(rule)].removesuffix(".")
    except ValueError:
        return rule.replace("_", " ").capitalize()


def _control(rule: str) -> float:
    """In what is closed beyond a stop the market has its part."""
    return 0.5 if rule == Rule.EXIT_AT_STOP else 1.0


def habits_of(reading: Reading) -> list[Habit]:
    """Every rule that was broken in 90 days, with what that came to."""
    costs = reading.costs
    return [
        Habit(name, f"{rule_words(name)}.", costs.breaches[name], cost, _control(name))
        for name, cost in sorted(costs.by_rule.items())
    ]


def decisions(reading: Reading) -> Section:
    counts = {
        name: sum(1 for row in reading.now_rows if row.quadrant == name) for name, _ in QUADRANTS
    }
    placed = sum(counts.values())
    sentences = [_placed(reading, placed)]
    if lucky := _extreme(reading, Quadrant.LUCKY_BREACH, most=True):
        sentences.append(
            f"A lucky breach: {_named(lucky)}. It won, and it is a breach all the same."
        )
    if unlucky := _extreme(reading, Quadrant.UNLUCKY_GOOD_TRADE, most=False):
        sentences.append(
            f"An unlucky good trade: {_named(unlucky)}. It lost with its plan kept; nothing to change."
        )
    if not placed:
        return Section("decisions", "Decisions", tuple(sentences))
    words = dict(QUADRANTS)
    rows = tuple(
        (Cell(first), cells.count(counts[one]), cells.count(counts[other]))
        for first, one, other in (
            ("Plan kept", Quadrant.DESERVED_WIN, Quadrant.UNLUCKY_GOOD_TRADE),
            ("Rule broken", Quadrant.LUCKY_BREACH, Quadrant.DESERVED_LOSS),
        )
    )
    grid = Table("", ("", "Won", "Lost"), rows, frozenset({1, 2}))
    listed = [lucky, unlucky]
    links = tuple(
        (
            Cell(f"{row.symbol}, {cells.short_day(row.closed)}", href=cells.trade_path(row.key)),
            Cell(words[Quadrant(row.quadrant)]),
            cells.told(
                Figure(row.r, 1, Unit.R) if row.r is not None else Figure.absent(Reason.RISK_MISSING, 1, Unit.R), "r"
            ),
        )
        for row in listed
        if row is not None
    )  # fmt: skip
    extremes = Table("Worth a second look", ("Trade", "Decision", "Result"), links, frozenset({2}))
    return Section(
        "decisions", "Decisions", tuple(sentences), (grid, extremes) if links else (grid,)
    )


def _placed(reading: Reading, placed: int) -> str:
    n = len(reading.now_rows)
    if not n:
        return "No decision to look back on."
    if not placed:
        return f"None of {counted(n, 'trade')} had both a plan that can be checked and a win or a loss."
    return f"{placed} of {counted(n, 'trade')} had a plan that can be checked and a win or a loss."


def _extreme(reading: Reading, quadrant: Quadrant, *, most: bool) -> Row | None:
    found = [row for row in reading.now_rows if row.quadrant == quadrant and row.r is not None]
    if not found:
        return None
    sign = -1 if most else 1
    return min(found, key=lambda row: (sign * (row.r or 0.0), row.key))


def _named(row: Row) -> str:
    return f"{row.symbol}, closed {cells.short_day(row.closed)}, {in_r(row.r or 0.0)}"
