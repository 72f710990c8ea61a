"""Whether a file is a history report, by its first 64 KiB: a page, or a workbook of which the end is not there yet."""

from __future__ import annotations

import re

from journal.brokers.text.archive import PACKED, parts_of
from journal.brokers.text.decoding import Recoder, TooManyRepairs

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
    if head.startswith(PACKED):
        return any(_is_part_of_report(name, part) for name, part in parts_of(head))
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
