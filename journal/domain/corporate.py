"""From the rows of corporate actions, as brokers state them, to events that booking understands.

Invariants: every row with a quantity becomes an event that changes the position by that quantity, or a problem says
why not. What cannot be understood is a plain adjustment of quantity with an unknown price: the book stays true to
the broker's quantities, and says that it does not know the profit.

Brokers state a split as the units added or removed, or as two rows when the ISIN changes; an exchange as one row out
and one in; a spin-off as one row in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from journal.domain.exact import divide, exact_sums
from journal.domain.ratios import split_ratio
from journal.domain.trouble import problem
from journal.domain.values import (
    ONE,
    ZERO,
    BasisTransfer,
    ExecutionKind,
    Fill,
    PositionEffect,
    Problem,
    Side,
    Split,
)


class ActionKind(StrEnum):
    SPLIT = "split"
    REVERSE_SPLIT = "reverse_split"
    SYMBOL_CHANGE = "symbol_change"
    MERGER = "merger"
    SPIN_OFF = "spin_off"
    TENDER = "tender"
    STOCK_DIVIDEND = "stock_dividend"
    RIGHTS = "rights"
    DELISTING = "delisting"
    MATURITY = "maturity"
    OTHER = "other"


class ActionRow(NamedTuple):
    """One row of an action.

    `execution_id` is the book entry (an execution of kind CORPORATE_ACTION) made for the row. `cash` is signed:
    positive reaches the account. `ratio` is new units per old as the source's text says it; the text itself is
    `description`. `parent_id` is the instrument that a spin-off or a right came from, `cost_fraction` the part
    of its cost that a person says moved.
    """

    execution_id: int
    instrument_id: int
    kind: ActionKind
    effective_at: datetime
    sequence: int
    signed_quantity: Decimal
    cash: Decimal = ZERO
    value: Decimal | None = None
    stated_pnl: Decimal | None = None
    fx_rate: Decimal | None = None
    multiplier: Decimal = ONE
    ratio: Decimal | None = None
    action_id: str = ""
    code: str = ""
    description: str = ""
    parent_id: int | None = None
    cost_fraction: Decimal | None = None


Event = Split | BasisTransfer | Fill


class Understood(NamedTuple):
    events: list[Event]
    problems: list[Problem]


RESIZING = {ActionKind.SPLIT, ActionKind.REVERSE_SPLIT, ActionKind.STOCK_DIVIDEND}
_DISTRIBUTIONS = {ActionKind.SPIN_OFF, ActionKind.RIGHTS}
_ENDINGS = {ActionKind.MATURITY, ActionKind.DELISTING, ActionKind.MERGER, ActionKind.TENDER}


def understand(rows: Iterable[ActionRow], fills: Sequence[Fill] = ()) -> Understood:
    """Events of one account's actions. `fills` are its fills in the instruments concerned: what was held follows."""
    result = Understood([], [])
    with exact_sums():
        effective = _without_cancelled(sorted(rows, key=_when))
        holdings = _Holdings(fills, effective)
        for group in _groups(effective):
            _understand_group(group, holdings, result)
    return result


def _when(row: ActionRow) -> tuple[datetime, int, int]:
    return row.effective_at, row.sequence, row.execution_id


def _without_cancelled(rows: list[ActionRow]) -> list[ActionRow]:
    """Brokers take an action back by a row of code Ca with the signs turned round, which may bear a later date."""
    effective = [row for row in rows if not _is_cancel(row)]
    for cancel in filter(_is_cancel, rows):
        meant = [row for row in effective if _takes_back(cancel, row)]
        if meant:
            effective.remove(meant[-1])
        else:
            effective.append(cancel)
    return sorted(effective, key=_when)


def _is_cancel(row: ActionRow) -> bool:
    return "Ca" in row.code.replace(",", ";").split(";")


def _takes_back(cancel: ActionRow, row: ActionRow) -> bool:
    return (
        row.instrument_id == cancel.instrument_id
        and row.kind is cancel.kind
        and row.signed_quantity == -cancel.signed_quantity
        and row.cash == -cancel.cash
        and row.effective_at <= cancel.effective_at
    )


def _groups(rows: list[ActionRow]) -> list[list[ActionRow]]:
    groups: dict[tuple[object, ...], list[ActionRow]] = defaultdict(list)
    for row in rows:
        groups[_group_key(row)].append(row)
    return list(groups.values())


def _group_key(row: ActionRow) -> tuple[object, ...]:
    """Rows of one action share its id, or its time and what the text says before it names the line."""
    if row.action_id:
        return (row.action_id,)
    headline, bracket, _ = row.description.rpartition("(")
    if bracket:
        return (row.effective_at, headline.strip())
    return (row.execution_id,)


