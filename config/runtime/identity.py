"""Which user PostgreSQL runs as. It refuses to be root, and rightly so.

An ordinary user runs it as himself. For root each DATA_DIR gets an account number of its own that no account
has, from a range that systemd's allocation leaves unused: nothing is added to /etc/passwd, no other process on
the machine has that number, and two copies cannot read each other. The number is kept as the owner of the
database folder.
"""

from __future__ import annotations

import hashlib
import os
import pwd
from collections.abc import Callable
from pathlib import Path

import psutil

FIRST_FREE_UID = 60706
FREE_UIDS = 478


def is_root() -> bool:
    return os.geteuid() == 0


def choose_uid(folder: Path, taken: set[int] | None = None) -> int:
    """The owner of an existing database folder, else a free number that depends on the folder's name."""
    if folder.exists() and folder.stat().st_uid != 0:
        return folder.stat().st_uid
    busy = taken if taken is not None else _uids_in_use()
    start = int.from_bytes(hashlib.sha256(os.fsencode(folder)).digest()[:4], "big")
    for step in range(FREE_UIDS):
        uid = FIRST_FREE_UID + (start + step) % FREE_UIDS
        if uid not in busy:
            return uid
    raise OSError("no free account number is left")


def _uids_in_use() -> set[int]:
    running = {
        process.info["uids"].real
        for process in psutil.process_iter(["uids"])
        if process.info["uids"]
    }
    return running | {entry.pw_uid for entry in pwd.getpwall()}


def name_of(uid: int) -> str:
    return pwd.getpwuid(uid).pw_name


def any_unprivileged_account() -> pwd.struct_passwd:
    """An account with an entry, which `initdb` insists on. `nobody` where there is one."""
    others = [entry for entry in pwd.getpwall() if entry.pw_uid != 0]
    return next((entry for entry in others if entry.pw_name == "nobody"), others[0])


def dropping_to(uid: int, gid: int, also: Callable[[], None]) -> Callable[[], None]:
    """For `preexec_fn`: become that user for good, then run `also`."""

    def drop() -> None:
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
        also()

    return drop
