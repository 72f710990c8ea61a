"""A report as a value: sections of sentences and tables. Whatever shows it shows all of it.

Every number in it stands beside the figure that it was made from, so that the JSON alone is enough to check it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Self

from learning.domain.figures import Figure

OWN_ADVICE = "Our own advice so far"
"""So begins the sentence of a report that scores it."""


class Cell(NamedTuple):
    """`text` is what people read; `figure` what it was made from, by the rule that `formula` names (`formulas`); `href`
    a path of this application; `tone` is "good" or "bad" where that is certain, "" else."""

    text: str
    figure: Figure | None = None
    href: str = ""
    formula: str = ""
    tone: str = ""

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"text": self.text}
        if self.figure is not None:
            told["figure"] = self.figure.as_json()
        more = {"formula": self.formula, "href": self.href, "tone": self.tone}
        return told | {name: text for name, text in more.items() if text}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        figure = told.get("figure")
        more = {name: told.get(name, "") for name in ("href", "formula", "tone")}
        return cls(told["text"], None if figure is None else Figure.from_json(figure), **more)


class Table(NamedTuple):
    """`numeric` are the positions of the columns that are read as numbers, for alignment."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numeric: frozenset[int] = frozenset()

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.title,
            "columns": list(self.columns),
            "numeric": sorted(self.numeric),
            "rows": [[cell.as_json() for cell in row] for row in self.rows],
        }

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        rows = tuple(tuple(Cell.from_json(cell) for cell in row) for row in told["rows"])
        return cls(told["title"], tuple(told["columns"]), rows, frozenset(told["numeric"]))


class Section(NamedTuple):
    """`chart` names a chart of the application, drawn from the data in `chart_data`."""

    key: str
    title: str
    sentences: tuple[str, ...]
    tables: tuple[Table, ...] = ()
    chart: str = ""
    chart_data: dict[str, Any] | None = None

    def as_json(self) -> dict[str, Any]:
        return {
            "key": self.key, "title": self.title, "sentences": list(self.sentences),
            "tables": [table.as_json() for table in self.tables], "chart": self.chart, "chart_data": self.chart_data,
        }  # fmt: skip

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        tables = tuple(Table.from_json(one) for one in told["tables"])
        sentences = tuple(told["sentences"])
        return cls(told["key"], told["title"], sentences, tables, told["chart"], told["chart_data"])


class Document(NamedTuple):
    """`since` and `until` are ISO dates in `zone`, the last day included; `as_of` is an ISO moment in UTC."""

    kind: str
    workspace: str
    headline: str
    since: str
    until: str
    zone: str
    as_of: str
    sections: tuple[Section, ...]
    footer: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        told = {**self._asdict(), "sections": [section.as_json() for section in self.sections]}
        return {**told, "footer": list(self.footer)}

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        sections = tuple(Section.from_json(one) for one in told["sections"])
        return cls(**{**told, "sections": sections, "footer": tuple(told["footer"])})
