"""Dates in a workbook are numbers that are shown as dates: days since an epoch, with a format that says so."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation

# Formats that every workbook has without naming them: days, times, and both; also those of East Asian programs.
_BUILT_IN = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NO_CODE = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', re.IGNORECASE)
_CODE = re.compile(r"[ymdhs]", re.IGNORECASE)
# A cell has no zone; these only count days.
_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_EPOCH_1904 = datetime(1904, 1, 1, tzinfo=UTC)
# The 31st of December 9999 is the last day that a spreadsheet knows.
_LAST_DAY = 2_958_466
_DAY_MS = 86_400_000


def is_date_format(number: int, code: str | None) -> bool:
    """`code` as the workbook writes it, None where it only gives the number of a format."""
    if code is None:
        return number in _BUILT_IN
    # The first section is for positive numbers; "General" has an e but no letter of a date.
    bare = _NO_CODE.sub("", code.split(";")[0])
    return bool(_CODE.search(bare)) and bare.strip().lower() != "general"


def date_styles(formats: Iterable[tuple[int, str]], cells: Sequence[int]) -> frozenset[int]:
    """Which styles of cells are dates. `formats`: number and code; `cells`: the number of the format of each style."""
    codes = dict(formats)
    return frozenset(
        place for place, number in enumerate(cells) if is_date_format(number, codes.get(number))
    )


def written_date(text: str, *, is_1904: bool = False) -> str | None:
    """The day, the time or both, as 2026-03-04 15:30:00, to the millisecond. None for what is no date."""
    try:
        serial = Decimal(text)
    except InvalidOperation:
        return None
    if not serial.is_finite() or not 0 <= serial < _LAST_DAY:
        return None
    milliseconds = int((serial * _DAY_MS).to_integral_value())
    at = (_EPOCH_1904 if is_1904 else _EPOCH) + timedelta(milliseconds=milliseconds)
    time = f"{at:%H:%M:%S}" + (f".{at.microsecond // 1000:03}" if at.microsecond else "")
    if serial < 1:
        return time
    return f"{at:%Y-%m-%d}" if milliseconds % _DAY_MS == 0 else f"{at:%Y-%m-%d} {time}"
