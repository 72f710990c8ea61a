"""Facts, figures and runs."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from learning.models import (
    BookChange,
    Claim,
    ClaimEvent,
    LearningRun,
    LearningSettings,
    MetricPoint,
    MetricState,
    ParameterAnswer,
    ParameterVersion,
    ReturnPoint,
    ReturnState,
    StepFailure,
    SymbolChange,
    SymbolStanding,
    TradeFact,
    TradeInsight,
    Trial,
)


@admin.register(TradeFact)
class TradeFactAdmin(LookOnly):
    list_display = (
        "id", "workspace", "account", "symbol", "strategy", "opened_at", "closed_at", "known_at", "pnl", "currency",
        "r", "risk_basis", "result", "close_reason", "version",
    )  # fmt: skip
    list_filter = ("result", "risk_basis", "asset_class")
    list_select_related = ("workspace", "account")
    search_fields = ("=id", "=symbol", "=strategy", "=recommendation_id")


@admin.register(BookChange)
class BookChangeAdmin(LookOnly):
    """What is still to be measured: empty but for a moment."""

    list_display = ("id", "workspace", "account", "made_at")
    list_select_related = ("workspace", "account")


@admin.register(MetricState)
class MetricStateAdmin(LookOnly):
    list_display = ("id", "workspace", "part", "key", "currency", "n", "last_at", "measured_at")
    list_filter = ("part", "currency")
    list_select_related = ("workspace",)
    search_fields = ("=key",)


@admin.register(MetricPoint)
class MetricPointAdmin(LookOnly):
    list_display = ("id", "of", "n", "trade_id", "known_at", "closed_at")
    list_select_related = ("of",)
    search_fields = ("=of__key", "=trade_id")


@admin.register(ReturnState)
class ReturnStateAdmin(LookOnly):
    list_display = ("id", "workspace", "part", "key", "currency", "basis", "n", "per_year", "as_of")
    list_filter = ("part", "basis", "currency")
    list_select_related = ("workspace",)
    search_fields = ("=key",)


@admin.register(ReturnPoint)
class ReturnPointAdmin(LookOnly):
    list_display = ("id", "of", "on", "n")
    list_select_related = ("of",)
    search_fields = ("=of__key",)


@admin.register(LearningRun)
class LearningRunAdmin(LookOnly):
    list_display = (
        "id", "workspace", "account", "kind", "as_of", "data_version", "config_hash", "seed", "sha256", "made_at",
        "took",
    )  # fmt: skip
    list_filter = ("kind",)
    list_select_related = ("workspace", "account")


@admin.register(LearningSettings)
class LearningSettingsAdmin(LookOnly):
    list_display = ("id", "workspace", "policy", "needs_approval", "zone")
    list_filter = ("policy", "needs_approval")
    list_select_related = ("workspace",)


@admin.register(StepFailure)
class StepFailureAdmin(LookOnly):
    list_display = ("id", "workspace", "kind", "as_of", "words", "failed_at")
    list_filter = ("kind",)
    list_select_related = ("workspace",)


@admin.register(Claim)
class ClaimAdmin(LookOnly):
    list_display = (
        "id",
        "workspace",
        "subject",
        "state",
        "grade",
        "raised_at",
        "since",
        "looks",
        "new",
        "next_look",
    )
    list_filter = ("state", "grade")
    list_select_related = ("workspace",)
    search_fields = ("=subject",)


@admin.register(ClaimEvent)
class ClaimEventAdmin(LookOnly):
    list_display = ("id", "claim", "at", "state", "looks", "new", "words")
    list_select_related = ("claim",)


@admin.register(Trial)
class TrialAdmin(LookOnly):
    list_display = ("id", "workspace", "kind", "name", "count", "first_at", "last_at")
    list_filter = ("kind",)
    list_select_related = ("workspace",)


@admin.register(TradeInsight)
class TradeInsightAdmin(LookOnly):
    list_display = (
        "id",
        "workspace",
        "account",
        "grade",
        "quadrant",
        "adherence",
        "percentile",
        "closed_at",
        "made_at",
    )
    list_filter = ("grade", "quadrant")
    list_select_related = ("workspace", "account")


@admin.register(ParameterVersion)
class ParameterVersionAdmin(LookOnly):
    list_display = (
        "id", "workspace", "number", "status", "policy", "cause", "as_of", "made_at", "made_by", "reason",
    )  # fmt: skip
    list_filter = ("status", "policy", "cause")
    list_select_related = ("workspace", "made_by")


@admin.register(ParameterAnswer)
class ParameterAnswerAdmin(LookOnly):
    list_display = ("id", "workspace", "version", "asker", "name", "first_at", "last_at", "times")
    list_select_related = ("workspace", "version")
    search_fields = ("=asker", "=name")


@admin.register(SymbolStanding)
class SymbolStandingAdmin(LookOnly):
    list_display = ("id", "workspace", "symbol", "standing", "since", "as_of", "n")
    list_filter = ("standing",)
    list_select_related = ("workspace",)
    search_fields = ("=symbol",)


@admin.register(SymbolChange)
class SymbolChangeAdmin(LookOnly):
    list_display = ("id", "workspace", "symbol", "before", "after", "at", "n", "made_by", "reason")
    list_filter = ("after",)
    list_select_related = ("workspace", "made_by")
    search_fields = ("=symbol",)
