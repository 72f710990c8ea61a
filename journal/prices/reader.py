"""A file of prices, whoever wrote it: what it is is found by what it holds."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, cast

from journal.brokers.base import UnreadableStatement
from journal.brokers.text.archive import PACKED
from journal.brokers.text.tables import Line, read_table
from journal.domain.bars import Bar
from journal.prices import lean, table
from journal.prices.base import Expected, PriceRead, UnreadablePrices

_HEAD_BYTES = 64 * 1024


def read_prices(stream: BinaryIO, name: str, expected: Expected, *, unpacked_max: int) -> PriceRead:
    """`stream` can be searched. `unpacked_max` bytes are read of what is packed. Raises UnreadablePrices, here or while
    the bars are read."""
    head = stream.read(_HEAD_BYTES)
    stream.seek(0)
    try:
        if not head.strip():
            raise UnreadablePrices("empty_file", "The file is empty.")
        read = (
            _read_packed(stream, name, expected, unpacked_max)
            if head.startswith(PACKED)
            else _read_plain(head, stream, name, expected)
        )
    except UnreadableStatement as error:
        raise UnreadablePrices(error.code, error.message) from None
    read.bars = _in_our_words(read.bars)
    return read


def _in_our_words(bars: Iterator[Bar]) -> Iterator[Bar]:
    try:
        yield from bars
    except UnreadableStatement as error:
        raise UnreadablePrices(error.code, error.message) from None


def _read_packed(stream: BinaryIO, name: str, expected: Expected, unpacked_max: int) -> PriceRead:
    try:
        archive = zipfile.ZipFile(stream)
        members = [one for one in archive.infolist() if not one.is_dir() and one.file_size]
        if len(members) != 1:
            raise UnreadablePrices(
                "several_files",
                f"The archive holds {len(members)} files. Unpack it and hand in the tables one by one."
                if members
                else "The archive is empty.",
            )
        member = members[0]
        unpacked = cast("BinaryIO", _Unpacked(archive.open(member), unpacked_max))
        head = unpacked.read(_HEAD_BYTES)
    except (
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        zlib.error,
        OSError,
    ) as error:
        raise UnreadablePrices(
            "bad_archive", f"The archive cannot be unpacked ({error}). Download it again."
        ) from None
    whole = cast("BinaryIO", _Joined(head, unpacked))
    if lean.is_member(member.filename) or lean.is_stamped(_first_line(head)):
        return lean.read_bars(whole, member.filename, expected)
    return table.read_bars(whole, name, expected)


def _read_plain(head: bytes, stream: BinaryIO, name: str, expected: Expected) -> PriceRead:
    first = _first_line(head)
    if lean.is_factors(first):
        return lean.read_factors(stream, name, expected)
    if lean.is_member(name) or lean.is_stamped(first):
        return lean.read_bars(stream, name, expected)
    return table.read_bars(stream, name, expected)


def _first_line(head: bytes) -> Line | None:
    """None for what is no text."""
    try:
        return next(read_table(io.BytesIO(head), ","), None)
    except UnreadableStatement:
        return None


class _Unpacked:
    """Bytes of an archive, as many as are allowed: what unpacks to more was made to do harm."""

    def __init__(self, stream: object, limit: int) -> None:
        self._stream = cast("BinaryIO", stream)
        self._left = limit

    def read(self, size: int = -1) -> bytes:
        try:
            piece = self._stream.read(_HEAD_BYTES if size < 0 else size)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise UnreadablePrices(
                "bad_archive", f"The archive is damaged ({error}). Download it again."
            ) from None
        self._left -= len(piece)
        if self._left < 0:
            raise UnreadablePrices(
                "file_too_large",
                "The archive unpacks to more than may be read. Split it into shorter periods.",
            )
        return piece


class _Joined:
    def __init__(self, start: bytes, rest: BinaryIO) -> None:
        self._start = start
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        start, self._start = self._start, b""
        return start or self._rest.read(size)
