"""What held when a trade was opened: its risk in money, and what was known of the market. Pure.

R is net result over the risk that was fixed at entry (docs/learning.md): by the legs where they limit the loss, else by
a stop that was stated by then. A stop that came later, or a plan that was written down afterwards, is no risk at entry:
whoever sees the end can choose it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

# An order's protection is sent once it is filled, and clocks differ.
AT_ENTRY = timedelta(hours=1)
_USABLE = Decimal(10) ** 15


class Stated(NamedTuple):
    """What was known at the opening, by name: numbers and words. `late` was stated as of a later moment."""

    numbers: Mapping[str, float]
    words: Mapping[str, str]
    late: tuple[str, ...]


def stated_at_entry(features: Mapping[str, Any], opened_at: datetime) -> Stated:
    """`features` map a name to {value, as_of}, numbers as text, as recommendations carry them."""
    numbers: dict[str, float] = {}
    words: dict[str, str] = {}
    late: list[str] = []
    in_time: set[str] = set()
    for name, told in sorted(features.items()):
        value, as_of = (
            (told.get("value"), told.get("as_of")) if isinstance(told, dict) else (told, None)
        )
        if as_of is not None and as_of not in in_time:
            if datetime.fromisoformat(as_of) > opened_at:
                late.append(name)
                continue
            in_time.add(as_of)
        if value is None:
            continue
        if (number := _number(value)) is not None:
            if _is_usable(number):
                numbers[name] = float(number)
        elif isinstance(value, str) and value.strip():
            words[name] = value.strip()[:48]
    return Stated(numbers, words, tuple(late))


def _number(value: object) -> Decimal | None:
    if type(value) is str:
        try:
            return Decimal(value)  # as nearly all are written
        except InvalidOperation:
            pass
    if isinstance(value, bool):
        return Decimal(value)
    if not isinstance(value, str | int | float | Decimal):
        return None
    try:
        return Decimal(str(value).strip().removesuffix("%").strip())
    except InvalidOperation:
        return None


def _is_usable(number: Decimal) -> bool:
    """Beyond this a float is no longer the number."""
    return number.is_finite() and abs(number) < _USABLE


def first_stop(prices: Sequence[tuple[datetime, Decimal]], opened_at: datetime) -> Decimal | None:
    """The earliest of these stops, where it stood by the time of the entry."""
    by_then = [one for one in prices if one[0] <= opened_at + AT_ENTRY]
    return min(by_then)[1] if by_then else None


def loss_at(
    stop: Decimal, entry: Decimal, quantity: Decimal, *, is_long: bool, multiplier: Decimal
) -> Decimal | None:
    """What a stop would lose of so much, in money; None on the side where it would be a gain."""
    distance = entry - stop if is_long else stop - entry
    return distance * quantity * multiplier if distance > 0 and quantity > 0 else None


def outcome(net: Decimal, fees: Decimal, tick_value: Decimal) -> int:
    """1 a win, -1 a loss, 0 what costs or one tick explain: |net| at most the larger of both."""
    if abs(net) <= max(abs(fees), tick_value):
        return 0
    return 1 if net > 0 else -1


def moment_known(closed_at: datetime, came_at: datetime | None, kept_since: datetime) -> datetime:
    """From when on the book could tell of a trade all that it tells now; `came_at` is when the last of its fills and
    corrections came. What ended before the account was kept here is history, as if it had been kept all along."""
    if came_at is None or closed_at < kept_since:
        return closed_at
    return max(closed_at, came_at)
