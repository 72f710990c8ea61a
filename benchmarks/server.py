"""A PostgreSQL of the benchmarks' own, as durable as the one that people's data is in."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.runtime.layout import Layout, link_sockets, remove_links
from config.runtime.postgres import ROLE, SETTINGS, Postgres

START_SECONDS = 300
ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Server:
    layout: Layout

    def environment(self, database: str) -> dict[str, str]:
        """What a process needs to use this database: made here when there is none."""
        self._create(database)
        folder = self.layout.socket_folder(self.layout.postgres)
        return {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "DATA_DIR": str(self.layout.data_dir),
            "DATABASE_URL": f"postgresql://{ROLE}@/{database}?host={folder}",
            "CELERY_BROKER_URL": "memory://",
            "LOG_LEVEL": "ERROR",
        }

    def run(self, database: str, *command: str, **environment: str) -> str:
        """Run a module of ours against a database; its output, of which the last line is the result."""
        done = subprocess.run(
            [sys.executable, *command],
            cwd=ROOT,
            env={**self.environment(database), **environment},
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def drop(self, database: str) -> None:
        with Postgres(self.layout).connect("postgres") as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {database}")

    def _create(self, database: str) -> None:
        with Postgres(self.layout).connect("postgres") as connection:
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database])
            if not known.fetchone():
                connection.execute(f"CREATE DATABASE {database}")


@contextmanager
def private_server(folder: Path) -> Iterator[Server]:
    database = Postgres(Layout(folder.resolve()))
    database.create()
    link_sockets(database.layout)
    with (folder / "postgres.log").open("wb") as log:
        process = subprocess.Popen(
            database.command(),
            cwd=database.folder,
            stdout=log,
            stderr=log,
            preexec_fn=database.preexec(),  # noqa: PLW1509 - nothing else runs here yet
            start_new_session=True,
        )
    try:
        _wait(database, process, folder)
        yield Server(database.layout)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(START_SECONDS)
        remove_links(database.layout)


def _wait(database: Postgres, process: subprocess.Popen[bytes], folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not database.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError((folder / "postgres.log").read_text())
        time.sleep(0.05)
    database.ensure_database()


def describe() -> str:
    settings = ", ".join(f"{name} {SETTINGS[name]}" for name in ("shared_buffers", "work_mem"))
    return (
        f"PostgreSQL of our own with the settings of `make run` (fsync and synchronous_commit on, {settings}), "
        f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    )
