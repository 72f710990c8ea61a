"""Computing beside the process: the same results, errors and end as in it, and nothing left behind."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time

import pytest

from common.beside import start_beside

BOTH = pytest.mark.parametrize("large", [True, False], ids=["process", "thread"])


@BOTH
def test_the_result_is_what_was_computed(large):
    data = {number: str(number) * 100 for number in range(5_000)}
    assert start_beside(lambda: data, large=large).result() == data


@BOTH
def test_what_it_raises_is_raised_where_it_is_asked_for(large):
    def fail() -> None:
        raise KeyError("missing")

    with pytest.raises(KeyError, match="missing"):
        start_beside(fail, large=large).result()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_large_work_is_done_by_another_process_and_small_work_by_a_thread():
    assert start_beside(os.getpid, large=True).result() != os.getpid()
    assert start_beside(os.getpid, large=False).result() == os.getpid()
    assert start_beside(threading.get_ident, large=False).result() != threading.get_ident()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_a_process_that_is_killed_is_an_error():
    with pytest.raises(ChildProcessError, match="-9"):
        start_beside(lambda: os.kill(os.getpid(), signal.SIGKILL), large=True).result()


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_work_that_is_given_up_is_ended_and_reaped():
    started = time.monotonic()
    work = start_beside(lambda: time.sleep(60), large=True)
    work.close()
    work.close()
    assert time.monotonic() - started < 10
    with pytest.raises(ChildProcessError):
        os.waitpid(work._pid, os.WNOHANG)


@pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")
def test_an_error_that_cannot_be_pickled_is_told_in_words():
    class Local(Exception):
        pass

    def fail() -> None:
        raise Local("here")

    with pytest.raises(RuntimeError, match="Local: here"):
        start_beside(fail, large=True).result()


def test_where_no_process_can_be_had_a_thread_does_it(monkeypatch):
    def refuse() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", refuse)
    assert start_beside(os.getpid, large=True).result() == os.getpid()
