"""A private PostgreSQL: the wheel's programs, our own rules.

It listens on a socket inside its own 0700 folder and nowhere else. Nobody is trusted and there is no password:
the kernel says who calls (`peer`), and only the user who runs Fillbook is let in. Roles that are made later
need a password of theirs.

On Linux the server finds its data through its working directory (`/proc/self/cwd`), not by name. A process
keeps the folder it was started in, whoever owns the folders above; so the database of root lies under a 0700
home, and the unprivileged user who serves it still cannot look around there.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg

from config.runtime import binaries, identity
from config.runtime.faults import StartFailure
from config.runtime.layout import Layout, make_private_folder
from config.runtime.signals import dying_with_parent

MAJOR = "18"
DATABASE = ROLE = "fillbook"
SUPERUSER = "postgres"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "60",
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "1GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m ",
    "password_encryption": "scram-sha-256",
}
QUICK = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "4GB",
}


@dataclass(frozen=True, slots=True)
class Postgres:
    layout: Layout
    quick: bool = False  # for tests: data need not survive a crash of the machine

    @property
    def folder(self) -> Path:
        return self.layout.postgres

    @property
    def uid(self) -> int:
        return self.folder.stat().st_uid

    @property
    def _data(self) -> str:
        return "/proc/self/cwd" if sys.platform == "linux" else str(self.folder)

    def create(self) -> bool:
        """Make the cluster when there is none; say whether it was made now."""
        if (self.folder / "PG_VERSION").exists():
            self._check_version()
            self._write_rules()
            return False
        # Half a cluster, from a first start that was cut short, holds nothing.
        if self.folder.exists():
            shutil.rmtree(self.folder)
        final = identity.choose_uid(self.folder) if identity.is_root() else os.getuid()
        scratch = self.folder.with_name("postgres.new")
        shutil.rmtree(scratch, ignore_errors=True)
        make_private_folder(scratch)
        self._initdb(scratch)
        if identity.is_root():
            _give_to(scratch, final)
        scratch.rename(self.folder)
        self._write_rules()
        return True

    def _initdb(self, folder: Path) -> None:
        # initdb insists on an account with an entry; as root it works as `nobody` and the result is handed on.
        worker = identity.any_unprivileged_account() if identity.is_root() else None
        arguments = ["-U", SUPERUSER, "--auth=reject", "--encoding=UTF8", "--no-instructions"]
        arguments += [
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--data-checksums",
        ]
        arguments += ["--no-sync"] if self.quick else []
        if worker:
            os.chown(folder, worker.pw_uid, worker.pw_gid)
        data = "/proc/self/cwd" if sys.platform == "linux" else str(folder)
        result = subprocess.run(
            [self._program("initdb"), "-D", data, *arguments],
            cwd=folder,
            env=ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=self._preexec(worker.pw_uid, worker.pw_gid) if worker else None,
        )
        if result.returncode:
            raise StartFailure(
                f"PostgreSQL could not be set up in {self.folder}: {_reason(result.stderr)}"
            )

    def _write_rules(self) -> None:
        owner = os.geteuid()
        try:
            name = identity.name_of(owner)
        except KeyError:
            raise StartFailure(
                f"User number {owner} has no account on this machine, which PostgreSQL needs: add one, "
                "or set DATABASE_URL."
            ) from None
        self._write(
            "pg_hba.conf",
            f"local all {SUPERUSER},{ROLE} peer map=owner\nlocal all all scram-sha-256\n",
        )
        self._write(
            "pg_ident.conf", "".join(f'owner "{name}" {role}\n' for role in (SUPERUSER, ROLE))
        )

    def _write(self, name: str, content: str) -> None:
        file = self.folder / name
        file.write_text(content, encoding="utf-8")
        file.chmod(0o600)
        if identity.is_root():
            os.chown(file, self.uid, self.uid)

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text(encoding="ascii").strip()
        if found != MAJOR:
            raise StartFailure(
                f"The database in {self.folder} was written by PostgreSQL {found}, and this is {MAJOR}: "
                "see docs/operations.md on how to move it."
            )

    def command(self) -> list[str]:
        settings = {
            **SETTINGS,
            **(QUICK if self.quick else {}),
            "unix_socket_directories": self._data,
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [self._program("postgres"), "-D", self._data, *options]

    def preexec(self) -> Callable[[], None]:
        return self._preexec(self.uid, self.uid)

    def _preexec(self, uid: int, gid: int) -> Callable[[], None]:
        # SIGINT is PostgreSQL's fast shutdown.
        arrange = dying_with_parent(signal.SIGINT)
        return identity.dropping_to(uid, gid, arrange) if identity.is_root() else arrange

    def _program(self, name: str) -> str:
        return str(binaries.postgres_folder(for_other_user=identity.is_root()) / "bin" / name)

    def connect(self, database: str = DATABASE, role: str = ROLE) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.layout.socket_folder(self.folder)),
            user=role,
            dbname=database,
            autocommit=True,
            connect_timeout=5,
        )

    def is_ready(self) -> bool:
        try:
            with self.connect("postgres", SUPERUSER):
                return True
        except psycopg.OperationalError:
            return False

    def ensure_database(self) -> None:
        """A role that may do everything with its own database, and nothing to the machine."""
        with self.connect("postgres", SUPERUSER) as connection:
            if not connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE]
            ).fetchone():
                connection.execute(f"CREATE ROLE {ROLE} LOGIN CREATEDB CREATEROLE")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
            ).fetchone():
                connection.execute(f"CREATE DATABASE {DATABASE} OWNER {ROLE}")


def _give_to(folder: Path, uid: int) -> None:
    for parent, folders, files in os.walk(folder):
        for name in (*folders, *files):
            os.chown(os.path.join(parent, name), uid, uid, follow_symlinks=False)
    os.chown(folder, uid, uid)


def _reason(output: str) -> str:
    if "No space left" in output:
        return "the disk is full."
    lines = [
        line
        for line in output.strip().splitlines()
        if "error" in line.lower() or "fatal" in line.lower()
    ]
    return (lines or output.strip().splitlines() or ["no reason given"])[-1]
