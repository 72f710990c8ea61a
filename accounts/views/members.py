import logging

from django.conf import settings
from django.contrib import messages
from django.core.mail import send_mail
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import InvitationForm, RoleForm
from accounts.models import Invitation
from accounts.requests import WorkspaceRequest, require_owner
from accounts.roles import ROLE_CHOICES
from accounts.selectors import get_invitation, get_member, list_invitations, list_members
from accounts.services.invitations import invite, withdraw_invitation
from accounts.services.workspaces import change_role, remove_member
from common.errors import Conflict

logger = logging.getLogger(__name__)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def members(request: WorkspaceRequest) -> HttpResponse:
    form = InvitationForm(request.POST or None)
    if request.method != "POST":
        return _page(request, form)
    require_owner(request.membership)
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        invitation, token = invite(request.workspace, by=request.user, **form.cleaned_data)
    except Conflict as conflict:
        form.add_error("email", conflict.fields["email"][0])
        return _page(request, form, status=409)
    link = request.build_absolute_uri(reverse("accounts:invitation-open", args=[token]))
    was_mailed = _mail(invitation, link)
    # No redirect: like a token, the link is shown once and kept nowhere.
    new = {"invitation": invitation, "link": link, "was_mailed": was_mailed}
    return _page(request, InvitationForm(), new=new, status=201)


@require_POST
def role(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    require_owner(request.membership)
    member = get_member(request.workspace, membership_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        changed = change_role(member, role=form.cleaned_data["role"])
        messages.success(request, f"{member.user.display_name} is now {changed.role}.")
    else:
        messages.error(request, "Choose a role from the list.")
    return redirect("accounts:members")


@require_POST
def remove(request: WorkspaceRequest, membership_id: int) -> HttpResponse:
    require_owner(request.membership)
    member = get_member(request.workspace, membership_id)
    remove_member(member)
    messages.success(
        request, f"{member.user.display_name} no longer belongs to {request.workspace}."
    )
    return redirect("accounts:members")


@require_POST
def leave(request: WorkspaceRequest) -> HttpResponse:
    remove_member(request.membership)
    messages.success(request, f"You have left {request.workspace}.")
    return redirect("/")


@require_POST
def withdraw(request: WorkspaceRequest, invitation_id: int) -> HttpResponse:
    require_owner(request.membership)
    invitation = get_invitation(request.workspace, invitation_id)
    withdraw_invitation(invitation)
    messages.success(request, f"The invitation of {invitation.email} is withdrawn.")
    return redirect("accounts:members")


def _page(
    request: WorkspaceRequest,
    form: InvitationForm,
    *,
    new: dict[str, object] | None = None,
    status: int = 200,
) -> HttpResponse:
    is_owner = request.membership.is_owner
    people = list_members(request.workspace)
    context = {
        "page": "members",
        "form": form if is_owner else None,
        "new": new,
        "members": people,
        "can_leave": any(other.is_owner for other in people if other != request.membership),
        "invitations": list_invitations(request.workspace) if is_owner else [],
        "roles": ROLE_CHOICES,
    }
    return render(request, "accounts/members.html", context, status=status)


def _mail(invitation: Invitation, link: str) -> bool:
    """Whether it was sent. When it was not, the owner passes the link on."""
    if not settings.EMAIL_HOST:
        return False
    text = render_to_string("accounts/invitation.txt", {"invitation": invitation, "link": link})
    try:
        send_mail(f"[Fillbook] Join {invitation.workspace}", text, None, [invitation.email])
    except OSError:  # smtplib's errors are OSErrors too
        logger.warning("invitation %s was not mailed", invitation.pk, exc_info=True)
        return False
    return True
