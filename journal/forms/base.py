"""Fields and choices that several forms share."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from journal.brokers.text.faults import BadNumber
from journal.brokers.text.numbers import decimal_point, read_number
from journal.models import BrokerAccount

if TYPE_CHECKING:
    AccountChoiceBase = forms.ModelChoiceField[BrokerAccount]
else:
    AccountChoiceBase = forms.ModelChoiceField


FILE_DECIDES = "The file decides"
CLOCK = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
_CURRENCY = re.compile(r"[A-Z0-9]{2,12}")
_FORM_ID = re.compile(r"[0-9a-f]{32}")
_TWO_WAYS = (
    "%(text)s can be read in two ways. Write it without separators of thousands, such as 1234.5."
)
_PLAIN = {"autocomplete": "off"}
_DECIMAL = {"inputmode": "decimal", **_PLAIN}


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


def fault_of_clock(at: datetime, years: range) -> str:
    """Why nobody can have read this time from a clock of its zone; "" where nothing speaks against it."""
    if at.year not in years:
        return "Write a year in which it can have been."
    if at.astimezone(UTC).astimezone(at.tzinfo).replace(tzinfo=None) != at.replace(tzinfo=None):
        return "Clocks were put forward over this time: it did not exist."
    return ""


class FormIdField(forms.CharField):
    """Of the page that is filled in, so that a button which is pressed twice enters once.

    One that is none of ours is none: nobody can see it, and a person may well enter something."""

    def __init__(self) -> None:
        super().__init__(required=False, initial=lambda: uuid4().hex, widget=forms.HiddenInput)

    def clean(self, value: Any) -> str:
        stated = super().clean(value)
        return stated if _FORM_ID.fullmatch(stated) else ""


class CurrencyField(forms.CharField):
    def __init__(self, *, help_text: str) -> None:
        widget = forms.TextInput(attrs={**_PLAIN, "placeholder": "USD"})
        super().__init__(
            label="Currency", required=False, max_length=12, help_text=help_text, widget=widget
        )

    def clean(self, value: Any) -> str:
        typed = str(super().clean(value)).upper()
        if typed and not _CURRENCY.fullmatch(typed):
            raise ValidationError("Write a currency, such as USD.")
        return typed


class NumberField(forms.Field):
    """A decimal number as people write it, with a point or a comma."""

    widget = forms.TextInput(attrs=_DECIMAL)

    def to_python(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        point = decimal_point([text])
        if point is None and "," in text:
            raise ValidationError(_TWO_WAYS, code="two_ways", params={"text": text})
        try:
            number = read_number(text, point or ".")
        except BadNumber:
            raise ValidationError("Write a number, such as 12.50.", code="number") from None
        if number is not None and number < 0:
            raise ValidationError("Write it without a minus.", code="negative")
        return number


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
