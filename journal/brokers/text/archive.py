"""What can be seen of a packed file (XLSX) from its front, before its end is there."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

PACKED = b"PK\x03\x04"
_LOOKED_AT = 256 * 1024


def parts_of(head: bytes) -> Iterator[tuple[str, bytes]]:
    """The parts of an archive from its front, as far as they are there: name and the first of what they hold."""
    place = 0
    while head[place : place + 4] == PACKED and place + 30 <= len(head):
        method = int.from_bytes(head[place + 8 : place + 10], "little")
        size = int.from_bytes(head[place + 18 : place + 22], "little")
        name_length = int.from_bytes(head[place + 26 : place + 28], "little")
        extra = int.from_bytes(head[place + 28 : place + 30], "little")
        name = head[place + 30 : place + 30 + name_length].decode("utf-8", "replace")
        data = place + 30 + name_length + extra
        if method != 8:
            place = data + size
            continue
        unpacker = zlib.decompressobj(-15)
        try:
            yield name, unpacker.decompress(head[data:], _LOOKED_AT)
        except zlib.error:
            return
        if size:
            place = data + size
        elif unpacker.eof:
            place = _next(head, len(head) - len(unpacker.unused_data))
        else:
            return


def _next(head: bytes, place: int) -> int:
    """After the sizes that follow a part when they were not known before it."""
    found = head.find(PACKED, place, place + 24)
    return len(head) if found < 0 else found


def joined(start: bytes, rest: BinaryIO) -> BinaryIO:
    """A stream whose start was read already."""
    return cast("BinaryIO", _Joined(start, rest))


class _Joined:
    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        start, self._start = self._start, b""
        return start + self._rest.read(size)
