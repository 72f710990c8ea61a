"""Fields and choices that several forms share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from journal.models import BrokerAccount

if TYPE_CHECKING:
    AccountChoiceBase = forms.ModelChoiceField[BrokerAccount]
else:
    AccountChoiceBase = forms.ModelChoiceField


FILE_DECIDES = "The file decides"


def list_zones() -> list[str]:
    """Zones that people know: a continent and a city, and UTC."""
    return [
        "UTC",
        *sorted(
            zone
            for zone in available_timezones()
            if "/" in zone and zone[0].isupper() and not zone.startswith(("Etc/", "SystemV/"))
        ),
    ]


def zone_input(placeholder: str = "") -> forms.TextInput:
    """With the zones that the page lists as suggestions (`journal/zones.html`)."""
    attrs = {"list": "zones", "autocomplete": "off"}
    return forms.TextInput(attrs=attrs | ({"placeholder": placeholder} if placeholder else {}))


def day_first_field() -> forms.TypedChoiceField:
    return forms.TypedChoiceField(
        label="Dates such as 03/04/2026",
        required=False,
        choices=[
            ("", FILE_DECIDES),
            ("True", "3 April: day first"),
            ("False", "March 4: month first"),
        ],
        coerce=lambda choice: choice == "True",
        empty_value=None,
    )


class AccountChoice(AccountChoiceBase):
    def label_from_instance(self, account: BrokerAccount) -> str:
        return f"{account.broker_id} · {account.name}" if account.name else account.broker_id


class RolloverField(forms.Field):
    """Minutes after midnight, written as a time of day: 17:00."""

    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time"})

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 60:02d}:{value % 60:02d}" if isinstance(value, int) else value

    def to_python(self, value: Any) -> int:
        text = str(value or "00:00")
        try:
            hours, minutes = (int(part) for part in text.split(":")[:2])
        except ValueError:
            raise ValidationError("Write a time of day such as 17:00.", code="time") from None
        if not (0 <= hours < 24 and 0 <= minutes < 60):
            raise ValidationError("Write a time of day such as 17:00.", code="time")
        return hours * 60 + minutes

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(self.prepare_value(initial)) != self.to_python(data)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=255, required=False)
