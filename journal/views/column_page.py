"""What the page of a table's columns shows: each column with its first cells and its role, the choices beside, and what
the first rows become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

from journal.brokers.generic_table.details import multipliers_of
from journal.brokers.generic_table.mapping import (
    Question,
    Role,
    Shape,
    SideFrom,
    TableMapping,
)
from journal.brokers.generic_table.sight import Sight
from journal.domain.values import AssetClass
from journal.views import column_form as form

_SAMPLES = 3
_ROWS = 6
_SURE, _LIKELY = 85, 50
Choice = dict[str, Any]


def columns_of(
    sight: Sight, mapping: TableMapping, scores: Mapping[str, int]
) -> list[dict[str, Any]]:
    """`doubt` names proposals that deserve a second look."""
    groups = [*form.ROLES, *((form.EXIT_ROLES,) if mapping.shape is Shape.TRADES else ())]
    return [
        {
            "place": place,
            "name": name,
            "samples": list(dict.fromkeys(sight.column(name)))[:_SAMPLES],
            "role": mapping.columns.get(name, ""),
            "groups": groups,
            "doubt": _doubt(scores.get(name)),
        }
        for place, name in enumerate(sight.names)
    ]


def _doubt(score: int | None) -> str:
    if score is None or score >= _SURE:
        return ""
    return "likely" if score >= _LIKELY else "a guess"


def choices_of(
    sight: Sight, mapping: TableMapping, sheets: Sequence[str], asked: Sequence[Question]
) -> list[Choice]:
    """The fields beside the columns: only those that this table needs."""
    open_ = {question.about for question in asked}
    wanted = [*_of_rows(mapping, sheets), *_of_contracts(mapping), *_of_notation(mapping, open_)]
    return [
        {**choice, "is_open": _ABOUT.get(choice["name"], choice["name"]) in open_}
        for is_shown, choice in wanted
        if is_shown
    ]


def _of_rows(mapping: TableMapping, sheets: Sequence[str]) -> list[tuple[bool, Choice]]:
    has, sheet = mapping.has, mapping.sheet or _first(sheets)
    costs = has(Role.FEE) or has(Role.TAX)
    has_money = has(Role.AMOUNT) and costs and mapping.shape is Shape.FILLS
    headers = "yes" if mapping.has_header else "no"
    return [
        (len(sheets) > 1, _select("sheet", "Sheet", [(one, one) for one in sheets], sheet)),
        (True, _select("has_header", "The names of the columns", _HEADERS, headers)),
        (True, _select("shape", "A row is", form.SHAPES, mapping.shape)),
        (True, _asked("side_from", "Bought or sold is told by", form.SIDES, mapping.side_from)),
        (
            costs or has(Role.EXIT_FEE),
            _asked("fee_sign", "A cost is written", form.FEE_SIGNS, mapping.fee_sign),
        ),
        (
            has_money,
            _asked("amount_is", "The money has the fees in it", form.AMOUNTS, mapping.amount_is),
        ),
    ]


def _of_contracts(mapping: TableMapping) -> list[tuple[bool, Choice]]:
    has, kind = mapping.has, mapping.asset_class or AssetClass.STOCK
    units = _text("multiplier", "Units per contract", _number(mapping.multiplier), "100")
    return [
        (not has(Role.SYMBOL), _text("symbol", "Symbol of all rows", mapping.symbol)),
        (
            not has(Role.CURRENCY),
            _text("currency", "Currency of the prices", mapping.currency, "USD"),
        ),
        (True, _select("asset_class", "Contracts are", form.KINDS, kind)),
        (not has(Role.MULTIPLIER) and kind in _WITH_UNITS, units),
    ]


def _of_notation(mapping: TableMapping, open_: Set[str]) -> list[tuple[bool, Choice]]:
    zone = _text("zone", "Zone of its times", mapping.zone, "America/New_York")
    order = _asked("dates", "03/04/2026 is", form.DATES, _order(mapping.day_first))
    return [
        (True, _asked("point", "Numbers are written", form.POINTS, mapping.point, "As it tells")),
        ("day_first" in open_ or mapping.day_first is not None, order),
        (True, {**zone, "list": "zones"}),
    ]


def _first(names: Sequence[str]) -> str:
    return names[0] if names else ""


_HEADERS: form.Options = (
    ("yes", "Stand above the rows"),
    ("no", "Are missing: the first line is a row"),
)
_ABOUT = {"dates": "day_first"}
_WITH_UNITS = (AssetClass.OPTION, AssetClass.CFD, AssetClass.OTHER)


def _select(name: str, label: str, options: form.Options, value: object) -> Choice:
    return {"name": name, "label": label, "options": options, "value": str(value or "")}


def _asked(
    name: str, label: str, options: form.Options, value: object, empty: str = "Choose"
) -> Choice:
    return {**_select(name, label, options, value), "empty": empty}


def _text(name: str, label: str, value: object, placeholder: str = "") -> Choice:
    return {"name": name, "label": label, "value": str(value or ""), "placeholder": placeholder}


def _number(value: object) -> str:
    return "" if value is None else f"{value:f}"


def _order(day_first: bool | None) -> str:
    return "" if day_first is None else ("day" if day_first else "month")


def words_of(
    sight: Sight, mapping: TableMapping, asked: Sequence[Question]
) -> list[dict[str, Any]]:
    """Words whose meaning a person decides: of sides, states, kinds of contracts; and what futures are worth."""
    open_ = {question.about for question in asked}
    actions = form.LONG_SHORT if mapping.shape is Shape.TRADES else form.ACTIONS
    shown = []
    if mapping.side_from is SideFrom.COLUMN and mapping.sides:
        words = [_word("side", word, action.value) for word, action in mapping.sides.items()]
        shown.append(_group("Words of the side", actions, words, is_open="sides" in open_))
    if mapping.statuses:
        words = [
            _word("state", word, "yes" if is_counted else "no")
            for word, is_counted in mapping.statuses.items()
        ]
        shown.append(_group("States", (("yes", "Counts"), ("no", "Leave out")), words))
    if mapping.classes:
        words = [_word("class", word, kind.value) for word, kind in mapping.classes.items()]
        shown.append(_group("Kinds of contracts", form.KINDS, words))
    roots = form.roots_of(sight, mapping)
    if roots:
        known, _ = multipliers_of(AssetClass.FUTURE, [f"{root}Z30" for root in roots])
        points = [
            _word("points", root, _number(mapping.multipliers.get(root, known.get(root))))
            for root in roots
        ]
        shown.append(_group("A point is worth", None, points, is_open="multipliers" in open_))
    return shown


def _word(kind: str, word: str, value: str) -> dict[str, str]:
    return {"name": f"{kind}:{word}", "word": word, "value": value}


def _group(
    title: str,
    options: form.Options | None,
    words: Sequence[dict[str, str]],
    *,
    is_open: bool = False,
) -> dict[str, Any]:
    return {"title": title, "options": options, "words": words, "is_open": is_open}


def first_rows(sight: Sight) -> list[tuple[int, list[str]]]:
    return [(row.number, row.cells) for row in sight.rows[:_ROWS]]
