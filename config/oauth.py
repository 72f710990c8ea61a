"""Options of django-oauth-toolkit: OAuth 2.1 as RFC 9700 wants it, for assistants only."""

from __future__ import annotations

from typing import Any


def oauth_options(*, registration: str, issuer: str) -> dict[str, Any]:
    gates = (
        "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS",
        "TOKEN_STORAGE", "REFRESH_TOKEN", "REDIRECT_URI_MATCHING", "PKCE_REQUIRED",
    )  # fmt: skip
    return {
        "SCOPES_BACKEND_CLASS": "accounts.oauth.scopes.AssistantScopes",
        "OAUTH2_VALIDATOR_CLASS": "accounts.oauth.validator.AssistantValidator",
        "OIDC_ISS_ENDPOINT": issuer,
        "PKCE_REQUIRED": True,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 3600,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 60 * 86_400,
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "DCR_ENABLED": registration != "closed",
        "DCR_REGISTRATION_PERMISSION_CLASSES": ("accounts.oauth.registering.RegistrationPermission",),
        # The client's own address as its id: it is fetched, so only where programs may register themselves.
        "CIMD_ENABLED": registration == "open",
        # Programs on a person's own machine take any free port of it (RFC 8252).
        "ALLOW_LOCALHOST_LOOPBACK": True,
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": [
            "none", "client_secret_post", "client_secret_basic",
        ],
        "OAUTH2_PROTECTED_RESOURCE_NAME": "Fillbook",
        **{f"COMPLIANT_BCP_RFC9700_{gate}": True for gate in gates},
    }  # fmt: skip
