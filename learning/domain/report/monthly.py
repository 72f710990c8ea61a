"""What a month adds: calibration, regime and active rules as the learner told them, growth and risk, tax."""

from __future__ import annotations

from learning.domain.report.document import Section
from learning.domain.report.reading import Reading
from learning.domain.report.tax import tax
from learning.domain.report.worth import worth


def month_sections(reading: Reading) -> tuple[Section, ...]:
    return (
        worth(reading),
        _noted(reading, "calibration", "Calibration", "No probability model has enough outcomes to be judged yet."),
        _noted(reading, "regime", "Regime", "No look for a change was due or possible yet."),
        _noted(reading, "rules", "Active rules", "No setting of the learner is in force: nothing to discount."),
        tax(reading),
    )  # fmt: skip


def _noted(reading: Reading, key: str, title: str, otherwise: str) -> Section:
    return Section(key, title, reading.material.notes.get(key, ()) or (otherwise,))
