"""Numbers as sentences show them: a sign where a direction matters, a unit, and no more digits than are known."""

from __future__ import annotations

from learning.domain.figures import Interval

MINUS = "\N{MINUS SIGN}"
NARROW = "\N{NARROW NO-BREAK SPACE}"


def signed(number: float, digits: int = 2) -> str:
    """+0.11, −0.31, and 0.00 without a sign where nothing is left after rounding."""
    text = f"{abs(number):.{digits}f}"
    if not float(text):
        return text
    return f"{MINUS if number < 0 else '+'}{text}"


def in_r(number: float) -> str:
    return f"{signed(number)}{NARROW}R"


def percent(share: float) -> str:
    """Of a fraction. Nothing is certain: what is not 0 or 1 is not told as 0 % or 100 %."""
    rounded = round(share * 100)
    if share < 0:
        return f"{MINUS if rounded else ''}{abs(rounded)}{NARROW}%"
    if rounded in (0, 100) and share not in (0.0, 1.0):
        return f"{'<' if rounded == 0 else '>'}{NARROW}{1 if rounded == 0 else 99}{NARROW}%"
    return f"{rounded}{NARROW}%"


def interval_in_r(ci: Interval) -> str:
    return f"{signed(ci.low)} … {signed(ci.high)}"


def counted(number: int, one: str, many: str = "") -> str:
    """1 trade, 3 trades."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
