"""Runs, snapshots, worth over time, the log, and the audit trail of this app: append-only, to look at."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin
from pghistory.models import Event

from journal.admin.audit import EventAdmin
from journal.admin.base import LookOnly
from reconciliation.admin.base import OfAccount
from reconciliation.models import (
    AccountWorth,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRules,
    ReconciliationRun,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
)


@admin.register(ReconciliationRun)
class RunAdmin(OfAccount):
    list_display = (
        "id", "began_at", "workspace", "account", "outcome", "found", "opened", "cleared", "source", "took",
        "error_code",
    )  # fmt: skip
    list_filter = ("outcome", "source")
    search_fields = ("=account__broker_id", "error_code")


@admin.register(Snapshot)
class SnapshotAdmin(OfAccount):
    list_display = (
        "id", "as_of", "workspace", "account", "heard", "lacking", "equity", "balance", "currency", "is_doubted",
        "took",
    )  # fmt: skip
    list_filter = ("heard", "is_doubted")
    search_fields = ("=account__broker_id",)


@admin.register(SnapshotPosition)
class SnapshotPositionAdmin(LookOnly):
    list_display = (
        "snapshot_id", "account_id", "symbol", "ticket", "signed_quantity", "average_price", "price", "open_pnl",
    )  # fmt: skip
    search_fields = ("=snapshot__id", "=symbol")


@admin.register(SnapshotOrder)
class SnapshotOrderAdmin(LookOnly):
    list_display = (
        "snapshot_id", "account_id", "symbol", "order_id", "side", "quantity", "limit_price", "stop_price", "placed_at",
    )  # fmt: skip
    search_fields = ("=snapshot__id", "=symbol", "=order_id")


@admin.register(PositionSnapshot)
class PositionSnapshotAdmin(OfAccount):
    list_display = (
        "id", "created_at", "workspace", "account", "equity", "peak_equity", "drawdown_percent", "position_count",
        "currency", "error",
    )  # fmt: skip
    search_fields = ("=account__broker_id", "error")


@admin.register(AccountWorth)
class AccountWorthAdmin(LookOnly):
    list_display = (
        "account",
        "workspace",
        "at",
        "equity",
        "unit",
        "unit_peak",
        "is_known",
        "heard_at",
    )
    list_select_related = ("workspace", "account")


@admin.register(ReconciliationLog)
class LogAdmin(OfAccount):
    list_display = (
        "id", "created_at", "workspace", "account", "event", "status", "symbol", "divergence_reason", "close_reason",
        "message",
    )  # fmt: skip
    list_filter = ("event", "status")
    search_fields = ("=symbol", "=account__broker_id", "message")


@admin.register(ReconciliationRules)
class RulesAdmin(LookOnly):
    """Set by the owner of the workspace, on its own page."""

    list_display = ("workspace", "four_eyes", "resolves_by_rule")
    list_select_related = ("workspace",)


for model in apps.get_app_config("reconciliation").get_models():
    if issubclass(model, Event):
        admin.site.register(model, EventAdmin)
