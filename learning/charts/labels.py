"""Where the names of points go, so that none lies upon another or on a point."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

_LETTER, _LINE = 0.017, 0.07
"""Width of a letter and height of a line, as shares of a plot of half a page."""
_POINT = 0.03
_SIDES = {
    "middle left": (-1.0, 0.0),
    "middle right": (1.0, 0.0),
    "top center": (0.0, 1.0),
    "bottom center": (0.0, -1.0),
}


class Box(NamedTuple):
    left: float
    right: float
    low: float
    high: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.low < other.high
            and other.low < self.high
        )


def sides_of(points: Sequence[tuple[float, float]], names: Sequence[str]) -> list[str | None]:
    """For each point, in shares of the plot from its lower left corner, on which side its name stands (a `textposition`
    of Plotly), towards the middle where that is free; None where no side is. The first points choose first."""
    taken = [Box(x - _POINT, x + _POINT, y - _POINT, y + _POINT) for x, y in points]
    found: list[str | None] = []
    for (x, y), name in zip(points, names, strict=True):
        boxes = {side: _box(x, y, side, len(name) * _LETTER) for side in _towards_middle(x)}
        free = [side for side, box in boxes.items() if _is_free(box, taken)]
        found.append(free[0] if free and name else None)
        if free and name:
            taken.append(boxes[free[0]])
    return found


def _towards_middle(x: float) -> list[str]:
    return sorted(_SIDES, key=lambda side: _SIDES[side][0] * (x - 0.5) > 0)


def _is_free(box: Box, taken: Sequence[Box]) -> bool:
    return box.left >= 0 and box.right <= 1 and not any(box.meets(other) for other in taken)


def _box(x: float, y: float, side: str, width: float) -> Box:
    across, up = _SIDES[side]
    middle_x = x + across * (width / 2 + _POINT)
    middle_y = y + up * (_LINE / 2 + _POINT)
    return Box(
        middle_x - width / 2, middle_x + width / 2, middle_y - _LINE / 2, middle_y + _LINE / 2
    )
