"""The page on which a person lets an assistant in, the documents by which it finds that page, and who was let in."""

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST
from oauth2_provider.forms import AllowForm
from oauth2_provider.models import get_application_model
from oauth2_provider.views import AuthorizationView, OAuthProtectedResourceMetadataView
from oauthlib.oauth2.rfc6749 import errors

from accounts.models import Membership, User
from accounts.oauth.redirects import is_safe_redirect
from accounts.oauth.resources import MCP_PATH, is_ours, origin_of, resource_of
from accounts.oauth.scopes import OFFERED, OFFERS, is_naming, naming, scopes_in
from accounts.oauth.sound import is_sound
from accounts.requests import WorkspaceRequest
from accounts.scopes import Scope, allowed_scopes
from accounts.selectors import get_assistant, list_assistants, list_memberships
from accounts.services.assistants import let_in, register_program, show_out


class ConsentForm(AllowForm):  # type: ignore[misc]
    """The client's request in hidden fields, and what the person decides about it."""

    # The button says it: a box to tick would let in who then presses the other one.
    allow = forms.BooleanField(required=False, widget=forms.HiddenInput())
    workspace = forms.TypedChoiceField(coerce=int, label="Workspace")
    granted = forms.TypedMultipleChoiceField(
        coerce=Scope,
        required=False,
        label="May",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        assert isinstance(request.user, User)
        self.memberships = {one.workspace_id: one for one in list_memberships(request.user)}
        self.fields["workspace"].choices = [
            (pk, one.workspace.name) for pk, one in self.memberships.items()
        ]
        asked = scopes_in(self.data.get("scope", "") or self.initial.get("scope", ""))
        self.fields["granted"].choices = [
            (scope.value, OFFERS[scope]) for scope in OFFERED if scope in asked
        ]
        self.fields["granted"].initial = [scope.value for scope in asked]

    @property
    def membership(self) -> Membership:
        return self.memberships[self.cleaned_data["workspace"]]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        named = (cleaned.get("resource") or "").split() or [resource_of(self.request)]
        if not all(is_ours(one, self.request) for one in named):
            raise forms.ValidationError("The program asks for access to another server than this.")
        cleaned["resource"] = " ".join(named)
        if not cleaned.get("allow") or "workspace" not in cleaned:
            return cleaned
        granted = set(cleaned.get("granted") or ())
        if not granted:
            self.add_error("granted", "Choose at least one thing that it may do, or refuse.")
        beyond = granted - allowed_scopes(self.membership.role_kind)
        if beyond:
            words = f"As {self.membership.role} you cannot allow {', '.join(sorted(beyond))} there."
            self.add_error("granted", words)
        return cleaned


_UNKNOWN = "The program is not known here. Ask it to let itself in again."
# What the library says of these is for whoever wrote the program; the person who is shown it can do something else.
_IN_WORDS = {
    errors.InvalidClientIdError: _UNKNOWN,
    errors.MissingClientIdError: _UNKNOWN,
    errors.InvalidRedirectURIError: "The program wants to go back to an address that is none.",
    errors.MismatchingRedirectURIError: "The program wants to go back to another address than it is registered with.",
}


def _refusal(request: HttpRequest) -> str:
    """Why nobody is asked at all; empty where nothing is wrong."""
    if not all(is_ours(one, request) for one in request.GET.getlist("resource")):
        return "The program asks for access to another server than this."
    if any(is_naming(word) for word in request.GET.get("scope", "").split()):
        return "The program asks to be another one."
    if request.GET.get("code_challenge_method", "S256") != "S256":
        return "The program proves who it is in a way that is not safe (PKCE needs S256)."
    return ""


class Consent(AuthorizationView):  # type: ignore[misc]
    template_name = "accounts/consent.html"
    form_class = ConsentForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not (is_sound(request.GET) and is_sound(request.POST)):
            return self._refused("A part of the program's request is no text, or too long.")
        response: HttpResponse = super().dispatch(request, *args, **kwargs)
        return response

    def _refused(self, words: str) -> HttpResponse:
        context = {"error": {"error": "invalid_request", "description": words}}
        return render(self.request, self.template_name, context, status=400)

    def error_response(self, error: Any, application: Any, **kwargs: Any) -> HttpResponse:
        words = _IN_WORDS.get(type(error.oauthlib_error))
        if words:
            return self._refused(words)
        response: HttpResponse = super().error_response(error, application, **kwargs)
        return response

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        # Everybody is asked every time: which workspace it is for is part of the answer.
        query = request.GET.copy()
        query.pop("approval_prompt", None)
        request.GET = query  # type: ignore[assignment]
        words = _refusal(request)
        if words:
            return self._refused(words)
        response: HttpResponse = super().get(request, *args, **kwargs)
        return response

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "request": self.request}

    def form_valid(self, form: Any) -> HttpResponse:
        if form.cleaned_data.get("allow"):
            programs = get_application_model().objects
            client = programs.filter(client_id=form.cleaned_data["client_id"]).first()
            if client is None:
                return self._refused(_UNKNOWN)
            granted = form.cleaned_data["granted"]
            assistant = let_in(form.membership, client, granted)
            words = [*(scope.value for scope in granted), naming(assistant.pk)]
            form.cleaned_data["scope"] = " ".join(words)
        response: HttpResponse = super().form_valid(form)
        return response

    def form_invalid(self, form: Any) -> HttpResponse:
        client = get_application_model().objects.filter(client_id=form.data.get("client_id"))
        context = self.get_context_data(form=form, application=client.first())
        return self.render_to_response(context, status=422)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context.get("form")
        back = "" if form is None else str(form["redirect_uri"].value() or "")
        context["back_to"] = urlsplit(back).netloc
        response: HttpResponse = super().render_to_response(context, **kwargs)
        parts = urlsplit(back)
        if parts.scheme in ("http", "https") and parts.netloc:
            # Browsers hold the address that a form leads on to against the policy too.
            origin = f"{parts.scheme}://{parts.netloc}"
            response._csp_update = {"form-action": [origin]}  # type: ignore[attr-defined]
        return response


