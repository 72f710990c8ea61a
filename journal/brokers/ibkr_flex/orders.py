"""Rows that wait until it is known whether the statement states executions too."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import IO

_IN_MEMORY = 2_000

PendingRow = tuple[int, str, dict[str, str]]  # row, element name, attributes


class PendingRows:
    """A queue that keeps its order and moves to a temporary file when it grows."""

    def __init__(self) -> None:
        self.orders = 0
        self._rows: list[PendingRow] = []
        self._spilled: IO[str] | None = None

    def __bool__(self) -> bool:
        return bool(self._rows) or self._spilled is not None

    def add(self, row: int, name: str, raw: dict[str, str], *, is_order: bool) -> None:
        self.orders += is_order
        self._rows.append((row, name, raw))
        if len(self._rows) >= _IN_MEMORY:
            self._spill()

    def take(self) -> PendingRows:
        """All that waits, as a queue of its own; this one is empty then."""
        taken = PendingRows()
        taken.orders, self.orders = self.orders, 0
        taken._rows, self._rows = self._rows, []
        taken._spilled, self._spilled = self._spilled, None
        return taken

    def drain(self) -> Iterator[PendingRow]:
        if self._spilled is not None:
            with self._spilled as spilled:
                spilled.seek(0)
                for line in spilled:
                    row, name, raw = json.loads(line)
                    yield row, name, raw
            self._spilled = None
        rows, self._rows = self._rows, []
        yield from rows

    def _spill(self) -> None:
        if self._spilled is None:
            self._spilled = tempfile.TemporaryFile("w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the queue
        rows, self._rows = self._rows, []
        self._spilled.writelines(json.dumps(row) + "\n" for row in rows)
