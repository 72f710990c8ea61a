"""Names that programs send, as people read them."""

from __future__ import annotations

from django import template

from journal.domain.leg_words import legs_in_words

register = template.Library()

_WAYS = {
    "page": "on the page",
    "api": "over the API",
    "link": "by the link in an alert",
    "tool": "through an assistant",
}


@register.filter
def by_way(via: str) -> str:
    """Behind the name of who decided or wrote: over the API."""
    return _WAYS.get(via, "")


register.filter(legs_in_words)


@register.filter
def spoken(name: object) -> str:
    """`relative_volume` is relative volume. What has spaces or capitals was written for people already."""
    text = str(name)
    return text.replace("_", " ").strip() or text


@register.filter
def of_source(title: str, source: str) -> str:
    """Where a batch that was reported has its source's name already, it is not said twice."""
    return title if title.startswith(source) else f"{source}: {title}"
