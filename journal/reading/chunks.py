"""A statement as a stream of chunks: what the parser says, executions already as lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import BinaryIO, NamedTuple

from journal.brokers.base import (
    ExecutionRow,
    InstrumentRow,
    ParseOptions,
    Record,
    StatementInfo,
    StatementParser,
)
from journal.reading.lines import ExecutionLine, LineMaker

# Few enough to stay in the processor's cache from parsing to the finished line; larger ones are slower by a third.
CHUNK_RECORDS = 100

Item = Record | ExecutionLine


class Chunk(NamedTuple):
    """`items` in file order. `instruments` are the contracts that appear for the first time: the numbers in
    execution lines count all that the chunks have named so far. `position` is how far into the file this is, in bytes.
    """

    position: int
    instruments: list[InstrumentRow]
    items: list[Item]


def read_chunks(
    parser: StatementParser, stream: BinaryIO, options: ParseOptions
) -> Iterator[Chunk]:
    """Raises UnreadableStatement, also after chunks were given."""
    return make_chunks(parser.parse(stream, options), stream.tell)


def make_chunks(records: Iterable[Record], tell: Callable[[], int]) -> Iterator[Chunk]:
    waiting = iter(records)
    maker = _ItemMaker()
    while some := list(islice(waiting, CHUNK_RECORDS)):
        items = maker.make(some)
        yield Chunk(tell(), maker.take_instruments(), items)


class _ItemMaker:
    def __init__(self) -> None:
        self._lines = LineMaker()
        self._statement_row = 0
        # By identity: parsers give the same object for the same contract. The row is kept so that its identity
        # stays its own.
        self._seen: dict[int, tuple[int, InstrumentRow]] = {}
        self._fresh: list[InstrumentRow] = []

    def make(self, records: list[Record]) -> list[Item]:
        items: list[Item] = []
        executions: list[ExecutionRow] = []
        for record in records:
            if type(record) is ExecutionRow:
                executions.append(record)
                continue
            items += self._take_lines(executions)
            items.append(record)
            if type(record) is StatementInfo and record.row != self._statement_row:
                self._statement_row = record.row
                self._lines.begin_statement(record.stated_at)
        items += self._take_lines(executions)
        return items

    def _take_lines(self, executions: list[ExecutionRow]) -> list[ExecutionLine]:
        if not executions:
            return []
        lines = self._lines.make(
            executions, [self._number(record.instrument) for record in executions]
        )
        executions.clear()
        return lines

    def take_instruments(self) -> list[InstrumentRow]:
        fresh, self._fresh = self._fresh, []
        return fresh

    def _number(self, instrument: InstrumentRow) -> int:
        seen = self._seen.get(id(instrument))
        if seen is None:
            seen = self._seen[id(instrument)] = (len(self._seen), instrument)
            self._fresh.append(instrument)
        return seen[0]
