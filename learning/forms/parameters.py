"""What people say of parameters."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from journal.models.accounts import validate_zone
from learning.models import ParameterPolicy, SymbolState

STARTS = (
    ("iv_rank_min", "IV rank, at least", 0, 95),
    ("dte_min", "Days to expiry, at least", 0, 45),
    ("dte_max", "Days to expiry, at most", 21, 90),
    ("delta_max", "Delta, at most", 0.1, 0.5),
    ("credit_width_min", "Credit over width, at least", 0, 0.5),
)


class WhyForm(forms.Form):
    reason = forms.CharField(label=_("Why"), max_length=500, strip=True)


class StandingForm(WhyForm):
    standing = forms.ChoiceField(label=_("Put it to"), choices=SymbolState.choices)


class ParametersForm(forms.Form):
    """Policy, approval, zone, and the scanner's own thresholds."""

    policy = forms.ChoiceField(
        label=_("Scanners go by"),
        choices=ParameterPolicy.choices,
        help_text=_(
            "The simple rules are those of the specification, to the letter; off leaves a scanner its own."
        ),
    )
    needs_approval = forms.BooleanField(
        required=False,
        label=_("A step waits for somebody's approval"),
        help_text=_("Without it the evidence moves by itself, a notch at a time, and is reviewed."),
    )
    zone = forms.CharField(
        label=_("Weeks begin in"),
        max_length=64,
        validators=[validate_zone],
        help_text=_("A time zone."),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for name, label, low, high in STARTS:
            self.fields[name] = forms.FloatField(
                label=f"{label} (its own)", min_value=low, max_value=high
            )

    def values(self) -> dict[str, Any]:
        told = {name: self.cleaned_data[name] for name in ("policy", "needs_approval", "zone")}
        return {**told, "start": {name: self.cleaned_data[name] for name, *_ in STARTS}}
