"""Cells of a table that are shaded by what they say: the classes are in learning.css."""

from __future__ import annotations

_STEPS = (0.04, 0.2, 0.4, 0.6, 0.8)


def heat_class(value: float | None, scale: float = 1.0) -> str:
    """heat-p1 … heat-p5 for what is above nothing, heat-n1 … heat-n5 for what is below; of `scale`, the largest."""
    if value is None or not scale:
        return ""
    part = abs(value) / scale
    step = sum(part >= limit for limit in _STEPS)
    return f"heat-{'p' if value > 0 else 'n'}{step}" if step else ""
