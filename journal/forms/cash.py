"""The form of a movement of cash that is entered by hand."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError

from common.errors import Rejected
from journal.brokers.text.faults import BadNumber
from journal.brokers.text.numbers import decimal_point, read_number
from journal.forms.base import CLOCK, AccountChoice, CurrencyField, FormIdField, fault_of_clock
from journal.models import BrokerAccount
from journal.selectors.imports import list_known_accounts
from journal.services.cash_entries import CashEntry, Movement, kind_of

_YEARS = range(1970, 2200)
_DIGITS_BEFORE, _DIGITS_BEHIND = 21, 28
_PLAIN = {"autocomplete": "off"}


class CashForm(forms.Form):
    form_id = FormIdField()
    account = AccountChoice(label="Account", queryset=BrokerAccount.objects.none())
    movement = forms.ChoiceField(
        label="What it was",
        choices=[("", "Choose"), *((str(one), one.capitalize()) for one in Movement)],
    )
    way = forms.ChoiceField(
        label="Which way",
        choices=(("in", "Reached the account"), ("out", "Left the account")),
        widget=forms.RadioSelect,
    )
    amount = forms.CharField(
        label="Amount", max_length=64, widget=forms.TextInput(attrs={**_PLAIN, "inputmode": "decimal"})
    )  # fmt: skip
    currency = CurrencyField(help_text="Empty: that of the account.")
    at = forms.DateTimeField(
        label="Time",
        input_formats=CLOCK,
        help_text="By the clock of the account.",
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=500,
        help_text="Kept with it: where you know it from.",
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["account"]
        assert isinstance(choice, AccountChoice)
        choice.queryset = list_known_accounts()

    def clean_amount(self) -> Decimal:
        text = str(self.cleaned_data["amount"])
        point = decimal_point([text])
        if point is None and "," in text:
            raise ValidationError(
                "It can be read in two ways. Write it without separators of thousands, such as 1234.5."
            )
        try:
            number = read_number(text, point or ".")
        except BadNumber:
            number = None
        if number is None or number <= 0:
            raise ValidationError("Write a number above zero, such as 12.50.")
        if number.adjusted() >= _DIGITS_BEFORE or -int(number.as_tuple().exponent) > _DIGITS_BEHIND:
            raise ValidationError("Nobody moves that much. Write a number such as 12.50.")
        return number

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = self.cleaned_data
        account = said.get("account")
        if account is not None and said.get("at") is not None:
            said["at"] = self._in_zone(said["at"], ZoneInfo(account.zone))
        if account is not None and "currency" in said:
            said["currency"] = said["currency"] or account.base_currency
            if not said["currency"]:
                self.add_error("currency", "Say in which currency it was.")
        if said.get("movement") and said.get("way") and said.get("amount"):
            said["signed"] = said["amount"] if said["way"] == "in" else -said["amount"]
            said["movement"] = Movement(said["movement"])
            try:
                kind_of(said["movement"], said["signed"])
            except Rejected as refused:
                self.add_error("way", refused.message)
        return said

    def _in_zone(self, typed: datetime, zone: ZoneInfo) -> datetime:
        # Django reads it in the zone of the installation; what was typed is the clock of the account.
        at = typed.replace(tzinfo=zone)
        if wrong := fault_of_clock(at, _YEARS):
            self.add_error("at", wrong)
        return at

    def entry(self) -> CashEntry:
        said = self.cleaned_data
        return CashEntry(
            account=said["account"], movement=said["movement"], amount=said["signed"], currency=said["currency"],
            occurred_at=said["at"], reason=said["reason"], form_id=said["form_id"],
        )  # fmt: skip
