"""Deciding by the link of an alert, signed in or not: the address shows, only the form decides."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe
from django_scopes import scope

from accounts.middleware import workspace_optional
from common.errors import Conflict, NotFound
from journal.models import DecisionLink
from journal.services.recommendations.links import decide_by_link, find_link, proposal_of
from journal.views.recommendations import SAID

# Where the session keeps the secrets of links that were opened, by the link's number.
_KEY = "decision_links"
_KEPT = 20


@workspace_optional
@require_safe
@sensitive_variables("secret")
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """Takes the secret out of the address at once, so that it is in no later log or referrer."""
    link = find_link(secret)
    kept = list(request.session.get(_KEY, {}).items())[-_KEPT:]
    request.session[_KEY] = {**dict(kept), str(link.pk): secret}
    return redirect("journal:decision-link", link.pk)


@workspace_optional
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_variables("secret")
def decision_link(request: HttpRequest, link_id: int) -> HttpResponse:
    secret = request.session.get(_KEY, {}).get(str(link_id))
    if not isinstance(secret, str):
        raise NotFound(
            "link_not_open",
            "Open the link of the alert again: this browser does not know it any more.",
        )
    link = find_link(secret)
    with scope(workspace=link.workspace):
        if request.method == "POST":
            return _decided(request, link, secret)
        return _page(request, link)


@sensitive_variables("secret")
def _decided(request: HttpRequest, link: DecisionLink, secret: str) -> HttpResponse:
    verdict = request.POST.get("verdict", "")
    try:
        decide_by_link(
            secret,
            verdict,
            reason=request.POST.get("reason", ""),
            seen=request.POST.get("seen", ""),
        )
    except Conflict as error:
        return _page(request, link, complaint=error.message)
    request.session[_KEY].pop(str(link.pk), None)
    request.session.modified = True
    context = {"proposal": proposal_of(link), "said": SAID[verdict], "link": link}
    return render(request, "journal/decision_link_done.html", context)


def _page(request: HttpRequest, link: DecisionLink, *, complaint: str = "") -> HttpResponse:
    proposal = proposal_of(link)
    context = {"proposal": proposal, "link": link, "complaint": complaint}
    status = 409 if complaint else 200
    return render(request, "journal/decision_link.html", context, status=status)
