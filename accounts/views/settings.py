"""One's own settings: profile, security, and the workspace's name and currency."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.forms import PreferencesForm, WorkspaceForm
from accounts.requests import WorkspaceRequest, require_owner
from accounts.services.people import change_preferences
from accounts.services.workspaces import change_workspace


@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: WorkspaceRequest) -> HttpResponse:
    form = PreferencesForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        change_preferences(request.user, **form.cleaned_data)
        messages.success(request, "Your profile is saved.")
        return redirect("accounts:settings")
    context = {"form": form, "page": "profile"}
    return render(request, "accounts/profile.html", context, status=_status(form))


@require_safe
def security(request: WorkspaceRequest) -> HttpResponse:
    kinds = list(Authenticator.objects.filter(user=request.user).values_list("type", flat=True))
    context = {
        "page": "security",
        "has_totp": Authenticator.Type.TOTP in kinds,
        "passkey_count": kinds.count(Authenticator.Type.WEBAUTHN),
        "has_recovery_codes": Authenticator.Type.RECOVERY_CODES in kinds,
        "addresses": EmailAddress.objects.filter(user=request.user),
    }
    return render(request, "accounts/security.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def workspace(request: WorkspaceRequest) -> HttpResponse:
    require_owner(request.membership)
    form = WorkspaceForm(request.POST or None, instance=request.workspace)
    if request.method == "POST" and form.is_valid():
        change_workspace(request.workspace, **form.cleaned_data)
        messages.success(request, "The workspace is saved.")
        return redirect("accounts:workspace")
    context = {"form": form, "page": "workspace"}
    return render(request, "accounts/workspace.html", context, status=_status(form))


def _status(form: PreferencesForm | WorkspaceForm) -> int:
    return 422 if form.is_bound else 200
