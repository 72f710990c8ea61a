"""What bridges beside trading terminals push, and how far it is complete."""

from __future__ import annotations

from django.db import models

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
