"""Statements are read in a thread or in a process of their own, and it makes no difference."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from journal.brokers.base import ParseOptions, UnreadableStatement
from journal.brokers.registry import get_parser
from journal.reading import reader
from journal.reading.ahead import read_ahead
from journal.reading.lines import ExecutionLine, said
from tests.brokers.ibkr_flex.flex import SAMPLES, statement, trade

FLEX = get_parser("ibkr_flex")


@pytest.fixture
def in_process(monkeypatch):
    monkeypatch.setattr(reader, "PROCESS_FROM_BYTES", 0)


def read(stream, parser=FLEX, options=None):
    """All items, and all contracts that their numbers mean."""
    items, contracts, positions = [], [], []
    with reader.reading(parser, stream, options or ParseOptions()) as chunks:
        for chunk in chunks:
            items += chunk.items
            contracts += chunk.instruments
            positions.append(chunk.position)
    assert positions == sorted(positions)
    return items, contracts


def many_trades(tmp_path: Path, count: int) -> Path:
    rows = (trade(transactionID=str(10_000 + number)) for number in range(count))
    path = tmp_path / "statement.xml"
    path.write_text(statement(*rows))
    return path


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.name)
def test_a_process_says_what_a_thread_says(path, in_process):
    with path.open("rb") as file:
        apart = read(file)
    assert apart == read(io.BytesIO(path.read_bytes()))
    assert apart[0]


def test_options_reach_the_process(in_process, tmp_path):
    with many_trades(tmp_path, 1).open("rb") as file:
        items, _ = read(file, options=ParseOptions(zone="Asia/Tokyo"))
    (line,) = (item for item in items if isinstance(item, ExecutionLine))
    assert said(line).zone == "Asia/Tokyo"


def test_a_refusal_arrives_after_what_came_before_it(in_process, tmp_path):
    path = many_trades(tmp_path, 500)
    path.write_text(path.read_text()[:-200])
    seen = []

    def note_all(chunks):
        for chunk in chunks:
            seen.extend(chunk.items)

    with (
        path.open("rb") as file,
        reader.reading(FLEX, file, ParseOptions()) as chunks,
        pytest.raises(UnreadableStatement) as refusal,
    ):
        note_all(chunks)
    assert refusal.value.code == "truncated"
    assert seen


def test_a_reader_that_is_killed_is_told_apart_from_a_file_that_ends(
    in_process, tmp_path, monkeypatch
):
    started = []

    class Watched(subprocess.Popen):
        def __init__(self, *arguments, **named):
            super().__init__(*arguments, **named)
            started.append(self)

    monkeypatch.setattr(reader.subprocess, "Popen", Watched)
    monkeypatch.setattr(reader, "_CHUNKS_AHEAD", 2)
    path = many_trades(tmp_path, 20_000)
    with path.open("rb") as file, reader.reading(FLEX, file, ParseOptions()) as chunks:
        next(chunks)
        os.kill(started[0].pid, signal.SIGKILL)
        with pytest.raises(reader.ReaderStopped, match="Nothing was kept"):
            list(chunks)


@pytest.fixture
def little_memory(monkeypatch):
    """The reader's own program, with a limit that a statement of many contracts goes beyond."""
    code = (
        "from pathlib import Path; from journal.reading import worker; "
        "pages = int(Path('/proc/self/statm').read_text().split()[0]); "
        "worker.MEMORY_MAX_BYTES = pages * 4096 + 20 * 1024**2; worker.run()"
    )
    start = subprocess.Popen

    def with_less(command, **named):
        return start([command[0], "-c", code, *command[3:]], **named)

    monkeypatch.setattr(reader.subprocess, "Popen", with_less)


def test_a_statement_that_takes_too_much_memory_is_refused_with_a_sentence(
    in_process, little_memory, tmp_path
):
    rows = (
        trade(transactionID=str(n), conid=str(n), symbol=f"S{n}", levelOfDetail="ORDER")
        for n in range(60_000)
    )
    path = tmp_path / "statement.xml"
    path.write_text(statement(*rows))
    with path.open("rb") as file, pytest.raises(UnreadableStatement) as refusal:
        read(file)
    assert refusal.value.code == "too_large_to_read"
    assert "Export a shorter period" in refusal.value.message


def test_a_statement_that_fits_is_read_with_little_memory_too(in_process, little_memory, tmp_path):
    with many_trades(tmp_path, 20_000).open("rb") as file:
        items, _ = read(file)
    assert sum(isinstance(item, ExecutionLine) for item in items) == 20_000


def test_leaving_early_leaves_no_process(in_process, tmp_path, monkeypatch):
    started = []
    start = subprocess.Popen

    def watched(*arguments, **named):
        started.append(start(*arguments, **named))
        return started[0]

    monkeypatch.setattr(reader.subprocess, "Popen", watched)
    path = many_trades(tmp_path, 20_000)
    with path.open("rb") as file, reader.reading(FLEX, file, ParseOptions()) as chunks:
        next(chunks)
    assert started[0].returncode is not None


def test_the_process_gets_no_secrets(monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgres://somebody:hush@db/journal")
    assert "hush" not in str(reader._environment())


def test_the_process_has_no_database(in_process):
    code = "import sys, journal.reading.worker; sys.exit('django' in sys.modules)"
    status = subprocess.run(
        [reader.sys.executable, "-c", code],
        cwd=reader._ROOT,
        env=reader._environment(),
        check=False,
    )
    assert status.returncode == 0


def test_what_reading_ahead_raises_is_raised_where_it_is_used():
    def broken():
        yield 1
        raise ValueError("here")

    items = read_ahead(broken(), 3)
    assert next(items) == 1
    with pytest.raises(ValueError, match="here"):
        next(items)


def test_reading_ahead_stops_when_nobody_wants_more():
    taken = []

    def endless():
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    items = read_ahead(endless(), 3)
    assert [next(items) for _ in range(5)] == [0, 1, 2, 3, 4]
    items.close()
    assert len(taken) < 20


def test_a_reader_that_is_stopped_and_goes_on_says_every_byte(tmp_path):
    """As a laptop does that is closed: a write that it interrupts may have taken half of what it was given."""
    path = many_trades(tmp_path, 2_000)
    with path.open("rb") as file, reading_program(file) as program:
        expected = program.stdout.read()
    with path.open("rb") as file, reading_program(file) as program:
        said = b""
        while piece := program.stdout.read1(30_000):
            said += piece
            time.sleep(
                0.002
            )  # so that the pipe is full, and the reader waits in the middle of a chunk
            program.send_signal(signal.SIGSTOP)
            program.send_signal(signal.SIGCONT)
    assert len(said) == len(expected)
    assert said == expected


def reading_program(file) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "journal.reading.worker", "ibkr_flex", "{}"]
    return subprocess.Popen(command, stdin=file, stdout=subprocess.PIPE)
