"""Where things lie inside DATA_DIR, and the short names of its sockets.

A socket's path may hold only about a hundred bytes, and a client library splits host names at commas. So a
DATA_DIR with a long or unusual name is reached through a folder of ours in the temporary directory, 0700,
which holds one symbolic link per part; the sockets themselves always lie inside DATA_DIR.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

POSTGRES_SOCKET = ".s.PGSQL.5432"
VALKEY_SOCKET = "valkey.sock"
SOCKET_PATH_MAX_BYTES = 100
PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")


@dataclass(frozen=True, slots=True)
class Layout:
    data_dir: Path

    @property
    def postgres(self) -> Path:
        return self.data_dir / "postgres"

    @property
    def valkey(self) -> Path:
        return self.data_dir / "valkey"

    @property
    def run(self) -> Path:
        return self.data_dir / "run"

    @property
    def logs(self) -> Path:
        return self.data_dir / "logs"

    @property
    def files(self) -> Path:
        return self.data_dir / "files"

    @property
    def secrets(self) -> Path:
        return self.data_dir / "secrets"

    @property
    def alias(self) -> Path:
        digest = hashlib.sha256(os.fsencode(self.data_dir)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"fillbook-{os.getuid()}-{digest}"

    def socket_folder(self, part: Path) -> Path:
        """The folder by which clients reach the socket inside `part`."""
        longest = os.fsencode(part / POSTGRES_SOCKET)
        if len(longest) <= SOCKET_PATH_MAX_BYTES and PLAIN_PATH.fullmatch(str(part)):
            return part
        return self.alias / part.name

    @property
    def database_url(self) -> str:
        return f"postgresql://fillbook@/fillbook?host={self.socket_folder(self.postgres)}"

    @property
    def broker_url(self) -> str:
        return f"redis+socket://{self.socket_folder(self.valkey) / VALKEY_SOCKET}"


def make_private_folder(folder: Path) -> None:
    """Create a folder that only we can enter, with its parents. What exists keeps its mode."""
    if folder.is_dir():
        return
    make_private_folder(folder.parent)
    folder.mkdir(mode=0o700, exist_ok=True)


def link_sockets(layout: Layout) -> None:
    """Make the short names of the sockets exist, where they are needed."""
    for part in (layout.postgres, layout.valkey):
        link = layout.socket_folder(part)
        if link == part:
            continue
        make_private_folder(link.parent)
        found = link.parent.lstat()
        if (
            found.st_uid != os.getuid()
            or stat.S_IMODE(found.st_mode) != 0o700
            or not stat.S_ISDIR(found.st_mode)
        ):
            raise PermissionError(f"{link.parent} is not a folder of ours")
        if link.is_symlink():
            link.unlink()
        link.symlink_to(part)


def remove_links(layout: Layout) -> None:
    for part in (layout.postgres, layout.valkey):
        link = layout.socket_folder(part)
        if link != part:
            link.unlink(missing_ok=True)
            if not any(link.parent.iterdir()):
                link.parent.rmdir()
