"""The sheets of an XLSX workbook as numbered lines of cells, in exact numbers and with nothing trusted.

Read by expat and not by a spreadsheet library: those lay a sheet out as a full rectangle, so that a small file with one
cell in the last corner takes all memory there is. Here a row is as long as what stands in it. Entities are refused,
what is unpacked is counted while it is unpacked, and nothing but texts and numbers is looked at.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Context, Decimal, InvalidOperation
from typing import BinaryIO
from xml.parsers import expat

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.tables import COLUMNS_MAX, Line

WORKBOOK_BYTES_MAX = 64 * 1024**2
UNPACKED_BYTES_MAX = 256 * 1024**2
_PARTS_MAX = 1_000
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


def read_workbook(stream: BinaryIO) -> Iterator[Line]:
    """The lines of the first sheet that hold anything, numbered as the sheet does. Raises UnreadableStatement."""
    for _, lines in read_sheets(stream):
        yield from lines
        return


def read_sheets(stream: BinaryIO) -> Iterator[tuple[str, Iterator[Line]]]:
    """Name and lines of each sheet, in the workbook's own order. Lines must be taken before the next sheet is asked
    for. Raises UnreadableStatement, here or while lines are taken."""
    data = _all_of(stream)
    with _refusals():
        parts = _Parts(zipfile.ZipFile(io.BytesIO(data)))
        texts = _shared_texts(parts)
        sheets = _sheets(parts)
    for name, part in sheets:
        yield name, _lines(parts, part, texts)


def _lines(parts: _Parts, part: str, texts: list[str]) -> Iterator[Line]:
    sheet = _Sheet(texts)
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


def no_workbook(why: str) -> UnreadableStatement:
    return UnreadableStatement(
        "no_workbook",
        f"The file is not a workbook (XLSX) that can be read: {why}. Nothing was imported. Export it again, and upload "
        "it as it was written.",
    )


def _all_of(stream: BinaryIO) -> bytes:
    """A workbook's directory is at its end, so all of it is needed."""
    held = bytearray()
    while chunk := stream.read(_CHUNK_BYTES):
        held += chunk
        if len(held) > WORKBOOK_BYTES_MAX:
            raise no_workbook(f"it is larger than {WORKBOOK_BYTES_MAX // 1024**2} MB")
    return bytes(held)


class _Parts:
    """The files in the workbook. What is unpacked is counted: the sizes that a file states of itself may lie."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        if len(archive.infolist()) > _PARTS_MAX:
            raise no_workbook(f"it has more than {_PARTS_MAX} parts")
        self._archive = archive
        self._left = UNPACKED_BYTES_MAX

    def has(self, name: str) -> bool:
        return name in self._archive.NameToInfo

    def read(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise no_workbook(f"it unpacks to more than {UNPACKED_BYTES_MAX // 1024**2} MB")
                yield chunk


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    return parser


def _refuse(*declaration: object) -> None:
    raise no_workbook("it declares a document type or entities, which no workbook does")


def _local(name: str) -> str:
    return name.rpartition(" ")[2]


def _sheets(parts: _Parts) -> list[tuple[str, str]]:
    """Names and parts, by the workbook's own order and not by the names of its parts."""
    targets = {
        found.get("Id", ""): posixpath.normpath(posixpath.join("/xl", found["Target"])).lstrip("/")
        for name, found in _elements(parts, "xl/_rels/workbook.xml.rels")
        if name == "Relationship"
    }
    sheets = [found for name, found in _elements(parts, "xl/workbook.xml") if name == "sheet"]
    return [(found.get("name", ""), targets[_reference(found)]) for found in sheets]


def _reference(sheet: dict[str, str]) -> str:
    return next((value for key, value in sheet.items() if _local(key) == "id"), "")


def _elements(parts: _Parts, name: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: found.append((_local(name), attributes))
    for chunk in parts.read(name):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return found if any(name == "sheet" for name, _ in found) or "rels" in name else _missing(name)


def _missing(name: str) -> list[tuple[str, dict[str, str]]]:
    raise KeyError(name)


class _Texts:
    """What stands within text elements, joined per entry. Phonetic readings are no part of the text."""

    def __init__(self, entry: str) -> None:
        self._entry = entry
        self._is_text = False
        self._is_phonetic = False
        self._said: list[str] = []
        self.found: list[str] = []

    def start(self, name: str, _: dict[str, str]) -> None:
        local = _local(name)
        self._is_phonetic |= local == "rPh"
        self._is_text = local == "t" and not self._is_phonetic

    def text(self, text: str) -> None:
        if self._is_text:
            self._said.append(text)

    def end(self, name: str) -> None:
        local = _local(name)
        self._is_text = False
        if local == "rPh":
            self._is_phonetic = False
        elif local == self._entry:
            self.found.append("".join(self._said))
            self._said = []


def _shared_texts(parts: _Parts) -> list[str]:
    if not parts.has("xl/sharedStrings.xml"):
        return []
    texts = _Texts("si")
    parser = _parser()
    parser.StartElementHandler = texts.start
    parser.EndElementHandler = texts.end
    parser.CharacterDataHandler = texts.text
    for chunk in parts.read("xl/sharedStrings.xml"):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return texts.found


class _Sheet:
    """Takes the bytes of a sheet, gives its lines."""

    def __init__(self, texts: list[str]) -> None:
        self._texts = texts
        self._lines: list[Line] = []
        self._cells: dict[int, str] = {}
        self._number = 0
        self._column = -1
        self._type = ""
        self._value: list[str] | None = None
        self._length = 0
        self._parser = _parser()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def feed(self, chunk: bytes, *, is_last: bool = False) -> list[Line]:
        self._parser.Parse(chunk, is_last)
        lines, self._lines = self._lines, []
        return lines

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = _local(name)
        if local == "row":
            stated = attributes.get("r", "")
            self._number = int(stated) if stated else self._number + 1
            self._cells, self._column = {}, -1
        elif local == "c":
            match = _CELL.fullmatch(attributes.get("r", ""))
            self._column = _place(match[1]) if match else self._column + 1
            self._type, self._length = attributes.get("t", "n"), 0
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
        local = _local(name)
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
