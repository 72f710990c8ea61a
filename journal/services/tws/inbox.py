"""What the API has said and nobody has written yet: in memory, and no more of it than fits."""

from __future__ import annotations

from collections import deque
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

# Some hundred bytes each. A day of a busy account has fewer.
INBOX_MAX = 50_000


class Said(StrEnum):
    OPENED = "opened"
    CHANGED = "changed"
    COMPLETED = "completed"
    FILLED = "filled"
    CHARGED = "charged"
    TROUBLED = "troubled"


class Event(NamedTuple):
    """`what` are the objects of the API, in the order in which `journal.brokers.ibkr_tws` takes them."""

    said: Said
    what: tuple[Any, ...]
    at: datetime


class Inbox:
    """What does not fit is counted: all that the API still tells has to be asked for again then."""

    def __init__(self, limit: int = INBOX_MAX) -> None:
        self._events: deque[Event] = deque()
        self._limit = limit
        self.lost = 0

    def put(self, event: Event, *, is_asked: bool = False) -> None:
        """`is_asked`: part of an answer, which is no more than a day and is asked for only while it can be written."""
        if is_asked or len(self._events) < self._limit:
            self._events.append(event)
        else:
            self.lost += 1

    def take(self, count: int) -> list[Event]:
        return [self._events.popleft() for _ in range(min(count, len(self._events)))]

    def put_back(self, events: list[Event]) -> None:
        """They were taken, and could not be written."""
        self._events.extendleft(reversed(events))

    def __len__(self) -> int:
        return len(self._events)
