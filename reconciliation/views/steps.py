"""What people do about a difference, and comparing now."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from accounts.models import Membership
from accounts.requests import WorkspaceRequest, require_writer
from common.errors import AppError, NotFound, Rejected
from common.htmx import redirect
from common.queue import enqueue
from reconciliation import tasks
from reconciliation.domain.life import State
from reconciliation.forms.rules import REASON_MAX
from reconciliation.models import Divergence
from reconciliation.selectors.divergences import get_divergence
from reconciliation.selectors.hearing import accounts_in_use
from reconciliation.services import resolving

# Nobody asks a broker more often than that by hand.
PAUSE_SECONDS = 15
_ACCOUNTS_MAX = 200


def _settle(found: Divergence, by: Membership, reason: str, said: dict[str, Any]) -> Divergence:
    resolving.check_shown(found, said.pop("mark"))
    return resolving.settle(found, by, reason=reason, **said)


def _propose(found: Divergence, by: Membership, reason: str, said: dict[str, Any]) -> Divergence:
    resolving.check_shown(found, said.pop("mark"))
    return resolving.propose(found, by, reason=reason, **said)


_STEPS: dict[str, Any] = {
    "settle": _settle,
    "propose": _propose,
    "investigate": lambda found, by, reason, said: resolving.investigate(found, by, reason=reason),
    "approve": lambda found, by, reason, said: resolving.approve(
        found, by, reason=reason, mark=said["mark"]
    ),
    "withdraw": lambda found, by, reason, said: resolving.withdraw_proposal(
        found, by, reason=reason
    ),
    "accept": lambda found, by, reason, said: resolving.accept(found, by, reason=reason),
    "void": lambda found, by, reason, said: resolving.void(found, by, reason=reason),
}
_DONE = {
    State.INVESTIGATING: "It is being looked into.",
    State.PROPOSED: "Proposed: somebody has to approve it.",
    State.APPROVED: "Approved. It is carried out as soon as it can be.",
    State.RESOLVED: "Done: the book has it, with its reason.",
    State.ACCEPTED: "Accepted: it is not told again while the figures stay the same.",
    State.VOID: "Noted that it is no difference.",
}


@require_POST
def step(request: WorkspaceRequest, divergence_id: int) -> HttpResponse:
    """One step in the life of a difference; `step` names it, `reason` says why."""
    require_writer(request.membership)
    found = get_divergence(divergence_id)
    deed = _STEPS.get(request.POST.get("step", ""))
    if deed is None:
        raise Rejected("step_unknown", "There is no such step.")
    reason = request.POST.get("reason", "").strip()[:REASON_MAX]
    market = request.POST.get("instrument", "")
    said = {
        "price": request.POST.get("price", "").strip()[:64],
        "movement": request.POST.get("movement", "")[:16],
        "mark": request.POST.get("mark", "")[:80],
        "instrument_id": int(market) if market.isdecimal() and len(market) < 19 else None,
    }
    try:
        held = deed(found, request.membership, reason, said)
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _DONE.get(State(held.state), "Saved."))
    return redirect(request, _back(request, found))


@require_POST
def assign(request: WorkspaceRequest, divergence_id: int) -> HttpResponse:
    require_writer(request.membership)
    found = get_divergence(divergence_id)
    wanted = request.POST.get("to", "")
    to = None
    if wanted:
        members = Membership.objects.filter(workspace=request.workspace).select_related("user")
        ids = [int(wanted)] if wanted.isdecimal() and len(wanted) < 19 else []
        to = members.filter(user_id__in=ids).first()
        if to is None:
            raise NotFound("person_not_found", "There is no such person in this workspace.")
    try:
        resolving.assign(found, request.membership, to=to)
    except AppError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, f"Assigned to {to.user}." if to else "Assigned to nobody.")
    return redirect(request, _back(request, found))


@require_POST
def compare(request: WorkspaceRequest) -> HttpResponse:
    """Asks the brokers of one account, or of all, and compares: at most every few seconds."""
    require_writer(request.membership)
    accounts = accounts_in_use()
    wanted = request.POST.get("account", "")
    if wanted:
        ids = [int(wanted)] if wanted.isdecimal() and len(wanted) < 19 else []
        accounts = accounts.filter(pk__in=ids)
    found = list(accounts.values_list("pk", flat=True)[:_ACCOUNTS_MAX])
    if wanted and not found:
        raise NotFound("account_not_found", "There is no such account in this workspace.")
    if not cache.add(f"compare:{request.workspace.pk}:{wanted}", True, timeout=PAUSE_SECONDS):
        messages.warning(
            request, f"That was asked for less than {PAUSE_SECONDS} seconds ago. Wait a moment."
        )
        return redirect(request, _board(request))
    for account_id in found:
        enqueue(tasks.reconcile_account, account_id, "page", request.user.pk)
    messages.info(request, "The brokers are being asked. Reload to see what came of it.")
    return redirect(request, _board(request))


def _back(request: WorkspaceRequest, found: Divergence) -> str:
    return _next(request) or reverse("reconciliation:divergence", args=[found.pk])


def _board(request: WorkspaceRequest) -> str:
    return _next(request) or reverse("reconciliation:board")


def _next(request: WorkspaceRequest) -> str:
    wanted = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
    return wanted if is_ours else ""
