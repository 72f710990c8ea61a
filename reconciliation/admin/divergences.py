"""Differences and every step of their lives, to look at: they are settled on their pages."""

from __future__ import annotations

from django.contrib import admin

from reconciliation.admin.base import Linked, OfAccount
from reconciliation.models import Divergence, DivergenceStep


@admin.register(Divergence)
class DivergenceAdmin(Linked):
    page = "reconciliation:divergence"
    list_display = (
        "id", "workspace", "account", "kind", "symbol", "severity", "state", "first_seen_at", "last_seen_at",
        "resolution", "on_page",
    )  # fmt: skip
    list_filter = ("state", "severity", "kind")
    search_fields = ("=symbol", "=account__broker_id", "key")


@admin.register(DivergenceStep)
class DivergenceStepAdmin(OfAccount):
    list_display = (
        "id", "created_at", "workspace", "account", "divergence_id", "from_state", "to_state", "actor", "reason",
    )  # fmt: skip
    search_fields = ("=divergence__id", "actor", "reason")
