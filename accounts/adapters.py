"""Where allauth's flows meet our services."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.forms import BaseForm
from django.http import HttpRequest

from accounts.models import User
from accounts.requests import INVITATION_KEY
from accounts.services.people import may_sign_up, sign_up
from common.secrets import Unreadable, decrypt, encrypt


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return may_sign_up(request.session.get(INVITATION_KEY, ""))

    def save_user(
        self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True
    ) -> User:
        data = form.cleaned_data
        saved = sign_up(
            data["email"],
            password=data.get("password1"),
            name=data.get("name", ""),
            zone=data.get("zone") or "UTC",
            invitation_token=request.session.get(INVITATION_KEY, ""),
        )
        request.session.pop(INVITATION_KEY, None)
        return saved

    def format_email_subject(self, subject: str) -> str:
        return f"[Fillbook] {subject}"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/settings/security"


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Seeds of authenticator apps and recovery codes lie encrypted in the database."""

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """What a new key is called until its owner says otherwise."""
        known = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return f"Passkey {known + 1}"

    def encrypt(self, text: str) -> str:
        return encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return decrypt(encrypted_text)
        except Unreadable:
            raise RuntimeError(
                "FIELD_ENCRYPTION_KEY is not the one this installation was set up with: "
                "two-factor secrets cannot be read."
            ) from None
