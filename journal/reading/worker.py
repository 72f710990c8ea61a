"""The program that reads one statement: the file on standard input, chunks on standard output.

    python -m journal.reading.worker FORMAT OPTIONS-AS-JSON < statement

It runs apart so that a large file is parsed on another core than the one that talks to the database, and so that a
hostile file meets a process without database, secrets, or more memory than it needs.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator

from common.collector import rare_collections
from journal.brokers.base import ParseOptions, UnreadableStatement
from journal.brokers.registry import get_parser
from journal.reading.chunks import Chunk, read_chunks
from journal.reading.frames import write_chunk, write_end, write_refusal

MEMORY_MAX_BYTES = 1024**3


def limit_memory() -> None:
    # Not on every system; there, the parser's own limits have to do.
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource  # noqa: PLC0415

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX_BYTES, MEMORY_MAX_BYTES))


def too_large() -> UnreadableStatement:
    return UnreadableStatement(
        "too_large_to_read",
        f"Reading this file takes more than {MEMORY_MAX_BYTES // 1024**2:,} MB of memory, which no statement needs. "
        "Nothing was imported. Export a shorter period (a month or a quarter at a time) and import the files one after "
        "the other; overlaps do no harm.",
    )


def run() -> None:
    try:
        with rare_collections():
            main(sys.argv[1], sys.argv[2])
    except (BrokenPipeError, KeyboardInterrupt):
        # Nobody wants the rest.
        os._exit(1)


def main(format_: str, options: str) -> None:
    limit_memory()
    # Whatever prints must not print into the stream of chunks.
    # Buffered, though each chunk is flushed: a bare descriptor may take half a chunk when the process is stopped and
    # goes on, and says so only in its return value.
    output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    try:
        chunks: Iterator[Chunk] = read_chunks(
            get_parser(format_), sys.stdin.buffer, ParseOptions(**json.loads(options))
        )
        for chunk in chunks:
            write_chunk(output, chunk)
    except UnreadableStatement as refusal:
        write_refusal(output, refusal)
        return
    except MemoryError:
        # What was read is let go of before anything is said: saying it takes memory too.
        chunks = iter(())
    else:
        write_end(output)
        return
    write_refusal(output, too_large())


if __name__ == "__main__":
    run()
