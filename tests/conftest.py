"""One private PostgreSQL for the whole run: pytest starts it, its workers share it, and it goes with them."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from config.runtime.layout import Layout, link_sockets, remove_links
from config.runtime.postgres import Postgres
from tests import effort

START_SECONDS = 30
SERVER = pytest.StashKey[subprocess.Popen[bytes]]()


def _layout() -> Layout:
    return Layout(Path(os.environ["FILLBOOK_TEST_DIR"]).resolve())


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--exhaustive", action="store_true", help="every case, and ten times the examples"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("exhaustive"):
        return
    left_out = [item for item in items if item.get_closest_marker("exhaustive")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_configure(config: pytest.Config) -> None:
    effort.choose(exhaustive=config.getoption("exhaustive"))
    if hasattr(config, "workerinput"):
        return
    database = Postgres(_layout(), quick=True)
    database.create()
    link_sockets(database.layout)
    with (database.folder.parent / "postgres.log").open("wb") as log:
        server = subprocess.Popen(
            database.command(),
            cwd=database.folder,
            stdout=log,
            stderr=log,
            preexec_fn=database.preexec(),
            start_new_session=True,
        )
    config.stash[SERVER] = server
    deadline = time.monotonic() + START_SECONDS
    while not database.is_ready():
        if server.poll() is not None or time.monotonic() > deadline:
            pytest.exit((database.folder.parent / "postgres.log").read_text(), returncode=3)
        time.sleep(0.02)
    database.ensure_database()


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if server is None:
        return
    server.send_signal(signal.SIGINT)
    server.wait(START_SECONDS)
    remove_links(_layout())
    shutil.rmtree(_layout().data_dir, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """The server goes with all that it holds: nothing is dropped, and no session of a server in a thread is waited for."""
    return True


class OneCopyAtATime(LoadScopeScheduling):
    """Test by test, but what starts whole copies of the application stays together on one worker.

    The marks of `--dist loadgroup` do not reach the scheduler with pytest 9.2 (xdist 3.8 renames the
    tests, and pytest no longer looks), so the folder decides.
    """

    TOGETHER = ("tests/e2e/", "tests/runtime/")

    def _split_scope(self, nodeid: str) -> str:
        return next((folder for folder in self.TOGETHER if nodeid.startswith(folder)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    return OneCopyAtATime(config, log)
