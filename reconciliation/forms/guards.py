"""How a guard is set, field by field, each with what it means."""

from __future__ import annotations

from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django import forms
from django.core.exceptions import ValidationError

from journal.domain.values import TradingDay
from journal.models import BrokerAccount
from reconciliation.domain import guard_words as words
from reconciliation.domain.guard_help import FIELDS_HELP
from reconciliation.domain.guards.changes import (
    AnyVersion,
    ConductVersion,
    MarketVersion,
    Version,
)
from reconciliation.domain.guards.conduct import Rule, Watch
from reconciliation.domain.guards.limits import Basis, FlowRule, Limit, Measure, Reference
from reconciliation.domain.guards.machine import Blindness, Settings
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.domain.guards.presets import Scope
from reconciliation.forms.guard_values import initial_of
from reconciliation.models import GuardKind

_HUNDRED = Decimal(100)


def _number(label: str, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(label=label, max_digits=24, decimal_places=8, **more)


def _choices(names: dict[str, str]) -> list[tuple[str, str]]:
    return [(value, text[0].upper() + text[1:]) for value, text in names.items()]


class GuardForm(forms.Form):
    """What all kinds share. `version()` is what was filled in; an account is chosen only when a guard is made."""

    kind: GuardKind
    name = forms.CharField(max_length=80, strip=True, help_text="By which you know it.")
    account: forms.Field = forms.ModelChoiceField(
        queryset=BrokerAccount.objects.none(),
        required=False,
        empty_label="All accounts together",
        help_text="All together: the sum of all accounts in the workspace’s currency, and unknown as soon as one is.",
    )
    reason = forms.CharField(
        max_length=2000,
        required=False,
        strip=True,
        label="Why",
    )

    def __init__(self, *args: Any, begin: AnyVersion, accounts: Any = None, **kwargs: Any) -> None:
        """`begin` is what the form shows first; what it does not ask for stays as it is there."""
        kwargs["initial"] = {**initial_of(begin), **kwargs.get("initial", {})}
        super().__init__(*args, **kwargs)
        self.begin = begin
        for name, field in self.fields.items():
            field.help_text = field.help_text or FIELDS_HELP.get(name, "")
        if accounts is None:
            del self.fields["account"]
        else:
            self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
            del self.fields["reason"]

    def version(self, *, is_armed: bool) -> AnyVersion:
        raise NotImplementedError


class LimitForm(GuardForm):
    kind = GuardKind.LIMIT
    measured = forms.ChoiceField(label="What is measured", choices=_choices(words.BASES))
    reference = forms.ChoiceField(
        label="The loss is counted from", choices=_choices(words.REFERENCES)
    )
    measure = forms.ChoiceField(label="The limit is in", choices=_choices(words.MEASURES))
    amount = _number("May be lost", min_value=Decimal("0.0001"))
    marked_by = forms.ChoiceField(label="The mark is taken of", choices=_choices(words.BASES))
    flow_rule = forms.ChoiceField(label="Deposits and withdrawals", choices=_choices(words.FLOWS))
    locks_at = _number("The floor stops rising at", required=False)
    initial_worth = _number("The account began with", required=False, min_value=0)
    closes = forms.BooleanField(label="Close all positions on a breach", required=False)
    scope = forms.ChoiceField(label="New trades stay locked for", choices=_choices(words.SCOPES))
    tiers = forms.CharField(label="Warn at, per cent of the allowance")
    confirmations = forms.IntegerField(
        label="Readings that confirm a breach", min_value=1, max_value=100
    )
    confirm_for = forms.IntegerField(label="Over seconds", min_value=0, max_value=86_400)
    hard = _number("Fire at once at, times the allowance", min_value=1, max_value=100)
    silence = _number("Silence is told after minutes", min_value=Decimal("0.5"))
    blindness = forms.ChoiceField(
        label="When nothing is heard for ten times as long", choices=_choices(words.BLINDNESS)
    )
    zone = forms.CharField(
        label="Zone of its day",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    resets_at = forms.TimeField(
        label="Its day begins at", widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"})
    )

    # How a page groups them.
    GROUPS = (
        ("The limit", ("name", "account", "measured", "reference", "measure", "amount")),
        ("On a breach", ("closes", "scope")),
        ("Warnings and proof", ("tiers", "confirmations", "confirm_for", "hard")),
        ("When the broker is not heard", ("silence", "blindness")),
        ("Details of the rule", ("marked_by", "flow_rule", "locks_at", "initial_worth", "zone", "resets_at")),
    )  # fmt: skip

    def clean_tiers(self) -> tuple[Decimal, ...]:
        parts = [part.strip() for part in self.cleaned_data["tiers"].replace(";", ",").split(",")]
        try:
            tiers = tuple(Decimal(part) / _HUNDRED for part in parts if part)
        except ArithmeticError:
            raise ValidationError("Write per cents with commas: 40, 70, 90.") from None
        if not all(tier.is_finite() and 0 < tier < 1 for tier in tiers):
            raise ValidationError("Each is above 0 and below 100.")
        if list(tiers) != sorted(set(tiers)):
            raise ValidationError(
                "Write them from the lowest to the highest, each once: 40, 70, 90."
            )
        return tiers

    def clean_zone(self) -> str:
        name = str(self.cleaned_data["zone"])
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValidationError(
                "That is not a time zone. Use a name like Europe/Prague."
            ) from None
        return name

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or self.cleaned_data
        amount, measure = found.get("amount"), found.get("measure")
        if amount is not None and measure != Measure.MONEY and amount > _HUNDRED:
            self.add_error("amount", "More than 100% cannot be lost.")
        return found

    def version(self, *, is_armed: bool) -> Version:
        data = self.cleaned_data
        measure = Measure(data["measure"])
        limit = Limit(
            Basis(data["measured"]),
            Reference(data["reference"]),
            data["amount"] if measure is Measure.MONEY else data["amount"] / _HUNDRED,
            measure,
            Basis(data["marked_by"]),
            FlowRule(data["flow_rule"]),
            data["locks_at"],
        )
        known = self.begin.settings if isinstance(self.begin, Version) else Settings()
        settings = known._replace(
            tiers=data["tiers"],
            confirmations=data["confirmations"],
            confirm_for=timedelta(seconds=data["confirm_for"]),
            hard=data["hard"],
            silence=timedelta(minutes=float(data["silence"])),
            blindness=Blindness(data["blindness"]),
        )
        begins: time = data["resets_at"]
        day = TradingDay(data["zone"], begins.hour * 60 + begins.minute)
        scope = Scope(data["scope"])
        return Version(limit, settings, scope, data["closes"], is_armed, day, data["initial_worth"])


class ConductForm(GuardForm):
    kind = GuardKind.CONDUCT
    watch = forms.ChoiceField(label="It counts", choices=_choices(words.WATCHES))
    number = forms.IntegerField(label="How many are too many", min_value=1, max_value=10_000)
    within_hours = _number("Within hours", min_value=Decimal("0.1"))
    pause_hours = _number("Then nothing new for hours", min_value=0)
    by_symbol = forms.BooleanField(label="In each market by itself", required=False)
    at_least = _number("A market brings at least")
    GROUPS = (
        ("What it watches", ("name", "account", "watch", "number", "within_hours", "at_least")),
        ("What follows", ("pause_hours", "by_symbol")),
    )

    def version(self, *, is_armed: bool) -> ConductVersion:
        data = self.cleaned_data
        rule = Rule(
            Watch(data["watch"]),
            data["number"],
            timedelta(hours=float(data["within_hours"])),
            timedelta(hours=float(data["pause_hours"])),
            data["by_symbol"],
            data["at_least"],
        )
        return ConductVersion(rule, is_armed)


class MarketForm(GuardForm):
    kind = GuardKind.MARKET
    age_seconds = forms.IntegerField(
        label="A price is trusted for seconds", min_value=1, max_value=86_400
    )
    gap = _number("A jump, times the usual range", min_value=1)
    spread = _number("Wide spread, times the usual", min_value=1)
    size = _number("Tradable at least", required=False, min_value=0)
    blocks = forms.BooleanField(label="Block new trades meanwhile", required=False)
    GROUPS = (
        ("When a market cannot be trusted", ("name", "account", "age_seconds", "gap", "spread", "size")),
        ("What follows", ("blocks",)),
    )  # fmt: skip

    def version(self, *, is_armed: bool) -> MarketVersion:
        data = self.cleaned_data
        known = self.begin.limits if isinstance(self.begin, MarketVersion) else MarketLimits()
        limits = known._replace(
            age=timedelta(seconds=data["age_seconds"]),
            gap=data["gap"],
            spread=data["spread"],
            size=data["size"],
        )
        return MarketVersion(limits, data["blocks"], is_armed)


FORMS: dict[str, type[LimitForm | ConductForm | MarketForm]] = {
    GuardKind.LIMIT: LimitForm,
    GuardKind.CONDUCT: ConductForm,
    GuardKind.MARKET: MarketForm,
}
