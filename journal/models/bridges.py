"""What bridges beside trading terminals push, how far it is complete, and what they are asked to do."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned


class BridgeSeries(Owned):
    """The numbered pushes of one bridge for one account, as `journal.domain.sequences` counts them.

    `complete_until` and `claimed` are seconds of the trading server's clock, read in `zone`. `snapshot` is the account
    as it was last seen (`made_at`): a part that is not in it is unknown.
    """

    connection = models.ForeignKey(
        "journal.Connection", on_delete=models.CASCADE, related_name="series"
    )
    bridge = models.CharField(max_length=64)
    account_number = models.CharField(max_length=64)
    server = models.CharField(max_length=64)
    zone = models.CharField(max_length=64)
    highest = models.PositiveBigIntegerField(default=0)
    missing = models.JSONField(default=list)
    complete_until = models.BigIntegerField(default=0)
    claimed = models.BigIntegerField(default=0)
    asked_at = models.PositiveBigIntegerField(default=0)
    snapshot = models.JSONField(default=dict)
    made_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "bridge", "account_number", "server"],
                name="bridge_series_once",
            )
        ]

    def __str__(self) -> str:
        return f"pushes of {self.account_number} at {self.server}"


class BridgePush(Owned):
    """A push that was taken. `sha256` is that of its body; `batch` the import of its deals, None where it has none."""

    series = models.ForeignKey(BridgeSeries, on_delete=models.CASCADE, related_name="pushes")
    sequence = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    batch = models.ForeignKey(
        "journal.ImportBatch", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "sequence"], name="bridge_push_once")
        ]

    def __str__(self) -> str:
        return f"push {self.sequence}"


class CommandKind(models.TextChoices):
    READ = "read", _("Look now")
    CLOSE = "close", _("Close a position")
    CANCEL = "cancel", _("Take back orders")
    FIND = "find", _("Look for an order")


class CommandState(models.TextChoices):
    """queued → fetched → answered. One that is over before it was fetched is never executed; of one that was fetched
    and not answered nobody knows."""

    QUEUED = "queued", _("Waiting for the bridge")
    FETCHED = "fetched", _("With the bridge")
    ANSWERED = "answered", _("Answered")
    REFUSED = "refused", _("Never to be executed")


class BridgeCommand(Owned):
    """What a bridge is asked to do, numbered for each connection. `key` is our name of the order that a command sends:
    by the same one there is only one command. `bridge` is whoever fetched it; nobody else gets it then."""

    connection = models.ForeignKey(
        "journal.Connection", on_delete=models.CASCADE, related_name="commands"
    )
    account_number = models.CharField(max_length=64)
    sequence = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=6, choices=CommandKind.choices)
    key = models.CharField(max_length=128, blank=True)
    body = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=CommandState.choices, default=CommandState.QUEUED
    )
    bridge = models.CharField(max_length=64, blank=True)
    answer = models.JSONField(null=True)
    asked_at = models.DateTimeField()
    fetched_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "sequence"], name="bridge_command_once"),
            models.UniqueConstraint(
                fields=["connection", "key"],
                name="bridge_command_key_once",
                condition=~models.Q(key=""),
            ),
        ]
        indexes = [
            # What a bridge that polls is given.
            models.Index(
                fields=["connection", "expires_at"],
                name="bridge_command_waiting",
                condition=models.Q(state__in=["queued", "fetched"]),
            )
        ]

    def __str__(self) -> str:
        return f"command {self.sequence}"
