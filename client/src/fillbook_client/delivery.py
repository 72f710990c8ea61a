"""Empties the spool in the background: in order, again until it works, and out of the way of the trading program."""

from __future__ import annotations

import json
import logging
import os
import random
import sqlite3
import threading
import weakref
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import IO, Any, Callable, NamedTuple

from fillbook_client.spool import Spool, Waiting
from fillbook_client.wire import Outcome, Wire

logger = logging.getLogger("fillbook")

BATCH_MAX = 500
_TAKEN_AT_ONCE = 2_000
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 60.0
# Whatever a server or what stands before it asks for, it is tried again then.
_LONGEST_WISH = 900.0
# How often a process looks whether the one that delivers is gone, and whether others have left work.
_IDLE_SECONDS = 1.0


# The code of an announcement that came while trading is locked.
LOCKED = "trading_locked"


class TradingLocked(NamedTuple):
    """An order that the journal did not take, because trading is locked: it is with the refused ones, and not sent
    again by itself. `record` is what was said of it, `message` why and until when."""

    record_id: str
    record: dict[str, Any]
    message: str


class Delivery:
    """A thread of one process. Where several processes share a spool, one of them delivers for all."""

    def __init__(
        self,
        spool: Spool,
        wire: Wire,
        on_locked: Callable[[TradingLocked], object] | None = None,
    ) -> None:
        self._spool = spool
        self._on_locked = on_locked
        self._wire = wire
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._hurry = threading.Event()
        self._batch = BATCH_MAX
        self._pause = 0.0
        self.delivered = 0
        self.refused = 0
        self.trouble = ""
        self._thread = threading.Thread(target=self._run, name="fillbook-delivery", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        self._wake.set()

    def hurry(self) -> None:
        """Try at once, whatever the pause."""
        self._hurry.set()
        self._wake.set()

    def stop(self, timeout: float) -> None:
        self._stop.set()
        self.hurry()
        self._thread.join(timeout)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        lock = DeliveryLock(self._spool.path)
        try:
            while not self._stop.is_set():
                self._turn(lock)
        finally:
            lock.release()
            self._wire.close()

    def _turn(self, lock: DeliveryLock) -> None:
        try:
            is_written = self._spool.write_overflow()
            is_idle = not lock.acquire() or not self._deliver()
            if not is_written:
                self._deliver_from_memory()
        except (sqlite3.Error, OSError) as error:
            self._complain(f"The spool cannot be used: {error}")
            is_idle, self._pause = True, _FIRST_PAUSE
            self._deliver_from_memory()
        except Exception:
            # Whatever it is, what comes later has to be delivered too.
            logger.exception("The delivery stumbled, and goes on.")
            is_idle, self._pause = True, _FIRST_PAUSE
        if self._pause:
            self._hurry.wait(self._pause)
            self._hurry.clear()
        elif is_idle:
            self._wake.wait(_IDLE_SECONDS)
            self._wake.clear()

    def _deliver(self) -> bool:
        """One handful of records, in their order. False when there was nothing to do."""
        records = self._spool.take(_TAKEN_AT_ONCE)
        for _, same in groupby(records, key=lambda record: record.kind):
            run = list(same)
            while run:
                sent = run[: self._batch]
                outcome = self._wire.send(sent)
                self._settle(outcome, sent)
                if outcome.retry_after is not None or self._stop.is_set():
                    return True
                run = run[len(sent) :]
        return bool(records)

    def _deliver_from_memory(self) -> None:
        """What the disk does not take has no other way. Known by its ids, should it get onto the disk after all."""
        records = self._spool.take_from_memory(self._batch)
        if not records:
            return
        _, same = next(groupby(records, key=lambda record: record.kind))
        sent = [record._replace(id=place) for place, record in enumerate(same)]
        outcome = self._wire.send(sent)
        refused = [record.record_id for record, _, _ in outcome.refused]
        self._spool.settle_in_memory(
            [*(sent[id_].record_id for id_ in outcome.delivered), *refused]
        )
        self._note(outcome, sent)

    def _settle(self, outcome: Outcome, sent: Sequence[Waiting]) -> None:
        # Counted first: who waits for an empty spool looks at the counts next.
        self._note(outcome, sent)
        if outcome.delivered or outcome.refused:
            last = sent[-1] if outcome.delivered else None
            self._spool.settle(outcome.delivered, outcome.refused, last)

    def _note(self, outcome: Outcome, sent: Sequence[Waiting]) -> None:
        self.delivered += len(outcome.delivered)
        self.refused += len(outcome.refused)
        for record, code, message in outcome.refused:
            logger.error(
                "The journal refused %s %s (%s): %s", record.kind, record.record_id, code, message
            )
            if code == LOCKED and self._on_locked is not None:
                self._tell(TradingLocked(record.record_id, _said(record.body), message))
        if outcome.retry_after is None:
            self._pause, self.trouble = 0.0, ""
            self._batch = min(BATCH_MAX, self._batch * 2)
        elif outcome.is_too_much:
            # One of them is to blame: halves find it in a few steps, and only it is put aside.
            self._batch = max(1, len(sent) // 2)
        else:
            self._back_off(outcome)

    def _tell(self, locked: TradingLocked) -> None:
        """What the program does with it is its own affair, and holds nothing up that comes later."""
        try:
            assert self._on_locked is not None
            self._on_locked(locked)
        except Exception:
            logger.exception("The program's on_locked failed.")

    def _back_off(self, outcome: Outcome) -> None:
        self._complain(f"Not delivered, trying again: {outcome.trouble}")
        longest = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self._pause * 2))
        # Spread, so that many bots do not come back at the same moment.
        wished = min(outcome.retry_after or 0.0, _LONGEST_WISH)
        self._pause = max(wished, longest * random.uniform(0.5, 1.0))

    def _complain(self, trouble: str) -> None:
        """Once, however often it happens."""
        if trouble != self.trouble:
            logger.warning("%s", trouble)
        self.trouble = trouble


def _said(body: str) -> dict[str, Any]:
    said = json.loads(body)
    return said if isinstance(said, dict) else {}


class DeliveryLock:
    """One process delivers from a spool: order would be lost between two."""

    def __init__(self, spool: Path) -> None:
        self._path = spool.with_name(spool.name + ".lock")
        self._file: IO[bytes] | None = None
        _locks.add(self)

    def acquire(self) -> bool:
        if self._file is not None:
            return True
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = open(self._path, "ab")  # noqa: SIM115 - held as long as the lock
        try:
            _lock(file)
        except OSError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


_locks: weakref.WeakSet[DeliveryLock] = weakref.WeakSet()


def _release_locks() -> None:
    """After a fork: as long as the child had the file open too, nobody could deliver after its parent."""
    for lock in list(_locks):
        lock.release()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_release_locks)


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
    else:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
