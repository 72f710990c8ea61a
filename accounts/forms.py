from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from allauth.account import forms as allauth
from allauth.core import context
from django import forms

from accounts.bindings import Bindable
from accounts.models import Locale, Theme, User, Workspace
from accounts.requests import INVITATION_KEY
from accounts.roles import ROLE_CHOICES, ROLE_MEANINGS, Role
from accounts.scopes import SCOPE_MEANINGS, Scope, allowed_scopes
from accounts.selectors import is_first_person
from accounts.services.invitations import find_invitation

HOW_LONG = "At least 8 characters. Not only digits, and not one that many people use."
EXPIRY_CHOICES = [("", "Never"), ("30", "In 30 days"), ("90", "In 90 days"), ("365", "In a year")]


# Django's ModelForm knows its model only to the type checker.
if TYPE_CHECKING:
    UserModelForm = forms.ModelForm[User]
    WorkspaceModelForm = forms.ModelForm[Workspace]
else:
    UserModelForm = WorkspaceModelForm = forms.ModelForm


def plain_words(form: forms.Form) -> None:
    """Labels say enough: no placeholders that repeat them, one spelling of e-mail, what a password needs once."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
        if field.label in {"Email", "Email address"}:
            field.label = "E-mail"
    if "password1" in form.fields:
        form.fields["password1"].help_text = HOW_LONG


class PlainWords(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plain_words(self)


class LoginForm(PlainWords, allauth.LoginForm):  # type: ignore[misc]
    pass


class ResetPasswordForm(PlainWords, allauth.ResetPasswordForm):  # type: ignore[misc]
    pass


class ResetPasswordKeyForm(PlainWords, allauth.ResetPasswordKeyForm):  # type: ignore[misc]
    pass


class ChangePasswordForm(PlainWords, allauth.ChangePasswordForm):  # type: ignore[misc]
    pass


class SetPasswordForm(PlainWords, allauth.SetPasswordForm):  # type: ignore[misc]
    pass


class AddEmailForm(PlainWords, allauth.AddEmailForm):  # type: ignore[misc]
    pass


class ReauthenticateForm(PlainWords, allauth.ReauthenticateForm):  # type: ignore[misc]
    pass


class SignupForm(allauth.SignupForm):  # type: ignore[misc]
    """`zone` is filled in by the browser; who came by an invitation keeps its address."""

    name = forms.CharField(
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    zone = forms.CharField(
        max_length=64, required=False, widget=forms.HiddenInput(attrs={"data-own-zone": ""})
    )
    field_order = ["name", "email", "password1", "password2", "zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = find_invitation(context.request.session.get(INVITATION_KEY, ""))
        plain_words(self)
        self.is_first_person = is_first_person()
        if self.invitation is not None:
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation is not None and self.invitation.email != email:
            raise forms.ValidationError(f"The invitation is for {self.invitation.email}.")
        return email

    def clean_zone(self) -> str:
        zone = self.cleaned_data["zone"]
        return zone if zone in available_timezones() else "UTC"


class PreferencesForm(UserModelForm):
    zone = forms.ChoiceField(
        label="Time zone",
        choices=[(zone, zone.replace("_", " ")) for zone in sorted(available_timezones())],
        help_text="For times on pages. Each broker account keeps its own zone for its trading day.",
    )
    theme = forms.ChoiceField(choices=Theme.choices, widget=forms.RadioSelect)
    locale = forms.ChoiceField(label="Numbers", choices=Locale.choices)

    class Meta:
        model = User
        fields = ["name", "zone", "theme", "locale"]


class CurrencyField(forms.CharField):
    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").upper()


class WorkspaceForm(WorkspaceModelForm):
    base_currency = CurrencyField(
        max_length=10,
        help_text="What a new account starts with. Totals are kept in the base currency of each account.",
        widget=forms.TextInput(attrs={"autocapitalize": "characters", "spellcheck": "false"}),
    )

    class Meta:
        model = Workspace
        fields = ["name", "base_currency"]


class RoleForm(forms.Form):
    role = forms.TypedChoiceField(choices=ROLE_CHOICES, coerce=Role)


class InvitationForm(RoleForm):
    email = forms.EmailField(label="E-mail")
    field_order = ["email", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].help_text = " ".join(
            f"{role.label}: {meaning}" for role, meaning in ROLE_MEANINGS.items()
        )
        self.fields["role"].initial = Role.VIEWER


class TokenForm(forms.Form):
    name = forms.CharField(
        max_length=80, help_text="By which you will know it, such as the bot that uses it."
    )
    scopes = forms.TypedMultipleChoiceField(
        label="May",
        coerce=Scope,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one thing that the token may do."},
    )
    expires = forms.TypedChoiceField(
        required=False,
        choices=EXPIRY_CHOICES,
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
    )
    account = forms.TypedChoiceField(
        required=False,
        label="For",
        coerce=int,
        empty_value=None,
        help_text="A token for one broker account sees and changes nothing of the others.",
    )

    needs_approval = forms.BooleanField(
        required=False,
        label="What it recommends needs approval",
        help_text="Its bot waits for a person’s yes before it acts. An order without one counts, and is told.",
    )

    def __init__(
        self, *args: Any, role: Role, accounts: Sequence[Bindable] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].choices = [  # type: ignore[attr-defined]
            ("", "All accounts"),
            *((account.id, str(account)) for account in accounts),
        ]
        if not accounts:
            del self.fields["account"]
        allowed = allowed_scopes(role)
        self.fields["scopes"].choices = [  # type: ignore[attr-defined]
            (scope.value, f"{scope.value} — {SCOPE_MEANINGS[scope]}")
            for scope in Scope
            if scope in allowed
        ]
