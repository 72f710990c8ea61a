"""The book: derived rows, rebuilt from the evidence at any time."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from journal.models import (
    DataIssue,
    DayRollup,
    Execution,
    IssueDismissal,
    JoinedFill,
    Leg,
    LotMatch,
    OpenLot,
    Order,
    SliceRollup,
    Tag,
    Trade,
    TradeNote,
    TradeTag,
)


@admin.register(Execution)
class ExecutionAdmin(LookOnly):
    list_display = (
        "id", "workspace", "account", "instrument", "side", "quantity", "price", "executed_at",
        "gross_pnl", "net_pnl",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "instrument")
    list_filter = ("kind", "source")
    search_fields = ("=fill_key", "=broker_id", "=order_id")


@admin.register(JoinedFill)
class JoinedFillAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "instrument", "key", "fill_key")
    list_select_related = ("workspace", "account", "instrument")
    search_fields = ("=key", "=fill_key")


@admin.register(Order)
class OrderAdmin(LookOnly):
    list_display = (
        "id", "workspace", "account", "instrument", "client_order_id", "order_id", "role", "status", "source",
        "last_at",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "instrument")
    list_filter = ("status", "role", "source")
    search_fields = ("=client_order_id", "=order_id")


@admin.register(Trade)
class TradeAdmin(LookOnly):
    list_display = (
        "id", "workspace", "account", "symbol", "direction", "opened_on", "closed_on", "currency",
        "net_pnl", "result",
    )  # fmt: skip
    list_select_related = ("workspace", "account")
    list_filter = ("asset_class", "result")
    search_fields = ("=symbol", "=underlying")


@admin.register(Leg, LotMatch, OpenLot)
class PieceAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "instrument")
    list_select_related = ("workspace", "account", "instrument")


@admin.register(DayRollup, SliceRollup)
class RollupAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "day", "currency", "trades", "net_pnl")
    list_select_related = ("workspace", "account")


@admin.register(DataIssue)
class DataIssueAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "severity", "code", "message", "row")
    list_select_related = ("workspace", "account")
    list_filter = ("severity", "code")


@admin.register(IssueDismissal)
class IssueDismissalAdmin(LookOnly):
    list_display = ("id", "workspace", "reason", "author", "created_at")
    list_select_related = ("workspace", "author")


@admin.register(TradeNote)
class TradeNoteAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "trade_id", "author", "created_at")
    list_select_related = ("workspace", "account", "author")


@admin.register(TradeTag)
class TradeTagAdmin(LookOnly):
    list_display = ("id", "workspace", "account", "tag", "trade_id", "author", "created_at")
    list_select_related = ("workspace", "account", "tag", "author")


@admin.register(Tag)
class TagAdmin(LookOnly):
    list_display = ("id", "workspace", "name", "created_at")
    list_select_related = ("workspace",)
