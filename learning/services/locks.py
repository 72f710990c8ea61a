"""Who may learn what at the same time: each of these is done by one at a time in a workspace."""

from __future__ import annotations

from enum import IntEnum, unique

from journal.services.locks import lock


@unique
class Locked(IntEnum):
    """First key of PostgreSQL's two-key advisory locks; the journal's are 7_0…, reconciliation's 7_1…."""

    LEARNING = 7_201
    MEASURING = 7_202
    VERSIONS = 7_203
    INSIGHTS = 7_204
    SYMBOLS = 7_205
    EXPOSING = 7_206


def lock_learner(workspace_id: int) -> None:
    """Until the end of the transaction no learner is at work in the workspace; one that is, is waited for."""
    lock(Locked.LEARNING.value, workspace_id)


def lock_measuring(workspace_id: int) -> None:
    lock(Locked.MEASURING.value, workspace_id)


def lock_versions(workspace_id: int) -> None:
    lock(Locked.VERSIONS.value, workspace_id)


def lock_insights(workspace_id: int) -> None:
    lock(Locked.INSIGHTS.value, workspace_id)


def lock_exposing(workspace_id: int) -> None:
    """Its own, and not the learner's: a look at what is open now must not wait for a night of learning."""
    lock(Locked.EXPOSING.value, workspace_id)


def lock_symbols(workspace_id: int) -> None:
    """Until the end of the transaction: a run and a person do not write standings at the same time."""
    lock(Locked.SYMBOLS.value, workspace_id)
