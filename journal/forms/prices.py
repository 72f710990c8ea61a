"""Files of price bars."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError

from journal.domain.bars import interval_seconds
from journal.forms.base import FILE_DECIDES, day_first_field, zone_input
from journal.models.accounts import validate_zone
from journal.prices.base import Expected


class PriceForm(forms.Form):
    """Bars of prices, and what their file does not say of them."""

    file = forms.FileField(
        label="File", allow_empty_file=True, error_messages={"required": "Choose a file first."}
    )
    symbol = forms.CharField(
        label="Symbol",
        required=False,
        max_length=64,
        help_text="Empty: the file or its name says it.",
    )
    zone = forms.CharField(
        label="Zone of its times",
        required=False,
        max_length=64,
        validators=[validate_zone],
        help_text="Only for times that state none, and for where days begin.",
        widget=zone_input("America/New_York"),
    )
    interval = forms.CharField(
        label="Length of a bar",
        required=False,
        max_length=8,
        help_text="1m, 5m, 1h, 1d. Empty: as far apart as most bars are.",
    )
    basis = forms.ChoiceField(
        label="Prices",
        required=False,
        choices=[("", FILE_DECIDES), ("raw", "As traded"), ("adjusted", "Adjusted for splits")],
    )
    day_first = day_first_field()
    source = forms.CharField(
        label="Where they come from", required=False, max_length=48, help_text="A word of your own."
    )

    def clean_interval(self) -> int | None:
        name: str = self.cleaned_data["interval"].strip()
        seconds = interval_seconds(name) if name else None
        if name and seconds is None:
            raise ValidationError("Write a length such as 1m, 5m, 1h or 1d.", code="interval")
        return seconds

    def expected(self) -> Expected:
        said = self.cleaned_data
        return Expected(
            symbol=said["symbol"],
            seconds=said["interval"],
            zone=said["zone"],
            source=said["source"],
            is_adjusted={"raw": False, "adjusted": True}.get(said["basis"]),
            day_first=said["day_first"],
        )
