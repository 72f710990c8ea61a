"""What people may type, and how it is checked before a service sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError

from common.choices import enum_choices
from journal.brokers.fetching import Credential, Fetcher
from journal.brokers.registry import list_formats
from journal.domain.bars import interval_seconds
from journal.domain.values import LotMethod
from journal.models import BrokerAccount, Schedule
from journal.models.accounts import validate_zone
from journal.prices.base import Expected
from journal.selectors.imports import list_known_accounts
from journal.services.reasons import REASON_LENGTH_MAX

if TYPE_CHECKING:
    AccountBase = forms.ModelForm[BrokerAccount]
    AccountChoiceBase = forms.ModelChoiceField[BrokerAccount]
else:
    AccountBase, AccountChoiceBase = forms.ModelForm, forms.ModelChoiceField

FILE_DECIDES = "The file decides"
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


class ExpectationForm(forms.Form):
    """What a file is expected to be: of which reader, whose it is, and how its dates and times read."""

    format = forms.ChoiceField(
        label="Format", required=False, help_text="Open: found by what the file holds."
    )
    account = AccountChoice(
        label="Account",
        queryset=BrokerAccount.objects.none(),
        required=False,
        empty_label=FILE_DECIDES,
        help_text="A file of another account is refused.",
    )
    account_number = forms.CharField(
        label="Or a new account",
        required=False,
        max_length=64,
        help_text="Its number, for files that name none.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    zone = forms.CharField(
        label="Zone of its times",
        required=False,
        max_length=64,
        validators=[validate_zone],
        help_text="Only for times that state none. Empty: that of the account.",
        widget=forms.TextInput(
            attrs={"list": "zones", "placeholder": "America/New_York", "autocomplete": "off"}
        ),
    )
    day_first = day_first_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice, format_ = self.fields["account"], self.fields["format"]
        assert isinstance(choice, AccountChoice)
        assert isinstance(format_, forms.ChoiceField)
        choice.queryset = list_known_accounts()
        format_.choices = [("", FILE_DECIDES), *list_formats()]

    def expectation(self) -> dict[str, Any]:
        """The fields of `services.imports.Expectation`."""
        names = ("account", "account_number", "zone", "day_first")
        values = {name: self.cleaned_data[name] for name in names}
        return {**values, "format": self.cleaned_data["format"] or "auto"}


class TableOwnerForm(ExpectationForm):
    """Whose a table is that names no account."""

    broker = forms.SlugField(
        label="At which broker",
        required=False,
        max_length=32,
        help_text="Of a new account: a short word, such as fidelity.",
        widget=forms.TextInput(attrs={"placeholder": "manual", "autocomplete": "off"}),
    )

    field_order = ["account", "account_number", "broker"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("format", "zone", "day_first"):
            del self.fields[name]
        choice = self.fields["account"]
        assert isinstance(choice, AccountChoice)
        choice.empty_label = "A new account"
        choice.help_text = ""
        self.fields["account_number"].label = "Number of the new account"
        self.fields[
            "account_number"
        ].help_text = "Any number or name that tells it from the others."

    @property
    def names_somebody(self) -> bool:
        return bool(self.cleaned_data["account"] or self.cleaned_data["account_number"].strip())


class UploadForm(ExpectationForm):
    # An empty one is refused by the import, by name: it may be one of several.
    file = forms.FileField(
        label="File", allow_empty_file=True, error_messages={"required": "Choose a file first."}
    )


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
        widget=forms.TextInput(
            attrs={"list": "zones", "placeholder": "America/New_York", "autocomplete": "off"}
        ),
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


class PasteForm(forms.Form):
    rows = forms.CharField(
        label="Rows with their header",
        strip=False,
        max_length=5_000_000,
        error_messages={"required": "Paste some rows first."},
        help_text="Copied from a spreadsheet, a web page or a CSV. Recognised like a file; nothing is imported before "
        "you have seen it.",
        widget=forms.Textarea(
            attrs={
                "rows": 6,
                "class": "paste",
                "spellcheck": "false",
                "autocomplete": "off",
                "placeholder": "Date\tSymbol\tSide\tQuantity\tPrice",
            }
        ),
    )


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
            "statement_zone": "For times in files that state no zone. Empty: what the format says. Counts for files "
            "that are imported from now on.",
            "lot_method": "Which open lot a closing fill closes.",
            "is_hedging": "Long and short positions in one instrument stand side by side.",
        }
        widgets = {
            "zone": forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
            "statement_zone": forms.TextInput(
                attrs={"list": "zones", "placeholder": "America/New_York", "autocomplete": "off"}
            ),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lot_method"] = forms.ChoiceField(
            label="Lots are matched",
            choices=lot_method_choices(),
            help_text=self.fields["lot_method"].help_text,
        )

    def clean_base_currency(self) -> str:
        code: str = self.cleaned_data["base_currency"].strip().upper()
        if code and not (code.isalnum() and 3 <= len(code) <= 12):
            raise ValidationError("Write a currency code such as USD or EUR.", code="currency")
        return code

    def _post_clean(self) -> None:
        """The service writes; the instance stays as it is until then."""


class AccountSettingsForm(AccountForm):
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


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=255, required=False)


class CredentialsForm(forms.Form):
    """What a fetcher asks for. Secrets go in and never come out: left empty they stay as they are stored."""

    def __init__(
        self,
        fetcher: Fetcher,
        *args: Any,
        stored: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored = stored or {}
        for one in fetcher.credentials:
            self.fields[f"login_{one.name}"] = self._field(one)

    def _field(self, one: Credential) -> forms.Field:
        is_kept = one.is_secret and one.name in self.stored
        help_text = "Stored. Empty: stays as it is." if is_kept else one.help
        common: dict[str, Any] = {
            "label": one.label,
            "required": one.is_required and not is_kept,
            "help_text": help_text,
            "initial": "" if one.is_secret else self.stored.get(one.name, ""),
        }
        if one.choices:
            choices = one.choices if one.is_required else (("", "–"), *one.choices)
            return forms.ChoiceField(choices=choices, **common)
        attrs = {"autocomplete": "off", "spellcheck": "false"}
        if one.is_secret:
            # No browser is to offer a person's password here, nor to keep this.
            attrs["autocomplete"] = "new-password"
            return forms.CharField(
                max_length=4000, widget=forms.PasswordInput(attrs=attrs), **common
            )
        return forms.CharField(max_length=4000, widget=forms.TextInput(attrs=attrs), **common)

    def values(self) -> dict[str, str]:
        """By the fetcher's names; what was left empty as it is stored."""
        given = {
            name.removeprefix("login_"): str(value)
            for name, value in self.cleaned_data.items()
            if value
        }
        return {**{name: self.stored[name] for name in self.stored if name not in given}, **given}


