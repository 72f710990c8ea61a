"""Tags for the frame of a page: icons, entries of the navigation, links that keep the query."""

from __future__ import annotations

import json
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, json_script
from django.utils.safestring import SafeString, mark_safe

from common.templatetags.icons import MARK, SHAPES

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """An icon that decorates the word beside it. `size` is "", "s" or "l"."""
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" aria-hidden="true"><path d="{}"/></svg>',
        f" icon--{size}" if size else "",
        SHAPES[name],
    )


@register.simple_tag
def mark() -> SafeString:
    return mark_safe(MARK)  # noqa: S308 - our own drawing


@register.inclusion_tag("components/nav_item.html", takes_context=True)
def nav_item(
    context: Context, url_name: str, word: str, icon_name: str, **options: Any
) -> dict[str, Any]:
    """One entry; nothing when its address does not exist. Options: `count`, `kind` (nav, tabbar), `also` (other
    addresses that belong to it, with spaces between)."""
    url = _address(url_name)
    path = getattr(context.get("request"), "path", "")
    return {
        "url": url,
        "word": word,
        "icon_name": icon_name,
        "current": url is not None
        and any(is_under(path, one) for one in (url, *options.get("also", "").split())),
        "count": options.get("count"),
        "kind": options.get("kind", "nav"),
    }


class _Compact(json.JSONEncoder):
    """Nothing between the parts, and characters as they are: pages are UTF-8."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False, "separators": (",", ":")})


@register.filter
def data_script(value: Any, element_id: str) -> SafeString:
    """Django's `json_script`, for data that would be half again as long with its spaces and escapes."""
    return json_script(value, element_id, encoder=_Compact)


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: Any) -> str:
    """The query of this page with some parameters set, or removed by an empty value: `?a=1&b=2`.

    Django's own `querystring` needs a request; this also works with `params` in the context.
    """
    request = context.get("request")
    params = context.get("params", request.GET if request else None)
    if params is None:
        return "?"
    params = params.copy()
    for name, value in changes.items():
        if value in (None, ""):
            params.pop(name, None)
        else:
            params[name] = str(value)
    return f"?{params.urlencode()}"


@register.filter
def get(mapping: dict[str, Any] | None, key: str) -> Any:
    return mapping.get(key) if mapping else None


def _address(url_name: str) -> str | None:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return None


def is_under(path: str, url: str) -> bool:
    return path == url or (url != "/" and path.startswith(f"{url.rstrip('/')}/"))
