"""Runs of weeks that are over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from learning.models import LearningRun, ParameterVersion, RunKind, SymbolChange
from learning.models.runs import ALARM
from learning.services import thinning
from tests.people import charlie

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 9, 14, 3, tzinfo=UTC)
NOW = MONDAY + timedelta(days=60)


def run(workspace, days, kind=RunKind.SYMBOLS, result="{}"):
    at = MONDAY + timedelta(days=days)
    return LearningRun.objects.create(
        workspace=workspace, kind=kind, as_of=at, data_version=f"d{days}", config_hash="c", seed=1,
        result=result, sha256="0" * 64, made_at=at,
    )  # fmt: skip


def left() -> list[tuple[str, int]]:
    rows = LearningRun.objects.order_by("kind", "as_of").values_list("kind", "as_of")
    return [(kind, (as_of - MONDAY).days) for kind, as_of in rows]


def test_the_last_of_each_week_stays_and_all_of_the_newest_weeks(workspace):
    for days in (0, 1, 2, 6, 7, 8, 58, 59):
        run(workspace, days)
    run(workspace, 0, RunKind.SIZING)
    assert thinning.thin_runs(NOW) == 4
    assert left() == [("sizing", 0), *(("symbols", days) for days in (6, 8, 58, 59))]
    assert thinning.thin_runs(NOW) == 0


def test_each_workspace_has_its_own_last(workspace):
    other = charlie().workspace
    run(workspace, 0)
    run(other, 1)
    assert thinning.thin_runs(NOW) == 0


def test_what_is_referred_to_and_alarms_and_reports_stay(workspace):
    version = run(workspace, 0, RunKind.PARAMETERS)
    ParameterVersion.objects.create(
        workspace=workspace, number=1, policy="evidence", cause="evidence", effective={}, state={}, changed={},
        as_of=MONDAY, run=version,
    )  # fmt: skip
    step = run(workspace, 0)
    SymbolChange.objects.create(
        workspace=workspace, symbol="SPY", before="normal", after="watch", at=MONDAY, run=step, n=8,
    )  # fmt: skip
    run(workspace, 0, RunKind.REGIME, f"{{{ALARM}}}")
    for kind in (RunKind.PARAMETERS, RunKind.SYMBOLS, RunKind.REGIME, RunKind.WEEKLY):
        run(workspace, 3, kind)
    run(workspace, 1, RunKind.WEEKLY)
    assert thinning.thin_runs(NOW) == 0
