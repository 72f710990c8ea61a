"""What the simulators of crypto exchanges share: keys, lists cut by time and by page."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from typing import Any

from tests.simulators.link import Clock
from tests.simulators.wire import Request, Response, Simulator

API_KEY = "key-Xq7Lm2"
API_SECRET = "secret-9fT4wZ"
DAY_MS = 86_400_000
Row = dict[str, Any]


def signature(text: str, secret: str = API_SECRET) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()


class Exchange(Simulator):
    """`clock` is the exchange's own: `skew` milliseconds ahead of the one that the pull has."""

    def __init__(self, clock: Clock, *, skew: int = 0) -> None:
        super().__init__()
        self.clock = clock
        self.skew = skew

    @property
    def now(self) -> int:
        return int(self.clock.now().timestamp() * 1000) + self.skew

    def reply(self, value: object, status: int = 200) -> Response:
        return Response.of(value, status)


def between(rows: Iterable[Row], name: str, since: object, until: object) -> list[Row]:
    """Both ends included, as exchanges do."""
    low, high = int(str(since)), int(str(until))
    return [one for one in rows if low <= int(str(one[name])) <= high]


def numbers(request: Request, *names: str) -> list[int]:
    return [int(request.params[name]) for name in names]
