"""What filtered lists share: addresses without empty fields, pages, and the filters as pills to take away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any

from django import forms
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from common.templatetags.figures import write_day


def page_url(request: HttpRequest, cursor: str | None) -> str:
    if cursor is None:
        return ""
    params = request.GET.copy()
    params["cursor"] = cursor
    return f"{request.path}?{params.urlencode()}"


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
