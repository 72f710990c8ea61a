"""From material to document: the same material gives the same document, byte for byte."""

from __future__ import annotations

from typing import Any

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.report import ahead, conduct, ledger
from learning.domain.report.document import Document
from learning.domain.report.expected import LEAST, headline, place
from learning.domain.report.material import PAST_DAYS, VERSION, Material
from learning.domain.report.monthly import month_sections
from learning.domain.report.reading import Reading
from learning.domain.report.scoreboard import scoreboard


def build(material: Material) -> Document:
    reading = Reading(material)
    sections = (
        scoreboard(reading), conduct.process(reading), conduct.decisions(reading), ledger.learned(reading),
        ledger.recommendations(reading), ahead.risk_ahead(reading),
        *(month_sections(reading) if material.is_month else ()),
        ahead.focus(reading),
    )  # fmt: skip
    return Document(
        material.kind, material.workspace, headline_of(reading), material.since, material.until, material.zone,
        material.as_of, sections, ahead.footer(reading),
    )  # fmt: skip


def headline_of(reading: Reading) -> str:
    known = reading.known_r
    total = float(known.sum()) if len(known) else None
    return headline(
        total, len(reading.now), placed_of(reading), known=len(known), period=reading.material.period,
        past_days=PAST_DAYS,
    )  # fmt: skip


def placed_of(reading: Reading) -> Figure:
    """Where the period's R lies among what the days before it predict."""
    past = int((reading.past.r == reading.past.r).sum())
    if not len(reading.known_r) or reading.drawn is None:
        return Figure.absent(Reason.TOO_FEW, past, Unit.PROBABILITY, least=LEAST)
    totals = reading.drawn.sum(axis=1)
    totals.sort()
    return place(float(reading.known_r.sum()), totals, past)


def told_of(material: Material) -> dict[str, Any]:
    """All of a report as JSON: what people read, what it was made of, and what follows for the next one."""
    reading = Reading(material)
    chosen, score = ahead.focus_of(reading), ahead.score_of(reading)
    return {
        "rules": VERSION,
        "document": build(material).as_json(),
        "material": material.as_json(),
        "placed": placed_of(reading).as_json(),
        "focus": None if chosen is None else chosen._asdict(),
        "score": None if score is None else score._asdict(),
    }


def differences(told: dict[str, Any]) -> list[str]:
    """Where a report that is told as JSON is not what its own material makes: "" places, empty where it holds.

    Raises KeyError or TypeError where it is no such JSON.
    """
    again = told_of(Material.from_json(told["material"]))
    return list(_unlike(told, again, "report"))


def _unlike(one: Any, other: Any, where: str) -> list[str]:
    if isinstance(one, dict) and isinstance(other, dict):
        return [
            line
            for key in sorted({*one, *other})
            for line in _unlike(one.get(key), other.get(key), f"{where}.{key}")
        ]
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        if len(one) != len(other):
            return [f"{where}: {len(one)} lines, {len(other)} from its material"]
        pairs = enumerate(zip(one, other, strict=True))
        return [line for at, pair in pairs for line in _unlike(*pair, f"{where}[{at}]")]
    return [] if one == other else [f"{where}: says {one!r}, its material gives {other!r}"]
