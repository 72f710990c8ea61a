"""What the page of a table's columns asks, and what a person has answered: a form about columns and words that differ
from table to table, so it is read by name instead of being a class of fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from journal.brokers.generic_table.columns import Column, folded_actions
from journal.brokers.generic_table.details import classes_of, multipliers_of, statuses_of
from journal.brokers.generic_table.mapping import (
    Action,
    AmountIs,
    FeeSign,
    Role,
    Shape,
    SideFrom,
    TableMapping,
)
from journal.brokers.generic_table.sight import Sight
from journal.domain.values import AssetClass

Options = Sequence[tuple[str, str]]

ROLES: Sequence[tuple[str, Options]] = (
    ("When", ((Role.DATE, "Date, or date and time"), (Role.TIME, "Time of day"))),
    (
        "What",
        (
            (Role.SYMBOL, "Symbol"), (Role.DESCRIPTION, "Name of the contract"), (Role.ISIN, "ISIN"),
            (Role.ASSET_CLASS, "Kind of contract"), (Role.CURRENCY, "Currency of the price"),
            (Role.MULTIPLIER, "Multiplier"), (Role.UNDERLYING, "Underlying"), (Role.EXPIRY, "Expiry"),
            (Role.STRIKE, "Strike"), (Role.RIGHT, "Call or put"),
        ),
    ),
    (
        "How much",
        (
            (Role.SIDE, "Bought or sold"), (Role.QUANTITY, "Quantity"), (Role.PRICE, "Price"),
            (Role.AMOUNT, "Money of the row"), (Role.FEE, "Fee"), (Role.TAX, "Tax"),
            (Role.FEE_CURRENCY, "Currency of the fee"),
        ),
    ),
    (
        "Which",
        (
            (Role.STATUS, "State (leaves rows out)"), (Role.ORDER_ID, "Order number"),
            (Role.EXECUTION_ID, "Number of the fill"), (Role.ACCOUNT, "Account number"),
        ),
    ),
)  # fmt: skip
EXIT_ROLES: tuple[str, Options] = (
    "Exit",
    (
        (Role.EXIT_DATE, "Date of the exit"), (Role.EXIT_TIME, "Time of the exit"),
        (Role.EXIT_PRICE, "Price of the exit"), (Role.EXIT_FEE, "Fee of the exit"), (Role.PROFIT, "Profit (to check)"),
    ),
)  # fmt: skip
SHAPES: Options = ((Shape.FILLS, "One fill"), (Shape.TRADES, "A whole trade"))
SIDES: Options = (
    (SideFrom.COLUMN, "Words in a column"),
    (SideFrom.QUANTITY, "Sign of the quantity: sold is negative"),
    (SideFrom.AMOUNT, "Sign of the money: bought is negative"),
)
ACTIONS: Options = (
    (Action.BUY, "Bought"), (Action.SELL, "Sold"), (Action.BUY_TO_OPEN, "Bought to open"),
    (Action.SELL_TO_CLOSE, "Sold to close"), (Action.SELL_TO_OPEN, "Sold to open"),
    (Action.BUY_TO_CLOSE, "Bought to close"), (Action.SKIP, "No trade: leave out"),
)  # fmt: skip
LONG_SHORT: Options = (
    (Action.BUY, "Long: bought first"),
    (Action.SELL, "Short: sold first"),
    (Action.SKIP, "No trade: leave out"),
)
FEE_SIGNS: Options = (
    (FeeSign.POSITIVE, "Positive: 1.50"),
    (FeeSign.NEGATIVE, "Negative: −1.50"),
)
AMOUNTS: Options = (
    (AmountIs.NET, "Yes: it is what moved in the account"),
    (AmountIs.GROSS, "No: only quantity times price"),
)
POINTS: Options = ((".", "1,234.56"), (",", "1.234,56"))
DATES: Options = (("day", "3 April: day first"), ("month", "March 4: month first"))
KINDS: Options = (
    (AssetClass.STOCK, "Stocks and funds"), (AssetClass.OPTION, "Options"), (AssetClass.FUTURE, "Futures"),
    (AssetClass.CRYPTO, "Coins"), (AssetClass.FOREX, "Currency pairs"), (AssetClass.CFD, "CFDs"),
    (AssetClass.BOND, "Bonds"), (AssetClass.WARRANT, "Warrants"), (AssetClass.OTHER, "Something else"),
)  # fmt: skip


def said_by(post: Mapping[str, str], sight: Sight) -> dict[str, Any]:
    """The answers as a mapping in JSON (`generic_table.mapping_json`). Words that nobody answered for mean what they
    most probably do."""
    columns = {
        name: post[f"role-{place}"]
        for place, name in enumerate(sight.names)
        if post.get(f"role-{place}")
    }
    first = {role: _column(sight, name) for name, role in reversed(columns.items())}
    side, kind = first.get(Role.SIDE), first.get(Role.ASSET_CLASS)
    states = [_column(sight, name) for name, role in columns.items() if role == Role.STATUS]
    said: dict[str, Any] = {
        name: post.get(name, "").strip()
        for name in ("shape", "side_from", "fee_sign", "amount_is", "currency", "symbol", "asset_class", "multiplier",
                     "point", "zone")
    }  # fmt: skip
    said["currency"] = said["currency"].upper() if said["currency"].islower() else said["currency"]
    return {
        **said,
        "header": list(sight.names),
        "columns": columns,
        "has_header": bool(sight.header_line),
        "sheet": post.get("sheet", ""),
        "day_first": {"day": True, "month": False}.get(post.get("dates", "")),
        "sides": _words(
            post,
            "side",
            side_words(side) if side and said["side_from"] in ("", SideFrom.COLUMN) else {},
        ),
        "statuses": {
            word: value == "yes"
            for word, value in _words(post, "state", state_words(states)).items()
        },
        "classes": _words(post, "class", class_words(kind) if kind else {}),
        "multipliers": _points(post),
    }


def _words(post: Mapping[str, str], kind: str, proposed: Mapping[str, str]) -> dict[str, str]:
    return {word: post.get(f"{kind}:{word}", meaning) for word, meaning in proposed.items()}


def _points(post: Mapping[str, str]) -> dict[str, str]:
    return {
        name.partition(":")[2]: value.strip()
        for name, value in post.items()
        if name.startswith("points:") and value.strip()
    }


def side_words(column: Column) -> dict[str, str]:
    return {word: (action or Action.SKIP).value for word, action in folded_actions(column).items()}


def state_words(columns: Sequence[Column]) -> dict[str, str]:
    return {word: "yes" if counts else "no" for word, counts in statuses_of(columns).items()}


def class_words(column: Column) -> dict[str, str]:
    known = classes_of(column)
    return {word: known.get(word, AssetClass.OTHER).value for word in column.words}


def _column(sight: Sight, name: str) -> Column:
    place = sight.names.index(name)
    filled = [(row.number, row.cells[place]) for row in sight.rows if row.cells[place]]
    return Column(
        name, [cell for _, cell in filled], [number for number, _ in filled], len(sight.rows)
    )


def roots_of(sight: Sight, mapping: TableMapping) -> list[str]:
    """The futures of which somebody has to say, or may say otherwise, what a point is worth."""
    if mapping.asset_class is not AssetClass.FUTURE or mapping.has(Role.MULTIPLIER):
        return []
    symbols = [cell for name in mapping.names_of(Role.SYMBOL) for cell in sight.column(name)]
    known, unknown = multipliers_of(AssetClass.FUTURE, symbols or [mapping.symbol])
    return sorted({*known, *unknown})[:40]
