"""`Authorization: Bearer fb_…`. A token speaks for one person in one workspace."""

from hmac import compare_digest
from typing import Any

import pghistory
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from accounts.models import ApiToken, User
from accounts.selectors import list_tokens_with_owners
from accounts.services.tokens import is_live, note_use


class TokenUnknown(AuthenticationFailed):
    default_code = "token_unknown"
    default_detail = "This token is not known here. Check that it was copied whole."


class TokenRevoked(AuthenticationFailed):
    default_code = "token_revoked"
    default_detail = "This token was revoked. Create another one under Settings, Tokens."


class TokenExpired(AuthenticationFailed):
    default_code = "token_expired"
    default_detail = "This token has expired. Create another one under Settings, Tokens."


class TokenOwnerGone(AuthenticationFailed):
    default_code = "token_owner_gone"
    default_detail = "The person this token belongs to no longer has access to its workspace."


class TokenAuthentication(KnoxTokenAuthentication):  # type: ignore[misc]
    """Knox reads the header; what a token must be to count is decided here.

    Unlike knox, nothing is deleted: an expired token stays in its owner's list.
    """

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        found: tuple[User, ApiToken] | None = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        membership = token.membership
        if membership is None:
            raise TokenOwnerGone
        http: Any = request._request
        http.membership, http.workspace = membership, token.workspace
        # No-op outside a request that writes: there the audit trail names the token.
        pghistory.context(token=token.pk)
        note_use(token)
        return user, token

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        found = self._find(token)
        if found is None:
            raise TokenUnknown
        if found.revoked_at is not None:
            raise TokenRevoked
        if not is_live(found):
            raise TokenExpired
        if not found.user.is_active:
            raise TokenOwnerGone
        return found.user, found

    def _find(self, raw: bytes) -> ApiToken | None:
        try:
            text = raw.decode("ascii")
        except UnicodeDecodeError:
            return None
        digest = hash_token(text)
        for token in list_tokens_with_owners(text[: CONSTANTS.TOKEN_KEY_LENGTH]):
            if compare_digest(digest, token.digest):
                return token
        return None


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.api.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "A token from Settings, Tokens: `Authorization: Bearer fb_…`.",
        }
