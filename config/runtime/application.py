"""`manage.py up`: the whole application, from an empty folder to an address, and back."""

from __future__ import annotations

import http.client
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from config.runtime import checks, leftovers, lock, programs
from config.runtime.binaries import valkey_server
from config.runtime.faults import StartFailure
from config.runtime.layout import Layout, link_sockets, make_private_folder, remove_links
from config.runtime.postgres import Postgres
from config.runtime.supervisor import Stopped, Supervisor

STOP_ORDER = (("web", "beat"), ("worker", "closing"), ("valkey",), ("postgres",))
SERVER_START_SECONDS = 60.0
# Crash recovery replays what was written since the last checkpoint.
DATABASE_START_SECONDS = 300.0
HEALTH_SECONDS = 90.0


@dataclass(frozen=True, slots=True)
class Options:
    layout: Layout
    host: str
    port: int
    database: dict[str, Any]
    database_url: str  # empty: our own
    broker_url: str  # empty: our own
    host_header: str
    web_workers: int
    web_threads: int
    worker_concurrency: int
    closing_threads: int
    demo: bool


@dataclass(slots=True)
class Application:
    options: Options
    say: Callable[[str], None]
    supervisor: Supervisor = field(init=False)
    began: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.options.layout, self.say)

    def run(self) -> None:
        layout = self.options.layout
        with self.supervisor.listening_to_signals():
            self.say(f"Fillbook is starting; its data is in {layout.data_dir}")
            checks.check_data_dir(layout)
            holder = lock.take(layout)
            try:
                self._run_locked()
            except OSError as error:
                raise checks.data_dir_failure(layout, error) from error
            finally:
                holder.close()

    def _run_locked(self) -> None:
        listener = checks.listen(self.options.host, self.options.port)
        try:
            self._stop_leftovers()
            self._start(listener)
            self.say(f"Ready after {time.monotonic() - self.began:.1f} s: {self._address()}")
            self.say(f"Ctrl-C stops everything. Logs are in {self.options.layout.logs}")
            self.supervisor.watch()
        except Stopped:
            pass
        finally:
            listener.close()
            self._stop()

    # --- Steps -------------------------------------------------------------------------------------------

    def _stop_leftovers(self) -> None:
        found = leftovers.find(self.options.layout)
        if found:
            self.say(f"Stopping {len(found)} processes that an earlier run left behind")
            leftovers.stop(found)

    def _start(self, listener: socket.socket) -> None:
        layout, options = self.options.layout, self.options
        link_sockets(layout)
        self._database()
        self._broker()
        self._step("Tables and static files", "prepare")
        self.supervisor.start(
            programs.web(layout, listener, workers=options.web_workers, threads=options.web_threads)
        )
        self.supervisor.start(programs.worker(layout, concurrency=options.worker_concurrency))
        self.supervisor.start(programs.closing(layout, threads=options.closing_threads))
        self.supervisor.start(programs.beat(layout))
        self._healthy()
        if options.demo:
            self._demo()

    def _database(self) -> None:
        began = time.monotonic()
        if self.options.database_url:
            checks.check_database(self.options.database)
            self._done("Database (yours, DATABASE_URL)", began)
            return
        server = Postgres(self.options.layout)
        if server.create():
            self._done("Database created", began)
            began = time.monotonic()
        child = self.supervisor.start(programs.postgres(self.options.layout))
        self.supervisor.wait_until_ready(child, seconds=DATABASE_START_SECONDS)
        server.ensure_database()
        self._done("Database (PostgreSQL)", began)

    def _broker(self) -> None:
        began = time.monotonic()
        if self.options.broker_url:
            checks.check_broker(self.options.broker_url)
            self._done("Broker (yours, CELERY_BROKER_URL)", began)
            return
        valkey_server()
        make_private_folder(self.options.layout.valkey)
        child = self.supervisor.start(programs.valkey(self.options.layout))
        self.supervisor.wait_until_ready(child, seconds=SERVER_START_SECONDS)
        self._done("Broker (Valkey)", began)

    def _step(self, title: str, *arguments: str) -> list[str]:
        began = time.monotonic()
        said = self.supervisor.run_step(programs.step(self.options.layout, title, *arguments))
        self._done(title, began)
        return said

    def _healthy(self) -> None:
        began = time.monotonic()
        answer = ""
        while time.monotonic() - began < HEALTH_SECONDS:
            answer = self._health()
            if answer == "ok":
                self._done("Web, workers and scheduler", began)
                return
            self._no_child_gives_up()
        raise StartFailure(
            f"The application did not become healthy within {HEALTH_SECONDS:.0f} seconds ({answer}); "
            f"the logs are in {self.options.layout.logs}."
        )

    def _no_child_gives_up(self) -> None:
        for child in self.supervisor.children:
            if not child.is_running():
                self.supervisor.fail(child, "stopped")
        self.supervisor.tick()

    def _health(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}.get(  # noqa: S104
            self.options.host, self.options.host
        )
        connection = http.client.HTTPConnection(host, self.options.port, timeout=8)
        try:
            connection.request("GET", "/health", headers={"Host": self.options.host_header})
            response = connection.getresponse()
            body = response.read(300).decode("utf-8", "replace")
            return "ok" if response.status == 200 else f"/health answers {response.status}: {body}"
        except (OSError, http.client.HTTPException) as error:
            return f"/health does not answer: {str(error) or type(error).__name__}"
        finally:
            connection.close()

    def _demo(self) -> None:
        note = self.options.layout.data_dir / "demo.txt"
        if not note.exists():
            self.say("  Writing the demo's book; this happens once ...")
            said = self._step("Demo", "seed_demo")
            note.write_text("\n".join(said) + "\n", encoding="utf-8")
        self.say(note.read_text(encoding="utf-8").rstrip())

    # --- Ending ------------------------------------------------------------------------------------------

    def _stop(self) -> None:
        began = time.monotonic()
        if self.supervisor.children:
            self.say("Stopping ...")
        self.supervisor.stop(*STOP_ORDER)
        remove_links(self.options.layout)
        if self.supervisor.children:
            self.say(f"Stopped after {time.monotonic() - began:.1f} s; nothing is lost.")

    def _done(self, title: str, began: float) -> None:
        self.say(f"  {title:<34} ready after {time.monotonic() - began:4.1f} s")

    def _address(self) -> str:
        host = self.options.host
        shown = "localhost" if host in {"127.0.0.1", "0.0.0.0", "::", "::1", ""} else host  # noqa: S104
        return f"http://{shown}:{self.options.port}/"