class _Holdings:
    """What was held just before a moment, by the fills and the actions before it."""

    def __init__(self, fills: Sequence[Fill], rows: Sequence[ActionRow]) -> None:
        self._moves: dict[int, list[tuple[datetime, Decimal]]] = defaultdict(list)
        for fill in fills:
            self._moves[fill.instrument_id].append((fill.executed_at, fill.moved))
        for row in rows:
            self._moves[row.instrument_id].append((row.effective_at, row.signed_quantity))

    def before(self, row: ActionRow, instrument_id: int | None = None) -> Decimal:
        moves = self._moves.get(instrument_id or row.instrument_id, ())
        return sum((quantity for at, quantity in moves if at < row.effective_at), ZERO)


def _understand_group(rows: list[ActionRow], holdings: _Holdings, result: Understood) -> None:
    moving = [row for row in rows if row.signed_quantity]
    if not moving:
        result.problems.extend(_note("corporate_cash_only", row) for row in rows if row.cash)
    elif len(moving) == 1:
        _understand_one(moving[0], sum((row.cash for row in rows), ZERO), holdings, result)
    elif len(moving) == 2 and moving[0].signed_quantity * moving[1].signed_quantity < ZERO:
        cash = sum((row.cash for row in rows), ZERO)
        _understand_exchange(moving, cash, holdings, result)
    elif (exchange := _one_for_several(moving)) is not None:
        _divide(*exchange, sum((row.cash for row in rows), ZERO), result)
    elif all(row.kind in RESIZING | _DISTRIBUTIONS for row in moving):
        for row in moving:
            _understand_one(row, row.cash, holdings, result)
    else:
        for row in moving:
            _adjust(row, result)


def _understand_one(row: ActionRow, cash: Decimal, holdings: _Holdings, result: Understood) -> None:
    if row.kind in RESIZING:
        _resize(row, cash, holdings, result)
    elif row.kind in _DISTRIBUTIONS and not cash:
        _distribute(row, holdings, result)
    elif cash or row.kind is ActionKind.DELISTING:
        result.events.append(_sale(row, cash))
    else:
        _adjust(row, result)


def _resize(row: ActionRow, cash: Decimal, holdings: _Holdings, result: Understood) -> None:
    held = holdings.before(row)
    ratio = split_ratio(
        row.description,
        stated=row.ratio,
        held=held,
        change=row.signed_quantity,
        adds=row.kind is ActionKind.STOCK_DIVIDEND,
    )
    if ratio is None:
        _adjust(row, result)
        return
    new, old = ratio
    after = held + row.signed_quantity
    result.events.append(
        Split(
            id=str(row.execution_id),
            instrument_id=row.instrument_id,
            effective_at=row.effective_at,
            sequence=row.sequence,
            ratio=new,
            per=old,
            cash_in_lieu=cash,
            # Where the book holds something else than the broker did, its own fraction says nothing.
            quantity_after=after if abs(divide(held * new, old) - after) < ONE else None,
            execution_id=row.execution_id,
            fx_rate=row.fx_rate,
        )
    )


def _distribute(row: ActionRow, holdings: _Holdings, result: Understood) -> None:
    held = ZERO if row.parent_id is None else holdings.before(row, row.parent_id)
    is_unknown = row.parent_id is None or held * row.signed_quantity <= ZERO
    if row.cost_fraction is None or is_unknown:
        result.problems.append(_note("spin_off_allocation_unknown", row))
    if row.parent_id is None or is_unknown:
        result.events.append(_fill(row, price=ZERO))
        return
    result.events.append(
        BasisTransfer(
            id=str(row.execution_id),
            source_id=row.parent_id,
            target_id=row.instrument_id,
            effective_at=row.effective_at,
            sequence=row.sequence,
            ratio=abs(row.signed_quantity),
            per=abs(held),
            cost_fraction=row.cost_fraction or ZERO,
            keeps_source=True,
            execution_id=row.execution_id,
            fx_rate=row.fx_rate,
        )
    )


def _understand_exchange(
    rows: list[ActionRow], cash: Decimal, holdings: _Holdings, result: Understood
) -> None:
    given, taken = _given_and_taken(rows, holdings)
    units = abs(given.signed_quantity)
    if given.instrument_id == taken.instrument_id:
        result.events.append(
            Split(
                id=str(taken.execution_id),
                instrument_id=taken.instrument_id,
                effective_at=taken.effective_at,
                sequence=taken.sequence,
                ratio=abs(taken.signed_quantity),
                per=units,
                cash_in_lieu=cash,
                execution_id=taken.execution_id,
                fx_rate=taken.fx_rate,
            )
        )
        return
    fraction = _travelling_fraction(taken, cash, result)
    held = abs(holdings.before(given))
    result.events.append(
        BasisTransfer(
            id=str(taken.execution_id),
            source_id=given.instrument_id,
            target_id=taken.instrument_id,
            effective_at=taken.effective_at,
            sequence=taken.sequence,
            ratio=abs(taken.signed_quantity),
            per=units,
            cost_fraction=fraction,
            cash=cash,
            execution_id=taken.execution_id,
            fx_rate=given.fx_rate,
            quantity=units if held > units else None,
        )
    )


