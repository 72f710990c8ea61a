"""Pages that change in parts: the request that knows of htmx, and answers that work without it too."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render, resolve_url
from django_htmx.http import HttpResponseClientRedirect, reswap, retarget
from django_htmx.middleware import HtmxDetails


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def wants_fragment(request: HttpRequest) -> bool:
    """Whether a part of the page is asked for, not the page."""
    htmx: HtmxDetails | None = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not (htmx.boosted or htmx.history_restore_request)


def render_fragment(
    request: HttpRequest, template: str, context: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """`render_fragment(request, "journal/trade.html#notes", …)`: the part for htmx, else the whole page.

    Caches must keep the two apart, hence Vary.
    """
    name = template if wants_fragment(request) else template.partition("#")[0]
    response = render(request, name, context, status=status)
    response["Vary"] = "HX-Request"
    return response


def redirect(request: HttpRequest, to: Any, *args: Any, **kwargs: Any) -> HttpResponse:
    """After a write: 303 to the page that shows it; htmx is told to go there itself."""
    url = resolve_url(to, *args, **kwargs)
    if wants_fragment(request):
        return HttpResponseClientRedirect(url)
    return HttpResponseRedirect(url, status=303)


def with_toast(response: HttpResponse, text: str, *, level: str = "success") -> HttpResponse:
    """Shows a sentence in the corner when htmx receives the answer. Levels: success, info, error."""
    events = json.loads(response.headers.get("HX-Trigger", "{}"))
    response["HX-Trigger"] = json.dumps({**events, "toast": {"text": text, "level": level}})
    return response


def into(response: HttpResponse, target: str, *, swap: str = "innerHTML") -> HttpResponse:
    """The answer goes into another element than the one that asked."""
    return reswap(retarget(response, target), swap)  # type: ignore[arg-type]


def stop_polling(response: HttpResponse) -> HttpResponse:
    """286 is how htmx learns that there is nothing more to ask for."""
    response.status_code = 286
    return response
