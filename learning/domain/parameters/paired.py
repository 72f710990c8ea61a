"""One parameter's proposals as sums: what each cell of its grid was worth, and how far weeks move together.

D_i(θ) = R_plan,i · (1[θ takes i] - 1[θ₀ takes i]): both settings judged on the same proposals, so that fewer trades
have their price (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from learning.domain.parameters.candidates import Candidates
from learning.domain.parameters.settings import Parameter, Settings, admitted
from learning.domain.trades import Flags, Floats, Ints


@dataclass(frozen=True, slots=True)
class Paired:
    """`m` matured proposals that the other parameters let through and whose feature is known.

    `cell` is the cell of the grid of each, `r` its R by plan, `week` its cluster (0 to weeks - 1), `opened` and
    `closed` its interval, `shadow` whether it was logged only. `n` counts every matured proposal: what "per 100" is of.
    """

    parameter: Parameter
    current: float
    cell: Ints
    r: Floats
    week: Ints
    opened: Ints
    closed: Ints
    shadow: Flags
    n: int

    def __len__(self) -> int:
        return len(self.r)

    def where(self, rows: Flags) -> Paired:
        """The same for the rows of a mask; `n` shrinks in proportion."""
        share = rows.mean() if len(rows) else 0.0
        weeks = np.unique(self.week[rows], return_inverse=True)[1]
        return Paired(
            self.parameter,
            self.current,
            self.cell[rows],
            self.r[rows],
            weeks,
            self.opened[rows],
            self.closed[rows],
            self.shadow[rows],
            round(self.n * share),
        )

    def changes(self, thresholds: tuple[float, ...]) -> Floats:
        """(thresholds, cells): 1 where a threshold takes a cell that the current one does not, -1 the other way."""
        return changes_of(self.parameter, self.current, thresholds)

    def differences(self, threshold: float) -> Floats:
        """D_i of one threshold, for the m rows."""
        difference: Floats = self.r * self.changes((threshold,))[0][self.cell]
        return difference


@lru_cache(maxsize=4_096)
def changes_of(parameter: Parameter, current: float, thresholds: tuple[float, ...]) -> Floats:
    """As `Paired.changes`: kept, because many accounts ask it of the same grid."""
    now = parameter.taken_cells(current).astype(float)
    found: Floats = np.array([parameter.taken_cells(one) - now for one in thresholds])
    found.flags.writeable = False
    return found


def pair(
    candidates: Candidates,
    parameter: Parameter,
    settings: Settings,
    parameters: Mapping[str, Parameter],
) -> Paired:
    """What is known about one parameter while the others stand as they do in `settings`."""
    others = {name: value for name, value in settings.items() if name != parameter.name}
    numbers = candidates.features.get(parameter.feature, np.full(len(candidates), np.nan))
    rows = candidates.matured & np.isfinite(numbers) & admitted(candidates, others, parameters)
    return Paired(
        parameter=parameter,
        current=parameter.nearest(settings[parameter.name]),
        cell=parameter.cells(numbers[rows]),
        r=candidates.r_plan[rows],
        week=np.unique(candidates.week[rows], return_inverse=True)[1],
        opened=candidates.opened[rows],
        closed=candidates.closed[rows],
        shadow=candidates.shadow[rows],
        n=int((candidates.matured & np.isfinite(numbers)).sum()),
    )


def spread_of(r: Floats) -> float:
    """The variance of R, never 0: at least that of a tenth of the largest, so that equal results are not certainty."""
    if len(r) < 2:
        return 1.0
    return float(max(np.var(r, ddof=1), (0.1 * np.abs(r).max()) ** 2, 1e-6))


def design_effect(r: Floats, week: Ints) -> float:
    """How much faster the error of a mean of R shrinks by proposals than it truly does: 1 + (m₀ - 1) · ICC, at least 1.

    ICC is the share of variance between weeks, by one-way analysis of variance (Kish 1965; Donner 1986 for m₀).
    """
    sizes = np.bincount(week)
    n, k = len(r), len(sizes)
    if k < 2 or n <= k:
        return 1.0
    means = np.bincount(week, r) / sizes
    between = float(sizes @ (means - r.mean()) ** 2) / (k - 1)
    within = float(((r - means[week]) ** 2).sum()) / (n - k)
    typical = (n - float(sizes @ sizes) / n) / (k - 1)
    spread = between + (typical - 1) * within
    if spread <= 0 or typical <= 1:
        return 1.0
    shared = max(0.0, (between - within) / spread)
    return float(1 + (float(sizes @ sizes) / n - 1) * shared)