def _one_for_several(rows: list[ActionRow]) -> tuple[ActionRow, list[ActionRow]] | None:
    """The line that goes, and the lines that come for it, where the source says what each of them is worth."""
    for sign in (-ONE, ONE):
        given = [row for row in rows if row.signed_quantity * sign > ZERO]
        taken = [row for row in rows if row.signed_quantity * sign < ZERO]
        others = {row.instrument_id for row in taken} - {row.instrument_id for row in given}
        if len(given) == 1 and len(others) == len(taken) and any(row.value for row in taken):
            return given[0], sorted(taken, key=lambda row: str(row.execution_id))
    return None


def _divide(given: ActionRow, taken: list[ActionRow], cash: Decimal, result: Understood) -> None:
    """Each line takes its part of the cost by its value. The last one ends the old position, and has the cash: what
    is received pays for a part of the cost too, what is paid adds to it.
    """
    received = abs(cash) if cash * taken[-1].signed_quantity > ZERO else ZERO
    left = sum((abs(row.value or ZERO) for row in taken), received)
    for row in taken:
        worth, is_last = abs(row.value or ZERO), row is taken[-1]
        result.events.append(
            BasisTransfer(
                id=str(row.execution_id),
                source_id=given.instrument_id,
                target_id=row.instrument_id,
                effective_at=row.effective_at,
                sequence=row.sequence,
                ratio=abs(row.signed_quantity),
                per=abs(given.signed_quantity),
                cost_fraction=divide(worth, left) if left and (received or not is_last) else ONE,
                keeps_source=not is_last,
                cash=cash if is_last else ZERO,
                execution_id=row.execution_id,
                fx_rate=given.fx_rate,
            )
        )
        left -= worth


def _given_and_taken(rows: list[ActionRow], holdings: _Holdings) -> tuple[ActionRow, ActionRow]:
    """The row that empties a position comes first; where nothing is known of positions, the one that takes away."""
    one, other = sorted(rows, key=lambda row: row.signed_quantity)
    is_short = holdings.before(other) * other.signed_quantity < ZERO <= holdings.before(one)
    return (other, one) if is_short else (one, other)


def _travelling_fraction(taken: ActionRow, cash: Decimal, result: Understood) -> Decimal:
    """How much of the cost goes with the new units, by their value beside the cash. Paid cash leaves nothing behind."""
    if not cash or cash * taken.signed_quantity < ZERO:
        return ONE
    if not taken.value:
        result.problems.append(_note("boot_allocation_unknown", taken))
        return ONE
    return divide(abs(taken.value), abs(taken.value) + abs(cash))


def _sale(row: ActionRow, cash: Decimal) -> Fill:
    """Units against cash: maturity, a merger or tender for cash, or nothing at all for a delisting.

    New units may be paid for too: the position says whether they open or close.
    """
    price = divide(abs(cash), abs(row.signed_quantity) * row.multiplier)
    buys = cash < ZERO < row.signed_quantity and row.kind not in _ENDINGS
    return _fill(row, price=price, effect=PositionEffect.UNKNOWN if buys else PositionEffect.CLOSE)


def _adjust(row: ActionRow, result: Understood) -> None:
    result.problems.append(_note("corporate_action_unknown", row))
    result.events.append(_fill(row, price=ZERO, price_known=False))


def _fill(
    row: ActionRow,
    *,
    price: Decimal,
    price_known: bool = True,
    effect: PositionEffect = PositionEffect.UNKNOWN,
) -> Fill:
    return Fill(
        id=row.execution_id,
        instrument_id=row.instrument_id,
        executed_at=row.effective_at,
        sequence=row.sequence,
        side=Side.BUY if row.signed_quantity > ZERO else Side.SELL,
        quantity=abs(row.signed_quantity),
        price=price,
        kind=ExecutionKind.CORPORATE_ACTION,
        effect=effect,
        fx_rate=row.fx_rate,
        stated_pnl=row.stated_pnl,
        price_known=price_known,
    )


def _note(code: str, row: ActionRow) -> Problem:
    return problem(code, execution_id=row.execution_id, instrument_id=row.instrument_id)
