"""A report as PDF: the document's HTML with drawings as SVG, set by WeasyPrint. No browser."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from common.errors import Unavailable
from learning.services.reporting.drawing import draw_all


def as_pdf(document: Mapping[str, Any]) -> bytes:
    from weasyprint import HTML  # noqa: PLC0415 - seconds, and only for who prints

    content = HTML(string=as_html(document), url_fetcher=_fetch_nothing).write_pdf(
        pdf_tags=True, custom_metadata=True
    )
    if content is None:
        raise Unavailable("report_not_printed", "The report could not be printed.")
    return bytes(content)


def as_html(document: Mapping[str, Any]) -> str:
    # Our own drawings of numbers: names in them were escaped by who drew them.
    charts = {
        one.name: {"svg": mark_safe(one.as_svg()), "says": one.says}  # noqa: S308
        for one in draw_all(document)
    }
    sections = [
        {**section, "drawing": charts.get(section["chart"]), "tables": [_table(one) for one in section["tables"]]}
        for section in document["sections"]
    ]  # fmt: skip
    return render_to_string(
        "learning/report_print.html", {"document": document, "sections": sections}
    )


def _table(table: Mapping[str, Any]) -> dict[str, Any]:
    numeric = set(table["numeric"])
    return {
        **table,
        "heads": [(words, at in numeric) for at, words in enumerate(table["columns"])],
        "rows": [[(cell, at in numeric) for at, cell in enumerate(row)] for row in table["rows"]],
    }


def _fetch_nothing(url: str, *_args: Any, **_kwargs: Any) -> dict[str, Any]:
    """A report has all that it shows."""
    raise ValueError(f"a report loads nothing, and this is {url[:80]}")
