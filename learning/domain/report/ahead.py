"""The last sections: what the next week may do to what is open, the one focus, and what the figures stand on."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

from learning.domain.figures import Figure, Unit
from learning.domain.parameters.candidates import Mark
from learning.domain.report import cells
from learning.domain.report.conduct import habits_of
from learning.domain.report.document import Cell, Section, Table
from learning.domain.report.focus import Focus, Score, choose_focus
from learning.domain.report.material import VERSION, Held, Material
from learning.domain.report.reading import Reading
from learning.domain.report.standing import (
    earnings_sentence,
    earnings_table,
    ripe_sentence,
    ripe_table,
)
from learning.domain.words.numbers import counted, percent

_NEAR_DAYS = 21
_WEEK = 7
_SHOWN = 8
_MARKS = {
    Mark.BROKER_FILL: "broker fills", Mark.QUOTE: "quotes of the day", Mark.CLOSE_MID: "closing mids",
    Mark.THEORETICAL: "theoretical values", Mark.ITS_TRADE: "the trades that followed them",
}  # fmt: skip


def risk_ahead(reading: Reading) -> Section:
    told = reading.material
    sentences = [_open_sentence(told), *_expiry_sentences(told)]
    sentences += [one for one in (ripe_sentence(told), earnings_sentence(told)) if one]
    sentences += told.notes.get("risk", ())
    tables = tuple(
        one
        for one in (_concentration(told), _expiring(told), ripe_table(told), earnings_table(told))
        if one.rows
    )
    return Section("risk", f"Risk next {told.period}", tuple(sentences), tables)


def _open_sentence(told: Material) -> str:
    if not told.held:
        return "Nothing is open."
    known = [Decimal(one.risk) for one in told.held if one.risk]
    total = f"{sum(known, Decimal(0)):,.2f} {told.currency}"
    lacking = len(told.held) - len(known)
    missing = (
        f"; of {lacking} the risk was not fixed at entry, or is in another currency, and is not in it"
        if lacking
        else ""
    )
    return (
        f"{counted(len(told.held), 'trade is', 'trades are')} open, with {total} at risk{missing}."
    )


def _days_left(one: Held, told: Material) -> int | None:
    """Below 0 where it is over already, and the book was not told how."""
    if not one.expires_on:
        return None
    return (date.fromisoformat(one.expires_on) - told.made_on).days


def _expiry_sentences(told: Material) -> list[str]:
    days = [left for one in told.held if (left := _days_left(one, told)) is not None]
    ahead = [left for left in days if left >= 0]
    lines = []
    if ahead:
        soon = sum(1 for left in ahead if left <= _WEEK)
        near = sum(1 for left in ahead if left <= _NEAR_DAYS)
        expire = counted(soon, "of them expires", "of them expire")
        lines.append(f"{expire} within {_WEEK} days, {near} within {_NEAR_DAYS}.")
    if over := len(days) - len(ahead):
        verb = counted(over, "of them has", "of them have")
        lines.append(f"{verb} expired already, and the book does not know yet how that ended.")
    return lines


def _concentration(told: Material) -> Table:
    risks: dict[str, Decimal] = defaultdict(Decimal)
    number: Counter[str] = Counter()
    for one in told.held:
        if one.risk:
            risks[one.underlying] += Decimal(one.risk)
            number[one.underlying] += 1
    total = sum(risks.values(), Decimal(0))
    if not total:
        return Table("", (), ())
    rows = tuple(
        (
            Cell(name),
            cells.count(number[name]),
            cells.money(risk, told.currency, number[name], "open_risk", plus=False),
            cells.told(Figure(float(risk / total), number[name], Unit.FRACTION), "share_of_risk"),
        )
        for name, risk in sorted(risks.items(), key=lambda pair: (-pair[1], pair[0]))[:_SHOWN]
    )
    columns = ("Underlying", "Open", "At risk", "Share")
    return Table("Where the risk is", columns, rows, frozenset({1, 2, 3}))


def _expiring(told: Material) -> Table:
    near = sorted(
        (left, one.symbol, one)
        for one in told.held
        if (left := _days_left(one, told)) is not None and 0 <= left <= _NEAR_DAYS
    )
    rows = tuple(
        (
            Cell(symbol, href=cells.trade_path(one.key)),
            Cell(one.expires_on),
            cells.count(left),
        )
        for left, symbol, one in near[:_SHOWN]
    )
    title = f"Expire within {_NEAR_DAYS} days"
    return Table(title, ("Trade", "Expires", "Days"), rows, frozenset({2}))


def focus_of(reading: Reading) -> Focus | None:
    return choose_focus(habits_of(reading))


def score_of(reading: Reading) -> Score | None:
    """How the focus of the report before went."""
    before = reading.material.focus
    if before is None:
        return None
    known = [kept for row in reading.now_rows if (kept := row.checks.get(before.rule)) is not None]
    return Score(before.rule, before.instruction, sum(known), len(known))


def focus(reading: Reading) -> Section:
    score, chosen = score_of(reading), focus_of(reading)
    sentences = [score.sentence] if score is not None else []
    if chosen is None:
        sentences.append(
            "No focus: in 90 days no rule that can be checked was broken twice. Keep on writing plans with rules."
        )
    else:
        sentences += [f"Next {reading.material.period}: {chosen.instruction}", chosen.why]
    return Section("focus", "One focus", tuple(sentences))


def footer(reading: Reading) -> tuple[str, ...]:
    told = reading.material
    n, known = len(reading.window), int((~(reading.window.r != reading.window.r)).sum())
    late = sum(1 for row in reading.now_rows if row.known_at >= told.ends)
    lines = [
        f"{known} of {counted(n, 'trade')} of 90 days had a risk fixed at entry; only these count in R.",
        *(
            [f"{counted(late, 'trade')} became known after the {told.period} was over."]
            if late
            else []
        ),
        *_marks(told),
        "Grades: A confirmed on later trades, B supported and not confirmed yet, C a hint, D can't tell.",
        f"Made as of {told.as_of} of what was known then: rules {VERSION}, data {told.data_version[:12]}.",
    ]
    return tuple(lines)


def _marks(told: Material) -> list[str]:
    marks = Counter(Mark(one.mark) for one in told.offers if one.r_plan is not None)
    total = sum(marks.values())
    if not total:
        return []
    parts = ", ".join(
        f"{percent(marks[mark] / total)} {words}" for mark, words in _MARKS.items() if marks[mark]
    )
    return [f"Outcomes of {counted(total, 'recommendation')} are from {parts}."]
