"""The ledger of what was tried: runs write their tests, and pages the slices that a person opened."""

from __future__ import annotations

from datetime import datetime

from common.sql import execute
from learning.models import TrialKind

_NOTE = """
INSERT INTO learning_trial AS known (workspace_id, kind, name, count, first_at, last_at)
VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT ON CONSTRAINT trial_once DO UPDATE
SET last_at = greatest(known.last_at, EXCLUDED.last_at), count = greatest(known.count, EXCLUDED.count)
WHERE known.last_at < EXCLUDED.last_at OR known.count < EXCLUDED.count
"""


def note_trial(
    workspace_id: int, kind: TrialKind, name: str, at: datetime, *, count: int = 1
) -> None:
    """A name counts once however often it is tried; the latest time is kept."""
    execute(_NOTE, [workspace_id, kind.value, name[:160], count, at, at])


def note_slice(workspace_id: int, name: str, at: datetime) -> None:
    """A breakdown that somebody looked at: `name` says by what, "performance by weekday"."""
    note_trial(workspace_id, TrialKind.SLICE, name, at)
