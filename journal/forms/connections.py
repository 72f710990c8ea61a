"""Where a broker is asked, with which login, and how often."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from journal.brokers.fetching import Credential, Fetcher
from journal.forms.base import RolloverField, zone_input
from journal.models import Schedule
from journal.models.accounts import validate_zone


class CredentialsForm(forms.Form):
    """What a fetcher asks for. Secrets go in and never come out: left empty they stay as they are stored."""

    def __init__(
        self,
        fetcher: Fetcher,
        *args: Any,
        stored: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored or {}
        for one in fetcher.credentials:
            self.fields[f"login_{one.name}"] = self._field(one)

    def _field(self, one: Credential) -> forms.Field:
        is_kept = one.is_secret and one.name in self.stored
        help_text = "Stored. Empty: stays as it is." if is_kept else one.help
        common: dict[str, Any] = {
            "label": one.label,
            "required": one.is_required and not is_kept,
            "help_text": help_text,
            "initial": "" if one.is_secret else self.stored.get(one.name, ""),
        }
        if one.choices:
            choices = one.choices if one.is_required else (("", "–"), *one.choices)
            return forms.ChoiceField(choices=choices, **common)
        attrs = {"autocomplete": "off", "spellcheck": "false"}
        if one.is_secret:
            # No browser is to offer a person's password here, nor to keep this.
            attrs["autocomplete"] = "new-password"
            return forms.CharField(
                max_length=4000, widget=forms.PasswordInput(attrs=attrs), **common
            )
        return forms.CharField(max_length=4000, widget=forms.TextInput(attrs=attrs), **common)

    def values(self) -> dict[str, str]:
        """By the fetcher's names; what was left empty as it is stored."""
        given = {
            name.removeprefix("login_"): str(value)
            for name, value in self.cleaned_data.items()
            if value
        }
        return {**{name: self.stored[name] for name in self.stored if name not in given}, **given}


class ConnectionForm(forms.Form):
    """When a broker is asked, how far back, and for which accounts."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )
    schedule = forms.ChoiceField(label="Pulled", choices=Schedule.choices)
    pull_at_minutes = RolloverField(
        label="At", required=False, help_text="Where it is pulled once a day."
    )
    zone = forms.CharField(
        label="In the zone",
        max_length=64,
        validators=[validate_zone],
        widget=zone_input(),
    )
    account_numbers = forms.CharField(
        label="Accounts",
        required=False,
        help_text="Numbers with commas between. Empty: all that the broker tells of.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    history_from = forms.DateField(
        label="History from",
        required=False,
        help_text="Empty: as far back as the broker tells.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_account_numbers(self) -> list[str]:
        text: str = self.cleaned_data["account_numbers"]
        numbers = [number.strip() for number in text.split(",") if number.strip()]
        if any(len(number) > 64 for number in numbers):
            raise ValidationError("A number has at most 64 characters.", code="number")
        return list(dict.fromkeys(numbers))


class BridgeForm(forms.Form):
    """A terminal that a bridge pushes from."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )
    zone = forms.CharField(
        label="Zone of the trading server",
        max_length=64,
        validators=[validate_zone],
        help_text="Most servers run on EET with US daylight saving. Prices tell whether it is right: where they "
        "contradict it, nothing is imported.",
        widget=zone_input(),
    )


class LiveForm(forms.Form):
    """A service that listens to the broker's program. All else is told to it when it is started."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )


class AskForm(forms.Form):
    days_back = forms.IntegerField(min_value=1, max_value=36_500, required=False)
