"""The parts of an XLSX workbook beside its sheets: which sheets there are, shared texts, and which styles are dates.

Entities are refused, and what is unpacked is counted while it is unpacked: the sizes that a file states may lie.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from xml.parsers import expat

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.workbook_dates import date_styles

_PARTS_MAX = 1_000
_CHUNK_BYTES = 64 * 1024


def no_workbook(why: str) -> UnreadableStatement:
    return UnreadableStatement(
        "no_workbook",
        f"The file is not a workbook (XLSX) that can be read: {why}. Nothing was imported. Export it again, and upload "
        "it as it was written.",
    )


class Parts:
    """The files in the workbook. What is unpacked is counted: the sizes that a file states of itself may lie."""

    def __init__(self, archive: zipfile.ZipFile, unpacked_max: int) -> None:
        if len(archive.infolist()) > _PARTS_MAX:
            raise no_workbook(f"it has more than {_PARTS_MAX} parts")
        self._archive = archive
        self._most = self._left = unpacked_max

    def has(self, name: str) -> bool:
        return name in self._archive.NameToInfo

    def read(self, name: str) -> Iterator[bytes]:
        with self._archive.open(name) as part:
            while chunk := part.read(_CHUNK_BYTES):
                self._left -= len(chunk)
                if self._left < 0:
                    raise no_workbook(f"it unpacks to more than {self._most // 1024**2} MB")
                yield chunk


def xml_parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
    parser.StartDoctypeDeclHandler = _refuse
    parser.EntityDeclHandler = _refuse
    parser.buffer_text = True
    return parser


def _refuse(*declaration: object) -> None:
    raise no_workbook("it declares a document type or entities, which no workbook does")


def local_name(name: str) -> str:
    return name.rpartition(" ")[2]


def sheets_of(parts: Parts) -> list[tuple[str, str]]:
    """Names and parts, by the workbook's own order and not by the names of its parts."""
    targets = {
        found.get("Id", ""): posixpath.normpath(posixpath.join("/xl", found["Target"])).lstrip("/")
        for name, found in _elements(parts, "xl/_rels/workbook.xml.rels")
        if name == "Relationship"
    }
    sheets = [found for name, found in _elements(parts, "xl/workbook.xml") if name == "sheet"]
    return [(found.get("name", ""), targets[_reference(found)]) for found in sheets]


def _reference(sheet: dict[str, str]) -> str:
    return next((value for key, value in sheet.items() if local_name(key) == "id"), "")


def _elements(parts: Parts, name: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []
    parser = xml_parser()
    parser.StartElementHandler = lambda name, attributes: found.append(
        (local_name(name), attributes)
    )
    for chunk in parts.read(name):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return found if any(name == "sheet" for name, _ in found) or "rels" in name else _missing(name)


def styles_of_dates(parts: Parts) -> frozenset[int]:
    if not parts.has("xl/styles.xml"):
        return frozenset()
    formats: list[tuple[int, str]] = []
    cells: list[int] = []
    within: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        local = local_name(name)
        if local == "numFmt":
            formats.append((int(attributes["numFmtId"]), attributes.get("formatCode", "")))
        elif local == "xf" and within[-1:] == ["cellXfs"]:
            cells.append(int(attributes.get("numFmtId", "0")))
        within.append(local)

    parser = xml_parser()
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: within.pop()
    for chunk in parts.read("xl/styles.xml"):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return date_styles(formats, cells)


def is_1904(parts: Parts) -> bool:
    """Workbooks of old Macs count their days from another one."""
    found = (said for name, said in _elements(parts, "xl/workbook.xml") if name == "workbookPr")
    return any(said.get("date1904", "0") in ("1", "true") for said in found)


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
        local = local_name(name)
        self._is_phonetic |= local == "rPh"
        self._is_text = local == "t" and not self._is_phonetic

    def text(self, text: str) -> None:
        if self._is_text:
            self._said.append(text)

    def end(self, name: str) -> None:
        local = local_name(name)
        self._is_text = False
        if local == "rPh":
            self._is_phonetic = False
        elif local == self._entry:
            self.found.append("".join(self._said))
            self._said = []


def shared_texts(parts: Parts) -> list[str]:
    if not parts.has("xl/sharedStrings.xml"):
        return []
    texts = _Texts("si")
    parser = xml_parser()
    parser.StartElementHandler = texts.start
    parser.EndElementHandler = texts.end
    parser.CharacterDataHandler = texts.text
    for chunk in parts.read("xl/sharedStrings.xml"):
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
    return texts.found
