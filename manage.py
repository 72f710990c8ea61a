#!/usr/bin/env python3
"""Fillbook's command line. The version check comes first and must parse on any Python 3."""

import os
import sys

OLDEST_PYTHON = (3, 11)


def main():
    # type: () -> int
    if sys.version_info < OLDEST_PYTHON:
        sys.stderr.write(
            "Fillbook needs Python 3.11 or newer, and this is Python %d.%d (%s): "
            "run `make run PYTHON=/path/to/python3.11`.\n"
            % (sys.version_info[0], sys.version_info[1], sys.executable)
        )
        return 1
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from config.command_line import run
    except ImportError as error:
        if getattr(error, "name", "") not in ("django", "psycopg", "structlog"):
            raise
        sys.stderr.write(
            "Fillbook's requirements are not installed for %s: run `make run`, which installs "
            "them into .venv, or use .venv/bin/python manage.py.\n" % sys.executable
        )
        return 1
    return run(sys.argv)


if __name__ == "__main__":
    sys.exit(main())
