"""Evidence: what was reported, and the files that it came in."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin

from journal.admin.base import LookOnly
from journal.models import (
    AccountTermsReport,
    CapturedRecord,
    CashBalanceReport,
    CashReport,
    ClosedLotReport,
    Connection,
    ConversionRate,
    CorporateActionReport,
    Decision,
    ExecutionReport,
    ImportBatch,
    NavReport,
    OptionEventReport,
    OrderReport,
    PositionReport,
    Pull,
    PullDocument,
    Recommendation,
    RecommendationOutcome,
    StatementFile,
    TransferReport,
)


@admin.register(StatementFile)
class StatementFileAdmin(LookOnly):
    list_display = ("id", "workspace", "name", "size_bytes", "sha256", "created_at")
    list_select_related = ("workspace",)
    search_fields = ("name", "=sha256")


@admin.register(ImportBatch)
class ImportBatchAdmin(LookOnly):
    list_display = (
        "id", "workspace", "title", "format", "reported_by", "state", "source", "created_by", "created_at",
        "withdrawn_at",
    )  # fmt: skip
    list_filter = ("state", "format", "source", "reported_by")
    list_select_related = ("workspace", "file", "created_by")
    search_fields = ("file__name", "reporter")


@admin.register(CapturedRecord)
class CapturedRecordAdmin(LookOnly):
    list_display = (
        "id",
        "workspace",
        "account",
        "kind",
        "source",
        "record_id",
        "received_at",
        "batch",
    )
    list_select_related = ("workspace", "account", "batch")
    list_filter = ("kind", "source")
    search_fields = ("=record_id",)


@admin.register(Recommendation)
class RecommendationAdmin(LookOnly):
    list_display = ("id", "workspace", "symbol", "strategy", "source", "pool", "recommended_at")
    list_select_related = ("workspace",)
    list_filter = ("source", "pool")
    search_fields = ("=record_id", "=symbol")


@admin.register(Decision)
class DecisionAdmin(LookOnly):
    list_display = ("id", "workspace", "record_id", "verdict", "via", "actor", "decided_at")
    list_select_related = ("workspace",)
    list_filter = ("verdict", "via")
    search_fields = ("=record_id",)


@admin.register(RecommendationOutcome)
class RecommendationOutcomeAdmin(LookOnly):
    list_display = (
        "id", "workspace", "record_id", "source", "result", "r_multiple", "mark_quality", "known_at", "actor",
    )  # fmt: skip
    list_select_related = ("workspace",)
    list_filter = ("source", "mark_quality")
    search_fields = ("=record_id",)


class EvidenceAdmin(LookOnly):
    list_select_related: ClassVar[tuple[str, ...]] = ("workspace", "account", "batch")
    search_fields: ClassVar[tuple[str, ...]] = ("=event_key", "=account__broker_id")


@admin.register(ExecutionReport)
class ExecutionReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "instrument", "report", "side", "quantity", "price",
        "executed_at", "batch", "row",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "batch", "instrument")
    list_filter = ("report", "kind", "source")
    search_fields = ("=fill_key", "=broker_id", "=exec_id", "=account__broker_id")


@admin.register(OrderReport)
class OrderReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "instrument", "client_order_id", "order_id", "status", "happened_at", "batch",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "batch", "instrument")
    list_filter = ("status", "role")
    search_fields = ("=client_order_id", "=order_id", "=account__broker_id")


@admin.register(CashReport)
class CashReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "kind", "amount", "currency", "occurred_on", "batch", "row",
    )  # fmt: skip
    list_filter = ("kind", "currency")


@admin.register(CorporateActionReport, OptionEventReport, TransferReport, ClosedLotReport)
class InstrumentEventAdmin(EvidenceAdmin):
    list_display = ("id", "workspace", "account", "instrument", "batch", "row")
    list_select_related = ("workspace", "account", "batch", "instrument")


@admin.register(PositionReport)
class PositionReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "instrument", "signed_quantity", "mark_price", "reported_on",
        "is_lot", "batch",
    )  # fmt: skip
    list_select_related = ("workspace", "account", "batch", "instrument")


@admin.register(CashBalanceReport)
class CashBalanceReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "currency", "ending_cash", "reported_on", "batch",
    )  # fmt: skip


@admin.register(NavReport)
class NavReportAdmin(EvidenceAdmin):
    list_display = ("id", "workspace", "account", "total", "reported_on", "batch")


@admin.register(AccountTermsReport)
class AccountTermsReportAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "is_hedging", "lot_method", "zone", "stated_at", "batch",
    )  # fmt: skip


@admin.register(ConversionRate)
class ConversionRateAdmin(EvidenceAdmin):
    list_display = (
        "id", "workspace", "account", "from_currency", "to_currency", "rate", "reported_on",
    )  # fmt: skip


@admin.register(Connection)
class ConnectionAdmin(LookOnly):
    """Without credentials: nobody is shown them, administrators included."""

    list_display = (
        "id", "workspace", "name", "fetcher", "origin", "schedule", "verdict", "error_code", "tried_at",
        "succeeded_at", "next_at", "not_before", "paused_at", "disconnected_at",
    )  # fmt: skip
    list_filter = ("fetcher", "verdict", "schedule")
    list_select_related = ("workspace",)
    search_fields = ("name", "workspace__name")
    exclude = ("credentials", "credentials_digest", "state", "erased")


@admin.register(Pull)
class PullAdmin(LookOnly):
    list_display = (
        "id", "workspace", "connection", "kind", "state", "source", "asked_by", "created_at", "finished_at",
        "error_code",
    )  # fmt: skip
    list_filter = ("state", "verdict", "kind", "source")
    list_select_related = ("workspace", "connection", "asked_by")


@admin.register(PullDocument)
class PullDocumentAdmin(LookOnly):
    list_display = ("id", "workspace", "pull", "batch", "account_number", "since", "until", "is_repeat")  # fmt: skip
    list_select_related = ("workspace", "pull", "batch")
