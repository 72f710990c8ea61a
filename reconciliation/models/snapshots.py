"""What brokers said that accounts hold: whole, or with what is lacking named. Nothing here is the book."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.values import Side


class Heard(models.TextChoices):
    """By which way a snapshot came."""

    ASKED = "asked", _("Asked of the broker")
    PUSHED = "pushed", _("Pushed by a bridge")
    STATEMENT = "statement", _("From a statement")


class Snapshot(Owned):
    """An account at `as_of`, in one set: positions, orders, balances (`journal.brokers.live.AccountReading`).

    `lacking` names the parts that could not be read; only one that lacks nothing is compared, and what a set does not
    list is known to be gone only then. `equity`, `balance` and `margin_used` are in `currency`, null where the broker
    does not say; `cash` is amounts as text by currency. `took` is the broker's own answer time. The equity of one that
    `is_doubted` was not believed, and is left out wherever the account is gone through again.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    connection = models.ForeignKey(
        "journal.Connection", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    heard = models.CharField(max_length=9, choices=Heard.choices)
    as_of = models.DateTimeField()
    received_at = models.DateTimeField()
    lacking = ArrayField(models.CharField(max_length=16), default=list)
    currency = models.CharField(max_length=12)
    equity = NumericField(null=True)
    balance = NumericField(null=True)
    margin_used = NumericField(null=True)
    cash = models.JSONField(null=True)
    took = models.DurationField(default=timedelta)
    is_doubted = models.BooleanField(default=False)

    class Meta:
        ordering = ["-as_of", "-id"]
        indexes = [
            models.Index(fields=["account", "-as_of", "-id"], name="snapshot_newest"),
            models.Index(fields=["workspace", "-as_of", "-id"], name="snapshot_of_workspace"),
            # What is old is thinned out.
            models.Index(fields=["received_at"], name="snapshot_age"),
        ]

    def __str__(self) -> str:
        return f"snapshot {self.pk} of {self.as_of:%Y-%m-%d %H:%M:%S}"

    @property
    def is_complete(self) -> bool:
        return not self.lacking


class SnapshotLine(Owned):
    """Of which market; workspace and account are the snapshot's. `instrument` is null where the book knows none by the
    broker's `symbol`."""

    workspace = models.ForeignKey(
        "accounts.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    account = models.ForeignKey(
        "journal.BrokerAccount",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    snapshot = models.ForeignKey(Snapshot, on_delete=models.CASCADE, related_name="%(class)ss")
    instrument = models.ForeignKey(
        "journal.Instrument",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    symbol = models.CharField(max_length=64)

    class Meta:
        abstract = True


class SnapshotPosition(SnapshotLine):
    """`ticket` where the account holds several positions of one market. Prices and `open_pnl` are in the market's
    currency, null where the broker does not say; `price` is what it values the position at."""

    ticket = models.CharField(max_length=64, blank=True)
    signed_quantity = NumericField()
    average_price = NumericField(null=True)
    price = NumericField(null=True)
    price_at = models.DateTimeField(null=True)
    bid = NumericField(null=True)
    ask = NumericField(null=True)
    open_pnl = NumericField(null=True)
    stop_price = NumericField(null=True)
    target_price = NumericField(null=True)

    class Meta:
        ordering = ["symbol", "ticket"]

    def __str__(self) -> str:
        return f"{self.signed_quantity} {self.symbol}"


class SnapshotOrder(SnapshotLine):
    """An order at work at the broker."""

    order_id = models.CharField(max_length=64)
    client_order_id = models.CharField(max_length=128, blank=True)
    side = models.CharField(max_length=4, choices=enum_choices(Side))
    quantity = NumericField()
    filled_quantity = NumericField()
    limit_price = NumericField(null=True)
    stop_price = NumericField(null=True)
    is_reduce_only = models.BooleanField(default=False)
    placed_at = models.DateTimeField()

    class Meta:
        ordering = ["placed_at", "id"]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity} {self.symbol}"


class PositionSnapshot(Owned):
    """An account's worth after one attempt to read it, as the reconciliation specification has it.

    Money is in `currency`, and again in GBP at the day's rate (null where there is none). `drawdown_percent` is of the
    unitised worth (`reconciliation.domain.nav`), 0 at the peak; `peak_equity` moves with deposits and withdrawals.
    A read that failed has its `error`, no figures and no `snapshot`: unknown, and never flat. `total_volume` sums the
    sizes of positions in their own units; `synced_at` is of the latest read that was whole.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    snapshot = models.OneToOneField(
        Snapshot, null=True, on_delete=models.SET_NULL, related_name="worth"
    )
    currency = models.CharField(max_length=12)
    equity = NumericField(null=True)
    balance = NumericField(null=True)
    peak_equity = NumericField(null=True)
    drawdown_percent = NumericField(null=True)
    equity_gbp = NumericField(null=True)
    balance_gbp = NumericField(null=True)
    peak_equity_gbp = NumericField(null=True)
    position_count = models.IntegerField(null=True)
    total_volume = NumericField(null=True)
    open_pnl = NumericField(null=True)
    margin_used_percent = NumericField(null=True)
    synced_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=255, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["account", "-created_at", "-id"], name="position_snapshot_newest"),
            models.Index(fields=["workspace", "-created_at"], name="position_snapshot_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.equity} {self.currency}" if self.equity is not None else "unknown"
