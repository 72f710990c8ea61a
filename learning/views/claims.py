"""Claims: what was noticed, how it fares on later trades, and what came of earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.requests import WorkspaceRequest
from journal.views.lists import page_url
from learning.charts.lives import Life, lives_chart
from learning.domain.words.subjects import subject_label
from learning.models import Claim, ClaimState
from learning.selectors.claims import count_states, get_claim, newest_claims, read_claims
from learning.selectors.trials import tried

_TONES = {
    "raised": "badge--accent",
    "confirmed": "badge--profit",
    "weakened": "badge--warning",
    "faded": "",
    "retired": "",
}
LOOKS = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """`share` of the way to the last look, in percent; None where it is over."""

    of: Claim
    name: str
    tone: str
    state: str
    way: str
    share: int | None
    url: str


@require_safe
def claims(request: WorkspaceRequest) -> HttpResponse:
    asked = request.GET.get("state", "")
    state = asked if asked in ClaimState.values else ""
    page = read_claims(state, cursor=request.GET.get("cursor", ""))
    newest = newest_claims()
    context = {
        "tab": "claims",
        "rows": [shown(one) for one in page.rows],
        "counts": _switch(request, state),
        "is_filtered": bool(state),
        "chart": _chart(newest),
        "tried": tried(request.workspace.pk),
        "page": {"next": page_url(request, page.next), "next_word": "More"},
    }
    return render(request, "learning/claims.html", context)


@require_safe
def claim(request: WorkspaceRequest, claim_id: int) -> HttpResponse:
    found = get_claim(claim_id)
    context = {
        "tab": "claims",
        "one": shown(found),
        "steps": list(found.events.all()),
        "chart": _chart([found]),
        "block": found.next_look // (found.looks + 1) if found.next_look else None,
    }
    return render(request, "learning/claim.html", context)


def _switch(request: WorkspaceRequest, state: str) -> list[dict[str, Any]]:
    counts = count_states()
    options = [
        {"label": "All", "url": request.path, "current": not state, "number": sum(counts.values())}
    ]
    for value, label in ClaimState.choices:
        if counts.get(value):
            url = f"{request.path}?state={value}"
            options.append(
                {
                    "label": str(label),
                    "url": url,
                    "current": state == value,
                    "number": counts[value],
                }
            )
    return options


def shown(one: Claim) -> Shown:
    return Shown(
        of=one,
        name=subject_label(one.subject),
        tone=_TONES[one.state],
        state=one.get_state_display(),
        way=_way(one),
        share=_share(one),
        url=reverse("learning:claim", args=[one.pk]),
    )


def _way(one: Claim) -> str:
    if one.state == ClaimState.RAISED and one.next_look:
        return f"{one.new:,} of {one.next_look:,} later trades for look {one.looks + 1} of {LOOKS}"
    if one.state == ClaimState.RAISED:
        return f"{one.new:,} later trades"
    return {
        ClaimState.CONFIRMED: f"Held on later trades; {one.new:,} since it was raised",
        ClaimState.WEAKENED: f"It held, and does not now; {one.new:,} trades since it was raised",
        ClaimState.FADED: f"Did not hold on {one.new:,} later trades",
        ClaimState.RETIRED: f"Only {one.new:,} later trades in 180 days",
    }[ClaimState(one.state)]


def _share(one: Claim) -> int | None:
    if one.state != ClaimState.RAISED or not one.next_look:
        return None
    whole = one.next_look // (one.looks + 1) * LOOKS
    return min(100, round(100 * one.new / whole))


def _chart(claims: Sequence[Claim]) -> dict[str, Any] | None:
    lives = [
        Life(
            subject_label(one.subject),
            [(step.at, step.state, step.words) for step in one.events.all()],
            one.told_at,
            reverse("learning:claim", args=[one.pk]),
        )
        for one in claims
    ]
    if not lives:
        return None
    confirmed = sum(one.state == ClaimState.CONFIRMED for one in claims)
    faded = sum(one.state in (ClaimState.FADED, ClaimState.RETIRED) for one in claims)
    says = (
        "Each line is a claim from the day it was raised, with every look at it. "
        f"Of the latest {len(lives)}: {confirmed} confirmed on later trades, {faded} not."
        if len(lives) > 1
        else f"Raised on {claims[0].raised_at:%d %b %Y}; each mark is a look at the trades that closed since."
    )
    return lives_chart(lives, says=says)
