"""`Authorization: Bearer …` with an access token that an assistant was given by OAuth. For the doors of tools only."""

import hashlib
from dataclasses import dataclass
from typing import Any

import pghistory
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.models import AccessToken
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import TOKEN_PREFIX, Assistant, Membership, User
from accounts.oauth.resources import challenge, is_for_us
from accounts.oauth.scopes import named_in, scopes_in
from accounts.scopes import Scope
from accounts.services.assistants import note_use

_WORD = "bearer "


class AccessRefused(AuthenticationFailed):
    default_code = "access_token_invalid"
    default_detail = (
        "This access token has expired, was revoked, or is for another server. Connect again."
    )


@dataclass(frozen=True, slots=True)
class AssistantAccess:
    """What a request with such a token has in `auth`. `scopes` are those of the token."""

    assistant: Assistant
    scopes: frozenset[Scope]

    @property
    def pk(self) -> int:
        return self.assistant.pk


class AssistantAuthentication(BaseAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return challenge(request._request)

    def authenticate(self, request: Request) -> tuple[User, AssistantAccess] | None:
        header = request.headers.get("Authorization", "")
        text = header[len(_WORD) :].strip()
        if not header.lower().startswith(_WORD) or text.startswith(TOKEN_PREFIX):
            return None
        access = _access(request, text)
        if access is None:
            raise AccessRefused
        assistant = access.assistant
        membership = (
            Membership.objects.filter(user=assistant.user_id, workspace=assistant.workspace_id)
            .select_related("workspace", "user")
            .first()
        )
        if membership is None or not membership.user.is_active:
            raise AccessRefused
        http: Any = request._request
        http.membership, http.workspace = membership, membership.workspace
        # Not a request of the pages: the audit trail names the assistant.
        pghistory.context(assistant=assistant.pk)
        note_use(assistant)
        return membership.user, access


def _access(request: Request, text: str) -> AssistantAccess | None:
    digest = hashlib.sha256(text.encode()).hexdigest()
    token = AccessToken.objects.filter(token_checksum=digest).first()
    if token is None or token.is_expired() or not is_for_us(token.resource, request._request):
        return None
    assistant = Assistant.objects.filter(
        pk=named_in(token.scope), user=token.user_id, application=token.application_id, revoked_at=None
    ).first()  # fmt: skip
    if assistant is None:
        return None
    allowed = frozenset(Scope(one) for one in assistant.scopes)
    return AssistantAccess(assistant, scopes_in(token.scope) & allowed)


class OAuthScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.assistants.AssistantAuthentication"
    name = "assistant"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {
            "type": "oauth2",
            "description": "OAuth 2.1 with PKCE; see /.well-known/oauth-authorization-server.",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize",
                    "tokenUrl": "/oauth/token",
                    "scopes": {},
                }
            },
        }
