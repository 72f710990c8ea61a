"""Since when trades count fully: asked by every run, and never by reading what all runs said."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.db import connection

from learning.models import RunKind
from learning.selectors.runs import alarms_by, counts_from
from learning.services.running import run

NIGHT = datetime(2026, 6, 1, 3, tzinfo=UTC)
DAY = timedelta(days=1)


def look(workspace, number: int, *, counts: int | None, kind: RunKind = RunKind.REGIME) -> None:
    told = {"is_alarm": counts is not None, "counts_from": counts}
    run(kind, workspace.pk, NIGHT + number * DAY, "data", {}, lambda _rng: told)


def test_the_last_change_that_was_found_by_then(workspace):
    for number, counts in enumerate((None, 100, None, 200, None)):
        look(workspace, number, counts=counts)
    look(workspace, 9, counts=900, kind=RunKind.SIZING)
    found = [counts_from(workspace.pk, NIGHT + number * DAY) for number in range(-1, 10)]
    assert found == [None, None, 100, 100, 200, *[200] * 6]


def test_it_is_one_look_into_an_index_of_alarms(workspace, django_assert_num_queries):
    dice = np.random.default_rng(1)
    for number in range(40):
        look(workspace, number, counts=number if dice.random() < 0.1 else None)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    plan = alarms_by(workspace.pk, NIGHT + 50 * DAY)[:1].explain()
    assert "learning_run_alarm" in plan
    assert "Filter" not in plan
    assert "Sort" not in plan
    with django_assert_num_queries(1):
        counts_from(workspace.pk, NIGHT + 50 * DAY)
