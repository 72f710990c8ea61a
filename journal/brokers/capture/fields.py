"""The fields of a captured record: JSON values into the domain's, complaints collected by field.

Numbers come as text or as JSON numbers, and are exact either way. Times are ISO 8601 with their offset; a time without
one could mean any zone and is refused. What a record does not need may be left out or be null.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from enum import StrEnum
from typing import Any, TypeVar

_Choice = TypeVar("_Choice", bound=StrEnum)

# More digits than any market quotes: a longer number is a mistake, and the product of three would no longer be exact
# (journal.domain.exact).
_DIGITS_MAX = 40
_BEFORE_POINT_MAX, _BEHIND_POINT_MAX = 21, 28
_EPOCH_YEARS = (1970, 2200)
# Clocks differ; a report from the future by more is a mistake.
AHEAD_MAX = timedelta(hours=24)


class BadRecord(Exception):
    """`fields`: by field what is wrong with it, in words; "" is the record as a whole."""

    def __init__(self, fields: Mapping[str, str], code: str = "invalid") -> None:
        super().__init__("; ".join(f"{name}: {words}" for name, words in fields.items()))
        self.fields = dict(fields)
        self.code = code


class Fields:
    """Reads the values of one record. Nothing is raised before `check`."""

    def __init__(self, record: Mapping[str, Any]) -> None:
        self.record = record
        self.faults: dict[str, str] = {}

    def check(self) -> None:
        """Raises BadRecord where anything was wrong."""
        if self.faults:
            raise BadRecord(self.faults)

    def text(self, name: str, limit: int = 64) -> str:
        value = self.record.get(name)
        if value is None:
            return ""
        if isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            self.faults[name] = "must be text."
            return ""
        value = value.strip()
        if len(value) > limit or not value.isprintable():
            self.faults[name] = f"must be printable text of at most {limit} characters."
            return ""
        return value

    def needed_text(self, name: str, limit: int = 64) -> str:
        value = self.text(name, limit)
        if not value and name not in self.faults:
            self.faults[name] = "is missing."
        return value

    def number(self, name: str) -> Decimal | None:
        value = self.record.get(name)
        if value is None or value == "":
            return None
        if type(value) is str or type(value) is Decimal or type(value) is int:
            try:
                number = Decimal(value)
            except InvalidOperation:
                number = None
            if number is not None and number.is_finite():
                if _is_sane(number):
                    return number
                self.faults[name] = (
                    f"{_shown(value)} is beyond all that is traded: a number has at most {_BEFORE_POINT_MAX} digits "
                    f"before the point and {_BEHIND_POINT_MAX} behind it, {_DIGITS_MAX} in all."
                )
                return None
        self.faults[name] = (
            f'{_shown(value)} is not a number. Write numbers as text, such as "12.345".'
        )
        return None

    def positive(self, name: str, *, needed: bool = False, zero: bool = False) -> Decimal | None:
        """A number above nothing; `zero` allows it to be nothing."""
        number = self.number(name)
        if number is None:
            if needed and name not in self.faults:
                self.faults[name] = "is missing."
        elif number < 0 or (not zero and not number):
            self.faults[name] = f"must be {'zero or ' if zero else ''}more than zero."
            return None
        return number

    def moment(
        self, name: str, *, needed: bool = False, now: datetime | None = None
    ) -> datetime | None:
        value = self.record.get(name)
        if value is None or value == "":
            if needed:
                self.faults[name] = "is missing."
            return None
        moment = _moment(value)
        if moment is None:
            self.faults[name] = (
                f"{_shown(value)} is not a time with its offset. Write 2027-03-01T14:30:05.250Z or "
                "2027-03-01T09:30:05-05:00."
            )
        elif not _EPOCH_YEARS[0] <= moment.year < _EPOCH_YEARS[1]:
            self.faults[name] = f"{_shown(value)} is no time at which anybody traded here."
        elif now is not None and moment > now + AHEAD_MAX:
            self.faults[name] = f"{_shown(value)} has not come yet. Check the clock and the offset."
        return moment

    def day(self, name: str) -> date | None:
        value = self.record.get(name)
        if value is None or value == "":
            return None
        try:
            return date.fromisoformat(value)
        except (TypeError, ValueError):
            self.faults[name] = f"{_shown(value)} is not a day. Write 2027-03-19."
            return None

    def flag(self, name: str) -> bool:
        value = self.record.get(name)
        if value is None or value is False or value is True:
            return bool(value)
        self.faults[name] = "must be true or false."
        return False

    def choice(
        self, name: str, words: Mapping[str, _Choice], *, needed: bool = False
    ) -> _Choice | None:
        """`words` are those that are understood, in lower case."""
        value = self.record.get(name)
        if value is None or value == "":
            if needed:
                self.faults[name] = "is missing."
            return None
        found = words.get(value.strip().lower().replace(" ", "_")) if type(value) is str else None
        if found is None:
            known = ", ".join(sorted({str(one.value) for one in words.values()}))
            self.faults[name] = f"{_shown(value)} is none of: {known}."
        return found


def strangers(record: Mapping[str, Any], known: Set[str]) -> list[str]:
    """A sentence for each field that is not known: it is kept, and nobody reads it."""
    words = []
    for name in record.keys() - known:
        close = get_close_matches(str(name), known, 1)
        hint = f" Did you mean {close[0]}?" if close else ""
        words.append(f"{str(name)[:64]} is not a field of this record: kept, but not used.{hint}")
    return sorted(words)


def choices_of(*kinds: type[_Choice], **aliases: _Choice) -> dict[str, _Choice]:
    """The words of an enumeration by themselves, and others for them."""
    return {**{one.value: one for kind in kinds for one in kind}, **aliases}


def _is_sane(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    return (
        isinstance(exponent, int)
        and len(digits) <= _DIGITS_MAX
        and len(digits) + exponent <= _BEFORE_POINT_MAX
        and -exponent <= _BEHIND_POINT_MAX
    )


def _moment(value: object) -> datetime | None:
    if type(value) is not str:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        return None
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        return None


def _shown(value: object) -> str:
    # Half of a surrogate pair could not be sent back.
    text = str(value)[:41].encode(errors="replace").decode()
    return f"“{text[:40]}{'…' if len(text) > 40 else ''}”"
