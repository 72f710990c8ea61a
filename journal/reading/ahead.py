"""A generator that is read in a thread of its own: the file is parsed while the database is written to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

Item = TypeVar("Item")
_Queue = queue.Queue[tuple[Item] | BaseException | None]


def read_ahead(items: Iterable[Item], most: int) -> Generator[Item]:
    """The same items in the same order, up to `most` read in advance. What reading raises is raised here.

    Reading must not use the database: its connection belongs to the thread that writes.
    """
    waiting: _Queue[Item] = queue.Queue(most)
    abandoned = threading.Event()
    reader = threading.Thread(target=_read, args=(iter(items), waiting, abandoned), daemon=True)
    reader.start()
    try:
        while (item := waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item[0]
    finally:
        abandoned.set()
        _drain(waiting)
        reader.join()


def _read(items: Iterator[Item], waiting: _Queue[Item], abandoned: threading.Event) -> None:
    try:
        for item in items:
            if abandoned.is_set():
                break
            waiting.put((item,))
        waiting.put(None)
    except BaseException as error:  # raised again where the items are used
        waiting.put(error)


def _drain(waiting: _Queue[Item]) -> None:
    """Make room for what the reader still wants to put before it sees that nobody takes it."""
    try:
        while True:
            waiting.get_nowait()
    except queue.Empty:
        return
