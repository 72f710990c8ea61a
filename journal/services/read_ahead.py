"""A generator that is read in a thread of its own: the file is parsed while the database is written to."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import TypeVar

Item = TypeVar("Item")

_CHUNK = 1_000
_CHUNKS_AHEAD = 4


def read_ahead(items: Iterable[Item]) -> Iterator[Item]:
    """The same items in the same order, a few thousand read in advance. What reading raises is raised here.

    Reading must not use the database: its connection belongs to the thread that writes.
    """
    chunks: queue.Queue[list[Item] | BaseException | None] = queue.Queue(_CHUNKS_AHEAD)
    abandoned = threading.Event()
    reader = threading.Thread(target=_read, args=(iter(items), chunks, abandoned), daemon=True)
    reader.start()
    try:
        yield from chain.from_iterable(_taken(chunks))
    finally:
        abandoned.set()
        _drain(chunks)
        reader.join()


def _read(
    items: Iterator[Item],
    chunks: queue.Queue[list[Item] | BaseException | None],
    abandoned: threading.Event,
) -> None:
    try:
        while not abandoned.is_set() and (chunk := list(islice(items, _CHUNK))):
            chunks.put(chunk)
        chunks.put(None)
    except BaseException as error:  # raised again where the items are used
        chunks.put(error)


def _taken(chunks: queue.Queue[list[Item] | BaseException | None]) -> Iterator[list[Item]]:
    while (chunk := chunks.get()) is not None:
        if isinstance(chunk, BaseException):
            raise chunk
        yield chunk


def _drain(chunks: queue.Queue[list[Item] | BaseException | None]) -> None:
    """Make room for what the reader still wants to put before it sees that nobody takes it."""
    try:
        while True:
            chunks.get_nowait()
    except queue.Empty:
        return
