"""The form of an entry by hand: a fill, or a whole trade with its exit."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from journal.brokers.tastytrade.symbols import option_symbol
from journal.brokers.text.contracts import OptionName
from journal.brokers.text.futures import point_value, read_future
from journal.domain.values import AssetClass, Right, Side
from journal.forms.base import (
    CLOCK,
    AccountChoice,
    CurrencyField,
    FormIdField,
    NumberField,
    fault_of_clock,
)
from journal.models import BrokerAccount, Instrument
from journal.models.accounts import validate_zone
from journal.selectors.imports import list_known_accounts
from journal.services.entries import EnteredFill, Entry, words_of

KINDS = (
    ("stock", "Stock or fund"),
    ("option", "Option"),
    ("future", "Future"),
    ("crypto", "Coin"),
    ("forex", "Currency pair"),
)
# Of what anybody enters; zones cannot be counted through at the ends of the calendar.
_YEARS = range(1900, 9999)
_PLAIN = {"autocomplete": "off"}


def _moment(label: str, *, required: bool = True, help_text: str = "") -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=required,
        input_formats=CLOCK,
        help_text=help_text,
        widget=forms.DateTimeInput(
            format="%Y-%m-%dT%H:%M:%S", attrs={"type": "datetime-local", "step": "1"}
        ),
    )


class EntryForm(forms.Form):
    form_id = FormIdField()
    whole = forms.ChoiceField(
        label="What it is",
        choices=(("fill", "One fill"), ("trade", "A whole trade")),
        initial="fill",
        widget=forms.RadioSelect,
    )
    account = AccountChoice(
        label="Account",
        queryset=BrokerAccount.objects.none(),
        required=False,
        empty_label="A new account",
    )
    account_number = forms.CharField(
        label="Name of the new account",
        required=False,
        max_length=64,
        help_text="For accounts of which no statement is imported.",
        widget=forms.TextInput(attrs=_PLAIN),
    )
    symbol = forms.CharField(
        label="Symbol",
        max_length=64,
        help_text="Of an option the underlying; of a pair such as BTC/USD or EUR/USD both.",
        widget=forms.TextInput(
            attrs={**_PLAIN, "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    kind = forms.ChoiceField(
        label="Kind of contract", choices=KINDS, initial="stock", widget=forms.RadioSelect
    )
    currency = CurrencyField(help_text="Of the price. Empty: that of the account.")
    expiry_on = forms.DateField(
        label="Expiry",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    strike = NumberField(label="Strike", required=False)
    right = forms.ChoiceField(
        label="Right", required=False, choices=(("", "Choose"), ("call", "Call"), ("put", "Put"))
    )
    multiplier = NumberField(
        label="Money per point",
        required=False,
        help_text="Of an option, empty: 100. Of the common futures, empty: what it is.",
    )
    side = forms.ChoiceField(
        label="Side", choices=((Side.BUY.value, "Bought"), (Side.SELL.value, "Sold"))
    )
    quantity = NumberField(label="Quantity")
    price = NumberField(label="Price")
    at = _moment("Time")
    zone = forms.CharField(
        label="Zone of the time",
        max_length=64,
        validators=[validate_zone],
        widget=forms.TextInput(
            attrs={**_PLAIN, "list": "zones", "placeholder": "America/New_York"}
        ),
    )
    fee = NumberField(label="Fee", required=False, help_text="What it cost. Empty: not known.")
    exit_price = NumberField(label="Price of the exit", required=False)
    exit_at = _moment("Time of the exit", required=False)
    exit_fee = NumberField(label="Fee of the exit", required=False)
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=64,
        help_text="Kept with the entry.",
        widget=forms.TextInput(attrs=_PLAIN),
    )

    def __init__(
        self, *args: Any, now: datetime, known: Instrument | None = None, **kwargs: Any
    ) -> None:
        """`known`: the contract that was chosen, where one was."""
        super().__init__(*args, **kwargs)
        self._now, self._known = now, known
        choice = self.fields["account"]
        assert isinstance(choice, AccountChoice)
        choice.queryset = list_known_accounts()
        if known is not None:
            self.fields["symbol"].required = self.fields["kind"].required = False

    def clean_zone(self) -> str:
        return str(self.cleaned_data["zone"]).strip()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = self.cleaned_data
        if not said.get("account") and not said.get("account_number", "").strip():
            self.add_error("account_number", "Choose an account, or name a new one.")
        for name in ("quantity",):
            if said.get(name) == 0:
                self.add_error(name, "Write how much was dealt.")
        self._check_times(said)
        if self._known is None:
            said["currency"] = self._currency(said)
            self._check_contract(said)
        return said

    def _currency(self, said: dict[str, Any]) -> str:
        base, slash, quote = str(said.get("symbol", "")).partition("/")
        account = said.get("account")
        typed = said.get("currency") or (quote.upper() if slash and base else "")
        found = typed or (account.base_currency if account else "")
        if not found:
            self.add_error("currency", "Say in which currency the price is.")
        return found

    def _check_contract(self, said: dict[str, Any]) -> None:
        kind = said.get("kind")
        if kind == "option":
            for name in ("expiry_on", "strike", "right"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, "An option needs this.")
        elif kind == "future" and not said.get("multiplier"):
            said["multiplier"] = self._point_value(said)
            if not said["multiplier"]:
                self.add_error("multiplier", "Say how much money one point of the price is.")
        elif kind == "forex" and "/" not in str(said.get("symbol", "")):
            self.add_error("symbol", "Write both currencies, such as EUR/USD.")

    def _point_value(self, said: dict[str, Any]) -> Decimal | None:
        at = said.get("at")
        if at is None:
            return None
        named = read_future(str(said.get("symbol", "")), at.date())
        return point_value(named.root if named else str(said.get("symbol", "")).strip().upper())

    def _check_times(self, said: dict[str, Any]) -> None:
        zone = said.get("zone")
        if not zone or "zone" in self.errors:
            return
        for name in ("at", "exit_at"):
            if said.get(name) is not None:
                said[name] = self._in_zone(name, said[name], ZoneInfo(zone))
        if said.get("whole") != "trade":
            return
        for name in ("exit_price", "exit_at"):
            if said.get(name) is None and name not in self.errors:
                self.add_error(name, "A whole trade needs this.")
        if said.get("at") and said.get("exit_at") and said["exit_at"] < said["at"]:
            self.add_error("exit_at", "The exit is before the entry.")

    def _in_zone(self, name: str, typed: datetime, zone: ZoneInfo) -> datetime:
        # Django reads it in the zone of the installation; what was typed is the clock of the chosen one.
        at = typed.replace(tzinfo=zone)
        if wrong := fault_of_clock(at, _YEARS):
            self.add_error(name, wrong)
        elif at > self._now:
            self.add_error(name, "This time has not come yet.")
        return at

    # --- What it says -------------------------------------------------------------------------------------------

    def entry(self) -> Entry:
        said = self.cleaned_data
        account: BrokerAccount | None = said["account"]
        contract = (
            words_of(self._known, account.broker if account else "")
            if self._known
            else self._contract()
        )
        return Entry(
            account=account,
            account_number=said["account_number"],
            contract=contract,
            fills=self._fills(contract["currency"]),
            zone=said["zone"],
            note=said["note"].strip(),
            form_id=said.get("form_id", ""),
        )

    def _fills(self, currency: str) -> list[EnteredFill]:
        said = self.cleaned_data
        side = Side(said["side"])
        first = EnteredFill(
            side=side, quantity=said["quantity"], price=said["price"], executed_at=said["at"], fee=said["fee"],
            fee_currency=currency,
        )  # fmt: skip
        if said["whole"] != "trade":
            return [first]
        last = EnteredFill(
            side=Side.SELL if side is Side.BUY else Side.BUY, quantity=said["quantity"], price=said["exit_price"],
            executed_at=said["exit_at"], fee=said["exit_fee"], fee_currency=currency,
        )  # fmt: skip
        return [first, last]

    def _contract(self) -> dict[str, str]:
        said = self.cleaned_data
        symbol, kind = said["symbol"].strip(), said["kind"]
        words = {
            "asset_class": AssetClass(kind).value,
            "currency": said["currency"],
            "symbol": symbol,
        }
        multiplier = said.get("multiplier")
        if multiplier and kind in ("option", "future"):
            words["multiplier"] = f"{multiplier:f}"
        if kind == "option":
            right = Right(said["right"])
            name = OptionName(symbol.upper(), said["expiry_on"], said["strike"], right)
            words |= {
                "symbol": option_symbol(name.underlying, name.expiry_on, name.right, name.strike),
                "underlying": name.underlying,
                "expiry_on": f"{name.expiry_on}",
                "strike": f"{name.strike:f}",
                "right": right.value,
            }
        elif kind == "future":
            named = read_future(symbol, said["at"].date())
            words |= {"symbol": named.symbol, "underlying": named.root} if named else {}
        elif kind == "crypto":
            words["symbol"] = symbol.partition("/")[0]
        return words
