"""Live capture over HTTP, against a bare COPY and a bare view.

    python -m benchmarks.child capturing

The application's own web server is started as `make run` starts it: gunicorn with its workers and threads, PostgreSQL
and Valkey on disk. What takes turns is sent by the same program over the same number of connections:

* calls of one fill each, and the same bodies to a view of the same server that does one INSERT (`benchmarks.urls`);
* calls of 1,000 fills each over one connection, and a COPY of the rows that they wrote, 1,000 at a time, into the same
  table with its indexes and triggers in place, each committed.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import pgtrigger
from django.conf import settings
from django.db import connection
from django_scopes import scope

from accounts.models import Membership
from accounts.scopes import Scope
from accounts.services.people import create_user
from accounts.services.tokens import create_token
from accounts.services.workspaces import create_workspace
from benchmarks.urls import CREATE
from config.runtime.layout import Layout, link_sockets, make_private_folder
from config.runtime.programs import valkey, web
from journal.models import BrokerAccount

CONNECTIONS = 8
SECONDS = 4.0
ROUNDS = 3
ROWS = 1_000
CALLS = 20
TABLE = "journal_capturedrecord"
ACCOUNT = "BENCH-1"


def record(number: int, name: str) -> dict[str, str]:
    """A fill as a bot reports it."""
    return {
        "record_id": f"{name}-{number:09}",
        "account": ACCOUNT,
        "source": "bot",
        "symbol": f"SYM{number % 50}",
        "currency": "USD",
        "side": "buy" if number % 2 else "sell",
        "quantity": str(1 + number % 90),
        "price": f"{100 + number % 700 / 100:.2f}",
        "executed_at": f"2026-06-02T13:{number // 60 % 60:02}:{number % 60:02}.{number % 1000:03}+00:00",
        "exec_id": f"0000d514.{name}.{number:08x}.01",
        "client_order_id": f"{name}-order-{number // 3}",
        "fee": "1.05",
        "fee_currency": "USD",
    }


@dataclass
class Door:
    """An address of the server, as bytes on a connection that stays open."""

    port: int
    path: str
    token: str

    def request(self, body: bytes) -> bytes:
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def connect(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


def ask(line: socket.socket, request: bytes) -> bytes:
    """The body of the answer. Raises RuntimeError unless it is 200 or 201."""
    line.sendall(request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _more(line)
    head, _, body = answer.partition(b"\r\n\r\n")
    length = int(
        next(one for one in head.lower().split(b"\r\n") if one.startswith(b"content-length")).split(
            b":"
        )[1]
    )
    while len(body) < length:
        body += _more(line)
    if head[9:12] not in (b"200", b"201"):
        raise RuntimeError(f"{head[:200]!r} {body[:500]!r}")
    return body


def _more(line: socket.socket) -> bytes:
    found = line.recv(1 << 20)
    if not found:
        raise RuntimeError("The server closed the connection.")
    return found


def throughput(door: Door, name: str) -> float:
    """Calls a second over all connections."""
    done = [0] * CONNECTIONS
    stop = threading.Event()
    failures: list[BaseException] = []

    def send(place: int) -> None:
        try:
            with door.connect() as line:
                number = 0
                while not stop.is_set():
                    body = json.dumps(record(number, f"{name}{place}")).encode()
                    ask(line, door.request(body))
                    done[place] += 1
                    number += 1
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=send, args=(place,)) for place in range(CONNECTIONS)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    time.sleep(SECONDS)
    stop.set()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(done) / (time.perf_counter() - started)


def single(bare: Door, capture: Door) -> dict[str, Any]:
    throughput(bare, "warm"), throughput(capture, "warm")
    rounds = [
        (throughput(bare, f"b{turn}"), throughput(capture, f"c{turn}")) for turn in range(ROUNDS)
    ]
    return {
        "bare": median(one for one, _ in rounds),
        "capture": median(other for _, other in rounds),
        "ratio": round(median(other / one for one, other in rounds), 3),
    }


def batches(door: Door) -> dict[str, Any]:
    """Milliseconds of a call and of a COPY, in turns."""
    calls: list[float] = []
    copies: list[float] = []
    with door.connect() as line:
        for turn in range(CALLS + 3):
            rows = [record(number, f"m{turn}") for number in range(ROWS)]
            request = door.request(json.dumps({"executions": rows}).encode())
            first = _last_id()
            calls.append(_seconds(lambda request=request: _taken(ask(line, request))))
            copies.append(_copy_again(first))
    # The first ones only warm up.
    return {
        "call": median(calls[3:]),
        "copy": median(copies[3:]),
        "ratio": round(median(calls[3:]) / median(copies[3:]), 2),
    }


def _taken(body: bytes) -> None:
    if body.count(b'"created"') != ROWS:
        raise RuntimeError(f"Not all of the {ROWS} were new: {body[:300]!r}")


def _copy_again(first: int) -> float:
    """The rows after that id out, away, and in by COPY, as one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE id > %s", [first])
        assert cursor.fetchone()[0] == ROWS
        with cursor.copy(f"COPY (SELECT * FROM {TABLE} WHERE id > {first}) TO STDOUT") as copy:
            content = b"".join(bytes(block) for block in copy)
        with pgtrigger.ignore("journal.CapturedRecord:append_only"):
            cursor.execute(f"DELETE FROM {TABLE} WHERE id > %s", [first])
        started = time.perf_counter()
        with cursor.copy(f"COPY {TABLE} FROM STDIN") as copy:
            copy.write(content)
        return time.perf_counter() - started


