"""What the bridge remembers, in a SQLite file: pushes that wait, the sequence, and which deals were sent already.

A push is numbered, stored, and its deals marked as sent in one transaction. So whatever ends the program, each number
is given once, and no deal is marked that is not in a push.
"""

from __future__ import annotations

import contextlib
import sqlite3
import uuid
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

_TABLES = """
CREATE TABLE IF NOT EXISTS about (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS series (
    account TEXT PRIMARY KEY, sequence INTEGER NOT NULL, complete_until INTEGER NOT NULL, day INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS pushes (
    id INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, sequence INTEGER NOT NULL, is_state INTEGER NOT NULL,
    body TEXT NOT NULL, is_tried INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS deals (
    account TEXT NOT NULL, ticket INTEGER NOT NULL, at INTEGER NOT NULL, digest TEXT NOT NULL,
    PRIMARY KEY (account, ticket)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS commands (
    connection TEXT NOT NULL, sequence INTEGER NOT NULL, begun_at TEXT NOT NULL, answer TEXT, is_told INTEGER NOT NULL,
    PRIMARY KEY (connection, sequence)
) WITHOUT ROWID;
"""


class Series(NamedTuple):
    """How far the deals of an account were sent, in seconds of the server's clock; `day` is the server's last day."""

    sequence: int
    complete_until: int
    day: int


class Push(NamedTuple):
    id: int
    account: str
    sequence: int
    body: str


class SentDeal(NamedTuple):
    ticket: int
    at: int
    digest: str


class Store:
    """Of one process. Raises sqlite3.Error where the file cannot be used."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, timeout=10, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.executescript(_TABLES)
        with contextlib.suppress(OSError):
            path.chmod(0o600)

    def close(self) -> None:
        self._connection.close()

    @property
    def bridge(self) -> str:
        """Who we are: made once, and anew when everything is started over."""
        self._connection.execute(
            "INSERT OR IGNORE INTO about VALUES ('bridge', ?)", (uuid.uuid4().hex,)
        )
        (value,) = self._connection.execute(
            "SELECT value FROM about WHERE name = 'bridge'"
        ).fetchone()
        return str(value)

    def series(self, account: str) -> Series:
        row = self._connection.execute(
            "SELECT sequence, complete_until, day FROM series WHERE account = ?", (account,)
        ).fetchone()
        return Series(*row) if row else Series(0, 0, 0)

    def last_account(self) -> str:
        """Of which something was stored last, "" before the first."""
        row = self._connection.execute("SELECT value FROM about WHERE name = 'account'").fetchone()
        return str(row[0]) if row else ""

    def sent(self, account: str, since: int) -> dict[int, str]:
        """Digests of the deals that were sent, by ticket."""
        rows = self._connection.execute(
            "SELECT ticket, digest FROM deals WHERE account = ? AND at >= ?", (account, since)
        )
        return dict(rows)

    def add(
        self,
        account: str,
        write: Callable[[int], str],
        *,
        complete_until: int,
        day: int,
        deals: Iterable[SentDeal] = (),
        is_state: bool = False,
    ) -> None:
        """Store a push; `write` makes its body of its number. A state that waits untried gives way to a newer one."""
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            sequence = self.series(account).sequence
            last = connection.execute(
                "SELECT id, is_state AND NOT is_tried FROM pushes WHERE account = ? ORDER BY id DESC LIMIT 1",
                (account,),
            ).fetchone()
            if is_state and last and last[1]:
                connection.execute(
                    "UPDATE pushes SET body = ? WHERE id = ?", (write(sequence), last[0])
                )
            else:
                sequence += 1
                connection.execute(
                    "INSERT INTO pushes (account, sequence, is_state, body) VALUES (?, ?, ?, ?)",
                    (account, sequence, is_state, write(sequence)),
                )
            connection.execute(
                "INSERT OR REPLACE INTO series VALUES (?, ?, ?, ?)",
                (account, sequence, complete_until, day),
            )
            connection.execute("INSERT OR REPLACE INTO about VALUES ('account', ?)", (account,))
            connection.executemany(
                "INSERT OR REPLACE INTO deals VALUES (?, ?, ?, ?)",
                [(account, *deal) for deal in deals],
            )

    def next_push(self) -> Push | None:
        """The oldest that waits. It is marked as tried: from now on its content stands."""
        row = self._connection.execute(
            "SELECT id, account, sequence, body FROM pushes ORDER BY id LIMIT 1"
        ).fetchone()
        if row is None:
            return None
        self._connection.execute("UPDATE pushes SET is_tried = 1 WHERE id = ?", (row[0],))
        return Push(*row)

    def settle(self, push: Push) -> None:
        self._connection.execute("DELETE FROM pushes WHERE id = ?", (push.id,))

    def count(self) -> int:
        (count,) = self._connection.execute("SELECT count(*) FROM pushes").fetchone()
        return int(count)

    def send_again(self, account: str, since: int) -> None:
        """Forget that deals from `since` on were sent."""
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM deals WHERE account = ? AND at >= ?", (account, since))
            connection.execute(
                "UPDATE series SET complete_until = min(complete_until, ?), day = 0 WHERE account = ?",
                (since, account),
            )

    # -- commands: they outlive a new start, or one of them might be carried out twice

    def begin_command(self, connection: str, sequence: int, at: str) -> bool:
        """False where it was begun before: nothing is ever done for it again."""
        cursor = self._connection.execute(
            "INSERT OR IGNORE INTO commands VALUES (?, ?, ?, NULL, 0)", (connection, sequence, at)
        )
        return cursor.rowcount == 1

    def answer_command(self, connection: str, sequence: int, answer: str) -> None:
        """The first answer stands."""
        self._connection.execute(
            "UPDATE commands SET answer = ?, is_told = 0 WHERE connection = ? AND sequence = ? AND answer IS NULL",
            (answer, connection, sequence),
        )

    def answers_to_tell(self, connection: str, limit: int) -> list[tuple[int, str]]:
        return self._connection.execute(
            "SELECT sequence, answer FROM commands WHERE connection = ? AND answer IS NOT NULL AND NOT is_told "
            "ORDER BY sequence LIMIT ?",
            (connection, limit),
        ).fetchall()

    def note_told(self, connection: str, sequences: Iterable[int]) -> None:
        self._connection.executemany(
            "UPDATE commands SET is_told = 1 WHERE connection = ? AND sequence = ?",
            [(connection, sequence) for sequence in sequences],
        )

    def start_over(self) -> None:
        """A new series from number 1, with all of the history. What waits is part of that, and goes."""
        with self._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("DELETE FROM pushes")
            connection.execute("DELETE FROM series")
            connection.execute("DELETE FROM deals")
            connection.execute("DELETE FROM about")
