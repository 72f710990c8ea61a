"""What time it is, and waiting. Tests have another clock, which stands still until somebody waits.

A worker's clock may jump, and what a pull calls complete must never be of the future: so it is checked against that of
the database, which all workers share.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Protocol

from django.db import connection
from django.utils import timezone


class Clock(Protocol):
    def now(self) -> datetime: ...

    def sleep(self, seconds: float) -> None: ...


class SystemClock:
    def now(self) -> datetime:
        """The earlier of the two: too little is asked for again, too much never."""
        return min(timezone.now(), database_now())

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def database_now() -> datetime:
    with connection.cursor() as cursor:
        # now() would be when the transaction began.
        cursor.execute("SELECT clock_timestamp()")
        at: datetime = cursor.fetchone()[0]
    return at


SYSTEM = SystemClock()
