"""How what we told scanners fared: proposals of the time in which it was told, against the scanner's own settings.

Paired on the same proposals, shadow ones included: R of what the answer lets through less R of what the scanner's own
settings would have let through (docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from learning.domain.figures import Figure
from learning.domain.parameters.candidates import NEVER, Candidates
from learning.domain.parameters.selection import clustered_mean
from learning.domain.parameters.settings import PARAMETERS, Parameter, Settings, admitted
from learning.domain.trades import Flags


class Told(NamedTuple):
    """An answer, in force for its asker from `since` until `until`, both in seconds since 1970."""

    id: int
    since: int
    until: int
    effective: Mapping[str, Any]


def let_through(
    candidates: Candidates, effective: Mapping[str, Any], parameters: Mapping[str, Parameter]
) -> Flags:
    """What passes the thresholds and is not of a symbol that is to be left."""
    known: Settings = {name: effective[name] for name in parameters if name in effective}
    passed = admitted(candidates, known, parameters)
    words = candidates.words.get("symbol", ())
    left = [code for code, word in enumerate(words) if word in set(effective.get("blacklist", ()))]
    if left:
        passed &= ~np.isin(candidates.groups["symbol"], left)
    return passed


def scores(
    known: Candidates,
    answers: Sequence[Told],
    start: Settings,
    parameters: Mapping[str, Parameter] = PARAMETERS,
) -> list[dict[str, Any]]:
    """Of each answer: proposals of its time, how many have an outcome, how many it treats otherwise than the scanner's
    own settings, and what that made in all (`made`) and per 100 proposals (a figure)."""
    own = let_through(known, start, parameters).astype(float)
    found = []
    for one in answers:
        rows = (known.opened >= one.since) & (known.opened < one.until)
        ended = rows & known.matured
        gap = let_through(known, one.effective, parameters).astype(float) - own
        made = (known.r_plan * gap)[ended]
        figure: Figure = clustered_mean(made, known.week[ended], scale=100.0)
        found.append(
            {
                "id": one.id,
                "proposals": int(rows.sum()),
                "matured": int(ended.sum()),
                "treated_otherwise": int((gap[ended] != 0).sum()),
                "made": float(made.sum()),
                "per_hundred": figure.as_json(),
                "is_over": one.until != NEVER,
            }
        )
    return found