def _last_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {TABLE}")
        return int(cursor.fetchone()[0])


def _seconds(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def prepare() -> str:
    """A workspace with an account; the text of a token for it."""
    membership: Membership = create_workspace(
        create_user("bench@example.org", password="as long as it takes"),
        name="Bench",
        base_currency="USD",
    )
    with scope(workspace=membership.workspace_id):
        BrokerAccount.objects.create(
            workspace_id=membership.workspace_id,
            broker="ibkr",
            broker_id=ACCOUNT,
            base_currency="USD",
        )
    with connection.cursor() as cursor:
        cursor.execute(CREATE)
    return create_token(membership, name="bench", scopes=[Scope.CAPTURE_WRITE, Scope.JOURNAL_READ])[
        1
    ]


@contextmanager
def application(layout: Layout) -> Iterator[int]:
    """The web server and the broker; gives the port."""
    for folder in (layout.run, layout.valkey):
        make_private_folder(folder)
    link_sockets(layout)
    broker = valkey(layout)
    broker.before_start()
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
        "LOG_LEVEL": "ERROR",
    }
    server = web(layout, listener, workers=settings.WEB_WORKERS, threads=settings.WEB_THREADS)
    with contextlib.ExitStack() as stack:
        for command, folder, options in (
            (broker.command(), broker.cwd, {"env": broker.env}),
            (server.command(), server.cwd, {"env": environment, "pass_fds": (listener.fileno(),)}),
        ):
            process = subprocess.Popen(
                command, cwd=folder, stdout=subprocess.DEVNULL, stderr=sys.stderr, **options
            )
            stack.callback(process.wait, 30)
            stack.callback(process.terminate)
        port = listener.getsockname()[1]
        _wait(port, broker.is_ready)
        yield port


def _wait(port: int, is_ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, RuntimeError, StopIteration):
            if is_ready():
                with Door(port, "/bare", "").connect() as line:
                    ask(line, Door(port, "/bare", "").request(b"{}"))
                    return
        time.sleep(0.2)
    raise RuntimeError("The web server did not answer.")


def main() -> None:
    token = prepare()
    layout = Layout(Path(settings.DATA_DIR))
    with application(layout) as port:
        found = {
            "single": single(Door(port, "/bare", token), Door(port, "/api/executions", token)),
            "batch": batches(Door(port, "/api/executions/batch", token)),
        }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
