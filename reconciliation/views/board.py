"""The board: how each broker was heard, what differs, and one difference with all that is known of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from accounts.selectors import list_members
from journal.models import Instrument
from journal.selectors.contracts import find_contracts
from journal.views.lists import at_bare_address, chosen_in, dressed, filter_pills, page_url
from reconciliation.domain.classes import Severity
from reconciliation.domain.life import State
from reconciliation.filters import AGES, NOBODY, DivergenceFilter
from reconciliation.models import Divergence, ReconciliationRun
from reconciliation.selectors import divergences as selectors
from reconciliation.selectors.hearing import Hearing, accounts_in_use, hearings
from reconciliation.selectors.rules import rules_of
from reconciliation.views.sides import SEVERITY_TONES, STATE_NAMES, divergence_rows

_FILTERS = ("text", "severity", "state", "kind", "account", "age", "assignee")
_IN_MENU = {"kind", "account", "age", "assignee"}
_RUNS = 6
_SYMBOL_MAX = 64
_GUESS_LEAST = 3


@require_safe
@at_bare_address
def board(request: WorkspaceRequest) -> HttpResponse:
    filters = DivergenceFilter(request.GET, queryset=Divergence.objects.all(), request=request)
    form = filters.form
    own = chosen_in(form)
    now = timezone.now()
    page = selectors.read_divergences(filters.qs, cursor=request.GET.get("cursor", ""))
    heard = hearings(accounts_in_use(), now=now)
    tally = selectors.tally(moments_of_ages(now))
    context = {
        "tab": "board",
        "now": now,
        "form": dressed(form, placeholder="Market"),
        "pills": _pills(request, form, own),
        "has_more_filters": bool(_IN_MENU & own.keys()),
        "is_filtered": bool(own),
        "accounts": [account_row(one, tally.by_account) for one in heard],
        "is_heard": any(one.snapshot is not None or one.run is not None for one in heard),
        "matrix": _matrix(tally),
        "ages": [(name, words) for name, (words, _, _) in AGES.items()],
        "total": tally.total,
        "rows": divergence_rows(page.rows),
        "page": {"next": page_url(request, page.next), "next_word": "More"},
        "four_eyes": rules_of(request.workspace.pk).four_eyes,
        "can_write": request.membership.can_write,
        "me": request.user,
        "here": request.get_full_path(),
    }
    return render(request, "reconciliation/board.html", context)


@require_safe
def divergence(request: WorkspaceRequest, divergence_id: int) -> HttpResponse:
    found = selectors.get_divergence(divergence_id)
    (row,) = divergence_rows([found])
    rules = rules_of(request.workspace.pk)
    is_asked = row.wants_market and found.state in (State.OPEN, State.INVESTIGATING)
    wanted = request.GET.get("market", "").strip()[:_SYMBOL_MAX]
    likely = find_contracts(wanted) if wanted else _like(found.symbol) if is_asked else []
    context = {
        "tab": "board",
        "row": row,
        "can_map": is_asked and request.membership.can_write,
        "markets": likely,
        "wanted": wanted,
        "steps": [(step, STATE_NAMES.get(step.to_state, step.to_state)) for step in selectors.steps_of(found)],  # type: ignore[call-overload]
        "seen_by": found.last_run,
        "four_eyes": rules.four_eyes,
        "can_write": request.membership.can_write,
        "me": request.user,
        "members": [one.user for one in list_members(request.workspace)],
        "siblings": _siblings(found),
        "here": request.get_full_path(),
    }  # fmt: skip
    return render(request, "reconciliation/divergence.html", context)


@require_safe
def markets(request: WorkspaceRequest) -> HttpResponse:
    """Markets of the book by what is being typed, for who says which of them a broker means."""
    wanted = request.GET.get("market", "").strip()[:_SYMBOL_MAX]
    context = {"markets": find_contracts(wanted), "wanted": wanted}
    return render(request, "reconciliation/markets.html", context)


def _like(symbol: str) -> list[Instrument]:
    """Contracts whose symbols begin as the broker's does, as far as any do: a first guess."""
    for length in range(len(symbol), _GUESS_LEAST - 1, -1):
        if found := find_contracts(symbol[:length]):
            return found
    return []


def _siblings(found: Divergence) -> list[Any]:
    """What else differs in the same market of the account: one cause often shows in several places."""
    if not found.symbol:
        return []
    rows = selectors.not_over().filter(account_id=found.account_id, symbol=found.symbol)
    return divergence_rows(
        rows.exclude(pk=found.pk).select_related("account", "assignee").order_by("-id")[:5]
    )


def moments_of_ages(now: datetime) -> dict[str, tuple[datetime, datetime | None]]:
    return {
        name: (now - at_least, None if under is None else now - under)
        for name, (_, at_least, under) in AGES.items()
    }


def account_row(heard: Hearing, counts: dict[int, dict[str, int]]) -> dict[str, Any]:
    own = counts.get(heard.account.pk, {})
    board = reverse("reconciliation:board")
    return {
        "heard": heard,
        "account": heard.account,
        "url": f"{board}?account={heard.account.pk}",
        "counts": [
            {"severity": severity, "tone": SEVERITY_TONES[severity], "number": own[severity]}
            for severity in selectors.WORST_FIRST
            if own.get(severity)
        ],
    }


def _matrix(tally: selectors.Tally) -> list[dict[str, Any]]:
    board = reverse("reconciliation:board")
    return [
        {
            "severity": severity,
            "name": Severity(severity).value.capitalize(),
            "total": sum(tally.by_age[severity].values()),
            "url": f"{board}?severity={severity}",
            "cells": [
                {"number": tally.by_age[severity][age], "url": f"{board}?severity={severity}&age={age}"}
                for age in AGES
            ],
        }
        for severity in selectors.WORST_FIRST
    ]  # fmt: skip


def _pills(
    request: WorkspaceRequest, form: forms.Form, own: dict[str, Any]
) -> list[dict[str, str]]:
    words = {name: "Nobody" for name, value in own.items() if value == NOBODY}
    return filter_pills(request, "reconciliation:board", form, own, _FILTERS, words=words)


def latest_runs(account_id: int) -> list[ReconciliationRun]:
    rows = ReconciliationRun.objects.filter(account_id=account_id)
    return list(rows.order_by("-began_at", "-id")[:_RUNS])
