"""Runs of many nights do not pile up: of weeks that are long over the last run of each step is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from common.sql import fetch
from learning.models.runs import ALARM
from learning.services.steps import REPORTS

KEPT = timedelta(days=35)
# What something refers to, or goes by, stays: versions, models, steps of symbols, and alarms, from which trades count.
_THIN = """
DELETE FROM learning_learningrun run USING (
    SELECT id, row_number() OVER (
        PARTITION BY workspace_id, account_id, kind, date_trunc('week', as_of, 'UTC') ORDER BY as_of DESC, id DESC
    ) AS place
    FROM learning_learningrun WHERE kind <> ALL(%(reports)s) AND as_of < %(before)s
) told
WHERE run.id = told.id AND told.place > 1
    AND NOT (run.kind = 'regime' AND strpos(run.result, %(alarm)s) > 0)
    AND NOT EXISTS (SELECT FROM learning_parameterversion v WHERE v.run_id = run.id)
    AND NOT EXISTS (SELECT FROM learning_probabilitymodel m WHERE m.run_id = run.id)
    AND NOT EXISTS (SELECT FROM learning_symbolchange c WHERE c.run_id = run.id)
    AND NOT EXISTS (SELECT FROM learning_symbolstanding s WHERE s.run_id = run.id)
RETURNING run.id
"""


def thin_runs(now: datetime) -> int:
    """In all workspaces; says how many went. Each can be made again: `manage.py learn --as-of`."""
    asked = {"before": now - KEPT, "alarm": ALARM, "reports": [kind.value for kind in REPORTS]}
    return len(fetch(_THIN, asked))
