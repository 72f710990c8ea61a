"""Guards: what they are set to, what they saw, when they fired, and what is locked."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from reconciliation.domain.guards.machine import State


class GuardKind(models.TextChoices):
    LIMIT = "limit", _("How far equity may fall")
    CONDUCT = "conduct", _("How somebody trades")
    MARKET = "market", _("Whether a market can be trusted")


FLOOR = "floor_"


@pghistory.track(
    pghistory.InsertEvent(),
    # Not each sample: those are rows of their own.
    pghistory.UpdateEvent(condition=pghistory.AnyChange("version", "name", "removed_at")),
    exclude=["memory", "marks", "parts", "seen_at"],
)
class Guard(Owned):
    """One guard of one account, or of all of a workspace's accounts together (`account` null: then money is in the
    workspace's currency).

    `memory`, `marks` and `parts` are what `reconciliation.domain.guards.watching.Kept` keeps between two samples, as
    JSON with numbers as text; `marks` of one that watches markets are those in trouble (`quotes.Spell`). `version` is
    what counts now; `armed_at` is when the marks began. What begins with `floor_` in `preset` is the installation's:
    nobody in a workspace loosens it or switches it off.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=7, choices=GuardKind.choices)
    name = models.CharField(max_length=80)
    preset = models.CharField(max_length=32, blank=True)
    version = models.ForeignKey(
        "reconciliation.GuardVersion", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(
        max_length=14, choices=enum_choices(State), default=State.DISARMED.value
    )
    memory = models.JSONField(default=dict, editable=False)
    marks = models.JSONField(default=dict, editable=False)
    parts = models.JSONField(default=dict, editable=False)
    armed_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            models.Index(fields=["workspace", "account"], name="guard_of_account"),
            # Asked each half a minute: who has not heard anything?
            models.Index(fields=["state", "seen_at"], name="guard_silent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "preset"],
                name="guard_floor_once",
                condition=models.Q(preset__startswith=FLOOR),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_floor(self) -> bool:
        return self.preset.startswith(FLOOR)


class ChangeState(models.TextChoices):
    WAITING = "waiting", _("Waits for somebody, or for its time")
    APPLIED = "applied", _("Applied")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")


class GuardVersion(Owned):
    """How a guard is set, or was asked to be set. `values` is `reconciliation.domain.guards.changes.Version` (of a
    LIMIT), `conduct.Rule` or `market.MarketLimits` as JSON. `loosens` names what protects less than before; such a
    change waits for another person, or until `applies_at`."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # fmt: skip
    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    values = models.JSONField()
    state = models.CharField(max_length=9, choices=ChangeState.choices)
    loosens = ArrayField(models.CharField(max_length=32), default=list)
    reason = models.TextField(blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField()
    applies_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["guard", "number"], name="guard_version_once")
        ]

    def __str__(self) -> str:
        return f"version {self.number}"


class GuardSample(Owned):
    """One reading that a guard looked at. `used` is the part of the allowance that is gone (1 is a breach), `value`
    what was measured and `floor` what it may not fall below, in the account's currency; `steps` are what followed
    (`machine.Step`), `doubt` why it was not believed."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # fmt: skip
    guard = models.ForeignKey(
        Guard, on_delete=models.CASCADE, related_name="samples", db_index=False
    )
    snapshot = models.ForeignKey(
        "reconciliation.Snapshot", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    at = models.DateTimeField()
    value = NumericField(null=True)
    reference = NumericField(null=True)
    floor = NumericField(null=True)
    used = NumericField(null=True)
    state = models.CharField(max_length=14, choices=enum_choices(State))
    steps = ArrayField(models.CharField(max_length=16), default=list)
    doubt = models.CharField(max_length=255, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [models.Index(fields=["guard", "-at", "-id"], name="guard_sample_newest")]

    def __str__(self) -> str:
        return f"{self.used} used"


class FiringOutcome(models.TextChoices):
    CLOSING = "closing", _("Closing")
    FLAT = "flat", _("Verified flat")
    PARTIAL = "partial", _("Closed in part")
    FAILED = "failed", _("Unknown: a person has to look")
    BLOCKED = "blocked", _("New trades are blocked")


class GuardFiring(Owned):
    """One time that a guard fired. `figures` are the exact numbers of that moment, as text."""

    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="firings")
    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.ForeignKey(GuardVersion, on_delete=models.PROTECT, related_name="+")
    sample = models.ForeignKey(GuardSample, null=True, on_delete=models.SET_NULL, related_name="+")
    fired_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    outcome = models.CharField(max_length=7, choices=FiringOutcome.choices)
    begun_at = models.DateTimeField(null=True, help_text="When its closings were begun.")
    ended_at = models.DateTimeField(null=True)
    is_drill = models.BooleanField(default=False)

    class Meta:
        ordering = ["-fired_at", "-id"]
        constraints = [
            # A guard fires once until somebody arms it again.
            models.UniqueConstraint(fields=["guard", "fired_at"], name="guard_firing_once")
        ]
        indexes = [
            models.Index(
                fields=["fired_at"],
                name="guard_firing_under_way",
                condition=models.Q(outcome="closing"),
            )
        ]

    def __str__(self) -> str:
        return f"fired {self.fired_at:%Y-%m-%d %H:%M:%S}"


class DrawdownAlertType(models.TextChoices):
    WARNING = "warning", _("Warning")
    EXECUTION = "execution", _("Execution")


class DrawdownAction(models.TextChoices):
    """What the specification names, and what a firing did that closes nothing, or has not come to an end."""

    PENDING = "pending", _("Closing")
    BLOCKED = "blocked", _("New trades blocked")
    WARNING_SENT = "warning_sent", _("Warning sent")
    POSITIONS_CLOSED = "positions_closed", _("Positions closed")
    FAILED = "failed", _("Failed")


class DrawdownAlert(Owned):
    """One warning or firing of a drawdown guard, as the specification has it. Money is in the account's currency."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )  # fmt: skip
    guard = models.ForeignKey(Guard, on_delete=models.CASCADE, related_name="+")
    firing = models.ForeignKey(
        GuardFiring, null=True, on_delete=models.SET_NULL, related_name="alerts"
    )
    alert_type = models.CharField(max_length=9, choices=DrawdownAlertType.choices)
    drawdown_percent = NumericField(null=True)
    threshold_percent = NumericField(null=True)
    equity = NumericField(null=True)
    action_taken = models.CharField(max_length=16, choices=DrawdownAction.choices)
    position_count = models.IntegerField(null=True)
    total_loss = NumericField(null=True)
    created_at = models.DateTimeField()
    executed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-created_at"], name="drawdown_alert_newest"),
            models.Index(fields=["account", "-created_at"], name="drawdown_alert_of_account"),
            models.Index(fields=["alert_type", "-created_at"], name="drawdown_alert_by_type"),
            models.Index(fields=["action_taken", "-created_at"], name="drawdown_alert_by_action"),
        ]

    def __str__(self) -> str:
        return f"{self.alert_type} at {self.drawdown_percent} %"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class TradingLock(Owned):
    """No new trades: in one account or (null) all of the workspace, in one `symbol` or ("") all. Until `until`, or
    (null) until somebody lifts it. `reason` is told to bots word for word."""

    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    guard = models.ForeignKey(Guard, null=True, on_delete=models.CASCADE, related_name="+")
    firing = models.ForeignKey(GuardFiring, null=True, on_delete=models.CASCADE, related_name="+")
    symbol = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=255)
    began_at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ["-began_at", "-id"]
        indexes = [
            # Asked by every call of a bot.
            models.Index(
                fields=["workspace"],
                name="trading_lock_in_force",
                condition=models.Q(lifted_at=None),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["guard", "account", "symbol"],
                name="trading_lock_once",
                condition=models.Q(lifted_at=None) & models.Q(guard__isnull=False),
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.reason
