"""What a person decides about accounts and instruments, each change with its reason."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from common.queue import enqueue
from journal import tasks
from journal.admin.base import ChangeOnly
from journal.models import BrokerAccount, Instrument
from journal.services.accounts import change_account
from journal.services.contracts import change_instrument


@admin.register(BrokerAccount)
class BrokerAccountAdmin(ChangeOnly):
    """A change of what the book is computed from books the account anew."""

    list_display = (
        "broker_id", "name", "workspace", "broker", "base_currency", "zone", "lot_method",
        "rebook_asked_at", "archived_at",
    )  # fmt: skip
    list_select_related = ("workspace",)
    list_filter = ("broker", "lot_method")
    search_fields = ("broker_id", "name", "workspace__name")
    fields = (
        "workspace", "broker", "broker_id", "name", "base_currency", "zone", "statement_zone",
        "day_rollover_minutes", "lot_method", "is_hedging", "chosen", "reason",
    )  # fmt: skip
    readonly_fields = ("workspace", "broker", "broker_id", "chosen")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # What was left as it is, nobody chose.
        values = {name: form.cleaned_data[name] for name in form.changed_data}
        reason = values.pop("reason")
        account = BrokerAccount.objects.get(pk=obj.pk)
        if change_account(account, reason=reason, **values):
            enqueue(tasks.rebook_account, account.pk)


@admin.register(Instrument)
class InstrumentAdmin(ChangeOnly):
    """A change of the contract books every account that has traded it anew."""

    list_display = (
        "symbol", "workspace", "asset_class", "currency", "multiplier", "expiry_on", "strike",
        "right", "exchange",
    )  # fmt: skip
    list_select_related = ("workspace",)
    list_filter = ("asset_class", "currency")
    search_fields = ("symbol", "underlying_symbol", "=isin", "workspace__name")
    fields = (
        "workspace", "key", "symbol", "description", "asset_class", "currency", "multiplier",
        "tick_size", "is_inverse", "reason",
    )  # fmt: skip
    readonly_fields = ("workspace", "key", "symbol")
    show_full_result_count = False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        values = dict(form.cleaned_data)
        reason = values.pop("reason")
        instrument = Instrument.objects.get(pk=obj.pk)
        for account_id in change_instrument(instrument, reason=reason, **values):
            enqueue(tasks.rebook_account, account_id)
