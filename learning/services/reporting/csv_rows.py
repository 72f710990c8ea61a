"""Every number of a report as a line, with the rule by which it was made."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from typing import Any

COLUMNS = (
    "section", "table", "line", "column", "shown", "value", "unit", "n", "low", "high", "level", "reason", "formula",
)  # fmt: skip
_FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def numbers_of(document: Mapping[str, Any]) -> Iterator[tuple[Any, ...]]:
    for section in document["sections"]:
        for table in section["tables"]:
            for row in table["rows"]:
                for column, cell in zip(table["columns"], row, strict=True):
                    figure = cell.get("figure")
                    if figure is not None:
                        low, high, level = figure["ci"] or ("", "", "")
                        value = "" if figure["value"] is None else figure["value"]
                        yield (
                            section["title"], table["title"], row[0]["text"], column, cell["text"], value,
                            figure["unit"], figure["n"], low, high, level, figure["reason"] or "",
                            cell.get("formula", ""),
                        )  # fmt: skip


def as_csv(document: Mapping[str, Any]) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in numbers_of(document):
        writer.writerow([_plain(cell) for cell in row])
    return text.getvalue()


def _plain(cell: Any) -> Any:
    """A spreadsheet computes what begins like a formula: text of others must not."""
    if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS):
        return f"'{cell}"
    return cell
