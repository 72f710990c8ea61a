"""A guard as a person reads it: where it stands, and how much room is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from common.numbers import write_percent
from reconciliation.domain import guard_words as words
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import Guard, GuardSample
from reconciliation.views.guard_settings import says_what, tiers_of

_ONE = Decimal(1)
# A bar goes beyond the breach, so that one sees by how much.
_SCALE = Decimal("1.15")


@dataclass(frozen=True, slots=True)
class GuardRow:
    """`used` is None where nothing was measured; `room` is money; `marks` are (position on the bar, words)."""

    of: Guard
    name: str
    says: str
    tone: str
    preset: str
    used: Decimal | None
    room: Decimal | None
    room_share: Decimal | None
    currency: str
    sample: GuardSample | None
    marks: Sequence[tuple[str, str]]
    fill: str
    is_floor: bool
    limit_words: str

    @property
    def level(self) -> str:
        """How bad it is, for the bar."""
        if self.used is None:
            return "unknown"
        if self.used >= 1:
            return "breach"
        return "warned" if self.of.state == "warned" else "well"


def guard_row(guard: Guard, sample: GuardSample | None, currency: str) -> GuardRow:
    name, says = words.STATES.get(guard.state, (guard.state, ""))
    values: Mapping[str, Any] = guard.version.values if guard.version is not None else {}
    used, room = _standing(sample)
    return GuardRow(
        of=guard,
        name=name,
        says=says,
        tone=words.STATE_TONES.get(guard.state, ""),
        preset=preset_name(guard.preset),
        used=used,
        room=room,
        room_share=None if used is None else max(_ONE - used, Decimal(0)),
        currency=currency,
        sample=sample,
        marks=[
            (_at(tier), write_percent(tier, 0)) for tier in tiers_of(values)
        ] + [(_at(_ONE), "breach")],
        fill=_at(used or Decimal(0)),
        is_floor=guard.preset.startswith("floor_"),
        limit_words=says_what(guard.kind, values),
    )  # fmt: skip


def preset_name(preset: str) -> str:
    if preset.startswith("floor_"):
        return "The installation's floor"
    known = PRESETS.get(preset)
    return known.name if known is not None else ""


def _standing(sample: GuardSample | None) -> tuple[Decimal | None, Decimal | None]:
    if sample is None or sample.used is None:
        return None, None
    room = None
    if sample.value is not None and sample.floor is not None:
        room = sample.value - sample.floor
    return sample.used, room


def _at(part: Decimal) -> str:
    """Of 100, from the left."""
    return format(max(Decimal(0), min(part, _SCALE)) / _SCALE * 100, ".2f")
