"""The log of one child: bounded on disk, with its last lines at hand for the moment it fails."""

from __future__ import annotations

from collections import deque
from pathlib import Path

SIZE_MAX_BYTES = 5 * 1024 * 1024
KEPT_LINES = 40


class ChildLog:
    """One file and its predecessor, so at most twice SIZE_MAX_BYTES."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.tail: deque[str] = deque(maxlen=KEPT_LINES)
        self._rest = b""
        self._handle = file.open("ab", buffering=0)

    def write(self, chunk: bytes) -> None:
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        self.tail.extend(line.decode("utf-8", "replace") for line in lines)
        # A full disk must not stop the supervisor: it is the one that says so.
        try:
            self._handle.write(chunk)
            if self._handle.tell() > SIZE_MAX_BYTES:
                self._rotate()
        except OSError:
            pass

    def _rotate(self) -> None:
        self._handle.close()
        self.file.replace(self.file.with_suffix(".log.1"))
        self._handle = self.file.open("ab", buffering=0)

    def close(self) -> None:
        self._handle.close()

    def last_lines(self, count: int = 12) -> list[str]:
        return [line for line in self.tail if line.strip()][-count:]

    def says(self, words: str) -> bool:
        return any(words in line for line in self.tail)
