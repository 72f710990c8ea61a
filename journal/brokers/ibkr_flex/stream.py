"""Bytes in, elements out, by expat: in bounded memory, and trusting nothing.

Refused: any DOCTYPE (statements have none, and entities live there), rows of more than half a megabyte,
deep nesting. Nothing outside the file is ever opened.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.parsers import expat

from journal.brokers.base import ParseOptions, Record
from journal.brokers.ibkr_flex import refusals
from journal.brokers.ibkr_flex.statement import StatementReader

CHUNK_BYTES = 128 * 1024
ROW_BYTES_MAX = 512 * 1024
DEPTH_MAX = 32

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (b"<\x00", "utf-16-le"),
    (b"\x00<", "utf-16-be"),
)
_DECLARED = re.compile(rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._\-]{1,40})["']""")
_EIGHT_BIT = re.compile(r"(iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|cp850|cp437|macroman|koi8-[ru])")
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"Rar!")
_PAGES = (b"<!doctype html", b"<html")
_FLEX_TEXT = (b'"clientaccountid"', b"clientaccountid", b'"bof"', b"bof,", b'"header"', b"header,", b'"boa"')
_NO_END = frozenset(
    {expat.errors.codes[one] for one in (
        expat.errors.XML_ERROR_NO_ELEMENTS, expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR, expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )}
)  # fmt: skip


def read_elements(stream: BinaryIO, options: ParseOptions, default_zone: str) -> Iterator[Record]:
    head = stream.read(CHUNK_BYTES)
    refuse_by_sight(head)
    names: dict[str, str] = {}
    reader = StatementReader(options, default_zone, names)
    recoder = Recoder(head)
    feeder = _Feeder(reader, names)
    chunk = head
    while chunk:
        feeder.feed(recoder.recode(chunk))
        yield from reader.collect()
        chunk = stream.read(CHUNK_BYTES)
    feeder.feed(recoder.recode(b"", is_last=True))
    feeder.close()
    if recoder.repaired:
        reader.warn_of_repairs()
    reader.finish()
    yield from reader.collect()


def refuse_by_sight(head: bytes) -> None:
    """What is no XML at all is told by what it is, which helps more than a parser's complaint."""
    start = sight(head)
    if not start:
        raise refusals.empty()
    if head.startswith(_PACKED):
        raise refusals.packed()
    if start.startswith(_PAGES):
        raise refusals.web_page()
    if start.startswith(_FLEX_TEXT):
        raise refusals.flex_text()
    if not start.startswith(b"<"):
        raise refusals.not_xml()


def sight(head: bytes) -> bytes:
    """The start of a file in lower-case ASCII, whatever its encoding."""
    encoding = _bom_encoding(head)
    if encoding and encoding != "utf-8":
        head = head[: len(head) - len(head) % 4].decode(encoding, "replace").encode("utf-8", "replace")
    return head.removeprefix(codecs.BOM_UTF8).lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()


def _bom_encoding(head: bytes) -> str:
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), "")


class Recoder:
    """Bytes of any encoding that statements come in → UTF-8.

    Files that say UTF-8, or nothing, and hold Latin-1 all the same are common (an editor saved them): the
    bytes that are wrong are read as Latin-1 and the rest as it is.
    """

    def __init__(self, head: bytes) -> None:
        self.repaired = 0
        encoding = _bom_encoding(head) or _declared_encoding(head)
        self._is_utf8 = encoding == "utf-8"
        self._decoder = codecs.getincrementaldecoder(encoding)("strict" if self._is_utf8 else "replace")
        self._held = b""

    def recode(self, chunk: bytes, *, is_last: bool = False) -> bytes:
        if not self._is_utf8:
            return self._decoder.decode(chunk, is_last).encode("utf-8", "replace")
        if not self._held and chunk.isascii():
            return chunk
        return self._repair(self._held + chunk, is_last)

    def _repair(self, data: bytes, is_last: bool) -> bytes:
        self._held = b""
        parts = []
        while data:
            try:
                data.decode("utf-8")
            except UnicodeDecodeError as error:
                bad = error.start
                if error.reason == "unexpected end of data" and len(data) - bad < 4 and not is_last:
                    self._held = data[bad:]
                    parts.append(data[:bad])
                    break
                self.repaired += 1
                parts += [data[:bad], data[bad : error.end].decode("latin-1").encode()]
                data = data[error.end :]
                if self.repaired > refusals.NAMES_MAX:
                    raise refusals.not_xml() from None
            else:
                parts.append(data)
                break
        return b"".join(parts)


def _declared_encoding(head: bytes) -> str:
    match = _DECLARED.search(head[:400])
    name = match.group(1).decode("ascii").lower() if match else "utf-8"
    if _EIGHT_BIT.fullmatch(name):
        try:
            return codecs.lookup(name).name
        except LookupError:
            return "utf-8"
    # Also where UTF-16 is declared: the declaration was read as ASCII, so somebody has converted the file.
    return "utf-8"


class _Feeder:
    def __init__(self, reader: StatementReader, names: dict[str, str]) -> None:
        self._reader = reader
        self._depth = 0
        self._fed = 0
        parser = expat.ParserCreate("utf-8", intern=names)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        parser.StartDoctypeDeclHandler = self._refuse_doctype
        parser.EntityDeclHandler = self._refuse_doctype
        parser.ExternalEntityRefHandler = self._refuse_doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        self._parser = parser

    def feed(self, data: bytes) -> None:
        try:
            self._parser.Parse(data, False)
        except expat.ExpatError as error:
            raise self._refusal(error) from None
        self._fed += len(data)
        if self._fed - self._parser.CurrentByteIndex > ROW_BYTES_MAX + CHUNK_BYTES:
            raise refusals.hostile(f"it holds a row of more than {ROW_BYTES_MAX // 1024} KB")

    def close(self) -> None:
        try:
            self._parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._refusal(error) from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if self._depth > DEPTH_MAX:
            raise refusals.hostile(f"its elements are nested more than {DEPTH_MAX} deep")
        reader = self._reader
        reader.start(name, attributes)
        if reader.reply is not None:
            reader.reply.open(name)
            self._parser.CharacterDataHandler = reader.reply.add

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._reader.end(name)

    def _refuse_doctype(self, *declaration: object) -> int:
        if str(declaration[0]).lower() == "html":
            raise refusals.web_page()
        raise refusals.hostile("it declares a document type or entities")

    def _refusal(self, error: expat.ExpatError) -> Exception:
        row = self._reader.row
        if error.code in _NO_END:
            return refusals.truncated(row)
        if not row:
            return refusals.not_xml()
        return refusals.broken(row, error.lineno, expat.ErrorString(error.code))
