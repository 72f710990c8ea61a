"""Text tables (CSV and its relatives) as numbered lines of cells, in any encoding and with any delimiter."""

from __future__ import annotations

import csv
import io
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice
from typing import BinaryIO, NamedTuple, TypeVar

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.decoding import Recoder, TooManyRepairs

T = TypeVar("T")

CHUNK_BYTES = 64 * 1024
LINE_LENGTH_MAX = 256 * 1024
COLUMNS_MAX = 500
DELIMITERS = ",;\t|"
_LINES_TO_JUDGE_BY = 30
# So many rows before the last say how long it should be.
_NEIGHBOURS = 20


class Line(NamedTuple):
    """`number` is the line of the file on which the row ends, counted from 1. Cells are stripped of blanks."""

    number: int
    cells: list[str]


class CutLine(Line):
    """The last one of a file that ends in the middle of it."""

    __slots__ = ()


class Table(NamedTuple):
    delimiter: str
    lines: Iterator[Line]


def read_table(stream: BinaryIO, delimiter: str | None = None) -> Iterator[Line]:
    """As `open_table`, for who does not ask what the delimiter is."""
    yield from open_table(stream, delimiter).lines


def open_table(stream: BinaryIO, delimiter: str | None = None) -> Table:
    """The lines that hold anything, in memory that does not grow with the file.

    Without a delimiter the one is taken by which the first lines fall into the most even columns. Raises
    UnreadableStatement for what is no text table, here or while its lines are read.
    """
    lines = _text_lines(stream)
    first = list(islice(lines, _LINES_TO_JUDGE_BY))
    found = delimiter or delimiter_of(first)
    return Table(found, _rows(chain(first, lines), found))


def _rows(lines: Iterable[str], delimiter: str) -> Iterator[Line]:
    source = _Lines(lines)
    rows = csv.reader(source, delimiter=delimiter)
    widths: deque[int] = deque(maxlen=_NEIGHBOURS)
    held: Line | None = None
    try:
        for cells in rows:
            if len(cells) > COLUMNS_MAX:
                raise _no_table(f"line {rows.line_num} has more than {COLUMNS_MAX} columns")
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                if held is not None:
                    yield held
                    widths.append(len(held.cells))
                held = Line(rows.line_num, stripped)
                source.begin()
    except csv.Error as error:
        raise _no_table(f"line {rows.line_num + 1} cannot be read ({error})") from None
    if held is not None:
        yield CutLine(*held) if source.ends_within(held, widths) else held


class _Lines:
    """Hands on lines, and remembers what the last row was made of."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._row: list[str] = []
        self._next: list[str] = []

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = next(self._lines)
        self._next.append(line)
        return line

    def begin(self) -> None:
        self._row, self._next = self._next, []

    def ends_within(self, last: Line, widths: Collection[int]) -> bool:
        """Whether the file ends within its last row: it has no line end, and either a quote that nothing closes or
        fewer cells than every row before it."""
        text = "".join(self._row)
        if self._next or text.endswith(("\n", "\r")):
            return False
        is_short = bool(widths) and len(last.cells) < min(widths)
        return is_short or text.count('"') % 2 == 1


def delimiter_of(lines: Iterable[str]) -> str:
    """The one that cuts most lines into the same number of cells, and of these the one of the most cells."""
    lines = list(lines)
    return max(DELIMITERS, key=lambda delimiter: _evenness(lines, delimiter))


def _evenness(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    widths = Counter(
        len(cells) for cells in csv.reader(lines, delimiter=delimiter) if len(cells) > 1
    )
    if not widths:
        return 0, 0
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    return count, width


def oldest_first(rows: Iterable[T], instant: Callable[[T], object]) -> Iterator[T]:
    """Rows of a file that starts with the newest, as they came but for neighbours of one instant: these are turned
    around. An instant is often a day, and what was bought on it must not seem sold before."""
    for _, same in groupby(rows, instant):
        yield from reversed(list(same))


def named(header: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    """A row as it was written, by the names of its columns, without its empty cells. What is beyond the header has
    the name of its place: "#12"."""
    names = chain(header, (f"#{place}" for place in range(len(header) + 1, len(cells) + 1)))
    return {name: cell for name, cell in zip(names, cells, strict=False) if cell}


def _text_lines(stream: BinaryIO) -> Iterator[str]:
    """Lines with their ends, as csv wants them."""
    chunk = stream.read(CHUNK_BYTES)
    # Empty lines at the start stay: rows have the numbers that an editor shows.
    recoder = Recoder(chunk, trim="\ufeff")
    held = ""
    while chunk:
        text = held + _recode(recoder, chunk)
        lines = _split(text)
        # The last one may go on, and a final \r may be half of \r\n.
        held = lines.pop() if lines else ""
        if len(held) > LINE_LENGTH_MAX:
            raise _no_table(f"it holds a line of more than {LINE_LENGTH_MAX // 1024} KB")
        yield from lines
        chunk = stream.read(CHUNK_BYTES)
    yield from _split(held + _recode(recoder, b"", is_last=True))


def _split(text: str) -> list[str]:
    """At \\n, \\r and \\r\\n only: str.splitlines knows seven more ends, which do occur within cells."""
    return list(io.StringIO(text, newline=""))


def _recode(recoder: Recoder, chunk: bytes, *, is_last: bool = False) -> str:
    try:
        text = recoder.recode(chunk, is_last=is_last)
    except TooManyRepairs:
        raise _no_table("its bytes are no text") from None
    if "\0" in text:
        raise _no_table("its bytes are no text")
    return text


def _no_table(why: str) -> UnreadableStatement:
    return UnreadableStatement(
        "no_table",
        f"The file is not a table in text: {why}. Nothing was imported. Export it again as CSV, and upload it as it "
        "was downloaded.",
    )
