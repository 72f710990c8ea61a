"""Uploads: how large they may be, decided before they are read."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from common.errors import TooLarge
from common.middleware import app_error_response

# What a form carries beside its file.
_BESIDE_FILE_BYTES = 1024 * 1024
_DISCARD_SECONDS = 20.0


class UploadLimitMiddleware:
    """Refuses a body that no statement may have by its stated length, before a byte of it is kept.

    Its check runs before anything reads the body, that of the CSRF token included, so it stands above it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        limit = settings.STATEMENT_SIZE_MAX_BYTES
        if not length.isdigit() or int(length) <= limit + _BESIDE_FILE_BYTES:
            return None
        _discard_body(request)
        response = app_error_response(request, file_too_large(limit))
        response["Connection"] = "close"
        return response


def file_too_large(limit: int) -> TooLarge:
    return TooLarge(
        "file_too_large",
        f"The file is larger than {limit // 1024**2} MB. Nothing was imported. Export a shorter period (a year at a "
        "time) and import the files one after the other; overlaps do no harm.",
    )


def _discard_body(request: HttpRequest) -> None:
    """A browser reads the answer only after it has sent everything; who asks first (Expect) need not send at all."""
    if "100-continue" in request.META.get("HTTP_EXPECT", "").lower():
        return
    deadline = time.monotonic() + _DISCARD_SECONDS
    while time.monotonic() < deadline and request.read(1024 * 1024):
        pass
