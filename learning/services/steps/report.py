"""The report of a week or a month: gathered, made, kept, and told to whoever wants it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any

import numpy as np
from django.utils import timezone

from learning.domain.report.building import told_of
from learning.domain.report.material import VERSION
from learning.models import LearningRun, ReportKind
from learning.services.context import Context
from learning.services.reporting.gathering import gather
from learning.services.reporting.keeping import keep
from learning.services.reporting.mailing import tell
from learning.services.running import hash_of
from learning.services.steps.base import Step

_DICE = 2**62
_NEWS = timedelta(days=3)


def _compute(kind: ReportKind, context: Context, rng: np.random.Generator) -> Any:
    return told_of(gather(context, kind)._replace(dice=int(rng.integers(_DICE))))


def _apply(_kind: ReportKind, _context: Context, run: LearningRun) -> None:
    """Kept; and told to people where its days have just ended: nobody wants to hear of a month that is long over."""
    report = keep(run)
    if report.is_scheduled and timezone.now() - report.as_of < _NEWS:
        tell(report)


def _config(kind: ReportKind, context: Context) -> Mapping[str, Any]:
    """What it reads beyond trades and recommendations (plans, claims, what is open) changes with the book."""
    return {"formulas": VERSION, "material": hash_of(gather(context, kind).as_json())}


def _version(kind: ReportKind, context: Context) -> str:
    return gather(context, kind).data_version


def step_of(kind: ReportKind) -> Step:
    return Step(
        partial(_compute, kind), partial(_apply, kind), (), partial(_config, kind), partial(_version, kind)
    )  # fmt: skip


WEEKLY = step_of(ReportKind.WEEKLY)
MONTHLY = step_of(ReportKind.MONTHLY)
