"""A mapping as JSON has it, from a file, a form or the database: checked, with complaints that a person can act on."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from journal.brokers.generic_table.mapping import (
    SEVERAL,
    WORDS_MAX,
    Action,
    AmountIs,
    FeeSign,
    Role,
    Shape,
    SideFrom,
    TableMapping,
)
from journal.brokers.text.layout import plain
from journal.brokers.text.tables import COLUMNS_MAX
from journal.domain.values import AssetClass

_NAME_LENGTH_MAX = 200
_E = TypeVar("_E", bound=StrEnum)


class BadMapping(ValueError):
    """A mapping that says something that cannot be. The message is for the person who wrote it."""


def from_json(said: object) -> TableMapping:
    """Raises BadMapping."""
    if not isinstance(said, dict):
        raise BadMapping("A mapping is a JSON object with “header” and “columns”.")
    known = set(TableMapping.__dataclass_fields__)
    if strange := sorted(set(map(str, said)) - known):
        raise BadMapping(
            f"The mapping says “{strange[0]}”, which is unknown. Known: {', '.join(sorted(known))}."
        )
    header = _header(said.get("header"))
    columns = _columns(said.get("columns"), header)
    return TableMapping(
        header=header,
        columns=columns,
        has_header=_flag(said, "has_header", default=True) is not False,
        shape=_choice(Shape, said.get("shape") or Shape.FILLS, "shape") or Shape.FILLS,
        side_from=_choice(SideFrom, said.get("side_from"), "side_from"),
        sides=_choices(Action, said.get("sides"), "sides"),
        statuses=_statuses(said.get("statuses")),
        classes=_choices(AssetClass, said.get("classes"), "classes"),
        amount_is=_choice(AmountIs, said.get("amount_is"), "amount_is"),
        fee_sign=_choice(FeeSign, said.get("fee_sign"), "fee_sign"),
        currency=_text(said, "currency", 12),
        symbol=_text(said, "symbol", 64),
        asset_class=_choice(AssetClass, said.get("asset_class"), "asset_class"),
        multiplier=_multiplier(said.get("multiplier"), "multiplier"),
        multipliers=_multipliers(said.get("multipliers")),
        point=_point(said),
        day_first=_flag(said, "day_first", default=None),
        zone=_zone(said),
        sheet=_text(said, "sheet", 64),
        broker=_text(said, "broker", 32),
    )


def _header(said: object) -> tuple[str, ...]:
    if not isinstance(said, list) or not said or len(said) > COLUMNS_MAX:
        raise BadMapping("“header” is the list of the names of all columns, in their order.")
    names = tuple(str(name)[:_NAME_LENGTH_MAX] for name in said)
    if len(set(names)) != len(names):
        raise BadMapping("“header” has the same name twice.")
    return names


def _columns(said: object, header: tuple[str, ...]) -> dict[str, Role]:
    if not isinstance(said, dict):
        raise BadMapping("“columns” says by the name of a column what it holds.")
    columns: dict[str, Role] = {}
    for name, role in said.items():
        if name not in header:
            raise BadMapping(f"“columns” names “{name}”, which is not in “header”.")
        found = _choice(Role, role, f"columns: {name}")
        if found is not None:
            columns[name] = found
    held = [role for role in columns.values() if role not in SEVERAL]
    twice = next((role for role in held if held.count(role) > 1), None)
    if twice is not None:
        raise BadMapping(f"Two columns are said to hold “{twice.value}”: choose one of them.")
    return columns


def _choice(kind: type[_E], said: object, where: str) -> _E | None:
    if said in (None, ""):
        return None
    try:
        return kind(str(said))
    except ValueError:
        known = ", ".join(one.value for one in kind)
        raise BadMapping(f"“{where}” is {str(said)[:40]!r}, but can only be: {known}.") from None


def _choices(kind: type[_E], said: object, where: str) -> dict[str, _E]:
    found = {plain(word): _choice(kind, value, where) for word, value in _words(said, where)}
    return {word: value for word, value in found.items() if value is not None}


def _words(said: object, where: str) -> list[tuple[str, object]]:
    if said is None:
        return []
    if not isinstance(said, dict) or len(said) > WORDS_MAX:
        raise BadMapping(
            f"“{where}” says by each word what it means, for {WORDS_MAX} words at most."
        )
    return [(str(word)[:_NAME_LENGTH_MAX], value) for word, value in said.items()]


def _statuses(said: object) -> dict[str, bool]:
    found = {}
    for word, value in _words(said, "statuses"):
        if not isinstance(value, bool):
            raise BadMapping(f"“statuses” says of “{word}” neither true (counts) nor false.")
        found[plain(word)] = value
    return found


def _multipliers(said: object) -> dict[str, Decimal]:
    found = {root: _multiplier(value, root) for root, value in _words(said, "multipliers")}
    return {root: value for root, value in found.items() if value is not None}


def _multiplier(said: object, where: str) -> Decimal | None:
    if said in (None, ""):
        return None
    try:
        # Not a JSON number with a point: that one is a float already.
        number = Decimal(said) if isinstance(said, str | int) else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number <= 0:
        raise BadMapping(f'“{where}”: write the multiplier as a text such as "100" or "0.1".')
    return number


def _zone(said: Mapping[str, object]) -> str:
    name = _text(said, "zone", 64)
    try:
        return ZoneInfo(name).key if name else ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadMapping(
            f"“{name}” is not a time zone. Use a name like America/New_York."
        ) from None


def _point(said: Mapping[str, object]) -> str:
    point = _text(said, "point", 1)
    if point not in ("", ".", ","):
        raise BadMapping('“point” is the decimal separator: "." or ",".')
    return point


def _flag(said: Mapping[str, object], name: str, *, default: bool | None) -> bool | None:
    value = said.get(name, default)
    if value is None or isinstance(value, bool):
        return value
    raise BadMapping(f"“{name}” is neither true nor false.")


def _text(said: Mapping[str, object], name: str, most: int) -> str:
    value = said.get(name)
    if value is None:
        return ""
    if not isinstance(value, str) or len(value.strip()) > most:
        raise BadMapping(f"“{name}” is a text of at most {most} characters.")
    return value.strip()