class ConnectionForm(forms.Form):
    """When a broker is asked, how far back, and for which accounts."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )
    schedule = forms.ChoiceField(label="Pulled", choices=Schedule.choices)
    pull_at_minutes = RolloverField(
        label="At", required=False, help_text="Where it is pulled once a day."
    )
    zone = forms.CharField(
        label="In the zone",
        max_length=64,
        validators=[validate_zone],
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )
    account_numbers = forms.CharField(
        label="Accounts",
        required=False,
        help_text="Numbers with commas between. Empty: all that the broker tells of.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    history_from = forms.DateField(
        label="History from",
        required=False,
        help_text="Empty: as far back as the broker tells.",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def clean_account_numbers(self) -> list[str]:
        text: str = self.cleaned_data["account_numbers"]
        numbers = [number.strip() for number in text.split(",") if number.strip()]
        if any(len(number) > 64 for number in numbers):
            raise ValidationError("A number has at most 64 characters.", code="number")
        return list(dict.fromkeys(numbers))


class BridgeForm(forms.Form):
    """A terminal that a bridge pushes from."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )
    zone = forms.CharField(
        label="Zone of the trading server",
        max_length=64,
        validators=[validate_zone],
        help_text="Most servers run on EET with US daylight saving. Prices tell whether it is right: where they "
        "contradict it, nothing is imported.",
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off"}),
    )


class LiveForm(forms.Form):
    """A service that listens to the broker's program. All else is told to it when it is started."""

    name = forms.CharField(
        label="Name", max_length=120, required=False, help_text="What you call it."
    )


class AskForm(forms.Form):
    days_back = forms.IntegerField(min_value=1, max_value=36_500, required=False)
