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
from journal.brokers.ibkr_flex.templates import Templates

CHUNK_BYTES = 64 * 1024
ROW_LENGTH_MAX = 512 * 1024
DEPTH_MAX = 32
REPAIRS_MAX = 20_000

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
_EIGHT_BIT = re.compile(
    r"(iso-?8859-?\d+|latin-?\d|windows-125\d|cp125\d|cp850|cp437|macroman|koi8-[ru])"
)
_PACKED = (b"PK\x03\x04", b"\x1f\x8b", b"%PDF", b"\xd0\xcf\x11\xe0", b"7z\xbc\xaf", b"Rar!")
_PAGES = (b"<!doctype html", b"<html")
_FLEX_TEXT = (
    b'"clientaccountid"',
    b"clientaccountid",
    b'"bof"',
    b"bof,",
    b'"header"',
    b"header,",
    b'"boa"',
)
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
        head = (
            head[: len(head) - len(head) % 4].decode(encoding, "replace").encode("utf-8", "replace")
        )
    return head.removeprefix(codecs.BOM_UTF8).lstrip(b"\xef\xbb\xbf \t\r\n\x00").lower()


def _bom_encoding(head: bytes) -> str:
    return next((encoding for mark, encoding in _BOMS if head.startswith(mark)), "")


class Recoder:
    """Bytes of any encoding that statements come in → text.

    Files that say UTF-8, or nothing, and hold Latin-1 all the same are common (an editor saved them): the
    bytes that are wrong are read as Latin-1 and the rest as it is.
    """

    def __init__(self, head: bytes) -> None:
        encoding = _bom_encoding(head) or _declared_encoding(head)
        self._is_utf8 = encoding == "utf-8"
        errors = "strict" if self._is_utf8 else "replace"
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._held = b""
        self._is_start = True
        self.repaired = 0

    def recode(self, chunk: bytes, *, is_last: bool = False) -> str:
        text = self._decode(chunk, is_last)
        if self._is_start and text:
            self._is_start = False
            text = text.lstrip("\ufeff \t\r\n")
        return text

    def _decode(self, chunk: bytes, is_last: bool) -> str:
        if self._is_utf8:
            return self._repair(self._held + chunk, is_last)
        return self._decoder.decode(chunk, is_last)

    def _repair(self, data: bytes, is_last: bool) -> str:
        self._held = b""
        parts = []
        while data:
            try:
                parts.append(data.decode("utf-8"))
                break
            except UnicodeDecodeError as error:
                good, end = data[: error.start], error.end
            parts.append(good.decode("utf-8"))
            if not is_last and len(data) - len(good) < 4 and _may_continue(data[len(good) :]):
                self._held = data[len(good) :]
                break
            self.repaired += 1
            if self.repaired > REPAIRS_MAX:
                raise refusals.not_xml()
            parts.append(data[len(good) : end].decode("latin-1"))
            data = data[end:]
        return "".join(parts)


def _may_continue(tail: bytes) -> bool:
    """Whether the bytes are the start of a character whose rest is in the next chunk."""
    try:
        codecs.getincrementaldecoder("utf-8")().decode(tail, False)
    except UnicodeDecodeError:
        return False
    return True


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
        if error.code in _NO_END:
            return refusals.truncated(row)
        if not row:
            return refusals.not_xml()
        return refusals.broken(row, expat.ErrorString(error.code))
