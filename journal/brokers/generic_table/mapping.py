"""What the columns of a table are: what a person decides once, as a value that is kept with the import.

`mapping_json.from_json` takes what a file or a form says, `as_json` gives the same back. A mapping never leaves open
what changes the money: `lacks` names what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple

from journal.brokers.text.layout import plain
from journal.domain.identity import digest
from journal.domain.values import AssetClass

WORDS_MAX = 200


class Role(StrEnum):
    """What a column holds. Of a whole trade, date, time, price and fee are those of its entry."""

    DATE = "date"
    TIME = "time"
    SYMBOL = "symbol"
    SIDE = "side"
    QUANTITY = "quantity"
    PRICE = "price"
    AMOUNT = "amount"
    FEE = "fee"
    TAX = "tax"
    CURRENCY = "currency"
    FEE_CURRENCY = "fee_currency"
    MULTIPLIER = "multiplier"
    ASSET_CLASS = "asset_class"
    UNDERLYING = "underlying"
    EXPIRY = "expiry"
    STRIKE = "strike"
    RIGHT = "right"
    ISIN = "isin"
    DESCRIPTION = "description"
    STATUS = "status"
    ORDER_ID = "order_id"
    EXECUTION_ID = "execution_id"
    ACCOUNT = "account"
    EXIT_DATE = "exit_date"
    EXIT_TIME = "exit_time"
    EXIT_PRICE = "exit_price"
    EXIT_FEE = "exit_fee"
    PROFIT = "profit"


# Roles that several columns may have: they are added up, or each may leave a row out.
SEVERAL = frozenset({Role.FEE, Role.TAX, Role.EXIT_FEE, Role.STATUS})
OF_TRADES = frozenset({Role.EXIT_DATE, Role.EXIT_TIME, Role.EXIT_PRICE, Role.EXIT_FEE, Role.PROFIT})


class Shape(StrEnum):
    """What a row is: one fill, or a whole trade with entry and exit."""

    FILLS = "fills"
    TRADES = "trades"


class Action(StrEnum):
    """What a word of the column with the side means. Of a whole trade: bought first (long) or sold first."""

    BUY = "buy"
    SELL = "sell"
    BUY_TO_OPEN = "buy_to_open"
    BUY_TO_CLOSE = "buy_to_close"
    SELL_TO_OPEN = "sell_to_open"
    SELL_TO_CLOSE = "sell_to_close"
    SKIP = "skip"


class SideFrom(StrEnum):
    """Where the side stands: in a column, in the sign of the quantity (sold is negative), or in that of the money
    (bought is negative)."""

    COLUMN = "column"
    QUANTITY = "quantity"
    AMOUNT = "amount"


class FeeSign(StrEnum):
    """How a fee that costs is written."""

    POSITIVE = "positive"
    NEGATIVE = "negative"


class AmountIs(StrEnum):
    """Whether the money of a row is that of the units alone, or what moved in the account, fees included."""

    GROSS = "gross"
    NET = "net"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableMapping:
    """`header` are the names of all columns of the table that it was made for, "#1", "#2" … where it has none.

    `columns`: name → role. `sides`, `classes`: words of these columns, in lower case → what they mean. `statuses`:
    words of columns that leave rows out → whether rows with them count. `multipliers`: root of a future → money per
    point. `currency`, `symbol`, `asset_class`, `multiplier` hold for rows of which no column says it. `point` is the
    decimal separator ("" the file tells), `day_first` the order of its dates (None: they tell), `zone` that of its
    times, `sheet` that of a workbook ("" the first), `broker` whose a new account is.
    """

    header: tuple[str, ...]
    columns: Mapping[str, Role]
    has_header: bool = True
    shape: Shape = Shape.FILLS
    side_from: SideFrom | None = None
    sides: Mapping[str, Action] = field(default_factory=dict)
    statuses: Mapping[str, bool] = field(default_factory=dict)
    classes: Mapping[str, AssetClass] = field(default_factory=dict)
    amount_is: AmountIs | None = None
    fee_sign: FeeSign | None = None
    currency: str = ""
    symbol: str = ""
    asset_class: AssetClass | None = None
    multiplier: Decimal | None = None
    multipliers: Mapping[str, Decimal] = field(default_factory=dict)
    point: str = ""
    day_first: bool | None = None
    zone: str = ""
    sheet: str = ""
    broker: str = ""

    def has(self, role: Role) -> bool:
        return role in self.columns.values()

    def names_of(self, role: Role) -> list[str]:
        """In the order of the table."""
        return [name for name in self.header if self.columns.get(name) is role]

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.header, self.sheet)

    def as_json(self) -> dict[str, Any]:
        """Without what is not said."""
        said = {
            "header": list(self.header),
            "columns": {name: role.value for name, role in self.columns.items()},
            "has_header": self.has_header,
            "shape": self.shape.value,
            "side_from": self.side_from and self.side_from.value,
            "sides": {word: action.value for word, action in self.sides.items()},
            "statuses": dict(self.statuses),
            "classes": {word: kind.value for word, kind in self.classes.items()},
            "amount_is": self.amount_is and self.amount_is.value,
            "fee_sign": self.fee_sign and self.fee_sign.value,
            "currency": self.currency,
            "symbol": self.symbol,
            "asset_class": self.asset_class and self.asset_class.value,
            "multiplier": None if self.multiplier is None else f"{self.multiplier:f}",
            "multipliers": {root: f"{value:f}" for root, value in self.multipliers.items()},
            "point": self.point,
            "day_first": self.day_first,
            "zone": self.zone,
            "sheet": self.sheet,
            "broker": self.broker,
        }
        return {name: value for name, value in said.items() if value not in (None, "", {})}


def fingerprint(header: tuple[str, ...], sheet: str = "") -> str:
    """The same for tables of the same columns, however their names are cased and spaced."""
    return digest(sheet, *map(plain, header))


class Question(NamedTuple):
    """What waits for an answer. `about` is the role or the field of the mapping that it would be in."""

    about: str
    words: str


def lacks(mapping: TableMapping) -> list[Question]:
    """What no row could be booked without. Empty: the mapping is complete."""
    has, is_trades = mapping.has, mapping.shape is Shape.TRADES
    entry = " of the entry" if is_trades else ""
    price = "" if is_trades else ", or that with the money, from which the price follows"
    wanted = [
        (has(Role.DATE), Role.DATE, f"Choose the column with the date{entry}."),
        (
            has(Role.SYMBOL) or mapping.symbol,
            Role.SYMBOL,
            "Choose the column with the symbol, or type the symbol of all rows.",
        ),
        (has(Role.QUANTITY), Role.QUANTITY, "Choose the column with the quantity."),
        (mapping.side_from, "side_from", "Say where it stands whether a row was bought or sold."),
        (
            has(Role.PRICE) or (has(Role.AMOUNT) and not is_trades),
            Role.PRICE,
            f"Choose the column with the price{entry}{price}.",
        ),
        (
            has(Role.CURRENCY) or mapping.currency,
            Role.CURRENCY,
            "Choose the column with the currency, or type that of all prices.",
        ),
        *_follow(mapping, is_trades=is_trades),
    ]
    return [Question(str(about), words) for is_there, about, words in wanted if not is_there]


def _follow(mapping: TableMapping, *, is_trades: bool) -> list[tuple[object, str, str]]:
    """What follows from what was chosen."""
    has, side_from = mapping.has, mapping.side_from
    has_costs = has(Role.FEE) or has(Role.TAX)
    needs_meaning = has(Role.AMOUNT) and has_costs and not is_trades
    has_exit = has(Role.EXIT_PRICE) and (has(Role.EXIT_DATE) or has(Role.EXIT_TIME))
    return [
        (
            side_from is not SideFrom.COLUMN or has(Role.SIDE),
            Role.SIDE,
            "Choose the column that says whether a row was bought or sold.",
        ),
        (
            side_from is not SideFrom.AMOUNT or has(Role.AMOUNT),
            Role.AMOUNT,
            "Choose the column with the money, whose sign tells the side.",
        ),
        (
            mapping.fee_sign or not (has_costs or has(Role.EXIT_FEE)),
            "fee_sign",
            "Say how a fee that costs is written: as a positive or as a negative number.",
        ),
        (
            mapping.amount_is or not needs_meaning,
            "amount_is",
            "Say whether the money of a row has its fees in it.",
        ),
        (
            has_exit or not is_trades,
            Role.EXIT_PRICE,
            "Choose the columns with the price and the date of the exit.",
        ),
    ]
