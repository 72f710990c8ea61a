"""The application as people run it: real processes, real signals."""

from __future__ import annotations

import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.effort import EXHAUSTIVE
from tests.runtime.running import Copy, environment, family, free_port

pytestmark = pytest.mark.xdist_group("runtime")


@pytest.fixture
def start(tmp_path):
    copies: list[Copy] = []

    def begin(data_dir: Path | None = None, port: int | None = None, **more: str) -> Copy:
        copies.append(Copy(data_dir or tmp_path / "data", port, **more))
        return copies[-1]

    yield begin
    for copy in copies:
        if copy.process.poll() is None:
            copy.stop()


@pytest.fixture(scope="module")
def begun(tmp_path_factory) -> Path:
    """A folder with nothing in it, as its owner alone may use it."""
    folder = tmp_path_factory.mktemp("standing")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="module")
def before(begun: Path) -> dict[Path, int]:
    return modes(begun)


@pytest.fixture(scope="module")
def standing(begun: Path, before: dict[Path, int]) -> Iterator[list[Copy]]:
    """Copies on one folder, one after the other: a start takes half a minute of a processor."""
    copies = [Copy(begun / "data").wait_until_ready()]
    yield copies
    if copies[-1].process.poll() is None:
        copies[-1].stop()


@pytest.fixture
def copy(standing: list[Copy]) -> Copy:
    """One that is well: started again where a test has ended it."""
    if standing[-1].process.poll() is not None:
        standing.append(Copy(standing[0].data_dir).wait_until_ready())
    standing[-1].wait_until_healthy()
    return standing[-1]


def modes(folder: Path) -> dict[Path, int]:
    return {parent: stat.S_IMODE(parent.stat().st_mode) for parent in (folder, *folder.parents)}


def test_a_copy_that_began_in_an_empty_folder_answers_and_stops_without_a_trace(
    copy, begun, before
):
    assert copy.health() == (
        200,
        {"status": "ok", "database": "ok", "broker": "ok", "worker": "ok", "closing": "ok"},
    )
    assert modes(begun) == before
    for private in ("", "postgres", "valkey", "run", "secrets"):
        assert stat.S_IMODE((copy.data_dir / private).stat().st_mode) == 0o700
    assert psutil.Process(copy.child("postgres").pid).uids().effective != 0

    processes = family(copy)
    assert copy.stop() < 30
    assert copy.process.returncode == 0
    assert [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


@EXHAUSTIVE
@pytest.mark.slow
def test_starts_again_after_it_was_stopped(copy, standing):
    assert copy.stop() < 30
    standing.append(Copy(copy.data_dir).wait_until_ready())


@pytest.mark.slow
def test_comes_back_when_any_child_is_killed(copy):
    for slug, title in (
        ("web", "Web"),
        ("worker", "Worker"),
        ("closing", "Closing"),
        ("beat", "Scheduler"),
        ("valkey", "Broker"),
        ("postgres", "Database"),
    ):
        copy.child(slug).kill()
        copy.wait_for(f"{title} started again", 40)
        copy.wait_until_healthy()


def runs_of(copy: Copy, task: str) -> int:
    log = (copy.data_dir / "logs" / "closing.log").read_text(errors="replace")
    return log.count(task)


@pytest.mark.slow
def test_closings_do_not_wait_behind_a_worker_that_is_busy(copy):
    """It is stopped where it stands, which is as busy as a worker can be."""
    worker = copy.child("worker")
    stopped = [worker, *worker.children(recursive=True)]
    for one in stopped:
        one.suspend()
    try:
        before = runs_of(copy, "work_closings")
        deadline = time.monotonic() + 30
        while runs_of(copy, "work_closings") < before + 5:
            assert time.monotonic() < deadline, "closings wait"
            time.sleep(0.5)
        # What a worker said last counts for a while.
        while (seen := copy.health())[0] == 200:
            assert time.monotonic() < deadline + 60, seen
            time.sleep(0.5)
        status, parts = seen
        assert (status, parts["worker"], parts["closing"]) == (503, "no answer", "ok")
    finally:
        for one in stopped:
            one.resume()
    copy.wait_until_healthy()


@pytest.mark.slow
def test_starts_again_after_everything_was_killed(copy, standing):
    processes = family(copy)
    copy.process.kill()
    for process in processes:
        if process.is_running():
            process.kill()
    copy.process.wait()

    standing.append(Copy(copy.data_dir).wait_until_ready())


@EXHAUSTIVE
@pytest.mark.slow
def test_starts_again_after_the_supervisor_alone_was_killed(copy, standing):
    processes = family(copy)
    copy.process.kill()
    copy.process.wait()

    standing.append(Copy(copy.data_dir).wait_until_ready())
    assert [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE] == []


@EXHAUSTIVE
@pytest.mark.slow
def test_two_copies_run_side_by_side(start, tmp_path):
    one = start(tmp_path / "one").wait_until_ready()
    # A long name, with spaces: sockets cannot have it.
    two = start(tmp_path / ("a long name, with spaces " * 4)).wait_until_ready()
    assert one.health()[0] == two.health()[0] == 200
    one.stop()
    assert two.health()[0] == 200


def test_second_start_on_the_same_folder_is_refused(start):
    first = start().wait_for("Database (PostgreSQL)")
    code, output = start().end()
    assert code == 1
    assert "is in use by a copy that is running already" in output
    assert f"process {first.process.pid}" in output
    assert "Traceback" not in output


def test_ctrl_c_while_starting_stops_cleanly(start):
    copy = start().wait_for("Database (PostgreSQL)")
    copy.process.send_signal(signal.SIGINT)
    code, output = copy.end()
    assert code == 0
    assert "Traceback" not in output


def test_taken_port_names_who_has_it(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, output = start(port=port).end()
    assert code == 1
    assert f"Port {port} is taken by" in output
    assert "Traceback" not in output


@pytest.fixture
def mute_port():
    """Somebody who is not PostgreSQL."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        yield other.getsockname()[1]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://me:wrong@127.0.0.1:1/book", "nothing listens there"),
        ("postgresql://me@no-such-host.invalid/book", "no host of that name"),
        ("mysql://me@127.0.0.1/book", "must begin with postgresql://"),
        ("postgresql://127.0.0.1", "names no database"),
    ],
)
def test_wrong_database_url_is_said_in_one_sentence(start, url, words):
    code, output = start(DATABASE_URL=url).end()
    assert code == 1
    assert words in output.splitlines()[-1]
    assert "Traceback" not in output


def test_folder_that_cannot_be_written_is_said_in_one_sentence(start, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    code, output = start(tmp_path / "file" / "data").end()
    assert code == 1
    assert "DATA_DIR=" in output
    assert "Traceback" not in output


def test_environment_of_a_copy_has_nothing_of_the_test_run(tmp_path):
    assert "DATABASE_URL" not in environment(tmp_path, free_port())
