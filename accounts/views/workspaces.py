"""Getting into a workspace: making one, switching, accepting an invitation."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.forms import WorkspaceForm
from accounts.middleware import workspace_optional
from accounts.models import User
from accounts.requests import INVITATION_KEY, WORKSPACE_KEY, PersonRequest
from accounts.selectors import get_membership
from accounts.services.invitations import accept_invitation, find_invitation
from accounts.services.workspaces import create_workspace
from common.errors import NotFound


@workspace_optional
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PersonRequest) -> HttpResponse:
    form = WorkspaceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        membership = create_workspace(request.user, **form.cleaned_data)
        request.session[WORKSPACE_KEY] = membership.workspace_id
        messages.success(request, f"{membership.workspace} is ready.")
        return redirect("/")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/workspace_create.html", {"form": form}, status=status)


@workspace_optional
@login_required
@require_POST
def switch(request: PersonRequest, workspace_id: int) -> HttpResponse:
    membership = get_membership(request.user, workspace_id)
    request.session[WORKSPACE_KEY] = membership.workspace_id
    # To the dashboard, since the page they were on shows something of the other workspace.
    return redirect("/")


@workspace_optional
@require_safe
def open_invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Takes the secret out of the address at once, so that it is in no later log or referrer."""
    request.session[INVITATION_KEY] = token
    return redirect("accounts:invitation")


@workspace_optional
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    token = request.session.get(INVITATION_KEY, "")
    found = find_invitation(token)
    if found is None:
        request.session.pop(INVITATION_KEY, None)
        raise NotFound(
            "invitation_not_open",
            "This invitation was used, withdrawn or has expired. Ask for a new one.",
        )
    if request.method == "POST" and isinstance(request.user, User):
        membership = accept_invitation(token, user=request.user)
        request.session.pop(INVITATION_KEY, None)
        request.session[WORKSPACE_KEY] = membership.workspace_id
        messages.success(request, f"You belong to {membership.workspace} now.")
        return redirect("/")
    is_for_me = request.user.is_authenticated and request.user.email == found.email
    context = {"invitation": found, "is_for_me": is_for_me}
    return render(request, "accounts/invitation.html", context)
