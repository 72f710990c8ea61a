"""Domain enums as Django choices."""

from __future__ import annotations

from enum import StrEnum

_ABBREVIATIONS = {"cfd": "CFD"}


def enum_choices(enum: type[StrEnum]) -> list[tuple[str, str]]:
    return [(member.value, _label(member.value)) for member in enum]


def _label(value: str) -> str:
    return _ABBREVIATIONS.get(value, value.replace("_", " ").capitalize())
