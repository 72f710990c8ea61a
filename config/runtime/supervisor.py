"""Keeps the programs running until told to stop. One thread: it waits for output, deaths, clocks and signals."""

from __future__ import annotations

import contextlib
import selectors
import signal
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from config.runtime.child import Child, Program
from config.runtime.faults import StartFailure
from config.runtime.layout import Layout
from config.runtime.logs import ChildLog

TICK_SECONDS = 0.1
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stopped(Exception):
    """Somebody asked us to stop while we were starting."""


class Supervisor:
    def __init__(self, layout: Layout, say: Callable[[str], None]) -> None:
        self.layout = layout
        self.say = say
        self.children: list[Child] = []
        self.stop_requests = 0
        self._selector = selectors.DefaultSelector()

    # --- Starting ----------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def listening_to_signals(self) -> Iterator[None]:
        """The handlers only count: what is to be done is done between two ticks. They stay until the end."""

        def count(_number: int, _frame: FrameType | None) -> None:
            self.stop_requests += 1

        before = {number: signal.signal(number, count) for number in STOP_SIGNALS}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def start(self, program: Program) -> Child:
        child = Child(program, ChildLog(self.layout.logs / f"{program.slug}.log"), self._selector)
        self.children.append(child)
        child.start()
        return child

    def wait_until_ready(self, child: Child, *, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not child.program.is_ready():
            self.tick()
            if not child.is_running():
                self.fail(child, "stopped")
            if time.monotonic() > deadline:
                self.fail(child, f"did not answer within {seconds:.0f} seconds")

    def run_step(self, program: Program) -> list[str]:
        """Run to the end; return what it said."""
        child = Child(program, ChildLog(self.layout.logs / f"{program.slug}.log"), self._selector)
        child.start()
        self.children.append(child)
        try:
            while child.is_running():
                self.tick()
            code = child.process.returncode if child.process else 1
            child.drain()
            if code:
                self.fail(child, f"failed (exit code {code})")
            return child.log.last_lines(40)
        finally:
            if not child.is_running():
                child.reap()
                self.children.remove(child)

    def tick(self) -> None:
        self._pump()
        if self.stop_requests:
            raise Stopped

    def _pump(self) -> None:
        for key, _events in self._selector.select(TICK_SECONDS):
            key.data()

    def fail(self, child: Child, what: str) -> NoReturn:
        child.drain()
        if child.log.says("No space left on device"):
            raise StartFailure(
                f"The disk that holds DATA_DIR={self.layout.data_dir} is full: make room, and start again."
            )
        for line in child.log.last_lines():
            self.say(f"    {child.program.slug}: {line}")
        raise StartFailure(f"{child.program.title} {what}; its log is {child.log.file}.")

    # --- Running -----------------------------------------------------------------------------------------

    def watch(self) -> None:
        """Restart what dies, until a signal comes."""
        while not self.stop_requests:
            self._pump()
            for child in self.children:
                self._look_after(child)

    def _look_after(self, child: Child) -> None:
        if child.process is not None:
            code = child.process.poll()
            if code is not None:
                child.reap()
                pause = child.plan_restart()
                self.say(
                    f"{child.program.title} stopped ({_how(code)}); starting it again in {pause:g} s."
                    + _because(child)
                )
        elif child.restart_at is not None and time.monotonic() >= child.restart_at:
            try:
                child.start()
            except OSError as error:
                pause = child.plan_restart()
                self.say(f"{child.program.title} cannot start: {error}; next try in {pause:g} s.")
            else:
                self.say(f"{child.program.title} started again.")

    # --- Stopping ----------------------------------------------------------------------------------------

    def stop(self, *groups: tuple[str, ...]) -> None:
        """Stop group after group. Signals that come meanwhile hurry it."""
        before = self.stop_requests
        for slugs in groups:
            members = [child for child in self.children if child.program.slug in slugs]
            self._stop_together(members, patience_until=before)
        self._stop_together([c for c in self.children if c.process], patience_until=before)
        for child in self.children:
            child.log.close()

    def _stop_together(self, children: list[Child], *, patience_until: int) -> None:
        began = time.monotonic()
        step = dict.fromkeys(range(len(children)), 0)
        deadline = dict.fromkeys(range(len(children)), began)
        hurried = False
        while any(child.is_running() for child in children):
            if not hurried and self.stop_requests > patience_until:
                hurried = True
                for child in children:
                    child.signal(child.program.hurried)
                deadline = dict.fromkeys(deadline, time.monotonic() + 5.0)
                step = dict.fromkeys(step, 99)
            for index, child in enumerate(children):
                if child.is_running() and time.monotonic() >= deadline[index]:
                    deadline[index] = time.monotonic() + _escalate(child, step[index])
                    step[index] += 1
            self._pump()
        for child in children:
            child.reap()


def _escalate(child: Child, step: int) -> float:
    """Send the next signal of the program's list, the kernel's own at its end; say how long to wait for it."""
    if step < len(child.program.stopping):
        number, seconds = child.program.stopping[step]
        child.signal(number)
        return seconds
    child.signal(signal.SIGKILL)
    return 5.0


def _how(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _because(child: Child) -> str:
    lines = child.log.last_lines(1)
    return f" Its last words: {lines[0].strip()}" if lines else ""
