"""When the book was held against the broker, and what came of it."""

from __future__ import annotations

from datetime import timedelta

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.values import Direction

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class RunOutcome(models.TextChoices):
    COMPARED = "compared", _("Compared")
    PARTIAL = "partial", _("Compared in part")
    UNKNOWN = "unknown", _("Unknown: the broker gave no whole answer")
    FAILED = "failed", _("Failed")


class ReconciliationRun(Owned):
    """One time that one account was held against one snapshot.

    `compared` are the parts of which it may say that a difference is gone; `skipped` has the reason for each other
    (`reconciliation.domain.comparison.Part`). `found` counts all differences that it saw, `opened` and `cleared` what
    it told of for the first time and what it no longer saw. `took` is all of its time, the broker's answer included.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    snapshot = models.ForeignKey(
        "reconciliation.Snapshot", null=True, on_delete=models.SET_NULL, related_name="runs"
    )
    outcome = models.CharField(max_length=8, choices=RunOutcome.choices)
    compared = ArrayField(models.CharField(max_length=16), default=list)
    skipped = models.JSONField(default=dict)
    found = models.IntegerField(default=0)
    opened = models.IntegerField(default=0)
    cleared = models.IntegerField(default=0)
    error_code = models.CharField(max_length=64, blank=True)
    error_message = models.TextField(blank=True)
    began_at = models.DateTimeField()
    took = models.DurationField(default=timedelta)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    # Who asked where it was no person: schedule, push, statement, command, api.
    source = models.CharField(max_length=16, default="schedule")

    class Meta:
        ordering = ["-began_at", "-id"]
        indexes = [
            models.Index(fields=["account", "-began_at", "-id"], name="run_newest"),
            models.Index(fields=["workspace", "-began_at", "-id"], name="run_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"run {self.pk}: {self.outcome}"


class LogEvent(models.TextChoices):
    SYNC = "sync", _("Sync")
    CLOSE = "close", _("Close")
    GUARD_TRIGGER = "guard_trigger", _("Guard trigger")
    WARNING = "warning", _("Warning")


class LogStatus(models.TextChoices):
    SUCCESS = "success", _("Success")
    PARTIAL = "partial", _("Partial")
    FAILED = "failed", _("Failed")
    WARNING = "warning", _("Warning")


class ReconciliationLog(Owned):
    """What was done and seen between book and broker, one row for each event and position. Append-only.

    As the specification has it: `user`, `recommendation` and `decision` are ids of whoever and whatever it goes back
    to, `broker_position_id` the broker's ticket. Prices are in the market's currency, `pnl` and `slippage` (money, what
    the fill was worse than expected) too. `is_matched` is null where nothing was compared; `divergence_reason` is the
    class of the difference, `close_reason` why a position was closed.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    event = models.CharField(max_length=13, choices=LogEvent.choices)
    status = models.CharField(max_length=7, choices=LogStatus.choices)
    user = models.BigIntegerField(null=True)
    recommendation = models.CharField(max_length=64, blank=True)
    decision = models.BigIntegerField(null=True)
    run = models.BigIntegerField(null=True)
    intent = models.BigIntegerField(null=True)
    broker_position_id = models.CharField(max_length=64, blank=True)
    symbol = models.CharField(max_length=64, blank=True)
    direction = models.CharField(max_length=5, choices=enum_choices(Direction), blank=True)
    volume = NumericField(null=True)
    entry_price = NumericField(null=True)
    current_price = NumericField(null=True)
    exit_price = NumericField(null=True)
    target_price = NumericField(null=True)
    stop_price = NumericField(null=True)
    is_matched = models.BooleanField(null=True)
    divergence_reason = models.CharField(max_length=32, blank=True)
    slippage = NumericField(null=True)
    close_reason = models.CharField(max_length=64, blank=True)
    pnl = NumericField(null=True)
    message = models.TextField(blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        triggers = [APPEND_ONLY]
        indexes = [
            models.Index(fields=["workspace", "-created_at", "-id"], name="reconciliation_log_newest"),
            models.Index(fields=["account", "-created_at"], name="reconciliation_log_of_account"),
            models.Index(fields=["user", "-created_at"], name="reconciliation_log_by_user"),
            models.Index(fields=["symbol", "-created_at"], name="reconciliation_log_by_symbol"),
            models.Index(fields=["event", "-created_at"], name="reconciliation_log_by_event"),
            models.Index(fields=["status", "-created_at"], name="reconciliation_log_by_status"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.event} {self.status} {self.symbol}".strip()
