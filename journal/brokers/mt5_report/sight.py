"""Whether a file is a history report, by its first 64 KiB: a page, or a workbook of which the end is not there yet."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

from journal.brokers.text.decoding import Recoder, TooManyRepairs

_LOOKED_AT = 256 * 1024
# The columns of deals are nobody else's: in one row direction, order and deal, then commission and balance.
_DEALS = re.compile(
    r"(?<!\w)(?:deal|сделка)(?!\w).{0,1500}?(?<!\w)(?:direction|направление)(?!\w).{0,1500}?(?<!\w)(?:swap|своп)(?!\w)",
    re.IGNORECASE | re.DOTALL,
)
_TITLES = re.compile(
    r"trade history report|отч[её]т торговой истории|<title>[^<]{0,200}trade report</title>",
    re.IGNORECASE,
)
_POSITIONS = re.compile(
    r"(?<!\w)(?:positions|orders|deals|позиции|ордера|сделки)(?!\w)", re.IGNORECASE
)
_CELL = re.compile(rb'<c r="([A-Z]+)([1-7])"[^>]*?(?<!/)>')
# The head of a report as it lies on the sheet: title, four labelled lines, the name of the first section, its header.
_HEAD = {
    "1": {"A"}, "2": {"A", "D"}, "3": {"A", "D"}, "4": {"A", "D"}, "5": {"A", "D"}, "6": {"A"},
    "7": set("ABCDEFGHIJKLM"),
}  # fmt: skip


def is_report(head: bytes) -> bool:
    if head.startswith(b"PK\x03\x04"):
        return any(_is_part_of_report(name, part) for name, part in _parts(head))
    text = _text_of(head)
    if "<" not in text[:200]:
        return False
    is_titled = bool(_TITLES.search(text)) and bool(_POSITIONS.search(text))
    return is_titled or bool(_DEALS.search(text))


def _text_of(head: bytes) -> str:
    recoder = Recoder(head)
    try:
        return recoder.recode(head[: len(head) - len(head) % 2])
    except TooManyRepairs:
        return ""


def _is_part_of_report(name: str, part: bytes) -> bool:
    if name == "xl/sharedStrings.xml":
        text = re.sub(r"<[^>]*>", " ", part.decode("utf-8", "replace"))
        return bool(_TITLES.search(text) and _POSITIONS.search(text)) or bool(_DEALS.search(text))
    if name.startswith("xl/worksheets/"):
        if b"inlineStr" in part:
            return is_report(b"<" + part)
        found: dict[str, set[str]] = {}
        for column, row in _CELL.findall(part):
            found.setdefault(row.decode(), set()).add(column.decode())
        return found == _HEAD
    return False


def _parts(head: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of an archive from its front, as far as they are there: name and the first of what they hold."""
    place = 0
    while head[place : place + 4] == b"PK\x03\x04" and place + 30 <= len(head):
        method = int.from_bytes(head[place + 8 : place + 10], "little")
        size = int.from_bytes(head[place + 18 : place + 22], "little")
        name_length = int.from_bytes(head[place + 26 : place + 28], "little")
        extra = int.from_bytes(head[place + 28 : place + 30], "little")
        name = head[place + 30 : place + 30 + name_length].decode("utf-8", "replace")
        data = place + 30 + name_length + extra
        if method != 8:
            place = data + size
            continue
        unpacker = zlib.decompressobj(-15)
        try:
            yield name, unpacker.decompress(head[data:], _LOOKED_AT)
        except zlib.error:
            return
        if size:
            place = data + size
        elif unpacker.eof:
            place = _next(head, len(head) - len(unpacker.unused_data))
        else:
            return


def _next(head: bytes, place: int) -> int:
    """After the sizes that follow a part when they were not known before it."""
    found = head.find(b"PK\x03\x04", place, place + 24)
    return len(head) if found < 0 else found
