"""What is looked at before anything starts, so that what is wrong is said in one sentence."""

from __future__ import annotations

import errno
import os
import shutil
import socket
from typing import Any
from urllib.parse import urlsplit

import psutil
import psycopg
from kombu import Connection

from config.runtime.faults import StartFailure
from config.runtime.layout import Layout, make_private_folder

FREE_MIN_BYTES = 200 * 1024 * 1024
OLDEST_POSTGRES = 15
CONNECT_SECONDS = 5


def check_data_dir(layout: Layout) -> None:
    folder = layout.data_dir
    try:
        for part in (folder, layout.run, layout.logs, layout.files):
            make_private_folder(part)
        probe = layout.run / f".probe.{os.getpid()}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise data_dir_failure(layout, error) from None
    if free < FREE_MIN_BYTES:
        raise StartFailure(
            f"The disk that holds DATA_DIR={folder} is nearly full ({free // 2**20} MB free, "
            f"{FREE_MIN_BYTES // 2**20} MB needed): make room, or give a DATA_DIR elsewhere."
        )


def data_dir_failure(layout: Layout, error: OSError) -> StartFailure:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StartFailure(
            f"The disk that holds DATA_DIR={layout.data_dir} is full: make room, or give a DATA_DIR elsewhere."
        )
    where = f" ({error.filename})" if error.filename else ""
    return StartFailure(
        f"DATA_DIR={layout.data_dir} cannot be used: {error.strerror or error}{where}. "
        "Give a folder that this user may write to."
    )


def listen(host: str, port: int) -> socket.socket:
    """The web server's socket, held by the supervisor: while the server restarts, callers wait."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror:
        raise StartFailure(f"HOST={host} is not an address of this machine.") from None
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
        listener.listen(512)
    except OSError as error:
        listener.close()
        raise _listen_failure(host, port, error) from None
    return listener


def _listen_failure(host: str, port: int, error: OSError) -> StartFailure:
    if error.errno == errno.EADDRINUSE:
        return StartFailure(
            f"Port {port} is taken{_by_whom(port)}: stop that, or choose another with PORT={port + 1}."
        )
    if error.errno == errno.EACCES:
        return StartFailure(
            f"This user may not listen on port {port}: choose one above 1023 with PORT=8000."
        )
    return StartFailure(f"Cannot listen on {host}:{port}: {error.strerror}. Set HOST and PORT.")


def _by_whom(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.status == psutil.CONN_LISTEN
                and connection.laddr.port == port
                and connection.pid
            ):
                return f" by {psutil.Process(connection.pid).name()} (process {connection.pid})"
    except (psutil.Error, OSError):
        pass
    return " by another program"


def check_database(settings: dict[str, Any]) -> None:
    """That DATABASE_URL leads to a PostgreSQL we can use."""
    where = f"{settings['HOST'] or 'localhost'}:{settings['PORT'] or 5432}"
    options = {**settings["OPTIONS"], "connect_timeout": CONNECT_SECONDS}
    try:
        with psycopg.connect(
            host=settings["HOST"] or None,
            port=settings["PORT"] or None,
            user=settings["USER"] or None,
            password=settings["PASSWORD"] or None,
            dbname=settings["NAME"],
            **options,
        ) as connection:
            version = connection.info.server_version // 10000
    except (psycopg.OperationalError, psycopg.ProgrammingError) as error:
        raise StartFailure(_database_sentence(str(error), where, settings)) from None
    if version < OLDEST_POSTGRES:
        raise StartFailure(
            f"DATABASE_URL leads to PostgreSQL {version} at {where}: Fillbook needs {OLDEST_POSTGRES} or newer."
        )


def _database_sentence(reason: str, where: str, settings: dict[str, Any]) -> str:
    """What PostgreSQL's client library says, as advice."""
    known = (
        ("password authentication failed", f"its password for {settings['USER']} is refused"),
        ("no password supplied", f"it asks for a password for {settings['USER']}"),
        (
            "does not exist",
            f"there is no such database or role ({settings['USER']}, {settings['NAME']})",
        ),
        ("invalid response", "what answers there is not PostgreSQL"),
        ("server closed the connection", "what answers there is not PostgreSQL, or closes at once"),
        ("expected authentication request", "what answers there is not PostgreSQL"),
        ("refused", "nothing listens there"),
        ("translate host name", "there is no host of that name"),
        ("resolve host", "there is no host of that name"),
        ("Name or service not known", "there is no host of that name"),
        ("timeout", f"nothing answered within {CONNECT_SECONDS} seconds"),
    )
    last = reason.strip().splitlines()[-1] if reason.strip() else "no reason given"
    what = next((words for sign, words in known if sign in reason), last)
    return f"DATABASE_URL cannot be used: {what} ({where}). Correct it, or unset it to use the database in DATA_DIR."


def check_broker(url: str) -> None:
    try:
        with Connection(url, connect_timeout=CONNECT_SECONDS) as connection:
            connection.ensure_connection(max_retries=1, interval_start=0, timeout=CONNECT_SECONDS)
    except Exception as error:
        parts = urlsplit(url)
        where = f"{parts.scheme}://{parts.hostname or ''}{f':{parts.port}' if parts.port else ''}"
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise StartFailure(
            f"CELERY_BROKER_URL cannot be used: no broker answers at {where} ({reason}). "
            "Correct it, or unset it to use the broker in DATA_DIR."
        ) from None
