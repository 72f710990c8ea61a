"""The chain from idea to outcome: what was planned, and what follows from orders, fills and people's words."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from journal.models import (
    ConfirmedLink,
    LegGrouping,
    NamedFill,
    Plan,
    RecommendationStanding,
    Structure,
    TradeChain,
)


@admin.register(Plan)
class PlanAdmin(LookOnly):
    list_display = (
        "id",
        "workspace",
        "account",
        "plan_id",
        "symbol",
        "side",
        "status",
        "profit_loss",
    )
    list_select_related = ("workspace", "account")
    list_filter = ("status",)
    search_fields = ("=plan_id", "=symbol")


@admin.register(Structure)
class StructureAdmin(LookOnly):
    list_display = (
        "id",
        "workspace",
        "account",
        "name",
        "units",
        "net_premium",
        "risk",
        "joined_by",
    )
    list_select_related = ("workspace", "account")
    list_filter = ("kind", "was_rolled")


@admin.register(TradeChain)
class TradeChainAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "plan", "recommendation_id", "close_reason")
    list_select_related = ("workspace", "account", "plan")
    list_filter = ("close_reason",)
    search_fields = ("=recommendation_id",)


@admin.register(NamedFill)
class NamedFillAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "key", "plan_id", "recommendation_id")
    list_select_related = ("workspace", "account")
    search_fields = ("=plan_id", "=recommendation_id")


@admin.register(RecommendationStanding)
class RecommendationStandingAdmin(LookOnly):
    list_display = (
        "recommendation",
        "workspace",
        "account",
        "status",
        "decided_at",
        "decided_by",
        "trade_id",
    )
    list_select_related = ("workspace", "account", "recommendation")
    list_filter = ("status",)
    search_fields = ("=recommendation__record_id",)


@admin.register(LegGrouping, ConfirmedLink)
class WordAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "fill_key", "trade_id", "author", "created_at")
    list_select_related = ("workspace", "account", "author")
