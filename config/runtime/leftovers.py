"""Processes of this DATA_DIR that outlived a killed supervisor.

They are known by the mark that every child inherits in its environment, or by working in the folder of this
database or broker (servers overwrite their environment to show a title). Never by name: another copy on the
same machine has the same names.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from config.runtime.layout import Layout

MARK = "FILLBOOK_INSTANCE"
SERVERS = frozenset({"postgres", "valkey-server"})
PATIENCE_SECONDS = 10.0


def find(layout: Layout) -> list[psutil.Process]:
    """Call it while holding the lock, with no children of one's own."""
    mine = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    folders = (layout.postgres, layout.valkey)
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in mine and (_works_in(process, folders) or _is_marked(process, layout))
    ]


def working_in(folder: Path) -> list[psutil.Process]:
    return [process for process in psutil.process_iter() if _works_in(process, (folder,))]


def _works_in(process: psutil.Process, folders: tuple[Path, ...]) -> bool:
    try:
        # Only the servers themselves: a person's shell may stand in the folder as well.
        return process.name() in SERVERS and Path(process.cwd()) in folders
    except (psutil.Error, OSError):
        return False


def _is_marked(process: psutil.Process, layout: Layout) -> bool:
    try:
        return bool(process.environ().get(MARK) == str(layout.data_dir))
    except (psutil.Error, OSError):
        return False


def stop(processes: list[psutil.Process], *, patience: float = PATIENCE_SECONDS) -> None:
    for process in processes:
        with suppress(psutil.Error):
            # To PostgreSQL SIGTERM means to wait until everybody has left.
            process.send_signal(signal.SIGINT if process.name() == "postgres" else signal.SIGTERM)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        with suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(alive, timeout=patience)
