"""Accounts: a new one, and how an account counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError

from common.choices import enum_choices
from journal.domain.values import LotMethod
from journal.forms.base import RolloverField, zone_input
from journal.models import BrokerAccount
from journal.services.reasons import REASON_LENGTH_MAX

if TYPE_CHECKING:
    AccountBase = forms.ModelForm[BrokerAccount]
else:
    AccountBase = forms.ModelForm


LOT_METHODS = {
    LotMethod.FIFO: "First in, first out",
    LotMethod.LIFO: "Last in, first out",
    LotMethod.HIFO: "Highest cost first",
    LotMethod.AVERAGE: "Average cost",
    LotMethod.BROKER: "As the broker states it",
}


def lot_method_choices() -> list[tuple[str, str]]:
    return [
        (value, LOT_METHODS.get(LotMethod(value), label))
        for value, label in enum_choices(LotMethod)
    ]


class AccountForm(AccountBase):
    day_rollover_minutes = RolloverField(
        label="A new trading day starts at",
        required=False,
        help_text="In the zone of the trading day. Futures and FX often roll over at 17:00.",
    )

    class Meta:
        model = BrokerAccount
        fields: tuple[str, ...] = (
            "name", "base_currency", "zone", "day_rollover_minutes", "statement_zone",
            "lot_method", "is_hedging",
        )  # fmt: skip
        labels = {
            "name": "Name",
            "base_currency": "Base currency",
            "zone": "Zone of the trading day",
            "statement_zone": "Zone of its statements",
            "lot_method": "Lots are matched",
            "is_hedging": "Hedging account",
        }
        help_texts = {
            "name": "What you call it. Empty: the account number.",
            "base_currency": "The currency that totals are converted to.",
            "zone": "Empty: that of the broker; of one that no reader knows, what its tables say.",
            "statement_zone": "For times in files that state no zone. Empty: what the format says. Counts for files "
            "that are imported from now on.",
            "lot_method": "Which open lot a closing fill closes.",
            "is_hedging": "Long and short positions in one instrument stand side by side.",
        }
        widgets = {
            "zone": zone_input(),
            "statement_zone": zone_input("America/New_York"),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["zone"].required = False
        account = self.instance
        hedging = "yes" if account.is_hedging else "no"
        self._offer("lot_method", lot_method_choices(), account.lot_method)
        self._offer("is_hedging", [("yes", "Yes"), ("no", "No")], hedging)

    def _offer(self, name: str, choices: list[tuple[str, str]], now: str) -> None:
        """The choices, before them that of none, with what it comes to for an account that is there."""
        is_there = self.instance.pk is not None
        as_stated = "As its statements say"
        if is_there and name not in self.instance.chosen:
            as_stated += f" (now: {dict(choices)[now].lower()})"
        field = self.fields[name]
        self.fields[name] = forms.ChoiceField(
            label=field.label,
            choices=[("", as_stated), *choices],
            help_text=field.help_text,
            required=False,
        )
        self.initial[name] = now if is_there and name in self.instance.chosen else ""

    def clean_is_hedging(self) -> bool | None:
        return {"yes": True, "no": False}.get(self.cleaned_data["is_hedging"])

    def clean_base_currency(self) -> str:
        code: str = self.cleaned_data["base_currency"].strip().upper()
        if code and not (code.isalnum() and 3 <= len(code) <= 12):
            raise ValidationError("Write a currency code such as USD or EUR.", code="currency")
        return code

    def _post_clean(self) -> None:
        """The service writes; the instance stays as it is until then."""


class AccountSettingsForm(AccountForm):
    @property
    def changes(self) -> dict[str, Any]:
        """What was left as it is, nobody chose."""
        return {name: self.cleaned_data[name] for name in self.changed_data}

    reason = forms.CharField(
        label="Why the book changes",
        max_length=REASON_LENGTH_MAX,
        required=False,
        help_text="Needed where the book is derived anew. Kept with the change in the audit trail.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class NewAccountForm(AccountForm):
    broker = forms.SlugField(
        label="Broker",
        max_length=32,
        initial="manual",
        help_text="A short word: ibkr for Interactive Brokers, so that later imports find the account.",
    )
    broker_id = forms.CharField(label="Account number", max_length=64)

    field_order = ["broker", "broker_id", "name", "base_currency"]

    class Meta(AccountForm.Meta):
        fields: tuple[str, ...] = (
            "name",
            "base_currency",
            "zone",
            "day_rollover_minutes",
            "lot_method",
            "is_hedging",
        )