class ResourceMetadata(OAuthProtectedResourceMetadataView):  # type: ignore[misc]
    """One document under both of its addresses: that of the server, and that of its path `/mcp`."""

    def get_resource(self, request: HttpRequest) -> str:
        path = self.kwargs.get("resource_path", "")
        if path and f"/{path}" != MCP_PATH:
            raise Http404
        return resource_of(request)

    def get_authorization_servers(self, request: HttpRequest) -> list[str]:
        return [origin_of(request)]


class ProgramForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="As it will be called when it asks to be let in."
    )
    redirect_uri = forms.CharField(
        label="Return address",
        max_length=500,
        help_text="Called callback or redirect URI in the settings of the program.",
        widget=forms.TextInput(attrs={"spellcheck": "false", "autocapitalize": "none"}),
    )

    def clean_redirect_uri(self) -> str:
        uri: str = self.cleaned_data["redirect_uri"].strip()
        if not is_safe_redirect(uri) or any(one.isspace() for one in uri):
            raise forms.ValidationError(
                "It begins with https, or with http on your own machine (localhost)."
            )
        return uri


@require_http_methods(["GET", "HEAD", "POST"])
def assistants(request: WorkspaceRequest) -> HttpResponse:
    may_register = settings.ASSISTANTS_REGISTRATION != "closed"
    form = ProgramForm(request.POST or None)
    program = None
    if request.method == "POST" and may_register and form.is_valid():
        program = register_program(request.user, **form.cleaned_data)
        form = ProgramForm()
    found = list_assistants(request.membership)
    context = {
        "page": "assistants",
        "form": form if may_register else None,
        "program": program,
        "registers_itself": settings.ASSISTANTS_REGISTRATION == "open",
        "address": resource_of(request),
        "live": [one for one in found if one.revoked_at is None],
        "gone": [one for one in found if one.revoked_at is not None][:20],
    }
    status = 201 if program else 422 if form.is_bound else 200
    return render(request, "accounts/assistants.html", context, status=status)


@require_POST
def revoke(request: WorkspaceRequest, assistant_id: int) -> HttpResponse:
    assistant = get_assistant(request.membership, assistant_id)
    show_out(assistant)
    messages.success(request, f"“{assistant.name}” is shown out. It gets no answer now.")
    return redirect("accounts:assistants")
