"""Amounts against the balance that stands beside each: a minus that was lost on the way shows there.

Nothing else is concluded: rows may be missing between two others (an export that was filtered), so only an amount whose
other sign makes the balance, to the digit, is contradicted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from itertools import chain, repeat
from typing import NamedTuple

from journal.brokers.text.faults import BadValue, Missing
from journal.brokers.text.row import Row
from journal.domain.values import ZERO


class Moved(NamedTuple):
    """`purse` is what the balance is of: a currency, a wallet. An amount of None is not to be judged. `costs` are taken
    beside it, and have no sign that could be lost."""

    purse: str
    amount: Decimal | None
    balance: Decimal
    costs: Decimal = ZERO


Read = Callable[[Row], Moved | None]
_Group = list[tuple[Row, Moved | None]]
_ROWS_HELD = 2_000


def check_balances(
    groups: Iterable[list[Row]], read: Read, *, newest_first: bool
) -> Iterator[list[Row]]:
    """The same groups of rows, whose contradicted rows are marked (`Row.is_contradicted`)."""
    moves = ([(row, _read(row, read)) for row in rows] for rows in groups)
    if newest_first:
        yield from _from_the_newest(moves)
        return
    before: dict[str, Decimal] = {}
    for group in moves:
        _mark(group, before)
        yield [row for row, _ in group]


def _from_the_newest(groups: Iterable[_Group]) -> Iterator[list[Row]]:
    """What was before a row in time comes after it in the file: so many rows are held until it has come."""
    held: deque[_Group] = deque()
    count = 0
    for group in chain(groups, repeat([], 1)):
        held.append(group)
        count += len(group)
        while held and (count > _ROWS_HELD or not group):
            first = held.popleft()
            count -= len(first)
            _mark(first[::-1], _balances_before(first, held))
            if first:
                yield [row for row, _ in first]


def _balances_before(group: _Group, older: Iterable[_Group]) -> dict[str, Decimal]:
    wanted = {moved.purse for _, moved in group if moved is not None}
    found: dict[str, Decimal] = {}
    for _, moved in chain.from_iterable(older):
        if len(found) == len(wanted):
            break
        if moved is not None and moved.purse in wanted:
            found.setdefault(moved.purse, moved.balance)
    return found


def _mark(group: _Group, before: dict[str, Decimal]) -> None:
    """`group` in the order of time."""
    for row, moved in group:
        if moved is None:
            continue
        start, before[moved.purse] = before.get(moved.purse), moved.balance
        if start is not None and moved.amount:
            left = moved.balance - start + moved.costs
            row.is_contradicted = moved.amount != left and moved.amount == -left


def _read(row: Row, read: Read) -> Moved | None:
    try:
        return read(row)
    except (BadValue, Missing):
        return None
