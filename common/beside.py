"""Computing beside this process, in a copy of it, while it waits for the database or computes something else.

Threads of one Python take turns, and handing much data to another program costs as much as computing with it. A
copy made by `fork` has the data already. It is for pure functions only: the copy shares open files and connections
with this process and must not use them.
"""

from __future__ import annotations

import contextlib
import gc
import os
import pickle
import signal
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, NoReturn, Protocol, TypeVar

Found = TypeVar("Found")
Found_co = TypeVar("Found_co", covariant=True)


class Beside(Protocol[Found_co]):
    """Something that is being computed. `close` gives it up, and does nothing once the result was taken."""

    def result(self) -> Found_co: ...

    def close(self) -> None: ...


def start_beside(work: Callable[[], Found], *, large: bool) -> Beside[Found]:
    """Begin the work; `large` is whether it is worth a process. The result must be picklable then.

    What the work raises is raised by `result`.
    """
    if large and sys.platform == "linux":
        # No process to be had: the thread does the same, only later.
        with contextlib.suppress(OSError):
            return _Forked(work)
    return _Threaded(work)


class _Threaded(Generic[Found]):
    def __init__(self, work: Callable[[], Found]) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._future = self._thread.submit(work)

    def result(self) -> Found:
        try:
            return self._future.result()
        finally:
            self.close()

    def close(self) -> None:
        self._thread.shutdown()


class _Forked(Generic[Found]):
    def __init__(self, work: Callable[[], Found]) -> None:
        reading, writing = os.pipe()
        try:
            self._pid = os.fork()
        except OSError:
            os.close(reading)
            os.close(writing)
            raise
        if self._pid == 0:
            os.close(reading)
            _compute(work, writing)
        os.close(writing)
        self._pipe = os.fdopen(reading, "rb")
        self._is_open = True

    def result(self) -> Found:
        try:
            content = self._pipe.read()
        finally:
            status = self._end()
        if not content:
            raise ChildProcessError(
                f"A computing process ended without a result (status {status})."
            )
        is_found, value = pickle.loads(content)  # noqa: S301 - written by ourselves, a moment ago
        if not is_found:
            raise value
        found: Found = value
        return found

    def close(self) -> None:
        if self._is_open:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            self._end()

    def _end(self) -> int:
        self._is_open = False
        self._pipe.close()
        _, status = os.waitpid(self._pid, 0)
        return os.waitstatus_to_exitcode(status)


def _compute(work: Callable[[], object], writing: int) -> NoReturn:
    """In the copy. It leaves by `_exit`: nothing of what it shares may be closed, flushed or rolled back by it."""
    try:
        # Handlers of the original (a worker's, say) are not meant for its copy.
        for one in (signal.SIGTERM, signal.SIGINT):
            signal.signal(one, signal.SIG_DFL)
        # Collecting would touch, and so copy, every object there is.
        gc.disable()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(_outcome(work))
    finally:
        os._exit(0)


def _outcome(work: Callable[[], object]) -> bytes:
    try:
        return pickle.dumps((True, work()), protocol=pickle.HIGHEST_PROTOCOL)
    except BaseException as error:
        try:
            return pickle.dumps((False, error))
        except Exception:
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
