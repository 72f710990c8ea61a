"""How long a thread of Python may go on before another one gets its turn."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SECONDS = 0.0005


@contextmanager
def short_turns() -> Iterator[None]:
    """For a thread that feeds the database beside one that computes: it needs its turn often and never for long.

    By default it would wait five milliseconds each time that the database has taken a piece, and the database with it.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
