"""What a step of the learner is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from learning.models import LearningRun
from learning.services.context import Context, Reads


def no_config(_context: Context) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Step:
    """`compute` makes JSON of what it reads from the context and of its dice, and of nothing else: no clock, no
    query of its own that is not as of the context's moment. `apply` writes the rows that follow from a run, safe to do
    twice.
    `config` is whatever else a result depends on (formulas' version, states that earlier runs left, settings of
    people): it is kept with the run. `version` is the `data_version` of what it reads where that is not all of
    `reads`."""

    compute: Callable[[Context, np.random.Generator], Any]
    apply: Callable[[Context, LearningRun], None]
    reads: tuple[Reads, ...] = (Reads.TRADES, Reads.CANDIDATES)
    config: Callable[[Context], Mapping[str, Any]] = no_config
    version: Callable[[Context], str] | None = None

    def data_version(self, context: Context) -> str:
        return context.data_version(self.reads) if self.version is None else self.version(context)
