"""Cells into exact numbers, in the notation of whatever locale wrote them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

from journal.brokers.text.faults import BadNumber
from journal.domain.values import ZERO

NOTHING = frozenset({"", "-", "--", "---", "–", "—", "n/a", "na", "null", "none"})
_DIGITS_MAX = 60
_DECORATION = re.compile(r"[\s\u00a0\u202f\u2009$€£¥₹₿¢%]")
_CURRENCY = re.compile(r"^[A-Z]{3,4}(?=[\d.,+-])|(?<=[\d.,])[A-Z]{3,4}$", re.ASCII)
_MINUS = str.maketrans({"−": "-", "–": "-", "‒": "-", "’": "'"})
_PLAIN = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,2})?", re.ASCII)
_SEPARATORS = re.compile(r"[.,']")


def read_number(text: str, point: str = ".") -> Decimal | None:
    """`point` is the decimal separator, "." or ",". None where the cell says nothing. Raises BadNumber.

    Understood: currency signs and codes, percent signs (the number is not divided), thousands separators, a minus of
    any kind, before or after the number, and brackets for negative amounts.
    """
    cell = text.strip()
    if cell.lower() in NOTHING:
        return None
    if len(cell) > _DIGITS_MAX:
        raise BadNumber(text)
    bare, is_negative = _undressed(cell)
    group = "," if point == "." else "."
    plain = bare.replace("'", "").replace(group, "").replace(point, ".")
    if not _PLAIN.fullmatch(plain) or not _is_grouped(bare, group, point):
        raise BadNumber(text)
    number = Decimal(plain)
    # copy_negate, not minus: minus rounds to the context's precision.
    return (number.copy_negate() if is_negative else number) or ZERO


def _undressed(cell: str) -> tuple[str, bool]:
    """Without decoration, and whether brackets or a sign behind the number make it negative."""
    bare = _DECORATION.sub("", cell.translate(_MINUS))
    is_negative = bare.startswith("(") and bare.endswith(")")
    if is_negative:
        bare = bare[1:-1]
    bare = _CURRENCY.sub("", bare)
    if bare.endswith("-"):
        is_negative, bare = True, bare[:-1]
    return bare, is_negative


def _is_grouped(bare: str, group: str, point: str) -> bool:
    """Thousands separators must stand where thousands are: "1,5" is no fifteen."""
    whole = bare.lstrip("+-").split(point)[0]
    parts = re.split(rf"[{re.escape(group)}']", whole)
    if bare.count(point) > 1 or (group in bare.split(point, 1)[-1] and point in bare):
        return False
    return len(parts) == 1 or (
        1 <= len(parts[0]) <= 3
        and all(len(one) in (2, 3) for one in parts[1:])
        and len(parts[-1]) == 3
    )


def decimal_point(cells: Iterable[str]) -> str | None:
    """The decimal separator that the numbers among these cells agree on; None where they do not tell.

    Whole numbers of three digits after a single separator tell nothing: "1,234" is either.
    """
    votes = {".": 0, ",": 0}
    for cell in cells:
        bare = _undressed(cell.strip())[0].lstrip("+-")
        if not bare or not set(bare) <= set("0123456789.,'"):
            continue
        found = _SEPARATORS.findall(bare)
        if not found or found[-1] == "'":
            continue
        last, places = found[-1], len(bare) - bare.rfind(found[-1]) - 1
        if found.count(last) > 1:
            votes["," if last == "." else "."] += 1
        elif len(found) > 1 or places != 3 or bare.startswith(("0", last)):
            votes[last] += 1
    if votes["."] == votes[","]:
        return None
    return max(votes, key=lambda point: votes[point])
