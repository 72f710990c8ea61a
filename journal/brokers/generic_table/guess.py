"""What the columns of a table most probably are: a proposal that a person looks at, never a decision.

By the names of the columns and by what stands in them. What changes the money and can be read in two ways is left open
and asked: which of two prices, which of two quantities, whether 03/04 is in March or April, whose sign a fee has.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from journal.brokers.generic_table.choices import amount_is, choose_numbers, fee_sign
from journal.brokers.generic_table.details import (
    classes_of,
    currency_of,
    day_first_of,
    kind_of,
    multipliers_of,
    point_of,
    sides_of,
    statuses_of,
    zone_of,
)
from journal.brokers.generic_table.draft import Draft
from journal.brokers.generic_table.lookups import action_in
from journal.brokers.generic_table.mapping import Action, Question, Role, SideFrom, TableMapping
from journal.brokers.generic_table.questions import MOMENTS, NUMBERS
from journal.brokers.generic_table.sight import Sight
from journal.domain.values import ZERO

_BUYS = (Action.BUY, Action.BUY_TO_OPEN, Action.BUY_TO_CLOSE)


class Guess(NamedTuple):
    """`scores`: how sure the role of a column is, from 0 to 100."""

    mapping: TableMapping
    questions: tuple[Question, ...]
    scores: dict[str, int]


def guess(sight: Sight, *, sheet: str = "") -> Guess:
    """The proposal for a table. It may be incomplete (`mapping.lacks`), and whatever is open is in the questions."""
    draft = Draft(sight)
    draft.point, is_open = point_of(draft.cells_of(*NUMBERS), sight.delimiter)
    if is_open:
        draft.ask(
            "point",
            "Numbers such as 1,234 can be read in two ways. Say which sign separates decimals.",
        )
    mapping = TableMapping(
        header=sight.names,
        columns={},
        has_header=bool(sight.header_line),
        shape=draft.shape,
        sheet=sheet,
        point="" if is_open else draft.point,
    )
    mapping = _with_money(draft, _with_sides(draft, mapping))
    mapping = _with_details(draft, mapping)
    columns = {name: draft.roles[name] for name in sight.names if name in draft.roles}
    scores = {name: draft.scores.get(name, 0) for name in columns}
    return Guess(replace(mapping, columns=columns), tuple(draft.questions), scores)


def _with_sides(draft: Draft, mapping: TableMapping) -> TableMapping:
    column = draft.column_of(Role.SIDE)
    if column is not None:
        return replace(mapping, side_from=SideFrom.COLUMN, sides=sides_of(column))
    for role, side_from in (
        (Role.QUANTITY, SideFrom.QUANTITY),
        (Role.AMOUNT, SideFrom.AMOUNT),
    ):
        numbers = draft.numbers_of(role).values()
        if any(number < ZERO for number in numbers) and any(number > ZERO for number in numbers):
            return replace(mapping, side_from=side_from)
    return mapping


def _bought(draft: Draft, mapping: TableMapping) -> dict[int, bool]:
    """The rows that are fills, and whether they buy."""
    column = draft.column_of(Role.SIDE)
    if mapping.side_from is SideFrom.COLUMN and column is not None:
        actions = {
            row: action_in(mapping.sides, cell)
            for row, cell in zip(column.rows, column.cells, strict=True)
        }
        return {
            row: action in _BUYS
            for row, action in actions.items()
            if action not in (None, Action.SKIP)
        }
    if mapping.side_from is SideFrom.AMOUNT:
        return {
            row: number < ZERO for row, number in draft.numbers_of(Role.AMOUNT).items() if number
        }
    return {row: number > ZERO for row, number in draft.numbers_of(Role.QUANTITY).items() if number}


def _with_money(draft: Draft, mapping: TableMapping) -> TableMapping:
    fit = choose_numbers(draft, _bought(draft, mapping))
    side_from = mapping.side_from
    if side_from is SideFrom.AMOUNT and not fit.is_good:
        # Deposits have signs too.
        side_from = None
    if side_from is None:
        draft.ask(
            "side_from",
            "No column tells by its words or by a sign what was bought and what was sold.",
        )
    if draft.name_of(Role.AMOUNT) and draft.name_of(Role.PRICE) and not fit.is_good:
        # Money of another currency, or of something else: it would only spoil the price.
        draft.take(Role.AMOUNT)
    return replace(
        mapping,
        side_from=side_from,
        fee_sign=fee_sign(draft, fit),
        amount_is=amount_is(draft, fit),
    )


def _with_details(draft: Draft, mapping: TableMapping) -> TableMapping:
    day_first, is_open = day_first_of(draft.cells_of(*MOMENTS))
    if is_open:
        draft.ask(
            "day_first", "Dates such as 03/04/2026 can be read in two ways. Say which comes first."
        )
    symbols = draft.cells_of(Role.SYMBOL)
    kind = kind_of(symbols)
    multipliers, unknown = multipliers_of(kind, symbols)
    if unknown and not draft.name_of(Role.MULTIPLIER):
        draft.ask("multipliers", f"Say what a point of {', '.join(unknown[:5])} is worth.")
    classes = draft.column_of(Role.ASSET_CLASS)
    return replace(
        mapping,
        day_first=day_first,
        zone=zone_of(draft.names_of(*MOMENTS)),
        asset_class=kind,
        multipliers=multipliers,
        classes=classes_of(classes) if classes else {},
        statuses=statuses_of([draft.columns[name] for name in draft.names_of(Role.STATUS)]),
        currency=_currency(draft, symbols),
    )


def _currency(draft: Draft, symbols: list[str]) -> str:
    if draft.name_of(Role.CURRENCY):
        return ""
    money = (Role.PRICE, Role.AMOUNT)
    return currency_of(draft.names_of(*money), draft.cells_of(*money), symbols)
