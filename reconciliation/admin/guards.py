"""Guards, what they saw and did, locks and closings, to look at: they are changed on their pages, with two people or
time."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from reconciliation.admin.base import Linked, OfAccount
from reconciliation.models import (
    CloseIntent,
    CloseStep,
    DrawdownAlert,
    Guard,
    GuardFiring,
    GuardSample,
    GuardVersion,
    TradingLock,
)


@admin.register(Guard)
class GuardAdmin(Linked):
    page = "reconciliation:guard"
    list_display = (
        "id", "workspace", "account", "name", "kind", "preset", "state", "armed_at", "seen_at", "removed_at", "on_page",
    )  # fmt: skip
    list_filter = ("kind", "state")
    search_fields = ("name", "=account__broker_id")


@admin.register(GuardVersion)
class GuardVersionAdmin(LookOnly):
    list_display = (
        "id", "workspace", "guard", "number", "state", "loosens", "asked_by", "asked_at", "applies_at", "decided_by",
        "decided_at", "reason",
    )  # fmt: skip
    list_select_related = ("workspace", "guard", "asked_by", "decided_by")
    list_filter = ("state",)


@admin.register(GuardSample)
class GuardSampleAdmin(LookOnly):
    list_display = (
        "id",
        "at",
        "workspace",
        "guard",
        "value",
        "floor",
        "used",
        "state",
        "steps",
        "doubt",
    )
    list_select_related = ("workspace", "guard")
    search_fields = ("=guard__id",)


@admin.register(GuardFiring)
class GuardFiringAdmin(OfAccount):
    list_display = (
        "id",
        "fired_at",
        "workspace",
        "account",
        "guard",
        "outcome",
        "ended_at",
        "is_drill",
    )
    list_select_related = ("workspace", "account", "guard")
    list_filter = ("outcome", "is_drill")


@admin.register(DrawdownAlert)
class DrawdownAlertAdmin(OfAccount):
    list_display = (
        "id", "created_at", "workspace", "account", "alert_type", "drawdown_percent", "threshold_percent",
        "action_taken", "total_loss",
    )  # fmt: skip
    list_filter = ("alert_type", "action_taken")


@admin.register(TradingLock)
class TradingLockAdmin(OfAccount):
    list_display = (
        "id", "began_at", "workspace", "account", "symbol", "reason", "until", "lifted_at", "lifted_by",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "lifted_by")


@admin.register(CloseIntent)
class CloseIntentAdmin(OfAccount):
    list_display = (
        "id", "began_at", "workspace", "account", "symbol", "started_quantity", "phase", "why", "ended_at",
        "escalated_at",
    )  # fmt: skip
    list_filter = ("phase",)
    search_fields = ("=symbol", "=key")


@admin.register(CloseStep)
class CloseStepAdmin(OfAccount):
    list_display = (
        "id", "created_at", "workspace", "account", "intent_id", "action", "client_id", "quantity", "fence",
    )  # fmt: skip
    search_fields = ("=intent__id", "=client_id")
