"""Who asks, and for which workspace: decided once, before any view runs.

Every page needs a signed-in person with a workspace unless its view is marked `workspace_optional`
or belongs to somebody else's app, so that a view which forgets to ask is closed, not open. Requests
to the API with a token are no sessions; `accounts.api.views` does the same for them.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import TypeVar

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django_scopes import scope

from accounts.models import Locale, User, Workspace
from accounts.requests import WORKSPACE_KEY
from accounts.selectors import find_active_membership, is_first_person
from common.numbers import format_for_language, number_format

OTHERS = ("allauth.", "django.", "drf_spectacular.", "rest_framework.", "config.")

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


def workspace_optional(view: View) -> View:
    """Mark a view that answers people without a workspace, or nobody in particular."""
    view.workspace_optional = True  # type: ignore[attr-defined]
    return view


class NumberFormatMiddleware:
    """Numbers as the person chose, else as the browser asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with number_format(format_for_language(_language(request))):
            return self.get_response(request)


def _language(request: HttpRequest) -> str:
    chosen = getattr(request.user, "locale", Locale.BROWSER)
    if chosen == Locale.BROWSER:
        return request.headers.get("Accept-Language", "")
    return str(chosen)


class WorkspaceMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request.workspace = request.membership = None  # type: ignore[attr-defined]
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        membership = find_active_membership(user, request.session.get(WORKSPACE_KEY))
        with ExitStack() as stack:
            stack.enter_context(timezone.override(user.zone))
            if membership is None:
                return self.get_response(request)
            membership.user = user
            request.membership = membership  # type: ignore[attr-defined]
            request.workspace = membership.workspace  # type: ignore[attr-defined]
            stack.enter_context(scope(workspace=membership.workspace))
            return _keep_scope(self.get_response(request), membership.workspace)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponseBase], *_: object
    ) -> HttpResponseBase | None:
        if _is_open(view) or request.membership is not None:  # type: ignore[attr-defined]
            return None
        if request.user.is_authenticated:
            return _go(request, HttpResponseRedirect(reverse("accounts:workspace-create")))
        if is_first_person():
            return _go(request, HttpResponseRedirect(reverse("account_signup")))
        return _go(request, redirect_to_login(request.get_full_path()))


def _is_open(view: Callable[..., HttpResponseBase]) -> bool:
    # A DRF view (`cls`) authenticates and authorises by itself.
    return (
        getattr(view, "workspace_optional", False)
        or getattr(view, "__module__", "").startswith(OTHERS)
        or hasattr(view, "cls")
    )


def _go(request: HttpRequest, redirect: HttpResponseRedirect) -> HttpResponseBase:
    if getattr(request, "htmx", False):
        # A fragment that was asked for must not be filled with the sign-in page.
        return HttpResponse(headers={"HX-Redirect": redirect.url})
    return redirect


def _keep_scope(response: HttpResponseBase, workspace: Workspace) -> HttpResponseBase:
    """A streamed answer is read after the middleware has returned: its rows need the scope too."""
    if isinstance(response, StreamingHttpResponse) and not response.is_async:
        content: Iterator[bytes] = iter(response)
        response.streaming_content = _within(workspace, content)
    return response


def _within(workspace: Workspace, content: Iterator[bytes]) -> Iterator[bytes]:
    with scope(workspace=workspace):
        yield from content
