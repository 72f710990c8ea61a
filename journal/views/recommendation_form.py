"""The form of a recommendation by hand: what a person proposes, to others or to themselves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms

from journal.brokers.capture.proposals import LEGS_MAX
from journal.forms import AccountChoice
from journal.forms.base import NumberField
from journal.models import BrokerAccount, Pool
from journal.selectors.imports import list_known_accounts

_LEG_ROWS = 4
_PLAIN = {"autocomplete": "off"}


class RecommendationForm(forms.Form):
    symbol = forms.CharField(
        max_length=64,
        help_text="Of options the underlying; the legs say the rest.",
        widget=forms.TextInput(
            attrs={**_PLAIN, "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    strategy = forms.CharField(required=False, max_length=64, widget=forms.TextInput(attrs=_PLAIN))
    side = forms.ChoiceField(
        required=False,
        choices=[("", "Not one side"), ("buy", "Buy"), ("sell", "Sell")],
        help_text="Of a structure its legs tell.",
    )
    quantity = NumberField(
        label="Size", required=False, help_text="Units, contracts or structures."
    )
    entry_price = NumberField(label="Entry", required=False)
    stop_price = NumberField(label="Stop", required=False)
    target_price = NumberField(label="Target", required=False)
    expected_profit = NumberField(
        label="Expected profit", required=False, help_text="Money, of the whole size."
    )
    expected_loss = NumberField(
        label="Expected loss", required=False, help_text="Money, of the whole size."
    )
    probability = NumberField(label="Probability, %", required=False)
    account = AccountChoice(
        queryset=BrokerAccount.objects.none(), required=False, empty_label="Any account"
    )
    expires_at = forms.DateTimeField(
        label="Holds until",
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"],
        help_text="In your own time zone.",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    reason = forms.CharField(
        label="Why", required=False, max_length=4_000, widget=forms.Textarea(attrs={"rows": 3})
    )
    pool = forms.ChoiceField(
        choices=[(Pool.SHOWN, "To be decided"), (Pool.SHADOW, "Only watched")],
        initial=Pool.SHOWN,
        widget=forms.RadioSelect,
    )
    needs_approval = forms.BooleanField(
        required=False,
        label="Whoever acts on it waits for an approval",
    )
    # The same form sent twice is one recommendation.
    record_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = list_known_accounts()  # type: ignore[attr-defined]
        self.fields["record_id"].initial = uuid4().hex

    def clean_probability(self) -> Decimal | None:
        percent: Decimal | None = self.cleaned_data["probability"]
        if percent is not None and percent > 100:
            raise forms.ValidationError("At most 100 %.", code="share")
        return percent / 100 if percent is not None else None

    def record(self, legs: Any) -> dict[str, Any]:
        """As bots report one."""
        said = self.cleaned_data
        account: BrokerAccount | None = said["account"]
        texts = ("symbol", "strategy", "side", "reason", "pool", "record_id")
        numbers = (
            "quantity", "entry_price", "stop_price", "target_price", "expected_profit", "expected_loss", "probability",
        )  # fmt: skip
        record: dict[str, Any] = {
            **{name: said[name] for name in texts},
            **{name: format(said[name], "f") for name in numbers if said[name] is not None},
            "legs": [leg.record() for leg in legs if leg.has_changed()],
            "needs_approval": said["needs_approval"],
            "source": "manual",
        }
        if account is not None:
            record |= {"account": account.broker_id, "broker": account.broker}
        if said["expires_at"] is not None:
            record["expires_at"] = said["expires_at"].isoformat()
        return {name: value for name, value in record.items() if value not in ("", [])}


class LegForm(forms.Form):
    side = forms.ChoiceField(required=False, choices=[("", "–"), ("buy", "Buy"), ("sell", "Sell")])
    quantity = NumberField(required=False)
    right = forms.ChoiceField(required=False, choices=[("", "–"), ("call", "Call"), ("put", "Put")])
    strike = NumberField(required=False)
    expiry_on = forms.DateField(
        required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if any(said.get(name) for name in ("right", "strike", "expiry_on")):
            for name in ("right", "strike"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, "An option has one.")
        return said

    def record(self) -> dict[str, str]:
        said = self.cleaned_data
        return {
            name: format(value, "f") if isinstance(value, Decimal) else str(value)
            for name, value in said.items()
            if value not in (None, "")
        }


LegFormSet = forms.formset_factory(LegForm, extra=_LEG_ROWS, max_num=LEGS_MAX)
