"""What the pages of imports show of records that were captured one by one: no file, but who reported what, and when."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone

from journal import tasks
from journal.models import CapturedKind, ImportBatch, ImportState
from journal.selectors.imports import Waiting, is_brought_back
from journal.views.import_pages import NO_WORKER, PATIENCE

KINDS = {
    CapturedKind.ORDER: ("orders", "Reports of orders"),
    CapturedKind.EXECUTION: ("executions", "Executions"),
    CapturedKind.RECOMMENDATION: ("", "Recommendations"),
}


def describe_captured(batch: ImportBatch) -> dict[str, Any]:
    """Beside what every import shows."""
    said = batch.result or {}
    last = said.get("last_received_at")
    return {
        "kinds": [
            {"label": label, **_kind(said, kind, counted)}
            for kind, (counted, label) in KINDS.items()
            if said.get("captured", {}).get(kind)
        ],
        "record_count": count_captured(batch),
        "last_received_at": datetime.fromisoformat(last) if last else None,
        "is_brought_back": batch.state == ImportState.WITHDRAWN and is_brought_back(batch),
        "ask_undo": {
            "button": "Undo",
            "icon": "undo",
            "heading": "Undo what was captured?",
            "words": f"Its {count_captured(batch):,} records stop counting: trades, P&L, orders and positions are "
            "derived without them. They are kept as evidence, notes and tags wait, and you can bring them back at any "
            "time.",
            "url": reverse("journal:import-undo", args=[batch.pk]),
            "action": "Undo them",
            "danger": True,
        },
    }


def _kind(said: dict[str, Any], kind: str, counted: str) -> dict[str, Any]:
    """`new` and `duplicate` are None where nothing but the record tells."""
    taken = {"captured": said["captured"][kind], "new": None, "duplicate": None}
    rows = next((one[counted] for one in said["accounts"] if counted in one), None)
    return {**taken, **rows} if rows else taken


def count_captured(batch: ImportBatch) -> int:
    captured: dict[str, int] = (batch.result or {}).get("captured", {})
    return sum(captured.values())


def waiting_words(waiting: Waiting) -> dict[str, Any] | None:
    """None where nothing waits. `trouble` says why it is not booked by now."""
    if waiting.since is None:
        return None
    is_late = timezone.now() - waiting.since >= PATIENCE
    return {
        "count": waiting.records,
        "since": waiting.since,
        "trouble": NO_WORKER if is_late and not tasks.is_worker_there() else "",
    }
