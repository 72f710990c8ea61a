"""Figures of the learner in templates: value, interval, or a dash that says what is missing; and the tabs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template
from django.template import Context
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from common.numbers import tone
from common.templatetags.figures import unknown
from learning.charts.text import why, write_figure, write_interval

register = template.Library()

# A tab is shown as soon as its address is there.
TABS = (
    ("overview", "learning:overview", "Overview"),
    ("metrics", "learning:metrics", "Metrics"),
    ("works", "learning:what-works", "What works"),
    ("claims", "learning:claims", "Claims"),
    ("behaviour", "learning:behaviour", "Behaviour"),
    ("execution", "learning:execution", "Execution"),
    ("parameters", "learning:parameters", "Parameters"),
    ("symbols", "learning:symbols", "Symbols"),
    ("model", "learning:model", "Win probability"),
    ("exits", "learning:exits", "Exits"),
    ("sizing", "learning:sizing", "Sizing"),
    ("exposure", "learning:exposure", "Exposure"),
    ("reports", "learning:reports", "Reports"),
)

Figure = Mapping[str, Any] | None
_SIGNED = ("total", "expectancy", "average", "best", "worst", "mean_return", "cagr", "sharpe")


@register.inclusion_tag("learning/tabs.html", takes_context=True)
def learning_tabs(context: Context, current: str) -> dict[str, Any]:
    shown = []
    for name, url_name, word in TABS:
        try:
            url = reverse(url_name)
        except NoReverseMatch:
            continue
        shown.append({"url": url, "word": word, "current": name == current})
    return {"tabs": shown}


@register.simple_tag
def told(figure: Figure, currency: str = "", *, metric: str = "") -> SafeString:
    """`{% told figures.expectancy_r currency metric="expectancy_r" %}`. What has a direction is coloured by it."""
    if not figure or figure["value"] is None:
        return unknown(why(figure))
    text = write_figure(figure, currency, metric=metric)
    is_signed = metric.startswith(_SIGNED) and figure["unit"] in ("R", "money")
    return format_html(
        '<span class="num{}">{}</span>', f" is-{tone(figure['value'])}" if is_signed else "", text
    )


@register.simple_tag
def sure(figure: Figure, currency: str = "", *, metric: str = "") -> str:
    """The interval as text; nothing where none was counted."""
    return write_interval(figure, currency, metric=metric)


@register.filter
def reason(figure: Figure) -> str:
    """Why there is no value; nothing where there is one."""
    return why(figure)


@register.filter
def figure(figures: Mapping[str, Any], name: str) -> Any:
    return figures.get(name)
