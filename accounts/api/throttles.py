"""Each token has its own allowance, so that one busy bot does not lock out its owner's others."""

from typing import Any

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from accounts.models import ApiToken


class TokenRateThrottle(UserRateThrottle):
    """Counts by token, else by person, else by address; the rate is that of `user`."""

    scope = "user"

    def get_cache_key(self, request: Request, view: Any) -> str | None:
        if isinstance(request.auth, ApiToken):
            return f"throttle_token_{request.auth.pk}"
        return super().get_cache_key(request, view)
