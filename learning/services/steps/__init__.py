"""The steps of a run of the learner, in their order: a later one may read what an earlier one wrote."""

from __future__ import annotations

from collections.abc import Mapping

from learning.models import RunKind
from learning.services.steps import (
    behaviour,
    exits,
    overview,
    parameters,
    probability,
    regime,
    report,
    sizing,
    symbols,
    what_works,
)
from learning.services.steps.base import Step

ORDER = (
    RunKind.REGIME, RunKind.WHAT_WORKS, RunKind.BEHAVIOUR, RunKind.SYMBOLS, RunKind.PARAMETERS, RunKind.PROBABILITY,
    RunKind.EXITS, RunKind.SIZING, RunKind.OVERVIEW, RunKind.WEEKLY, RunKind.MONTHLY,
)  # fmt: skip
REPORTS = (RunKind.WEEKLY, RunKind.MONTHLY)
"""Made of their week or month, when it is over, or when somebody asks; not every night."""

STEPS: Mapping[RunKind, Step] = {
    RunKind.REGIME: regime.STEP,
    RunKind.WHAT_WORKS: what_works.STEP,
    RunKind.BEHAVIOUR: behaviour.STEP,
    RunKind.SYMBOLS: symbols.STEP,
    RunKind.PARAMETERS: parameters.STEP,
    RunKind.OVERVIEW: overview.STEP,
    RunKind.PROBABILITY: probability.STEP,
    RunKind.EXITS: exits.STEP,
    RunKind.SIZING: sizing.STEP,
    RunKind.WEEKLY: report.WEEKLY,
    RunKind.MONTHLY: report.MONTHLY,
}
