"""A program the supervisor keeps running: how it starts, when it is ready, how it stops."""

from __future__ import annotations

import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from config.runtime.logs import ChildLog
from config.runtime.signals import dying_with_parent

BACK_OFF_SECONDS = (0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
STEADY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Program:
    title: str
    slug: str
    command: Callable[[], list[str]]
    cwd: Path
    env: Mapping[str, str]
    is_ready: Callable[[], bool] = lambda: True
    before_start: Callable[[], None] = lambda: None
    preexec: Callable[[], Callable[[], None]] = lambda: dying_with_parent(signal.SIGTERM)
    pass_fds: tuple[int, ...] = ()
    # Signals in turn, each with the seconds it is given; the kernel's own comes last.
    stopping: tuple[tuple[signal.Signals, float], ...] = ((signal.SIGTERM, 10.0),)
    hurried: signal.Signals = signal.SIGKILL


@dataclass(slots=True)
class Child:
    program: Program
    log: ChildLog
    selector: selectors.BaseSelector
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    restart_at: float | None = None
    _pipe: int | None = field(default=None)

    def start(self) -> None:
        self.program.before_start()
        reading, writing = os.pipe()
        try:
            self.process = subprocess.Popen(
                self.program.command(),
                cwd=self.program.cwd,
                env=dict(self.program.env),
                stdin=subprocess.DEVNULL,
                stdout=writing,
                stderr=writing,
                pass_fds=self.program.pass_fds,
                preexec_fn=self.program.preexec(),
                start_new_session=True,
            )
        except BaseException:
            os.close(reading)
            raise
        finally:
            os.close(writing)
        os.set_blocking(reading, False)
        self._pipe = reading
        self.selector.register(reading, selectors.EVENT_READ, self.drain)
        self.started_at = time.monotonic()
        self.restart_at = None

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process else None

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def drain(self) -> None:
        while self._pipe is not None:
            try:
                chunk = os.read(self._pipe, 65536)
            except BlockingIOError:
                return
            if not chunk:
                self._close_pipe()
                return
            self.log.write(chunk)

    def _close_pipe(self) -> None:
        if self._pipe is not None:
            self.selector.unregister(self._pipe)
            os.close(self._pipe)
            self._pipe = None

    def signal(self, number: signal.Signals) -> None:
        if self.process and self.process.poll() is None:
            self.process.send_signal(number)

    def reap(self) -> None:
        """Collect a dead child with what it left of its own group."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self.drain()
        self._close_pipe()
        self.process = None

    def plan_restart(self) -> float:
        """Seconds until the next try: short at first, longer when it keeps failing."""
        if time.monotonic() - self.started_at > STEADY_SECONDS:
            self.failures = 0
        pause = BACK_OFF_SECONDS[min(self.failures, len(BACK_OFF_SECONDS) - 1)]
        self.failures += 1
        self.restart_at = time.monotonic() + pause
        return pause
