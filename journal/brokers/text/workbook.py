"""The sheets of an XLSX workbook as numbered lines of cells, in exact numbers and with nothing trusted.

Read by expat and not by a spreadsheet library: those lay a sheet out as a full rectangle, so that a small file with one
cell in the last corner takes all memory there is. Here a row is as long as what stands in it. Entities are refused,
what is unpacked is counted while it is unpacked, and nothing but texts, numbers and dates is looked at.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, InvalidOperation
from typing import BinaryIO, NamedTuple
from xml.parsers import expat

from journal.brokers.text.tables import COLUMNS_MAX, Line
from journal.brokers.text.workbook_dates import written_date
from journal.brokers.text.workbook_parts import (
    Parts,
    is_1904,
    local_name,
    no_workbook,
    shared_texts,
    sheets_of,
    styles_of_dates,
    xml_parser,
)

WORKBOOK_BYTES_MAX = 64 * 1024**2
UNPACKED_BYTES_MAX = 256 * 1024**2
_CHUNK_BYTES = 64 * 1024
_TEXT_LENGTH_MAX = 64 * 1024
_CELL = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_BROKEN = (
    zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError, RuntimeError, OSError, ValueError,
)  # fmt: skip
# A cell's number is a binary double, written with up to 17 digits ("1649.6300000000001"). The format promises 15 and
# programs show no more, and a decimal of 15 digits survives the way into a double and back: rounding to 15 gives the
# number that was typed. It is decimal arithmetic all the way.
_SHOWN = Context(prec=15)


def read_workbook(
    stream: BinaryIO, sheet: str = "", *, unpacked_max: int = UNPACKED_BYTES_MAX
) -> Iterator[Line]:
    """The lines of a sheet that hold anything, numbered as the sheet does. Without a name, of the first.

    Raises UnreadableStatement, also for a name that no sheet has.
    """
    for name, lines in read_sheets(stream, unpacked_max=unpacked_max):
        if sheet in ("", name):
            yield from lines
            return
    raise no_workbook(f"it has no sheet that is called “{sheet}”")


def sheet_names(stream: BinaryIO) -> list[str]:
    """In the workbook's own order. Raises UnreadableStatement."""
    return [name for name, _ in _opened(stream, UNPACKED_BYTES_MAX)[1]]


def read_sheets(
    stream: BinaryIO, *, unpacked_max: int = UNPACKED_BYTES_MAX
) -> Iterator[tuple[str, Iterator[Line]]]:
    """Name and lines of each sheet, in the workbook's own order. Lines must be taken before the next sheet is asked
    for. Raises UnreadableStatement, here or while lines are taken."""
    parts, sheets = _opened(stream, unpacked_max)
    with _refusals():
        shared = Shared(shared_texts(parts), styles_of_dates(parts), is_1904(parts))
    for name, part in sheets:
        yield name, _lines(parts, part, shared)


def _opened(stream: BinaryIO, unpacked_max: int) -> tuple[Parts, list[tuple[str, str]]]:
    data = _all_of(stream)
    with _refusals():
        parts = Parts(zipfile.ZipFile(io.BytesIO(data)), unpacked_max)
        return parts, sheets_of(parts)


def _lines(parts: Parts, part: str, shared: Shared) -> Iterator[Line]:
    sheet = _Sheet(shared)
    with _refusals():
        for chunk in parts.read(part):
            yield from sheet.feed(chunk)
        yield from sheet.feed(b"", is_last=True)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except expat.ExpatError:
        raise no_workbook("its parts are damaged") from None
    except _BROKEN:
        raise no_workbook("it is damaged, or the download was not complete") from None


def exact(text: str) -> str:
    """The decimal that a number written by a binary program stands for, in plain digits. Raises ValueError."""
    if text.lstrip("-").isdecimal():
        return text
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise ValueError(text) from None
    if not number.is_finite() or abs(number.adjusted()) > 40:
        raise ValueError(text)
    plain = format(_SHOWN.create_decimal(number), "f")
    return (plain.rstrip("0").rstrip(".") or "0") if "." in plain else plain


def _all_of(stream: BinaryIO) -> bytes:
    """A workbook's directory is at its end, so all of it is needed."""
    held = bytearray()
    while chunk := stream.read(_CHUNK_BYTES):
        held += chunk
        if len(held) > WORKBOOK_BYTES_MAX:
            raise no_workbook(f"it is larger than {WORKBOOK_BYTES_MAX // 1024**2} MB")
    return bytes(held)


class Shared(NamedTuple):
    """What all sheets of a workbook share: texts, the styles that are dates, and from when days are counted."""

    texts: list[str]
    dates: frozenset[int]
    is_1904: bool


class _Sheet:
    """Takes the bytes of a sheet, gives its lines."""

    def __init__(self, shared: Shared) -> None:
        self._texts, self._dates, self._is_1904 = shared
        self._is_date = False
        self._lines: list[Line] = []
        self._cells: dict[int, str] = {}
        self._number = 0
        self._column = -1
        self._type = ""
        self._value: list[str] | None = None
        self._length = 0
        self._parser = xml_parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[Line]:
        self._parser.Parse(chunk, is_last)
        lines, self._lines = self._lines, []
        return lines

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "row":
            stated = attributes.get("r", "")
            self._number = int(stated) if stated else self._number + 1
            self._cells, self._column = {}, -1
        elif local == "c":
            match = _CELL.fullmatch(attributes.get("r", ""))
            self._column = _place(match[1]) if match else self._column + 1
            self._type, self._length = attributes.get("t", "n"), 0
            style = attributes.get("s", "")
            self._is_date = bool(self._dates) and style.isdecimal() and int(style) in self._dates
        elif local == "v" or (local == "t" and self._type == "inlineStr"):
            self._value = []

    def _text(self, text: str) -> None:
        if self._value is None:
            return
        self._length += len(text)
        if self._length > _TEXT_LENGTH_MAX:
            raise no_workbook(f"a cell of row {self._number} is too long")
        self._value.append(text)

    def _end(self, name: str) -> None:
        local = local_name(name)
        if self._value is not None and local in ("v", "t"):
            written = self._written("".join(self._value))
            self._value = None
            if written:
                if self._column >= COLUMNS_MAX:
                    raise no_workbook(f"row {self._number} has more than {COLUMNS_MAX} columns")
                self._cells[self._column] = self._cells.get(self._column, "") + written
        elif local == "row" and self._cells:
            cells = [self._cells.get(place, "") for place in range(max(self._cells) + 1)]
            self._lines.append(Line(self._number, cells))

    def _written(self, value: str) -> str:
        if self._type == "s":
            return self._texts[int(value)].strip()
        if self._type == "n":
            date = written_date(value, is_1904=self._is_1904) if self._is_date else None
            if date is not None:
                return date
            try:
                return exact(value.strip())
            except ValueError:
                return value.strip()
        return value.strip()


def _place(letters: str) -> int:
    """A is 0, Z is 25, AA is 26."""
    place = 0
    for letter in letters:
        place = place * 26 + ord(letter) - 64
    return place - 1
