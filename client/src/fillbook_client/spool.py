"""What waits to be delivered, in a SQLite file: written by the trading program, emptied by the delivery.

A record that `add` has taken survives the end of its process, however that ends: it is handed to the operating system
before `add` returns. The disk is not waited for, so only a crash of the whole machine can lose the last moments.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sqlite3
import threading
import time
import weakref
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import NamedTuple

logger = logging.getLogger("fillbook")

# What cannot be written (disk full, file locked) waits in memory, up to so many records.
OVERFLOW_MAX = 100_000
# The trading program waits no longer for the delivery, which the other way round has time.
_CALLER_SECONDS, _DELIVERY_SECONDS = 0.001, 10.0

_BETWEEN_TRIES = 0.002
# Whoever forks waits so long at most for what other threads are doing with their files.
_FORK_SECONDS = 0.2

_TABLES = """
CREATE TABLE IF NOT EXISTS waiting (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, record_id TEXT NOT NULL, body TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS said (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS refused (
    id INTEGER PRIMARY KEY, kind TEXT NOT NULL, record_id TEXT NOT NULL, body TEXT NOT NULL,
    code TEXT NOT NULL, message TEXT NOT NULL
);
"""
_NOTE_FILL = "INSERT INTO said VALUES ('last_fill', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value"
_ADD = "INSERT INTO waiting (kind, record_id, body) VALUES (?, ?, ?)"


class Waiting(NamedTuple):
    """One record; `body` is JSON."""

    id: int
    kind: str
    record_id: str
    body: str


class Refused(NamedTuple):
    """A record that the journal will never take as it is, and why."""

    kind: str
    record_id: str
    body: str
    code: str
    message: str


class Spool:
    """Safe to use from several threads, and from several processes on one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._overflow: deque[tuple[str, str, str]] = deque()
        self._caller = _Door(path, _CALLER_SECONDS)
        self._delivery = _Door(path, _DELIVERY_SECONDS)
        self._complaint = ""

    def add(self, kind: str, record_id: str, body: str) -> None:
        """Never raises. What cannot be written now is written by the next call, or by the delivery."""
        with self._caller.lock:
            if len(self._overflow) >= OVERFLOW_MAX:
                logger.critical(
                    "The spool %s cannot be written and memory is used up; lost: %s",
                    self.path,
                    body,
                )
                return
            self._overflow.append((kind, record_id, body))
            self._write_overflow()

    def write_overflow(self) -> bool:
        """False where the disk does not take what waits in memory."""
        with self._caller.lock:
            return self._write_overflow()

    @property
    def in_memory(self) -> int:
        return len(self._overflow)

    def take_from_memory(self, limit: int) -> list[Waiting]:
        """The oldest that the disk did not take; `id` is 0."""
        with self._caller.lock:
            return [Waiting(0, *one) for one in islice(self._overflow, limit)]

    def settle_in_memory(self, settled: Iterable[str]) -> None:
        """Forget records by their ids. One that got onto the disk meanwhile is sent again, and known."""
        ids = set(settled)
        with self._caller.lock:
            kept = [one for one in self._overflow if one[1] not in ids]
            self._overflow.clear()
            self._overflow.extend(kept)

    def take(self, limit: int) -> list[Waiting]:
        """The oldest records; they stay until they are settled."""
        with self._delivery.connection() as connection:
            rows = connection.execute(
                "SELECT id, kind, record_id, body FROM waiting ORDER BY id LIMIT ?", (limit,)
            )
            return [Waiting(*row) for row in rows]

    def settle(
        self,
        delivered: Sequence[int],
        refused: Iterable[tuple[Waiting, str, str]] = (),
        last: Waiting | None = None,
    ) -> None:
        """Remove records that were delivered, and put aside those that were refused, with code and message. Of the last
        one it is remembered when it happened, if it is a fill."""
        refused = list(refused)
        gone = [*delivered, *(record.id for record, _, _ in refused)]
        with self._delivery.transaction() as connection:
            connection.executemany(
                "INSERT OR REPLACE INTO refused VALUES (?, ?, ?, ?, ?, ?)",
                [(*record, code, message) for record, code, message in refused],
            )
            connection.executemany("DELETE FROM waiting WHERE id = ?", [(id_,) for id_ in gone])
            if last is not None and last.kind == "execution":
                connection.execute(_NOTE_FILL, (_executed_at(last.body),))

    def last_fill(self) -> str:
        """When the last fill happened that this spool has seen (ISO 8601), "" where it has seen none."""
        with self._delivery.connection() as connection:
            waiting = connection.execute(
                "SELECT body FROM waiting WHERE kind = 'execution' ORDER BY id DESC LIMIT 1"
            ).fetchone()
            if waiting:
                return _executed_at(waiting[0])
            known = connection.execute("SELECT value FROM said WHERE name = 'last_fill'").fetchone()
        return str(known[0]) if known else ""

    def count(self) -> int:
        # What is in memory first: on its way to the disk it is rather counted twice than not at all.
        in_memory = len(self._overflow)
        with self._delivery.connection() as connection:
            (waiting,) = connection.execute("SELECT count(*) FROM waiting").fetchone()
        return int(waiting) + in_memory

    def list_refused(self) -> list[Refused]:
        with self._delivery.connection() as connection:
            rows = connection.execute(
                "SELECT kind, record_id, body, code, message FROM refused ORDER BY id"
            )
            return [Refused(*row) for row in rows]

    def retry_refused(self) -> int:
        """Let everything that was refused wait again, behind what waits already."""
        with self._delivery.transaction() as connection:
            done = connection.execute(
                "INSERT INTO waiting (kind, record_id, body) SELECT kind, record_id, body FROM refused ORDER BY id"
            )
            connection.execute("DELETE FROM refused")
            return done.rowcount

    def close(self) -> None:
        self.write_overflow()
        self._caller.close()
        self._delivery.close()

    def _write_overflow(self) -> bool:
        try:
            connection = self._caller.open()
            while self._overflow:
                connection.execute(_ADD, self._overflow[0])
                self._overflow.popleft()
        except (sqlite3.Error, OSError) as error:
            # Locked for a moment is nothing to speak of: the next one to come writes it.
            if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
                return True
            if self._complaint != str(error):
                self._complaint = str(error)
                logger.warning("The spool %s cannot be written just now: %s", self.path, error)
            return False
        self._complaint = ""
        return True


def _executed_at(body: str) -> str:
    try:
        return str(json.loads(body).get("executed_at", ""))
    except (ValueError, AttributeError):
        return ""


class _Door:
    """One connection to the file, and the lock that goes with it."""

    def __init__(self, path: Path, patience: float) -> None:
        self.lock = threading.Lock()
        self._path = path
        self._patience = patience
        self._connection: sqlite3.Connection | None = None
        _doors.add(self)

    def renew(self) -> None:
        """After a fork: whoever held the lock is not there, and the parent's connection is not ours to use, nor to
        close."""
        self.lock = threading.Lock()
        if self._connection is not None:
            _left_behind.append(self._connection)
            self._connection = None

    @contextmanager
    def connection(self) -> Iterator[sqlite3.Connection]:
        with self.lock:
            yield self.open()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        with self.lock, self.open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection

    def open(self) -> sqlite3.Connection:
        if self._connection is not None:
            return self._connection
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        deadline = time.monotonic() + self._patience
        while True:
            try:
                self._connection = self._connect()
                break
            except sqlite3.OperationalError as error:
                # Two that make a new file at once: SQLite waits for anything else by itself, but not for that.
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(_BETWEEN_TRIES)
        with contextlib.suppress(OSError):
            self._path.chmod(0o600)
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self._path, timeout=self._patience, isolation_level=None, check_same_thread=False
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.executescript(_TABLES)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        with self.lock:
            if self._connection is not None:
                self._connection.close()
            self._connection = None


_doors: weakref.WeakSet[_Door] = weakref.WeakSet()
_left_behind: list[sqlite3.Connection] = []
_held: list[threading.Lock] = []


def _hold_doors() -> None:
    """Before a fork: SQLite's own locks are copied as they are, and what a thread holds at that moment nobody in the
    child ever gives back. A thread that waits for the file, and so keeps its door longer, holds none of those."""
    locks = [door.lock for door in list(_doors)]
    _held.extend(lock for lock in locks if lock.acquire(timeout=_FORK_SECONDS))


def _let_go_of_doors() -> None:
    while _held:
        _held.pop().release()


def _renew_doors() -> None:
    _held.clear()
    for door in list(_doors):
        door.renew()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_hold_doors, after_in_parent=_let_go_of_doors, after_in_child=_renew_doors
    )
