"""The forms of allauth for a second step, in our words."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm as MFAAuthenticateForm
from allauth.mfa.base.forms import ReauthenticateForm as MFAReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms

_DIGITS = {"inputmode": "numeric", "autocomplete": "one-time-code"}


class CodeWords(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].widget.attrs.pop("placeholder", None)
        self.fields["code"].label = "Code"


class AuthenticateForm(CodeWords, MFAAuthenticateForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(CodeWords, MFAReauthenticateForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "From your authenticator app, or a recovery code."


class ActivateAppForm(CodeWords, ActivateTOTPForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code that the app shows"
        self.fields["code"].widget.attrs.update(_DIGITS)


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].help_text = "So that you can tell it from others."
        passwordless = self.fields.get("passwordless")
        if passwordless is not None:
            passwordless.label = "Sign in with it alone, as a passkey"
            passwordless.help_text = (
                "Without your password. It must then ask for your fingerprint, your face or its PIN. Otherwise it is "
                "a second step after the password."
            )
