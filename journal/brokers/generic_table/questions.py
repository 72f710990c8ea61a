"""What a table leaves open under a mapping: what its first rows show that can be read in two ways, or not at all."""

from __future__ import annotations

from collections.abc import Iterable

from journal.brokers.generic_table.details import day_first_of, multipliers_of, point_of
from journal.brokers.generic_table.lookups import action_in
from journal.brokers.generic_table.mapping import (
    Action,
    Question,
    Role,
    SideFrom,
    TableMapping,
    lacks,
)
from journal.brokers.generic_table.sight import Sight
from journal.brokers.generic_table.when import read_parts
from journal.brokers.text.faults import BadValue
from journal.domain.values import AssetClass

MOMENTS = (Role.DATE, Role.TIME, Role.EXIT_DATE, Role.EXIT_TIME)
NUMBERS = (
    Role.QUANTITY, Role.PRICE, Role.AMOUNT, Role.FEE, Role.TAX, Role.EXIT_PRICE, Role.EXIT_FEE, Role.PROFIT,
    Role.STRIKE,
)  # fmt: skip

_SOME_DAY = "2026-01-01"


def open_in(sight: Sight, mapping: TableMapping) -> list[Question]:
    """Empty: every row that can be read at all is read in one way. `lacks` comes first."""
    found = lacks(mapping)
    moments = _cells(sight, mapping, MOMENTS)
    if mapping.day_first is None and day_first_of(moments)[1]:
        found.append(
            Question("day_first", "Say whether 03/04/2026 is the 3rd of April or the 4th of March.")
        )
    if not mapping.point and point_of(_cells(sight, mapping, NUMBERS), sight.delimiter)[1]:
        found.append(
            Question(
                "point", "Say whether 1,234 is more than a thousand or a little more than one."
            )
        )
    if not mapping.zone and any(map(_lacks_zone, moments)):
        found.append(Question("zone", "Say in which time zone its times are."))
    return [*found, *_open_words(sight, mapping)]


def _open_words(sight: Sight, mapping: TableMapping) -> list[Question]:
    found = []
    if mapping.side_from is SideFrom.COLUMN and mapping.has(Role.SIDE):
        actions = {action_in(mapping.sides, cell) for cell in _cells(sight, mapping, (Role.SIDE,))}
        if not actions - {None, Action.SKIP}:
            found.append(
                Question("sides", "Say which of its words mean bought and which mean sold.")
            )
    symbols = _cells(sight, mapping, (Role.SYMBOL,)) or [mapping.symbol]
    if mapping.asset_class is AssetClass.FUTURE and not mapping.has(Role.MULTIPLIER):
        known = {*mapping.multipliers, *multipliers_of(AssetClass.FUTURE, symbols)[0]}
        _, unknown = multipliers_of(mapping.asset_class, symbols)
        left = [root for root in unknown if root not in known]
        if left and mapping.multiplier is None:
            found.append(
                Question("multipliers", f"Say what a point of {', '.join(left[:5])} is worth.")
            )
    return found


def _cells(sight: Sight, mapping: TableMapping, roles: Iterable[Role]) -> list[str]:
    names = [name for role in roles for name in mapping.names_of(role) if name in sight.names]
    return [cell for name in names for cell in sight.column(name)]


def _lacks_zone(cell: str) -> bool:
    """Whether it states a time of day and no zone."""
    try:
        when = read_parts(_SOME_DAY, cell, day_first=True)
    except BadValue:
        return False
    return when.at is not None and when.offset is None
