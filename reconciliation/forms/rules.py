"""What people tell about differences and guards."""

from __future__ import annotations

from typing import Any

from django import forms

from journal.domain.values import AssetClass
from reconciliation.domain.tolerances import Tolerance, Tolerances

REASON_MAX = 2000


class ReasonForm(forms.Form):
    """Why: whoever looks later has nothing else."""

    reason = forms.CharField(label="Why", max_length=REASON_MAX, strip=True)


class RulesForm(forms.Form):
    four_eyes = forms.BooleanField(
        required=False,
        label="Two people have to agree",
        help_text="Nobody approves what they proposed themselves.",
    )
    resolves_by_rule = forms.BooleanField(
        required=False,
        label="Resolve what is safe by rule",
        help_text="A fill that came late, a split that the broker states, a close by hand: booked with its reason. "
        "Everything else waits for a person in any case.",
    )


class RulesChangeForm(RulesForm):
    """Where two people have to agree now."""

    reason = forms.CharField(
        required=False,
        label="Why, where one person is to be enough",
        max_length=REASON_MAX,
        strip=True,
        help_text="Another owner has to agree to that, or some time has to pass where there is none. All are told.",
    )


_LABELS = {
    "steps": ("Quantity, steps", "How many of the smallest steps quantities may be apart. 0: exact."),
    "ticks": ("Price, ticks", "How many ticks prices may be apart, where the market has a tick."),
    "ratio": ("Price, share", "As a share of the price where nothing states a tick: 0.0001 is 0.01%."),
    "average_ratio": ("Average price, share", "As a share of the average price."),
    "realized": ("Realised P&L, money", "In the currency of the figure."),
    "realized_ratio": ("Realised P&L, share", "As a share, where it went through an exchange rate."),
    "cash": ("Cash, money", "In each currency."),
    "fee": ("Fees, money", "Of each fill."),
    "time": ("Time, seconds", "How far apart two sides may have the same fill."),
}  # fmt: skip


class ToleranceForm(forms.Form):
    """By how much figures of one class may differ. Built of the fields of `Tolerance`."""

    reason = forms.CharField(label="Why", max_length=REASON_MAX, strip=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, words) in _LABELS.items():
            self.fields[name] = forms.DecimalField(
                label=label, help_text=words, min_value=0, max_digits=30, decimal_places=12
            )
        self.order_fields([*_LABELS, "reason"])

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in _LABELS}


def tolerance_texts(tolerance: Tolerance) -> dict[str, str]:
    """As a form shows it: numbers without trailing zeros, the time in seconds."""
    texts = {name: format(getattr(tolerance, name), "f") for name in _LABELS if name != "time"}
    return {**texts, "time": format(int(tolerance.time.total_seconds()))}


def tolerance_rows(tolerances: Tolerances) -> list[tuple[AssetClass, dict[str, str], bool]]:
    """(class, figures, whether somebody set them) of every class."""
    return [
        (one, tolerance_texts(tolerances.of(one)), one in tolerances.by_class) for one in AssetClass
    ]
