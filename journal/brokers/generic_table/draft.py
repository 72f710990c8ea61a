"""A mapping while it is being guessed: which column has which role so far, and what is open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal

from journal.brokers.generic_table.columns import Column, fits, is_known_currency
from journal.brokers.generic_table.headings import header_roles
from journal.brokers.generic_table.mapping import OF_TRADES, SEVERAL, Question, Role, Shape
from journal.brokers.generic_table.sight import Sight
from journal.brokers.generic_table.words import action_of, counts
from journal.brokers.text.numbers import NOTHING

Scores = Mapping[str, Mapping[Role, int]]
_LIKELY = 425
# The score of a column whose name is unknown, but whose content can only be this.
_CONTENT_ONLY = 300
_BY_CONTENT: tuple[tuple[Role, Callable[[Column], bool]], ...] = (
    (Role.DATE, lambda column: column.dates == 1 and not column.are_digits),
    (Role.TIME, lambda column: column.clocks == 1),
    (Role.SIDE, lambda column: column.actions == 1 and len(column.words) <= 6),
    (Role.ISIN, lambda column: fits(Role.ISIN, column)),
)


class Draft:
    """`scores`: how sure the role of a column is, from 0 to 100. `point` is the decimal separator of its numbers."""

    def __init__(self, sight: Sight) -> None:
        self.columns = _columns(sight)
        has_header = bool(sight.header_line)
        found = {
            name: _scored(column, has_header=has_header) for name, column in self.columns.items()
        }
        self.shape = _shape(found)
        strange = {Role.AMOUNT} if self.shape is Shape.TRADES else OF_TRADES
        self.named: Scores = {
            name: {role: score for role, score in roles.items() if role not in strange}
            for name, roles in found.items()
        }
        self.roles: dict[str, Role] = {}
        self.scores: dict[str, int] = {}
        self.questions: list[Question] = []
        self.point = "."
        self._assign()
        self._prefer_codes()
        self._take_what_is_left()

    def _take_what_is_left(self) -> None:
        """Where no column is known to name the contract, and one of those that are left looks as if it did."""
        if self.name_of(Role.SYMBOL):
            return
        left = [
            name
            for name, column in self.columns.items()
            if name not in self.roles
            and column.tickers == 1
            and fits(Role.SYMBOL, column)
            and column.share(is_known_currency) < 1
        ]
        if len(left) == 1:
            self.give(left[0], Role.SYMBOL)

    def _assign(self) -> None:
        """The surest first; a role that only one column can have goes to the first that asks for it."""
        places = {name: -place for place, name in enumerate(self.columns)}
        wanted = [
            (score, places[name], name, role)
            for name, roles in self.named.items()
            for role, score in roles.items()
        ]
        for score, _, name, role in sorted(wanted, key=lambda one: one[:2], reverse=True):
            if name in self.roles or (role in self.roles.values() and role not in SEVERAL):
                continue
            self.roles[name] = role
            self.scores[name] = max(0, min(100, score // 10))

    def _prefer_codes(self) -> None:
        """Where the symbol would be a long name and there is an ISIN, that is the symbol and the name describes it."""
        symbol, isin = self.name_of(Role.SYMBOL), self.name_of(Role.ISIN)
        if isin and symbol and self.columns[symbol].tickers < 0.5:
            self.give(isin, Role.SYMBOL)
            self.give(symbol, Role.DESCRIPTION)
        elif isin and not symbol:
            self.give(isin, Role.SYMBOL)

    def ask(self, about: str, words: str) -> None:
        self.questions.append(Question(about, words))

    def name_of(self, role: Role) -> str:
        return next((name for name, one in self.roles.items() if one is role), "")

    def names_of(self, *roles: Role) -> list[str]:
        return [name for name, one in self.roles.items() if one in roles]

    def column_of(self, role: Role) -> Column | None:
        name = self.name_of(role)
        return self.columns[name] if name else None

    def cells_of(self, *roles: Role) -> list[str]:
        return [cell for name in self.names_of(*roles) for cell in self.columns[name].cells]

    def give(self, name: str, role: Role) -> None:
        """This column has the role, and no other has it."""
        self.take(role)
        self.roles[name] = role
        self.scores.setdefault(name, _CONTENT_ONLY // 10)

    def take(self, role: Role) -> None:
        self.roles = {name: one for name, one in self.roles.items() if one is not role}

    def numbers(self, name: str, among: Iterable[int] | None = None) -> dict[int, Decimal]:
        """By row, of all rows or of these."""
        values = self.columns[name].values(self.point)
        return {row: values[row] for row in (values if among is None else among) if row in values}

    def numbers_of(self, role: Role) -> dict[int, Decimal]:
        name = self.name_of(role)
        return self.numbers(name) if name else {}


def _columns(sight: Sight) -> dict[str, Column]:
    """Judged by the rows that are fills, where columns of sides and states tell which: deposits fill other columns."""
    columns = {name: _column(sight, place, None) for place, name in enumerate(sight.names)}
    sides = {
        name: score
        for name, column in columns.items()
        if (score := _scored(column, has_header=True).get(Role.SIDE))
    }
    if not sides:
        return columns
    best = max(sides, key=sides.__getitem__)
    fills = {row for row, cell in _cells(columns[best]) if action_of(cell)}
    for column in columns.values():
        if _scored(column, has_header=True).get(Role.STATUS):
            fills -= {row for row, cell in _cells(column) if counts(cell) is False}
    whole = {best, *(name for name, column in columns.items() if fits(Role.STATUS, column))}
    return {
        name: columns[name] if name in whole else _column(sight, place, fills)
        for place, name in enumerate(sight.names)
    }


def _cells(column: Column) -> Iterable[tuple[int, str]]:
    return zip(column.rows, column.cells, strict=True)


def _column(sight: Sight, place: int, among: set[int] | None) -> Column:
    rows = [row for row in sight.rows if among is None or row.number in among]
    filled = [
        (row.number, cell) for row in rows if (cell := row.cells[place]).lower() not in NOTHING
    ]
    cells, numbers = [cell for _, cell in filled], [number for number, _ in filled]
    return Column(sight.names[place], cells, numbers, len(rows))


def _scored(column: Column, *, has_header: bool) -> dict[Role, int]:
    """What the name says, as far as the content allows it; for the side, also how many of its words are known."""
    by_name = header_roles(column.name).items() if has_header else ()
    found = {role: score for role, score in by_name if fits(role, column)}
    if Role.SIDE in found:
        found[Role.SIDE] = found[Role.SIDE] // 2 + int(500 * column.actions)
    if not found and column.is_filled:
        found = {role: _CONTENT_ONLY for role, is_it in _BY_CONTENT if is_it(column)}
    if Role.SYMBOL in found:
        found[Role.SYMBOL] -= int(200 * (1 - column.tickers))
    return found


def _shape(named: Scores) -> Shape:
    roles = {role for found in named.values() for role, score in found.items() if score >= _LIKELY}
    is_trade = Role.EXIT_PRICE in roles and bool(roles & {Role.EXIT_DATE, Role.EXIT_TIME})
    return Shape.TRADES if is_trade else Shape.FILLS
