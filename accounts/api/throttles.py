"""Each token has its own allowance, so that one busy bot does not lock out its owner's others."""

import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle, UserRateThrottle

from accounts.api.assistants import AssistantAccess
from accounts.models import ApiToken

logger = logging.getLogger(__name__)

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
# So seldom a process tells the others how much it has let through.
_TOLD_EVERY_SECONDS = 1.0
_COUNTS_MAX = 10_000


def _who(request: Request) -> str:
    if isinstance(request.auth, ApiToken):
        return f"token_{request.auth.pk}"
    if isinstance(request.auth, AssistantAccess):
        return f"assistant_{request.auth.pk}"
    return f"person_{request.user.pk}"


class TokenRateThrottle(UserRateThrottle):
    """Counts by token, else by person, else by address; the rate is that of `user`."""

    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if isinstance(request.auth, (ApiToken, AssistantAccess)):
            return f"throttle_{_who(request)}"
        return super().get_cache_key(request, view)


@dataclass(slots=True)
class _Count:
    """Calls within one window: what all processes had told at `told_at`, and what this one let through since."""

    window: int
    told: int = 0
    untold: int = 0
    told_at: float = 0.0


class CaptureThrottle(BaseThrottle):
    """Counts the calls of a token or person in fixed windows. A bot waits for every call, so the count that processes
    share is asked for once a second only, and may be exceeded by as much as comes within one."""

    scope = "capture"
    _counts: dict[str, _Count] = {}
    _lock = threading.Lock()

    def __init__(self) -> None:
        calls, _, period = str(api_settings.DEFAULT_THROTTLE_RATES[self.scope]).partition("/")
        self._calls, self._seconds = int(calls), _SECONDS[period[0]]

    def allow_request(self, request: Request, view: Any) -> bool:
        if not request.user.is_authenticated:
            return True
        count = self._count(_who(request))
        now = time.monotonic()
        with self._lock:
            count.untold += 1
            is_due = now >= count.told_at + _TOLD_EVERY_SECONDS or count.told_at == 0.0
            said, count.untold = (count.untold, 0) if is_due else (0, count.untold)
            if is_due:
                count.told_at = now
        if is_due:
            count.told = _add(f"capture_{_who(request)}_{count.window}", said, 2 * self._seconds)
        return count.told + count.untold <= self._calls

    def wait(self) -> float:
        return self._seconds - time.time() % self._seconds

    def _count(self, who: str) -> _Count:
        window = int(time.time() // self._seconds)
        with self._lock:
            known = self._counts.get(who)
            if known is None or known.window != window:
                if len(self._counts) > _COUNTS_MAX:
                    self._counts.clear()
                known = self._counts[who] = _Count(window)
            return known


def _add(key: str, calls: int, seconds: int) -> int:
    """What all processes have told together. Where the cache is away, nobody counts: what a bot has to report is worth
    more than the limit."""
    try:
        cache.add(key, 0, timeout=seconds)
        return int(cache.incr(key, calls))
    except Exception:
        logger.warning("cache_unreachable", exc_info=True)
        return 0
