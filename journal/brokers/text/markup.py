"""Tables of HTML pages as numbered rows of cells. Made for reports that a program wrote, not for the web at large."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import BinaryIO, NamedTuple

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.decoding import Recoder, TooManyRepairs

CHUNK_BYTES = 64 * 1024
TAG_LENGTH_MAX = 64 * 1024
ROW_LENGTH_MAX = 256 * 1024
COLUMNS_MAX = 500
# Where a tag may begin: "1 < 2" has none. At the end of a chunk the next one tells.
_TAG = re.compile(r"<(?=[A-Za-z/!?]|\Z)")
_BLANKS = re.compile(r"[\s\u00a0]+")
_NAME = re.compile(r"/?[a-z][a-z0-9]*")
_SPAN = re.compile(r"""\bcolspan\s*=\s*["']?\s*(\d{1,3})\b""", re.IGNORECASE)
_CLASS = re.compile(r"""\bclass\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", re.IGNORECASE)
_TITLE = re.compile(r"""\btitle\s*=\s*(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
# What stands between these is not shown.
_UNSEEN = {"script": "</script", "style": "</style"}


class Cell(NamedTuple):
    """`span` is the number of columns that it takes, `title` what a browser shows when one points at it."""

    text: str
    span: int = 1
    is_hidden: bool = False
    title: str = ""


class MarkupRow(NamedTuple):
    """`number` counts the rows of all tables of the page from 1. A row without cells is counted and not given."""

    number: int
    cells: list[Cell]


def read_markup(stream: BinaryIO) -> Iterator[MarkupRow]:
    """The rows of all tables, in memory that does not grow with the file.

    Raises UnreadableStatement for what is no text, has no end, or holds a row that no report has.
    """
    rows = _Rows()
    for text, tag in _tokens(stream):
        if text:
            rows.add_text(text)
        if tag:
            yield from rows.take_tag(tag)
    if not rows.has_ended:
        raise UnreadableStatement(
            "truncated",
            f"This is half a file: it ends in the middle, after row {rows.number:,}. Nothing was imported. Save the "
            "report again and upload it whole.",
        )


class _Rows:
    def __init__(self) -> None:
        self.number = 0
        self.has_ended = False
        self._cells: list[Cell] | None = None
        self._open: Cell | None = None
        self._texts: list[str] = []
        self._length = 0

    def add_text(self, text: str) -> None:
        if self._open is not None:
            self._length += len(text)
            self._texts.append(text)
            if self._length > ROW_LENGTH_MAX:
                raise no_page(f"row {self.number} is longer than {ROW_LENGTH_MAX // 1024} KB")

    def take_tag(self, tag: str) -> Iterator[MarkupRow]:
        match = _NAME.match(tag.lower())
        name = match.group() if match else ""
        if name in ("td", "th"):
            self._begin_cell(tag)
        elif name in ("/td", "/th"):
            self._end_cell()
        elif name in ("tr", "/tr", "/table", "/html"):
            yield from self._end_row()
            if name == "tr":
                self.number += 1
                self._cells, self._length = [], 0
        elif name == "br":
            self.add_text(" ")
        self.has_ended |= name == "/html"

    def _begin_cell(self, tag: str) -> None:
        self._end_cell()
        if self._cells is None:
            return
        if len(self._cells) >= COLUMNS_MAX:
            raise no_page(f"row {self.number} has more than {COLUMNS_MAX} columns")
        span = _SPAN.search(tag)
        classes = next(filter(None, _groups(_CLASS, tag)), "").lower().split()
        title = next(filter(None, _groups(_TITLE, tag)), "")
        self._open = Cell(
            "", max(1, int(span[1])) if span else 1, "hidden" in classes, unescape(title).strip()
        )

    def _end_cell(self) -> None:
        if self._open is not None and self._cells is not None:
            text = _BLANKS.sub(" ", unescape("".join(self._texts))).strip()
            self._cells.append(self._open._replace(text=text))
        self._open, self._texts = None, []

    def _end_row(self) -> Iterator[MarkupRow]:
        self._end_cell()
        cells, self._cells = self._cells, None
        if cells:
            yield MarkupRow(self.number, cells)


def _groups(pattern: re.Pattern[str], tag: str) -> tuple[str, ...]:
    match = pattern.search(tag)
    return match.groups() if match else ()


def _tokens(stream: BinaryIO) -> Iterator[tuple[str, str]]:
    """Text with the tag that follows it ("" where none does), tags without their brackets."""
    pieces = _Pieces()
    chunk = stream.read(CHUNK_BYTES)
    recoder = Recoder(chunk)
    while chunk:
        yield from pieces.cut(_recode(recoder, chunk))
        chunk = stream.read(CHUNK_BYTES)
    yield from pieces.cut(_recode(recoder, b"", is_last=True))


class _Pieces:
    """Cuts text at its tags, wherever the chunks end."""

    def __init__(self) -> None:
        self._held = ""
        self._until = ""

    def cut(self, text: str) -> Iterator[tuple[str, str]]:
        text = self._held + text
        place = 0
        while True:
            place = self._skip(text, place)
            match = None if self._until else _TAG.search(text, place)
            if match is None:
                break
            start = match.start()
            is_comment = text.startswith("<!--", start)
            end = text.find("-->" if is_comment else ">", start)
            if end < 0 or len(text) - start < 4:
                yield text[place:start], ""
                place = start
                break
            if is_comment:
                yield text[place:start], ""
                place = end + 3
                continue
            tag = text[start + 1 : end]
            yield text[place:start], tag
            self._until = _UNSEEN.get(tag.lower().split(None, 1)[0] if tag.strip() else "", "")
            place = end + 1
        self._hold(text[place:])

    def _skip(self, text: str, place: int) -> int:
        """Over what is not shown. Where its end is not there yet, just enough is kept to see it come."""
        if not self._until:
            return place
        end = text.lower().find(self._until, place)
        if end < 0:
            return max(place, len(text) - len(self._until))
        self._until = ""
        return end

    def _hold(self, rest: str) -> None:
        if len(rest) > TAG_LENGTH_MAX + CHUNK_BYTES:
            raise no_page("it holds a tag or a text that does not end")
        self._held = rest


def _recode(recoder: Recoder, chunk: bytes, *, is_last: bool = False) -> str:
    try:
        text = recoder.recode(chunk, is_last=is_last)
    except TooManyRepairs:
        raise no_page("its bytes are no text") from None
    if "\0" in text:
        raise no_page("its bytes are no text")
    return text


def no_page(why: str) -> UnreadableStatement:
    return UnreadableStatement(
        "no_page",
        f"The file is not a report in HTML: {why}. Nothing was imported. Save the report again, and upload it as the "
        "program wrote it.",
    )
