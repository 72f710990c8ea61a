"""The rules of the toolkit, and ours: a token names its assistant for as long as that may come in."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

from accounts.models import Assistant
from accounts.oauth.redirects import is_safe_redirect
from accounts.oauth.scopes import is_naming, named_in
from accounts.services.assistants import end_by_code, keep_code


class AssistantValidator(OAuth2Validator):  # type: ignore[misc]
    def validate_scopes(
        self,
        client_id: str,
        scopes: list[str],
        client: Any,
        request: Any,
        *args: Any,
        **kwargs: Any,
    ) -> bool:
        """Which assistant it is, the consent page says; whoever else says so gets a token that no door takes."""
        asked = [word for word in scopes if not is_naming(word)]
        return bool(super().validate_scopes(client_id, asked, client, request, *args, **kwargs))

    def validate_redirect_uri(
        self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whichever way a program came to be known: registered, changed, fetched from its own address."""
        if not is_safe_redirect(redirect_uri):
            return False
        return bool(
            super().validate_redirect_uri(client_id, redirect_uri, request, *args, **kwargs)
        )

    def validate_grant_type(
        self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if grant_type not in ("authorization_code", "refresh_token"):
            return False
        return bool(
            super().validate_grant_type(client_id, grant_type, client, request, *args, **kwargs)
        )

    def validate_code(
        self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if super().validate_code(client_id, code, client, request, *args, **kwargs):
            return True
        end_by_code(client, code, request.code_verifier or "")
        return False

    def invalidate_authorization_code(
        self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any
    ) -> None:
        super().invalidate_authorization_code(client_id, code, request, *args, **kwargs)
        keep_code(named_in(" ".join(request.scopes)), code, request.code_verifier or "")

    def validate_refresh_token(
        self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        scope = super().get_original_scopes(refresh_token, request)
        assistant_id = named_in(scope) if isinstance(scope, str) else 0
        live = Assistant.objects.filter(pk=assistant_id, revoked_at=None, application=client)
        return live.filter(user=request.user).exists()

    def save_bearer_token(
        self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any
    ) -> Any:
        """A client may ask for fewer scopes when it refreshes; whose token it is stays in it."""
        held = getattr(request, "refresh_token_instance", None)
        if held is not None:
            original = super().get_original_scopes("", request)
            names = [word for word in str(original).split() if is_naming(word)]
            words = [word for word in token.get("scope", "").split() if not is_naming(word)]
            token["scope"] = " ".join([*words, *names])
        return super().save_bearer_token(token, request, *args, **kwargs)
