"""The six programs of a running Fillbook, and the commands that prepare it."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from config.runtime import binaries, leftovers
from config.runtime.child import Program
from config.runtime.layout import VALKEY_SOCKET, Layout
from config.runtime.postgres import ENVIRONMENT, Postgres

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
ROOT = Path(__file__).resolve().parent.parent.parent


def environment(layout: Layout, **more: str) -> dict[str, str]:
    mark = {leftovers.MARK: str(layout.data_dir), "DATA_DIR": str(layout.data_dir)}
    return {**os.environ, **mark, "PYTHONUNBUFFERED": "1", **more}


def postgres(layout: Layout) -> Program:
    server = Postgres(layout)

    def clear() -> None:
        # Whoever holds the lock of DATA_DIR knows that no other server runs here. A pid file of before may
        # name a number that somebody else has now, and PostgreSQL would refuse to start.
        leftovers.stop(leftovers.working_in(layout.postgres))
        for name in ("postmaster.pid", ".s.PGSQL.5432.lock", ".s.PGSQL.5432"):
            (layout.postgres / name).unlink(missing_ok=True)

    return Program(
        title="Database",
        slug="postgres",
        command=server.command,
        cwd=layout.postgres,
        env={**ENVIRONMENT, leftovers.MARK: str(layout.data_dir)},
        is_ready=server.is_ready,
        before_start=clear,
        preexec=server.preexec,
        # Fast: roll back and close; then immediate: the write-ahead log brings it back at the next start.
        stopping=((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0)),
        hurried=signal.SIGQUIT,
    )


def valkey(layout: Layout) -> Program:
    file = layout.valkey / VALKEY_SOCKET
    options = {
        "port": "0",
        "unixsocket": VALKEY_SOCKET,
        "unixsocketperm": "700",
        "dir": ".",
        # Every accepted task is on disk before its sender goes on: tasks are few, and none may be lost.
        "appendonly": "yes",
        "appendfsync": "always",
        "aof-load-truncated": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
    }

    def clear() -> None:
        leftovers.stop(leftovers.working_in(layout.valkey))
        file.unlink(missing_ok=True)

    def is_ready() -> bool:
        try:
            with Redis(
                unix_socket_path=str(layout.socket_folder(layout.valkey) / VALKEY_SOCKET)
            ) as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    return Program(
        title="Broker",
        slug="valkey",
        command=lambda: [
            str(binaries.valkey_server()),
            *(part for name, value in options.items() for part in (f"--{name}", value)),
        ],
        cwd=layout.valkey,
        env={"PATH": ENVIRONMENT["PATH"], leftovers.MARK: str(layout.data_dir)},
        is_ready=is_ready,
        before_start=clear,
    )


def web(layout: Layout, listener: socket.socket, *, workers: int, threads: int) -> Program:
    arguments = {
        "--bind": f"fd://{listener.fileno()}",
        "--workers": str(workers),
        "--threads": str(threads),
        "--worker-class": "gthread",
        "--worker-tmp-dir": str(layout.run),
        "--timeout": "120",
        "--graceful-timeout": "8",
        "--log-level": "warning",
    }
    return Program(
        title="Web",
        slug="web",
        command=lambda: [
            *(sys.executable, "-m", "gunicorn", "config.wsgi:application", "--no-control-socket"),
            *(part for pair in arguments.items() for part in pair),
        ],
        cwd=ROOT,
        env=environment(layout),
        pass_fds=(listener.fileno(),),
    )


def worker(layout: Layout, *, concurrency: int) -> Program:
    return _worker(
        layout, "Worker", "worker", "fillbook", f"--pool prefork --concurrency {concurrency}"
    )


def closing(layout: Layout, *, threads: int) -> Program:
    """Closes accounts and tends guards, whatever the other worker is busy with. It mostly waits for brokers."""
    return _worker(
        layout, "Closing", "closing", "closing", f"--pool threads --concurrency {threads}"
    )


def _worker(layout: Layout, title: str, slug: str, queue: str, pool: str) -> Program:
    arguments = f"-A config worker --queues {queue} --hostname {slug}@%h {pool} --loglevel INFO --without-gossip"
    return Program(
        title=title,
        slug=slug,
        command=lambda: [sys.executable, "-m", "celery", *arguments.split(), "--without-mingle"],
        cwd=ROOT,
        # Workers share the machine already: threads of the linear algebra of one would only wait for those of others.
        env=environment(layout, **{name: os.environ.get(name, "1") for name in _THREADS}),
        # Warm: finish what is running. Cold: put it back for the next worker.
        stopping=((signal.SIGTERM, 15.0), (signal.SIGQUIT, 5.0)),
        hurried=signal.SIGQUIT,
    )


def beat(layout: Layout) -> Program:
    # The schedule is in the code and safe to repeat, so nothing is kept in a file that a crash could spoil.
    arguments = "-A config beat --scheduler celery.beat:Scheduler --loglevel WARNING"
    return Program(
        title="Scheduler",
        slug="beat",
        command=lambda: [sys.executable, "-m", "celery", *arguments.split()],
        cwd=ROOT,
        env=environment(layout),
    )


def step(layout: Layout, title: str, *arguments: str) -> Program:
    """A management command that runs once, before the rest."""
    return Program(
        title=title,
        slug=arguments[0],
        command=lambda: [sys.executable, str(ROOT / "manage.py"), *arguments],
        cwd=ROOT,
        env=environment(layout),
    )
