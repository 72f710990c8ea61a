"""Each token has its own allowance, so that one busy bot does not lock out its owner's others."""

import time
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from accounts.models import ApiToken


def _who(request: Request) -> str:
    if isinstance(request.auth, ApiToken):
        return f"token_{request.auth.pk}"
    return f"person_{request.user.pk}"


class TokenRateThrottle(UserRateThrottle):
    """Counts by token, else by person, else by address; the rate is that of `user`."""

    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if isinstance(request.auth, ApiToken):
            return f"throttle_{_who(request)}"
        return super().get_cache_key(request, view)


def _rate(text: str) -> tuple[int, int]:
    """Calls, and the seconds within which."""
    calls, _, period = text.partition("/")
    return int(calls), {"s": 1, "m": 60, "h": 3600, "d": 86400}[period[0]]


class CaptureThrottle(BaseThrottle):
    """Counts the calls of a token or person in fixed windows: one number, however high the rate is."""

    scope = "capture"

    def __init__(self) -> None:
        self._calls, self._seconds = _rate(str(api_settings.DEFAULT_THROTTLE_RATES[self.scope]))

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return True
        window = int(time.time() // self._seconds)
        key = f"capture_{_who(request)}_{window}"
        try:
            count = cache.incr(key)
        except ValueError:
            cache.add(key, 0, timeout=2 * self._seconds)
            count = cache.incr(key)
        return bool(count <= self._calls)

    def wait(self) -> float:
        return self._seconds - time.time() % self._seconds
