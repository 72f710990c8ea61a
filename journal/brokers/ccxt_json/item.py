"""One structure of the file: texts, numbers and moments out of it, and the exchange's own row inside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson

from journal.brokers.text.faults import BadDate, Missing
from journal.brokers.text.moments import read_when
from journal.brokers.text.numbers import read_number
from journal.domain.values import ZERO

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UTC = ZoneInfo("UTC")
# Later than the year 2001 and before 2286, as milliseconds.
_DIGITS_OF_MS = 13


class Item:
    """`row` counts the structures of the file from 1."""

    __slots__ = ("found", "info", "row", "section")

    def __init__(self, row: int, section: str, found: Mapping[str, Any]) -> None:
        self.row = row
        self.section = section
        self.found = found
        info = found.get("info")
        self.info: Mapping[str, Any] = info if isinstance(info, Mapping) else {}

    @property
    def raw(self) -> dict[str, str]:
        """As it was written, without what is empty; what is no plain value as JSON."""
        return written(self.found)

    def text(self, *names: str) -> str:
        return _text(self.found, names)

    def told(self, *names: str) -> str:
        """What the exchange's own row says, "" where the file does not hold it."""
        return _text(self.info, names)

    def number(self, *names: str) -> Decimal | None:
        return read_number(self.text(*names))

    def told_number(self, *names: str) -> Decimal | None:
        return read_number(self.told(*names))

    def needed(self, code: str, lack: str, *names: str) -> Decimal:
        """A number that is not 0. Raises Missing."""
        found = self.number(*names)
        if not found:
            raise Missing(code, lack)
        return found

    def at(self) -> datetime:
        """Raises Missing, BadDate."""
        stated = self.text("timestamp")
        if stated:
            return read_ms(stated)
        stated = self.text("datetime")
        if not stated:
            raise Missing("no_date", "it states no time")
        return read_when(stated).instant(_UTC)

    def parts(self, name: str) -> list[Mapping[str, Any]]:
        """A list of structures inside, or the one that stands there alone."""
        found = self.found.get(name)
        if isinstance(found, Mapping):
            return [found]
        return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []


def read_ms(text: str) -> datetime:
    """Milliseconds since 1970, UTC. Raises BadDate."""
    whole, _, rest = text.partition(".")
    if not whole.isdecimal() or len(whole) != _DIGITS_OF_MS or rest.strip("0"):
        raise BadDate(text)
    return _EPOCH + timedelta(milliseconds=int(whole))


def number_in(found: Mapping[str, Any], *names: str) -> Decimal:
    """0 where it says nothing. Raises BadNumber."""
    return read_number(_text(found, names)) or ZERO


def text_in(found: Mapping[str, Any], *names: str) -> str:
    return _text(found, names)


def written(found: Mapping[str, Any]) -> dict[str, str]:
    row = {}
    for name, value in found.items():
        if isinstance(value, str):
            text = value
        elif value is None or value in ([], {}):
            continue
        else:
            text = orjson.dumps(value).decode()
        if text:
            row[name] = text
    return row


def _text(found: Mapping[str, Any], names: Iterable[str]) -> str:
    """The first of the values that says something."""
    for name in names:
        value = found.get(name)
        if isinstance(value, str):
            if text := value.strip():
                return text
        elif isinstance(value, bool):
            return "true" if value else "false"
        elif isinstance(value, int):
            return str(value)
    return ""
