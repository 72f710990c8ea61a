"""Runs a management command; what a person can put right ends in one sentence instead of a traceback."""

from __future__ import annotations

import logging
import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from common.errors import AppError

DEMO_DATA_DIR = Path(__file__).resolve().parent.parent / "var" / "demo"


def add_up_options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", help="listen on this address (HOST; 0.0.0.0 for the whole network)"
    )
    parser.add_argument("--port", help="listen on this port (PORT)")
    parser.add_argument("--demo", action="store_true", help="with invented data, in var/demo")


def run(arguments: list[str]) -> int:
    # A terminal is for the command's own words: of what it enqueues, the worker's log tells. A filter, as settings that
    # are read later set the levels.
    logging.getLogger("django_structlog.celery.receivers").addFilter(_is_trouble)
    try:
        if arguments[1:2] == ["up"]:
            _apply_up_options(arguments[2:])
        execute_from_command_line(arguments)
    except (ImproperlyConfigured, OperationalError, AppError) as error:
        sys.stderr.write(f"{sentence(error)}\n")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def _is_trouble(record: logging.LogRecord) -> bool:
    return record.levelno >= logging.WARNING


def _apply_up_options(arguments: list[str]) -> None:
    """Settings are read from the environment, so options go there first."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    add_up_options(parser)
    given, _others = parser.parse_known_args(arguments)
    if given.host:
        os.environ["HOST"] = given.host
    if given.port:
        os.environ["PORT"] = given.port
    if given.demo:
        os.environ.setdefault("DATA_DIR", str(DEMO_DATA_DIR))


def sentence(error: Exception) -> str:
    if not isinstance(error, OperationalError):
        return str(error)
    first = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
    return f"The database cannot be used: {first}. Start the application with `make run`, or set DATABASE_URL."
