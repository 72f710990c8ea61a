"""Words that no database keeps are refused before they are looked for."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict

from common.words import is_text

# As the toolkit keeps them with a code.
_LENGTHS = {"nonce": 255, "code_challenge": 128}


def is_sound(said: QueryDict) -> bool:
    texts = [one for name, values in said.lists() for one in (name, *values)]
    return is_text(texts) and all(
        len(one) <= limit for name, limit in _LENGTHS.items() for one in said.getlist(name)
    )


def sound(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The view of an endpoint of programs, with the error of RFC 6749 for what is no text."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if is_sound(request.GET) and is_sound(request.POST):
            return view(request, *args, **kwargs)
        words = "A parameter is no text, or longer than any that is sent here."
        body = {"error": "invalid_request", "error_description": words}
        return JsonResponse(body, status=400)

    return checked
