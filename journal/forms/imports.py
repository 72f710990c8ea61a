"""Files and pasted rows, and what they do not say of themselves."""

from __future__ import annotations

from typing import Any

from django import forms

from journal.brokers.registry import list_formats
from journal.forms.base import FILE_DECIDES, AccountChoice, day_first_field, zone_input
from journal.models import BrokerAccount
from journal.models.accounts import validate_zone
from journal.selectors.imports import list_known_accounts


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
        widget=zone_input("America/New_York"),
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
