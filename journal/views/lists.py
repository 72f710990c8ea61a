"""What filtered lists share: addresses without empty fields, pages, and the filters as pills to take away."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from types import MappingProxyType
from typing import Any, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse

from common.errors import NotFound
from common.htmx import wants_fragment
from common.templatetags.figures import write_day
from journal.selectors.keyset import Page

Request = TypeVar("Request", bound=HttpRequest)


def page_url(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    params = request.GET.copy()
    params["cursor"] = cursor
    return f"{request.path}?{params.urlencode()}"


def page_links(request: HttpRequest, page: Page[Any]) -> dict[str, str]:
    """As components/pagination.html takes them."""
    return {"previous": page_url(request, page.previous), "next": page_url(request, page.next)}


def at_bare_address(
    view: Callable[[Request], HttpResponse],
) -> Callable[[Request], HttpResponse]:
    """The list has one address, without the empty fields that its form sends: a browser is sent there, and is told it
    where it asked for a fragment."""

    @wraps(view)
    def seen(request: Request) -> HttpResponse:
        bare = without_empty(request)
        if bare is not None and not wants_fragment(request):
            return HttpResponseRedirect(bare)
        response = view(request)
        if bare is not None:
            response["HX-Push-Url"] = bare
        return response

    return seen


def chosen_in(form: forms.Form) -> dict[str, Any]:
    """What is filtered by. Raises NotFound for an account of somebody else's."""
    if form.errors.get("account"):
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    return {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}


def without_empty(request: HttpRequest) -> str | None:
    """The address without the empty fields that a form sends; None when it has none."""
    if all(value for values in request.GET.lists() for value in values[1]):
        return None
    kept = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        kept.setlist(name, [value for value in values if value])
    text = kept.urlencode()
    return f"{request.path}?{text}" if text else request.path


def pill(
    request: HttpRequest, url_name: str, label: str, value: str, *names: str
) -> dict[str, str]:
    """A filter in words, and the address of the list without it: `names` are its parameters."""
    params = request.GET.copy()
    for name in (*names, "cursor"):
        params.pop(name, None)
    url = reverse(url_name)
    return {
        "label": label,
        "value": value,
        "url": f"{url}?{params.urlencode()}" if params else url,
    }


def filter_pills(
    request: HttpRequest,
    url_name: str,
    form: forms.Form,
    own: Mapping[str, Any],
    names: Iterable[str],
    *,
    words: Mapping[str, str] = MappingProxyType({}),
) -> list[dict[str, str]]:
    """Those of `names` that `own` has a value for; `words` has values that their fields do not put into words."""
    return [
        pill(
            request,
            url_name,
            str(form.fields[name].label or name),
            words.get(name) or in_words(form.fields[name], own[name]),
            name,
        )
        for name in names
        if name in own
    ]


def days_pills(request: HttpRequest, url_name: str, own: Mapping[str, Any]) -> list[dict[str, str]]:
    """One for both ends of the period; none where neither is there."""
    start, end = own.get("start"), own.get("end")
    if not (start or end):
        return []
    days = [write_day(day) if day else "…" for day in (start, end)]
    says = days[0] if start == end else " – ".join(days)
    return [pill(request, url_name, "Days", says, "start", "end")]


def in_words(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.ChoiceField) and not isinstance(field, forms.ModelChoiceField):
        return str(dict(field.choices).get(value, value))  # type: ignore[arg-type]
    return str(value)


def dressed(form: forms.Form, *, placeholder: str, search: str = "text") -> forms.Form:
    """The form as the bar above a list shows it. `search` is the field that the key / leads to."""
    for name, field in form.fields.items():
        field.widget.attrs |= {"class": "input", "aria-label": str(field.label or name)}
    for name in form.fields.keys() & {"start", "end"}:
        form.fields[name].widget = forms.DateInput(
            format="%Y-%m-%d",
            attrs={"type": "date", "class": "input", "aria-label": str(form.fields[name].label)},
        )
    form.fields[search].widget.attrs |= {
        "placeholder": placeholder, "type": "search", "data-key-search": "",
    }  # fmt: skip
    return form
