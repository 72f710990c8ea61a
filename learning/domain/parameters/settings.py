"""What a scanner lets itself be told: its parameters, the notches of each, and what a setting lets through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from learning.domain.parameters.candidates import Candidates
from learning.domain.trades import Flags, Floats, Ints


class Side(StrEnum):
    FLOOR = "floor"
    """Takes what is at the threshold or above."""
    CEILING = "ceiling"
    """Takes what is at the threshold or below."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A threshold of a scanner: which feature it is held against, from which side, and its `grid` of notches, rising.

    `start` is where a scanner stands that does not say.
    """

    name: str
    feature: str
    side: Side
    grid: tuple[float, ...]
    start: float

    def __post_init__(self) -> None:
        if len(self.grid) < 2 or any(
            a >= b for a, b in zip(self.grid, self.grid[1:], strict=False)
        ):
            raise ValueError(f"the grid of {self.name} does not rise: {self.grid}")

    def takes(self, numbers: Floats, threshold: float) -> Flags:
        """Which numbers pass; unknown ones (NaN) do not."""
        passed: Flags = numbers >= threshold if self.side is Side.FLOOR else numbers <= threshold
        return passed

    def cells(self, numbers: Floats) -> Ints:
        """The cell of the grid that each number is in, 0 to len(grid); numbers of one cell pass or fail together."""
        found = np.searchsorted(
            np.array(self.grid), numbers, side="right" if self.side is Side.FLOOR else "left"
        )
        return found.astype(np.int64)

    def taken_cells(self, threshold: float) -> Flags:
        """For each cell, whether a grid's threshold takes what is in it."""
        at = self.grid.index(threshold)
        cell = np.arange(len(self.grid) + 1)
        taken: Flags = cell > at if self.side is Side.FLOOR else cell <= at
        return taken

    def nearest(self, threshold: float) -> float:
        """The notch that is closest to a setting; of two, the stricter."""
        strict = self.grid if self.side is Side.CEILING else self.grid[::-1]
        return min(strict, key=lambda notch: abs(notch - threshold))

    def notch_towards(self, here: float, there: float) -> float:
        """One notch from `here` in the direction of `there`, which it does not pass."""
        at, goal = self.grid.index(here), self.grid.index(there)
        return self.grid[at + (goal > at) - (goal < at)]

    def is_looser(self, here: float, there: float) -> bool:
        """Whether `there` lets through more than `here`."""
        return there < here if self.side is Side.FLOOR else there > here


PARAMETERS: Mapping[str, Parameter] = {
    one.name: one
    for one in (
        Parameter("iv_rank_min", "iv_rank", Side.FLOOR, tuple(map(float, range(0, 100, 5))), 50.0),
        Parameter(
            "dte_min", "dte", Side.FLOOR, (0.0, 7.0, 14.0, 21.0, 28.0, 30.0, 35.0, 40.0, 45.0), 30.0
        ),
        Parameter(
            "dte_max",
            "dte",
            Side.CEILING,
            (21.0, 28.0, 35.0, 40.0, 45.0, 50.0, 55.0, 60.0, 75.0, 90.0),
            60.0,
        ),
        Parameter(
            "delta_max", "delta", Side.CEILING, tuple(n / 100 for n in range(10, 55, 5)), 0.30
        ),
        Parameter(
            "credit_width_min",
            "credit_width",
            Side.FLOOR,
            tuple(n / 100 for n in range(0, 55, 5)),
            0.20,
        ),
    )
}
"""What a scanner can be told unless it says otherwise itself: name to parameter. `delta` is without its sign."""

Settings = Mapping[str, float]
"""Name of a parameter to its threshold."""


def admitted(
    candidates: Candidates, settings: Settings, parameters: Mapping[str, Parameter]
) -> Flags:
    """What passes every setting whose feature is known: a scanner cannot refuse for what it does not see."""
    passed = np.ones(len(candidates), np.bool_)
    for name, threshold in settings.items():
        parameter = parameters[name]
        if (numbers := candidates.features.get(parameter.feature)) is not None:
            passed &= np.isnan(numbers) | parameter.takes(numbers, threshold)
    return passed
