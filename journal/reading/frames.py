"""Chunks through a pipe between two processes of this program: length, then pickle.

The writer is a child that we started ourselves with no right but to read one file. Nothing of this is stored.
"""

from __future__ import annotations

import pickle
import struct
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from journal.brokers.base import UnreadableStatement
from journal.reading.chunks import Chunk
from journal.reading.lines import ExecutionLine

_LENGTH = struct.Struct("!Q")


class Refusal(NamedTuple):
    """An UnreadableStatement on its way to the process that asked."""

    code: str
    message: str


class End(NamedTuple):
    """The statement was read to its end: a pipe that closes without it was cut."""


def write_chunk(pipe: BinaryIO, chunk: Chunk) -> None:
    # Bare tuples pickle in a third of the time of named ones, and nothing else here is one.
    items = [tuple(item) if type(item) is ExecutionLine else item for item in chunk.items]
    _write(pipe, (chunk.position, chunk.instruments, items))


def write_refusal(pipe: BinaryIO, refusal: UnreadableStatement) -> None:
    _write(pipe, Refusal(refusal.code, refusal.message))


def write_end(pipe: BinaryIO) -> None:
    _write(pipe, End())


def _write(pipe: BinaryIO, message: object) -> None:
    content = pickle.dumps(message, protocol=pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(content)) + content)
    pipe.flush()


def iter_frames(pipe: BinaryIO) -> Iterator[bytes]:
    while head := pipe.read(_LENGTH.size):
        if len(head) < _LENGTH.size:
            return
        (length,) = _LENGTH.unpack(head)
        content = pipe.read(length)
        if len(content) < length:
            return
        yield content


def read_frame(content: bytes) -> Chunk | None:
    """The chunk, or None at the statement's end. Raises UnreadableStatement when that is what was written."""
    # From our own child. Were it taken over by a hostile file, JSON would save us no more than the parser did.
    message = pickle.loads(content)  # noqa: S301
    if type(message) is Refusal:
        raise UnreadableStatement(message.code, message.message)
    if type(message) is End:
        return None
    position, instruments, items = message
    made = ExecutionLine._make
    return Chunk(
        position, instruments, [made(item) if type(item) is tuple else item for item in items]
    )
