"""The statement parser of Interactive Brokers activity statements in CSV."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from typing import BinaryIO, cast

from journal.brokers.base import ParseOptions, Record
from journal.brokers.ibkr_activity.facts import Gatherer
from journal.brokers.ibkr_activity.problems import not_activity
from journal.brokers.ibkr_activity.statement import FileReader
from journal.brokers.text.decoding import sight
from journal.brokers.text.tables import read_table

# English in every language. The trades alone, cut out of a statement, are one too.
_MARKS = re.compile(
    rb"""^"?statement"?,"?(?:header|data)"?,|(?:^|\n)"?[^\n,"]{1,80}"?,"?header"?,"?datadiscriminator"?,(?:[^\n,]*,){9}"""
)
_KEPT_IN_MEMORY_BYTES = 4 * 1024**2


class IbkrActivity:
    slug = "ibkr_activity"
    broker = "ibkr"
    label = "Interactive Brokers activity statement (CSV)"
    default_zone = "America/New_York"

    def recognises(self, head: bytes, name: str) -> bool:
        return _MARKS.search(sight(head)) is not None

    def parse(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        """Reads the file twice: what its contracts are stands at its end (`facts.py`)."""
        if stream.seekable():
            yield from self._read(stream, options)
            return
        with tempfile.SpooledTemporaryFile(_KEPT_IN_MEMORY_BYTES) as copy:
            shutil.copyfileobj(stream, copy)
            copy.seek(0)
            yield from self._read(cast("BinaryIO", copy), options)

    def _read(self, stream: BinaryIO, options: ParseOptions) -> Iterator[Record]:
        start = stream.tell()
        gatherer = Gatherer()
        for line in read_table(stream, ","):
            gatherer.take(line)
        if not gatherer.has_sections:
            raise not_activity()
        stream.seek(start)
        reader = FileReader(gatherer.statements, options, self.default_zone)
        for line in read_table(stream, ","):
            yield from reader.read(line)
        yield from reader.finish()
