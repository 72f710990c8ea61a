from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from accounts.bindings import list_bindable
from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.requests import WorkspaceRequest
from accounts.selectors import get_token, list_tokens, list_workspace_tokens
from accounts.services import tokens as services


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@sensitive_variables("text")
def tokens(request: WorkspaceRequest) -> HttpResponse:
    form = _form(request, request.POST or None)
    if request.method != "POST" or not form.is_valid():
        return _page(request, form, status=422 if form.is_bound else 200)
    data = form.cleaned_data
    _, text = services.create_token(
        request.membership,
        name=data["name"],
        scopes=data["scopes"],
        expires_in=data["expires"],
        account_id=data.get("account"),
        needs_approval=data["needs_approval"],
    )
    # No redirect: the text is shown in this one answer and kept nowhere, not even in the session.
    return _page(request, _form(request), new_token=text, status=201)


def _form(request: WorkspaceRequest, data: QueryDict | None = None) -> TokenForm:
    accounts = list_bindable(request.workspace.pk)
    return TokenForm(data, role=request.membership.role_kind, accounts=accounts)


@require_POST
def revoke(request: WorkspaceRequest, token_id: int) -> HttpResponse:
    token = get_token(request.membership, token_id)
    services.revoke_token(token)
    messages.success(request, f"“{token.name}” is revoked. Whatever uses it gets no answer now.")
    return redirect("accounts:tokens")


def _page(
    request: WorkspaceRequest, form: TokenForm, *, new_token: str = "", status: int = 200
) -> HttpResponse:
    own = list_tokens(request.workspace, user=request.user)
    context = {
        "page": "tokens",
        "form": form,
        "new_token": new_token,
        "live": [token for token in own if services.is_live(token)],
        "dead": [token for token in own if not services.is_live(token)],
        "others": _of_others(request),
        "account_names": {one.id: str(one) for one in list_bindable(request.workspace.pk)},
    }
    return render(request, "accounts/tokens.html", context, status=status)


def _of_others(request: WorkspaceRequest) -> list[ApiToken]:
    if not request.membership.is_owner:
        return []
    everybodys = list_workspace_tokens(request.workspace)
    return [token for token in everybodys if token.user_id != request.user.pk]
