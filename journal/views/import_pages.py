"""What the pages of an import show, from what the import has written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from journal import tasks
from journal.models import CapturedKind, DataIssue, ImportBatch, ImportProgress, ImportState
from journal.selectors.imports import count_import_issues, list_import_issues
from journal.services.mappings import SLUG, mapping_of
from journal.views.column_form import EXIT_ROLES, ROLES
from journal.views.frame import trades_url

BUSY = frozenset(
    {
        ImportState.RECEIVED,
        ImportState.PREVIEWING,
        ImportState.QUEUED,
        ImportState.RUNNING,
        ImportState.WITHDRAWING,
    }
)
PROBLEMS = 50
SEVERITIES = {"error": "Errors", "warning": "Warnings", "info": "Notes"}
_TONES = {
    ImportState.DONE: "badge--profit",
    ImportState.FAILED: "badge--error",
    ImportState.PREVIEWED: "badge--warning",
    ImportState.WITHDRAWN: "",
}
# A worker takes a task at once; after this long a page asks whether there is one.
PATIENCE = timedelta(seconds=4)
NO_WORKER = (
    "No worker is answering, so this waits. Nothing is lost: as soon as a worker runs again, it takes this up by "
    "itself. Started with make run, Fillbook starts its worker again on its own; elsewhere, whoever runs this "
    "installation has to start one."
)
_KINDS = (
    ("executions", "Executions"),
    ("cash", "Cash movements"),
    ("corporate_actions", "Corporate actions"),
    ("option_events", "Option events"),
    ("transfers", "Transfers"),
    # Of what was captured; files keep orders beside what they are about.
    ("orders", "Orders"),
)


def history_row(batch: ImportBatch) -> dict[str, Any]:
    said = batch.result or batch.preview or {}
    accounts = said.get("accounts", [])
    totals = {name: _total(accounts, name) for name in ("read", "new", "duplicate")}
    # They belong to no account, and each is new.
    totals["new"] += said.get("captured", {}).get(CapturedKind.RECOMMENDATION, 0)
    return {
        "batch": batch,
        "url": reverse("journal:import", args=[batch.pk]),
        "tone": tone(batch),
        "is_busy": batch.state in BUSY,
        "accounts": [account["name"] or account["broker_id"] for account in accounts],
        "knows": bool(said),
        "problems": said.get("problem_count", 0),
        **totals,
    }


def _total(accounts: list[dict[str, Any]], name: str) -> int:
    return sum(account[kind][name] for account in accounts for kind, _ in _KINDS if kind in account)


def tone(batch: ImportBatch) -> str:
    return _TONES.get(ImportState(batch.state), "badge--accent")


def describe(batch: ImportBatch, params: Mapping[str, str]) -> dict[str, Any]:
    """Everything that the page of this import shows, by its state."""
    state = ImportState(batch.state)
    context: dict[str, Any] = {"state": state.value, "tone": tone(batch), **_columns_of(batch)}
    if state in BUSY:
        return {**context, "work": progress_of(batch)}
    said = batch.preview if state is ImportState.PREVIEWED else batch.result
    if said is None or state is ImportState.FAILED:
        return context
    severity = params.get("severity", "")
    problems = _previewed if state is ImportState.PREVIEWED else _stored
    return {
        **context,
        "said": said,
        "accounts": [_account(account) for account in said["accounts"]],
        "new_rows": _total(said["accounts"], "new"),
        "read_rows": _total(said["accounts"], "read"),
        "problems": problems(batch, said, severity if severity in SEVERITIES else "", params),
        "others": said.get("other_rows", {}),
        "trades_url": trades_url(batch=batch.pk),
        "ask_undo": _undo_question(batch, said),
    }


def _columns_of(batch: ImportBatch) -> dict[str, Any]:
    """How the columns of a table are read, where somebody had to say so."""
    mapping = mapping_of(batch) if batch.format == SLUG else None
    if mapping is None:
        return {"is_table": batch.format == SLUG}
    labels = {value: label for _, options in (*ROLES, EXIT_ROLES) for value, label in options}
    return {
        "is_table": True,
        "columns": [
            (labels[role], name) for name in mapping.header if (role := mapping.columns.get(name))
        ],
        "is_recalled": batch.mapping_is_recalled,
    }


def _account(said: dict[str, Any]) -> dict[str, Any]:
    return {
        **said,
        **{name: date.fromisoformat(said[name]) for name in ("from_on", "to_on") if said.get(name)},
        "kinds": [
            {"label": label, **said[name]}
            for name, label in _KINDS
            if said.get(name, {}).get("read")
        ],
        "first": [
            {**fill, "executed_at": datetime.fromisoformat(fill["executed_at"])}
            for fill in said.get("first_executions", [])
        ],
    }


def _previewed(
    batch: ImportBatch, said: dict[str, Any], severity: str, params: Mapping[str, str]
) -> dict[str, Any]:
    """A preview keeps its problems in one list: nothing of it is stored as rows yet."""
    kept = [one for one in said["problems"] if not severity or one["severity"] == severity]
    start = int(params["from"]) if params.get("from", "").isdigit() else 0
    counts: dict[str, int] = {}
    for kind in said.get("problem_kinds", []):
        counts[kind["severity"]] = counts.get(kind["severity"], 0) + kind["count"]
    shown = kept[start : start + PROBLEMS]
    return {
        **_heading(said, counts, severity),
        "rows": [{**one, "where": _where(one["row"], one.get("account", ""))} for one in shown],
        "previous": _link(severity, {"from": max(0, start - PROBLEMS)}) if start else None,
        "next": _link(severity, {"from": start + PROBLEMS})
        if start + PROBLEMS < len(kept)
        else None,
    }


def _stored(
    batch: ImportBatch, said: dict[str, Any], severity: str, params: Mapping[str, str]
) -> dict[str, Any]:
    page = list_import_issues(
        batch, severity=severity, limit=PROBLEMS, cursor=params.get("cursor", "")
    )
    return {
        **_heading(said, count_import_issues(batch), severity),
        "rows": [_issue(issue) for issue in page.rows],
        "previous": _link(severity, {"cursor": page.previous}) if page.previous else None,
        "next": _link(severity, {"cursor": page.next}) if page.next else None,
    }


def _heading(said: dict[str, Any], counts: Mapping[str, int], severity: str) -> dict[str, Any]:
    tabs = [
        {
            "label": label,
            "count": counts[name],
            "url": _link(name, {}),
            "current": name == severity,
        }
        for name, label in SEVERITIES.items()
        if counts.get(name)
    ]
    total = said.get("problem_count", 0)
    return {
        "total": total,
        "errors": counts.get("error", 0),
        "kept": len(said["problems"]),
        "kinds": said.get("problem_kinds", []),
        "tabs": [
            {"label": "All", "count": total, "url": _link("", {}), "current": not severity},
            *tabs,
        ]
        if len(tabs) > 1
        else [],
    }


def _link(severity: str, page: Mapping[str, object]) -> str:
    parts = [f"severity={severity}"] if severity else []
    parts += [f"{name}={value}" for name, value in page.items()]
    return f"?{'&'.join(parts)}#problems"


def _issue(issue: DataIssue) -> dict[str, Any]:
    return {
        "severity": issue.severity,
        "code": issue.code,
        "message": issue.message,
        "where": _where(issue.row, issue.account.broker_id if issue.account else ""),
        "raw": issue.raw,
    }


def _where(row: int | None, account: str) -> str:
    return " · ".join(filter(None, (f"row {row:,}" if row else "", account)))


def _undo_question(batch: ImportBatch, said: dict[str, Any]) -> dict[str, Any]:
    new = _total(said["accounts"], "new")
    return {
        "button": "Undo",
        "icon": "undo",
        "heading": "Undo this import?",
        "words": f"Its {new:,} new rows stop counting: trades, P&L and positions are derived without them. The file "
        "and its rows are kept as evidence, notes and tags wait, and you can import the file again at any time.",
        "url": reverse("journal:import-undo", args=[batch.pk]),
        "action": "Undo the import",
        "danger": True,
    }


# --- How far it is -------------------------------------------------------------------------------------------


def progress_of(batch: ImportBatch) -> dict[str, Any]:
    """The shape of `components/progress.html`, and `trouble` when nobody seems to be at work."""
    state = ImportState(batch.state)
    progress = getattr(batch, "progress", None)
    if progress is not None and not _is_current(batch, state, progress):
        progress = None
    stage = progress.stage if progress is not None else ""
    work: dict[str, Any] = {
        "id": "progress",
        "poll_url": reverse("journal:import", args=[batch.pk]),
        "steps": _steps(state, stage),
        "trouble": _trouble(batch),
        **_words(state, stage),
    }
    if progress is not None:
        work |= {"done": progress.done, "total": progress.total}
        if stage == "reading":
            work["unit"] = "bytes"
    return work


def _is_current(batch: ImportBatch, state: ImportState, progress: ImportProgress) -> bool:
    """An earlier attempt leaves its progress behind."""
    is_at_work = state in (ImportState.PREVIEWING, ImportState.RUNNING)
    return is_at_work and batch.started_at is not None and progress.updated_at >= batch.started_at


def _words(state: ImportState, stage: str) -> dict[str, str]:
    if state is ImportState.WITHDRAWING:
        return {"title": "Undoing the import", "note": "The book is derived anew without it."}
    if stage == "booking":
        title = "Booking the trades" if state is ImportState.RUNNING else "Trying the booking"
        return {"title": title, "note": "Instrument by instrument."}
    if stage == "reading":
        return {
            "title": "Reading the file",
            "note": "Every row is looked at; rows that are known already are skipped.",
        }
    return {
        "title": "Waiting for a worker",
        "note": "You can leave this page: the work goes on, and the result will be here.",
    }


def _steps(state: ImportState, stage: str) -> list[dict[str, str]]:
    if state is ImportState.WITHDRAWING:
        return []
    confirmed = state in (ImportState.QUEUED, ImportState.RUNNING)
    names = ["File received", "Read", "Trades booked", "Done"]
    if not confirmed:
        names = ["File received", "Read", "Trades tried out", "Your confirmation"]
    now = {"reading": 1, "booking": 2}.get(stage, 1)
    return [
        {"label": name, "state": "done" if i < now else "now" if i == now else "next"}
        for i, name in enumerate(names)
    ]


def _trouble(batch: ImportBatch) -> str:
    """Why nothing happens, if nothing happens."""
    progress = getattr(batch, "progress", None)
    moments = [batch.created_at, batch.started_at, progress.updated_at if progress else None]
    latest = max(moment for moment in moments if moment is not None)
    if timezone.now() - latest < PATIENCE or tasks.is_worker_there():
        return ""
    return NO_WORKER
