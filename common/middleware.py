"""Turns an AppError into what the caller can read: a page, an htmx fragment, or JSON under /api."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from common.errors import AppError


class AppErrorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        return app_error_response(request, error) if isinstance(error, AppError) else None


def app_error_response(request: HttpRequest, error: AppError) -> HttpResponse:
    content = {"code": error.code, "message": error.message, "fields": error.fields}
    if request.path.startswith("/api/"):
        return JsonResponse(content, status=error.status)
    context = {"status": error.status, **content}
    template = "errors/app_error.html"
    if getattr(request, "htmx", False) and not request.htmx.boosted:  # type: ignore[attr-defined]
        response = render(request, f"{template}#message", context, status=error.status)
        response["HX-Retarget"] = "#messages"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, template, context, status=error.status)
