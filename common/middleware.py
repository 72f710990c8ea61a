"""Turns errors into what the caller can read: a page, an htmx fragment, or JSON under /api.

An AppError says itself what happened. Any other exception is a bug: under /api it is told as one, without its text, and
with the name under which the log has it.
"""

from __future__ import annotations

from collections.abc import Callable

import structlog
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.core.signals import got_request_exception
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotAllowed,
    JsonResponse,
)
from django.shortcuts import render
from django.views import defaults

from common.errors import AppError

_TOLD_BY_DJANGO = (BadRequest, Http404, PermissionDenied, SuspiciousOperation)


class _NotAllowed(AppError):
    status = 405


class AppErrorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not (
            _is_api(request) or response.content
        ):
            return _for_forms_only(request, response)
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, AppError):
            return app_error_response(request, error)
        if not _is_api(request) or isinstance(error, _TOLD_BY_DJANGO):
            return None
        # Whoever listens for failures (the log, the tests) hears of it as if nobody had caught it.
        got_request_exception.send(sender=type(self), request=request)
        return internal_error()


def app_error_response(request: HttpRequest, error: AppError) -> HttpResponse:
    content = {"code": error.code, "message": error.message, "fields": error.fields}
    if _is_api(request):
        return JsonResponse(content, status=error.status)
    context = {"status": error.status, **content}
    template = "errors/app_error.html"
    if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
        response = render(request, f"{template}#message", context, status=error.status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, template, context, status=error.status)


def _for_forms_only(request: HttpRequest, refused: HttpResponse) -> HttpResponse:
    """For whoever comes back to an address that a form was sent to: of an empty answer a browser shows nothing."""
    words = "This address only takes what a form sends. Go back to the page with the form."
    page = app_error_response(request, _NotAllowed("method_not_allowed", words))
    page["Allow"] = refused["Allow"]
    return page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """handler404"""
    if not _is_api(request):
        return defaults.page_not_found(request, exception)
    content = {
        "code": "not_found",
        "message": "There is nothing at this address. /api/docs lists those that there are.",
        "fields": {},
    }
    return JsonResponse(content, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: for what fails outside a view, as in a middleware."""
    return internal_error() if _is_api(request) else defaults.server_error(request)


def internal_error() -> HttpResponse:
    content = {
        "code": "internal_error",
        "message": "Fillbook failed at this, which is a bug of its own. The log of the server says more; look there, "
        "or ask whoever runs it.",
        "fields": {},
    }
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        content["request_id"] = str(request_id)
    return JsonResponse(content, status=500)


def _is_api(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")
