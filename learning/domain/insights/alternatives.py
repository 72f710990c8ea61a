"""What else was proposed on the day of the entry, by what was known then: was a better bet left for this one?"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from learning.domain.words.numbers import counted, in_r, percent


class Offered(NamedTuple):
    """One recommendation as of the entry. `model` is the chance to win by the model that stood when it was made,
    `stated` its scanner's own; `expected` R follows from either and usual wins and losses; None where not known."""

    key: str
    model: float | None = None
    stated: float | None = None
    expected_by_model: float | None = None
    expected_as_stated: float | None = None


class Alternatives(NamedTuple):
    """Of `others` known by the entry, `judged` had a figure to compare and `better` a higher one. `own`, `best` and
    `median` of the others are in `unit`, R or a probability, on one `basis`: model or scanner."""

    others: int
    judged: int
    better: int
    own: float | None
    best: float | None
    median: float | None
    unit: str
    basis: str
    sentence: str

    def as_json(self) -> dict[str, Any]:
        return self._asdict()


_WORDS = {"model": "by the model that stood then", "scanner": "by the chances that scanners stated"}
_FIELDS = (
    ("expected_by_model", "R", "model"), ("expected_as_stated", "R", "scanner"),
    ("model", "probability", "model"), ("stated", "probability", "scanner"),
)  # fmt: skip


def compare(own: Offered | None, others: Sequence[Offered]) -> Alternatives | None:
    """None where nothing else was proposed. Compared is the first of the figures that this one and another have."""
    if not others:
        return None
    n = len(others)
    first = f"{counted(n, 'other recommendation')} of that day {'was' if n == 1 else 'were'} known at entry"
    for name, unit, basis in _FIELDS if own is not None else ():
        mine = getattr(own, name)
        theirs = [one for other in others if (one := getattr(other, name)) is not None]
        if mine is None or not theirs:
            continue
        better = sum(one > mine for one in theirs)
        best, median = max(theirs), float(np.median(theirs))
        write = in_r if unit == "R" else percent
        known = f", {len(theirs)} of them with a figure" if len(theirs) < n else ""
        promised = f"{better} promised more" if better else "none promised more"
        told = (
            f"{first}{known}; {promised} than this one: {write(mine)} {_WORDS[basis]}, "
            f"the best of the others {write(best)}, their median {write(median)}."
        )
        return Alternatives(n, len(theirs), better, mine, best, median, unit, basis, told)
    why = "this trade followed none" if own is None else "no figure of both is known"
    told = f"{first}; {why}, so they can't be compared."
    return Alternatives(n, 0, 0, None, None, None, "R", "", told)
