"""Runs a management command; what a person can put right ends in one sentence instead of a traceback."""

from __future__ import annotations

import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line
from django.db import OperationalError

from common.errors import AppError

NO_TRACEBACK = (ImproperlyConfigured, OperationalError, AppError)


def run(arguments: list[str]) -> int:
    try:
        execute_from_command_line(arguments)
    except NO_TRACEBACK as error:
        sys.stderr.write(f"{sentence(error)}\n")
        return 1
    return 0


def sentence(error: Exception) -> str:
    if not isinstance(error, OperationalError):
        return str(error)
    first = str(error).strip().splitlines()[0] if str(error).strip() else "no answer"
    return f"The database cannot be used: {first}. Start the application with `make run`, or set DATABASE_URL."
