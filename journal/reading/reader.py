"""Reads a statement ahead of whoever writes it to the database: small files in a thread, large ones in a process."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, BinaryIO, cast

from journal.brokers.base import ParseOptions, StatementParser
from journal.reading.ahead import read_ahead
from journal.reading.chunks import Chunk, read_chunks
from journal.reading.frames import iter_frames, read_frame

logger = logging.getLogger(__name__)

# Starting a process takes about as long as reading so much.
PROCESS_FROM_BYTES = 4 * 1024**2
_ROOT = Path(__file__).resolve().parents[2]
_CHUNKS_AHEAD = 128
# Where the system lets us: a whole chunk, so that it crosses in one turn.
_PIPE_BYTES = 1024**2
_LOG_TAIL = 2_000
# Libraries that get no memory abort.
_KILLED = (-signal.SIGKILL, -signal.SIGABRT)


class ReaderStopped(Exception):
    """The reading process ended without saying why. Trying again may help.

    `was_killed` where the system ended it, which it does when memory is short; otherwise the log says more.
    """

    def __init__(self, status: int) -> None:
        self.was_killed = status in _KILLED
        how = (
            "was killed by the system, most probably because the machine ran out of memory"
            if self.was_killed
            else f"ended before its end (status {status})"
        )
        super().__init__(f"The process that reads the statement {how}. Nothing was kept.")


@contextmanager
def reading(
    parser: StatementParser, stream: BinaryIO, options: ParseOptions
) -> Generator[Iterator[Chunk]]:
    """The chunks of the statement, read in advance while they are used.

    Reading stops when the block is left. Raises UnreadableStatement and ReaderStopped while chunks are taken.
    """
    is_apart = getattr(parser, "reads_apart", False)
    stream = _on_disk(stream) if is_apart else stream
    descriptor = _descriptor(stream, 0 if is_apart else PROCESS_FROM_BYTES)
    if descriptor is None:
        with contextlib.closing(
            read_ahead(read_chunks(parser, stream, options), _CHUNKS_AHEAD)
        ) as chunks:
            yield chunks
        return
    with _process(parser.slug, descriptor, options) as chunks:
        yield chunks


def _on_disk(stream: BinaryIO) -> BinaryIO:
    """A file that another process can be given, wherever the stream comes from."""
    if _descriptor(stream, 0) is not None:
        return stream
    copy = tempfile.TemporaryFile()  # noqa: SIM115 - closed with what is read from it
    shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return cast("BinaryIO", copy)


def _descriptor(stream: BinaryIO, least: int) -> int | None:
    """Of a real file that is large enough and was not read yet: a process can read it by itself."""
    try:
        number = stream.fileno()
        size = os.fstat(number).st_size
    except (OSError, AttributeError):
        return None
    return number if size >= least and stream.tell() == 0 else None


@contextmanager
def _process(format_: str, descriptor: int, options: ParseOptions) -> Generator[Iterator[Chunk]]:
    os.lseek(descriptor, 0, os.SEEK_SET)
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "journal.reading.worker", format_, json.dumps(asdict(options))],
            stdin=descriptor,
            stdout=subprocess.PIPE,
            pipesize=_PIPE_BYTES,
            stderr=log,
            cwd=_ROOT,
            env=_environment(),
        )
        output = cast("IO[bytes]", process.stdout)
        frames = read_ahead(iter_frames(cast("BinaryIO", output)), _CHUNKS_AHEAD)
        try:
            yield _chunks(frames, process, log)
        finally:
            process.kill()
            frames.close()
            output.close()
            process.wait()


def _environment() -> dict[str, str]:
    """What Python needs to start, and none of our secrets."""
    wanted = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "LD_LIBRARY_PATH")
    kept = {name: os.environ[name] for name in wanted if name in os.environ}
    return {**kept, "PYTHONPATH": os.pathsep.join([str(_ROOT), *filter(None, sys.path)])}


def _chunks(
    frames: Iterator[bytes], process: subprocess.Popen[bytes], log: IO[bytes]
) -> Iterator[Chunk]:
    for frame in frames:
        chunk = read_frame(frame)
        if chunk is None:
            return
        yield chunk
    status = process.wait()
    log.seek(max(0, log.seek(0, os.SEEK_END) - _LOG_TAIL))
    logger.error(
        "The statement reader ended with status %s: %s", status, log.read().decode(errors="replace")
    )
    raise ReaderStopped(status)
