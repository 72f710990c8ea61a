"""What time it is for who writes something down, and the hour to which a history that is told afterwards belongs.

No request reaches `told_at`: it is for who tells of the past as it happened, day by day, like the demo.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_told: ContextVar[datetime | None] = ContextVar("told", default=None)


def now() -> datetime:
    return _told.get() or timezone.now()


@contextmanager
def told_at(moment: datetime) -> Iterator[None]:
    """Within it that moment is now."""
    before = _told.set(moment)
    try:
        yield
    finally:
        _told.reset(before)
