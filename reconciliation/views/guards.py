"""Guards: how each stands, what it did, and what waits for somebody to agree."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, Rejected
from common.htmx import redirect
from journal.views.lists import page_links
from reconciliation.charts import guard_over_time
from reconciliation.domain import guard_words as words
from reconciliation.domain.guards.machine import State
from reconciliation.models import ChangeState, Guard, GuardSample, GuardVersion
from reconciliation.selectors import guard_pages as selectors
from reconciliation.selectors.guards import currencies_of, currency_of
from reconciliation.services.guards import arming, changing, locking
from reconciliation.views.guard_firings import firing_row
from reconciliation.views.guard_settings import settings_of, tiers_of
from reconciliation.views.guard_view import guard_row
from reconciliation.views.notices import lock_words

_ENDED = {State.FLAT_CONFIRMED, State.PARTIAL, State.FAILED, State.LOCKED}
_DRAWN = 400


@require_safe
def guards(request: WorkspaceRequest) -> HttpResponse:
    found = selectors.list_guards()
    samples = selectors.latest_samples(found)
    currencies = currencies_of(found)
    rows = [guard_row(one, samples.get(one.pk), currencies[one.pk]) for one in found]
    context = {
        "groups": _by_account(rows),
        "waiting": [_change(request, one) for one in selectors.list_waiting_changes()],
        "locks": [(lock, lock_words(lock)) for lock in selectors.list_locks()],
        "can_write": request.membership.can_write,
    }
    return render(request, "reconciliation/guards.html", context)


def _by_account(rows: list[Any]) -> list[dict[str, Any]]:
    groups: dict[int | None, dict[str, Any]] = {}
    for row in rows:
        group = groups.setdefault(row.of.account_id, {"account": row.of.account, "rows": []})
        group["rows"].append(row)
    return sorted(groups.values(), key=lambda group: str(group["account"] or ""))


def _change(request: WorkspaceRequest, version: GuardVersion) -> dict[str, Any]:
    is_own = version.asked_by_id == request.user.pk
    return {
        "of": version,
        "guard": version.guard,
        "loosens": words.loosened_words(version.loosens),
        "is_own": is_own,
        "may_approve": request.membership.can_write and not is_own,
        "may_withdraw": request.membership.can_write and is_own,
    }


@require_safe
def guard(request: WorkspaceRequest, guard_id: int) -> HttpResponse:
    found = selectors.get_guard(guard_id)
    page = selectors.read_samples(found, cursor=request.GET.get("cursor", ""))
    sample = selectors.latest_samples([found]).get(found.pk)
    row = guard_row(found, sample, currency_of(found))
    zone = found.account.zone if found.account is not None else "UTC"
    versions = selectors.versions_of(found)
    values = found.version.values if found.version is not None else {}
    firings = selectors.firings_of(found)
    context = {
        "row": row,
        "guard": found,
        "zone": zone,
        "settings": settings_of(found.kind, values, row.currency),
        "versions": [(one, words.loosened_words(one.loosens)) for one in versions],
        "waiting": [_change(request, one) for one in versions if one.state == ChangeState.WAITING],
        "firings": [
            firing_row(one, selectors.samples_before(one), row.currency) for one in firings
        ],
        "samples": [(one, [words.STEPS.get(step, step) for step in one.steps]) for one in page.rows],
        "page": page_links(request, page),
        "chart": _chart(found, zone) if found.kind == "limit" else None,
        "may_change": request.membership.can_write and found.removed_at is None,
        "is_closing": found.state == State.FIRED,
        "has_ended": found.state in _ENDED,
        "is_off": found.state == State.DISARMED,
        "can_write": request.membership.can_write,
    }  # fmt: skip
    return render(request, "reconciliation/guard.html", context)


def _chart(found: Guard, zone: str) -> dict[str, Any] | None:
    newest = GuardSample.objects.filter(guard=found).order_by("-at", "-id")[:_DRAWN]
    samples = list(reversed(newest))
    known = [one.used for one in samples if one.used is not None]
    if len(known) < 2:
        return None
    values = found.version.values if found.version is not None else {}
    fired = [one.at for one in samples if "fire" in one.steps]
    return {
        "figure_id": "used",
        "figure": guard_over_time(
            [one.at for one in samples],
            [one.used for one in samples],
            tiers=tiers_of(values),
            fired=fired,
            zone=zone,
        ),
        "says": f"How much of the allowance was used, over the last {len(samples)} readings; 100% is the breach.",
        "size": "s",
    }


@require_POST
def arm(request: WorkspaceRequest, guard_id: int) -> HttpResponse:
    return _do(request, selectors.get_guard(guard_id), arming.arm, "Armed.")


@require_POST
def disarm(request: WorkspaceRequest, guard_id: int) -> HttpResponse:
    return _do(request, selectors.get_guard(guard_id), arming.disarm, "Switched off.")


def _do(request: WorkspaceRequest, found: Guard, deed: Any, done: str) -> HttpResponse:
    require_writer(request.membership)
    reason = request.POST.get("reason", "").strip()[:2000]
    try:
        version = deed(found, request.membership, timezone.now(), reason=reason)
    except (AppError, ValueError) as error:
        messages.error(request, getattr(error, "message", str(error)))
    else:
        tell_outcome(request, version, done)
    return redirect(request, "reconciliation:guard", found.pk)


def tell_outcome(request: WorkspaceRequest, version: GuardVersion, done: str) -> None:
    """Whether it counts already, or waits."""
    if version.state == ChangeState.APPLIED:
        messages.success(request, done)
    elif version.applies_at is not None:
        messages.info(
            request,
            "This protects less, and nobody else could agree: it applies when the time to cool off is over.",
        )
    else:
        messages.info(request, "This protects less, so it waits: somebody else has to agree.")


@require_POST
def remove(request: WorkspaceRequest, guard_id: int) -> HttpResponse:
    require_writer(request.membership)
    found = selectors.get_guard(guard_id)
    try:
        changing.remove_guard(found, request.membership, timezone.now())
    except AppError as error:
        messages.error(request, error.message)
        return redirect(request, "reconciliation:guard", found.pk)
    messages.success(request, f"“{found}” is taken away. What it saw and did stays in the log.")
    return redirect(request, "reconciliation:guards")


_VERDICTS = {
    "approve": (changing.approve, "Approved: it counts from now on."),
    "refuse": (changing.refuse, "Refused: the guard stays as it is."),
    "withdraw": (changing.withdraw, "Withdrawn: the guard stays as it is."),
}


@require_POST
def decide(request: WorkspaceRequest, version_id: int) -> HttpResponse:
    require_writer(request.membership)
    version = selectors.get_version(version_id)
    verdict = _VERDICTS.get(request.POST.get("verdict", ""))
    if verdict is None:
        raise Rejected("verdict_invalid", "Approve, refuse or withdraw it.")
    deed, done = verdict
    try:
        deed(version, request.membership, timezone.now())
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect(request, "reconciliation:guard", version.guard_id)


@require_POST
def lift(request: WorkspaceRequest, lock_id: int) -> HttpResponse:
    require_writer(request.membership)
    lock = selectors.get_lock(lock_id)
    try:
        locking.lift(lock, request.membership, timezone.now())
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Lifted: new trades are taken again.")
    return redirect(request, "reconciliation:guards")
