"""What matters for tax at the end of a month: how long was held, losses opened again, losses that are still open."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from learning.domain.figures import Figure, Unit
from learning.domain.report import cells
from learning.domain.report.document import Cell, Section, Table
from learning.domain.report.material import Held, Row
from learning.domain.report.reading import Reading
from learning.domain.report.scoreboard import money_sentences
from learning.domain.seconds import DAY
from learning.domain.words.numbers import counted

WASH_DAYS = 30
LONG_DAYS = 365
SHOWN = 8
_TERMS = (
    ("short", f"Held {LONG_DAYS} days or less"),
    ("long", f"Held more than {LONG_DAYS} days"),
)


def tax(reading: Reading) -> Section:
    """By round trips of the book, not by tax lots of a jurisdiction."""
    sentences = (
        *money_sentences(reading), _washed_sentence(reading), *_harvest_sentences(reading),
        *reading.material.notes.get("tax", ()),
        "By round trips of the book, for your own overview; it is no tax report.",
    )  # fmt: skip
    tables = (_terms(reading), _harvest(reading))
    return Section("tax", "Tax", sentences, tuple(one for one in tables if one.rows))


def _terms(reading: Reading) -> Table:
    terms: dict[str, list[Row]] = defaultdict(list)
    for row in reading.now_rows:
        if row.pnl:
            is_long = row.closed - row.opened > LONG_DAYS * DAY
            terms["long" if is_long else "short"].append(row)
    rows = tuple(
        (
            Cell(words),
            cells.count(len(terms[name])),
            cells.money(
                sum((Decimal(row.pnl) for row in terms[name]), Decimal(0)),
                reading.material.currency, len(terms[name]), "total_money",
            ),
        )
        for name, words in _TERMS
    )  # fmt: skip
    return Table("", ("Holding period", "Trades", "Net result"), rows, frozenset({1, 2}))


def _washed_sentence(reading: Reading) -> str:
    washed = [
        row
        for row in reading.now_rows
        if row.pnl and Decimal(row.pnl) < 0 and _is_opened_again(row, reading)
    ]
    if not washed:
        return f"No loss of this month was opened again within {WASH_DAYS} days."
    losses = sum((Decimal(row.pnl) for row in washed), Decimal(0))
    return (
        f"{counted(len(washed), 'loss', 'losses')} ({cells.signed_money(losses)} {reading.material.currency}) "
        f"were in symbols opened again within {WASH_DAYS} days before or after: where wash-sale rules apply "
        "they may not count yet."
    )


def _openings(reading: Reading) -> list[tuple[int, str, int]]:
    told = reading.material
    closed = [(one.key, one.symbol, one.opened) for one in told.rows]
    return closed + [(one.key, one.symbol, one.opened) for one in told.held]


def _is_opened_again(loss: Row, reading: Reading) -> bool:
    window = WASH_DAYS * DAY
    return any(
        symbol == loss.symbol and key != loss.key and abs(opened - loss.closed) <= window
        for key, symbol, opened in _openings(reading)
    )


def losing(reading: Reading) -> list[Held]:
    """Open trades that stand at a loss, the largest first."""
    found = [one for one in reading.material.held if one.profit and Decimal(one.profit) < 0]
    return sorted(found, key=lambda one: (Decimal(one.profit), one.key))


def _is_opened_lately(one: Held, reading: Reading) -> bool:
    """Whether the same symbol was opened in the days before the end of the month, by this trade or another."""
    since = reading.material.ends - WASH_DAYS * DAY
    return any(
        symbol == one.symbol and since <= opened < reading.material.ends
        for _, symbol, opened in _openings(reading)
    )


def _harvest_sentences(reading: Reading) -> list[str]:
    told = reading.material
    if not told.held:
        return []
    known, found = sum(1 for one in told.held if one.profit), losing(reading)
    if not known:
        return ["What is open had no price in these days, so losses that could be taken are not known."]  # fmt: skip
    if not found:
        return [f"None of {counted(known, 'open trade')} with a price stands at a loss."]
    total = sum((Decimal(one.profit) for one in found), Decimal(0))
    lately = sum(1 for one in found if _is_opened_lately(one, reading))
    wash = (
        f" {lately} of these symbols were opened within the last {WASH_DAYS} days."
        if lately
        else ""
    )
    stand = counted(len(found), "open trade stands", "open trades stand")
    told_of = f"{stand} at a loss, together {cells.signed_money(total)} {told.currency}"
    return [
        f"{told_of}: one that is taken may not count where the symbol is opened again within {WASH_DAYS} days.{wash}"
    ]


def _harvest(reading: Reading) -> Table:
    told = reading.material
    rows = tuple(
        (
            Cell(one.symbol, href=cells.trade_path(one.key)),
            cells.open_result(one.profit, told.currency),
            cells.told(Figure(float((told.ends - one.opened) // DAY), 1, Unit.COUNT), "held_days"),
            Cell("yes" if _is_opened_lately(one, reading) else "no"),
        )
        for one in losing(reading)[:SHOWN]
    )
    columns = ("Trade", "Now", "Days held", f"Opened in {WASH_DAYS} days")
    return Table("Open losses that could be taken", columns, rows, frozenset({1, 2}))
