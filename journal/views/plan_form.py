"""The form of a plan: what a person types, as a bot would send it."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError

from journal.domain.values import Side
from journal.forms import AccountChoice
from journal.forms.base import NumberField
from journal.models import BrokerAccount, Plan
from journal.selectors.imports import list_known_accounts

_PLAIN = {"autocomplete": "off"}
_CLOCK = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M")
NUMBERS = ("entry_price", "entry_price_to", "stop_price", "target_price", "quantity")
_WORDS = ("symbol", "side", "strategy", "timeframe", "notes")


class PlanForm(forms.Form):
    symbol = forms.CharField(
        label="Symbol", max_length=64, widget=forms.TextInput(attrs={**_PLAIN, "autofocus": ""})
    )
    side = forms.ChoiceField(
        label="To open it",
        required=False,
        choices=(
            ("", "Neither: a structure"),
            (Side.BUY.value, "Buy"),
            (Side.SELL.value, "Sell short"),
        ),
    )
    strategy = forms.CharField(
        label="Strategy", max_length=64, required=False, widget=forms.TextInput(attrs=_PLAIN)
    )
    timeframe = forms.CharField(
        label="Timeframe", max_length=32, required=False,
        widget=forms.TextInput(attrs={**_PLAIN, "placeholder": "15m, daily"}),
    )  # fmt: skip
    entry_price = NumberField(label="Entry", required=False)
    entry_price_to = NumberField(
        label="Entry up to", required=False, help_text="Where it is a range."
    )
    stop_price = NumberField(label="Stop", required=False)
    target_price = NumberField(label="Target", required=False)
    quantity = NumberField(label="Size", required=False, help_text="Shares, contracts or units.")
    conditions = forms.CharField(
        label="Conditions", required=False, max_length=8_000, help_text="One on each line.",
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    notes = forms.CharField(
        label="Notes", required=False, max_length=10_000, widget=forms.Textarea(attrs={"rows": 4})
    )
    account = AccountChoice(
        label="Account",
        queryset=BrokerAccount.objects.none(),
        required=False,
        empty_label="Any account",
    )
    expires_at = forms.DateTimeField(
        label="Holds until", required=False, input_formats=_CLOCK,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )  # fmt: skip
    recommendation_id = forms.CharField(
        label="Recommendation", max_length=64, required=False, widget=forms.TextInput(attrs=_PLAIN),
        help_text="The id of the one that it follows.",
    )  # fmt: skip
    # The same form sent twice is one plan.
    plan_id = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Why it is revised",
        max_length=2_000,
        required=False,
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, plan: Plan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        choice = self.fields["account"]
        assert isinstance(choice, AccountChoice)
        choice.queryset = list_known_accounts()
        self.fields["plan_id"].initial = f"plan-{uuid4().hex[:12]}"
        for name in ("reason",) if plan is None else ("account", "plan_id"):
            del self.fields[name]
        if plan is not None and plan.conditions is not None and not _is_lines(plan.conditions):
            self.fields["conditions"].help_text = "As its maker sent them, in JSON."

    def clean_conditions(self) -> Any:
        """Lines, or JSON where they were no lines before."""
        text: str = self.cleaned_data["conditions"].strip()
        if text.startswith(("{", "[")):
            try:
                return json.loads(text, parse_float=str)
            except ValueError:
                raise ValidationError("This begins like JSON and is none.", code="json") from None
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        return lines or None

    def record(self) -> dict[str, Any]:
        """As the API takes it; what is empty is null."""
        said = self.cleaned_data
        record = {name: said[name] or None for name in (*_WORDS, "conditions", "recommendation_id")}
        record |= {name: said[name] for name in NUMBERS}
        until = said["expires_at"]
        record["expires_at"] = until.isoformat() if until else None
        account = said.get("account")
        if said.get("plan_id"):
            record["plan_id"] = said["plan_id"]
        if account is not None:
            record |= {"account": account.broker_id, "broker": account.broker}
        return record


def initial_of(plan: Plan) -> dict[str, Any]:
    values: dict[str, Any] = {name: getattr(plan, name) for name in (*_WORDS, "recommendation_id")}
    for name in NUMBERS:
        number = getattr(plan, name)
        values[name] = "" if number is None else f"{number:f}"
    values["expires_at"] = plan.expires_at
    values["conditions"] = as_text(plan.conditions)
    return values


def as_text(conditions: Any) -> str:
    if conditions is None:
        return ""
    if isinstance(conditions, str):
        return conditions
    if _is_lines(conditions):
        return "\n".join(conditions)
    return json.dumps(conditions, indent=1, ensure_ascii=False)


def _is_lines(conditions: Any) -> bool:
    return isinstance(conditions, list) and all(isinstance(one, str) for one in conditions)
