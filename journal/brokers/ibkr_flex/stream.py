"""Bytes in, elements out, by expat: in bounded memory, and trusting nothing.

Refused: any DOCTYPE (statements have none, and entities live there), rows of more than half a megabyte,
deep nesting. Nothing outside the file is ever opened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO
from xml.parsers import expat

from journal.brokers.base import ParseOptions, Record
from journal.brokers.ibkr_flex import refusals
from journal.brokers.ibkr_flex.sight import refuse_by_sight
from journal.brokers.ibkr_flex.statement import StatementReader
from journal.brokers.ibkr_flex.templates import Templates
from journal.brokers.text.decoding import Recoder, TooManyRepairs

CHUNK_BYTES = 64 * 1024
ROW_LENGTH_MAX = 512 * 1024
DEPTH_MAX = 32
# What begins a row ends with one of the next few; a comment may hold any number.
_TAGS_MAX = 20

_NO_MEMORY = expat.errors.codes[expat.errors.XML_ERROR_NO_MEMORY]
_NO_END = frozenset(
    {expat.errors.codes[one] for one in (
        expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )}
)  # fmt: skip


def read_elements(stream: BinaryIO, options: ParseOptions, default_zone: str) -> Iterator[Record]:
    chunk = stream.read(CHUNK_BYTES)
    refuse_by_sight(chunk)
    names: dict[str, str] = {}
    reader = StatementReader(options, default_zone, names)
    recoder = Recoder(chunk)
    feeder = Feeder(reader, names)
    repairs = Repairs(reader, feeder.feed)
    while chunk:
        repairs.feed(_recode(recoder, chunk), recoder)
        yield from reader.collect()
        chunk = stream.read(CHUNK_BYTES)
    repairs.feed(_recode(recoder, b"", is_last=True), recoder)
    feeder.close()
    repairs.close()
    reader.finish()
    yield from reader.collect()


class Repairs:
    """Tells of the first row with a character that was read as Latin-1, when that row has been read."""

    def __init__(self, reader: StatementReader, feed: Callable[[str], None]) -> None:
        self._reader = reader
        self._feed = feed
        self._row = 0
        self._is_told = False

    def feed(self, text: str, recoder: Recoder) -> None:
        if recoder.repaired and not self._row:
            text = self._find(text, recoder.repaired_at)
        if self._row and not self._is_told:
            text = self._feed_tags(text)
        self._feed(text)
        self._tell_when_read()

    def close(self) -> None:
        """What comes after the last row is told with that."""
        self._row = min(self._row, self._reader.row)
        self._tell_when_read()

    def _find(self, text: str, place: int) -> str:
        self._feed(text[:place])
        self._row = self._reader.row + 1
        return text[place:]

    def _feed_tags(self, text: str) -> str:
        """One by one, so that the row's own account is the last one named; returns the rest."""
        start = 0
        for _ in range(_TAGS_MAX):
            end = text.find(">", start) + 1
            if self._is_told or not end:
                break
            self._feed(text[start:end])
            self._tell_when_read()
            start = end
        return text[start:]

    def _tell_when_read(self) -> None:
        if self._row and not self._is_told and self._reader.row >= self._row:
            self._is_told = True
            self._reader.warn_of_repairs(self._row)


def _recode(recoder: Recoder, chunk: bytes, *, is_last: bool = False) -> str:
    try:
        return recoder.recode(chunk, is_last=is_last)
    except TooManyRepairs:
        raise refusals.not_xml() from None


class Feeder:
    """Text, cut anywhere, to the row templates and the XML parser."""

    def __init__(self, reader: StatementReader, names: dict[str, str]) -> None:
        self._reader = reader
        self._depth = 0
        self._carry = ""
        self._fed = 0
        parser = expat.ParserCreate("utf-8", intern=names)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.ExternalEntityRefHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser
        self._templates = Templates(self._parse, reader.take_row, lambda: self._depth > 0)

    def feed(self, text: str) -> None:
        text = self._carry + text
        cut = text.rfind(">") + 1
        self._carry = text[cut:]
        if len(self._carry) > ROW_LENGTH_MAX:
            raise refusals.hostile(f"it holds a row of more than {ROW_LENGTH_MAX // 1024} KB")
        if cut:
            self._templates.read(text[:cut])

    def close(self) -> None:
        self._parse(self._carry)
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._refusal(error) from None

    def _parse(self, text: str) -> None:
        data = text.encode("utf-8", "replace")
        try:
            for start in range(0, len(data), CHUNK_BYTES):
                self._parser.Parse(data[start : start + CHUNK_BYTES], False)
        except expat.ExpatError as error:
            raise self._refusal(error) from None
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > 2 * ROW_LENGTH_MAX:
            raise refusals.hostile(f"it holds a row of more than {ROW_LENGTH_MAX // 1024} KB")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise refusals.hostile(f"its elements are nested more than {DEPTH_MAX} deep")
        reader = self._reader
        reader.start(name, attributes)
        if attributes and self._depth > 1 and reader.is_flex:
            self._templates.learn(name, attributes)
        if reader.reply is not None:
            reader.reply.open(name)
            self._parser.CharacterDataHandler = reader.reply.add

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._reader.end()

    def _refuse_doctype(self, *declaration: object) -> int:
        if str(declaration[0]).lower() == "html":
            raise refusals.web_page()
        raise refusals.hostile("it declares a document type or entities")

    def _refusal(self, error: expat.ExpatError) -> Exception:
        row = self._reader.row
        if error.code == _NO_MEMORY:
            return MemoryError()
        if error.code in _NO_END:
            return refusals.truncated(row)
        if not row:
            return refusals.not_xml()
        return refusals.broken(row, expat.ErrorString(error.code))
