"""What brokers answered over time, and one answer with its positions, orders, balances and what it was compared to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from journal.views.lists import at_bare_address, chosen_in, dressed, page_links
from reconciliation.filters import SnapshotFilter
from reconciliation.models import RunOutcome, Snapshot
from reconciliation.selectors import pages
from reconciliation.views.sides import divergence_rows

RUN_TONES = {
    RunOutcome.COMPARED: "badge--profit",
    RunOutcome.PARTIAL: "badge--warning",
    RunOutcome.UNKNOWN: "badge--warning",
    RunOutcome.FAILED: "badge--error",
}


@require_safe
@at_bare_address
def snapshots(request: WorkspaceRequest) -> HttpResponse:
    filters = SnapshotFilter(request.GET, queryset=Snapshot.objects.all(), request=request)
    form = filters.form
    own = chosen_in(form)
    page = pages.read_snapshots(filters.qs, cursor=request.GET.get("cursor", ""))
    context = {
        "tab": "snapshots",
        # Several accounts by one clock, or their order could not be read.
        "zone": timezone.get_current_timezone_name(),
        "form": dressed(form, placeholder="", search="account"),
        "is_filtered": bool(own),
        "rows": [_row(one) for one in page.rows],
        "page": page_links(request, page),
    }
    return render(request, "reconciliation/snapshots.html", context)


def _row(one: Snapshot) -> dict[str, Any]:
    runs = sorted(one.runs.all(), key=lambda run: (run.began_at, run.pk), reverse=True)
    run = runs[0] if runs else None
    return {
        "of": one,
        "worth": getattr(one, "worth", None),
        "run": run,
        "tone": RUN_TONES[RunOutcome(run.outcome)] if run is not None else "",
    }


@require_safe
def snapshot(request: WorkspaceRequest, snapshot_id: int) -> HttpResponse:
    found = pages.get_snapshot(snapshot_id)
    runs = pages.runs_of(found)
    newer, older = pages.neighbours(found)
    positions = pages.positions_in(found)
    context = {
        "tab": "snapshots",
        "snapshot": found,
        "account": found.account,
        "worth": getattr(found, "worth", None),
        "positions": [
            {
                "of": row,
                "instrument": row.instrument,
                "age": None if row.price_at is None else max(found.as_of - row.price_at, timedelta(0)),
                "is_old": row.price_at is not None and found.as_of - row.price_at > timedelta(minutes=15),
            }
            for row in positions
        ],
        "orders": pages.orders_in(found),
        "cash": sorted((found.cash or {}).items()),
        "runs": [(run, RUN_TONES[RunOutcome(run.outcome)]) for run in runs],
        "rows": divergence_rows(pages.found_by(runs)),
        "newer": newer,
        "older": older,
    }  # fmt: skip
    return render(request, "reconciliation/snapshot.html", context)
