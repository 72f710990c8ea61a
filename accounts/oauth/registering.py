"""Who may register a program: nobody, signed-in people, or whoever asks, as ASSISTANTS_REGISTRATION says."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from oauth2_provider.dcr import IsAuthenticatedDCRPermission
from oauth2_provider.views import (
    DynamicClientRegistrationManagementView,
    DynamicClientRegistrationView,
)
from rest_framework.throttling import SimpleRateThrottle

from accounts.oauth.redirects import is_safe_redirect
from common.words import is_text

_GRANTS = {"authorization_code", "refresh_token"}
_BODY_MAX = 16_384


class RegistrationPermission(IsAuthenticatedDCRPermission):  # type: ignore[misc]
    def has_permission(self, request: HttpRequest) -> bool:
        if settings.ASSISTANTS_REGISTRATION == "open":
            return True
        return settings.ASSISTANTS_REGISTRATION == "people" and bool(
            super().has_permission(request)
        )


class RegistrationThrottle(SimpleRateThrottle):
    scope = "registration"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return f"throttle_registration_{self.get_ident(request)}"


class Registration(DynamicClientRegistrationView):  # type: ignore[misc]
    """RFC 7591, with fewer kinds of clients than the toolkit takes, and not too many of them."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        throttle = RegistrationThrottle()
        if not throttle.allow_request(request, self):  # type: ignore[arg-type]
            words = "Too many registrations from this address. Ask again later."
            wait = str(int(throttle.wait() or 60))
            return _refused("slow_down", words, status=429, headers={"Retry-After": wait})
        fault = _fault(request)
        if fault is not None:
            return fault
        response: HttpResponse = super().post(request, *args, **kwargs)
        return response


class Management(DynamicClientRegistrationManagementView):  # type: ignore[misc]
    """RFC 7592: what a program changes has to be what it might have registered."""

    def put(self, request: HttpRequest, client_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = _fault(request) or super().put(request, client_id, *args, **kwargs)
        return response


def _fault(request: HttpRequest) -> HttpResponse | None:
    if len(request.body) > _BODY_MAX:
        return _refused("invalid_client_metadata", "This is longer than any registration.")
    said = _said(request.body)
    if said is None:
        return _refused("invalid_client_metadata", "Send a JSON object whose texts are text.")
    grants = said.get("grant_types") or []
    if isinstance(grants, list) and not {str(one) for one in grants} <= _GRANTS:
        return _refused(
            "invalid_client_metadata", "Only authorization_code and refresh_token are given here."
        )
    uris = said.get("redirect_uris") or []
    if isinstance(uris, list) and not all(is_safe_redirect(str(one)) for one in uris):
        words = "A redirect_uri begins with https, or with http on the client's own machine."
        return _refused("invalid_redirect_uri", words)
    return None


def _said(body: bytes) -> dict[str, Any] | None:
    try:
        said = json.loads(body)
    except (ValueError, RecursionError):
        return None
    is_sound = isinstance(said, dict) and is_text(said)
    return said if is_sound and isinstance(said.get("client_name", ""), str) else None


def _refused(
    error: str, words: str, *, status: int = 400, headers: dict[str, str] | None = None
) -> JsonResponse:
    body = {"error": error, "error_description": words}
    return JsonResponse(body, status=status, headers=headers)
