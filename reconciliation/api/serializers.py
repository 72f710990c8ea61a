"""What the API says about book and broker. Numbers are strings, exact; unknown is null, and never flat."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.choices import enum_choices
from journal.api.shapes import ExactField
from reconciliation.models import (
    DrawdownAlert,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRun,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
)
from reconciliation.selectors.hearing import Freshness, Hearing

_MS = timedelta(milliseconds=1)
_TEXTS = serializers.DictField(child=serializers.CharField())


class RowSerializer(serializers.ModelSerializer[Any]):
    account = serializers.IntegerField(source="account_id", read_only=True)


class MillisecondsField(serializers.IntegerField):
    def to_representation(self, value: Any) -> int:
        return int(value / _MS)


class RunSerializer(RowSerializer):
    """One time that an account was held against what its broker says. `outcome` is compared, partial (`skipped` has
    the reason for each part that could not be), unknown (no whole answer: nothing was concluded) or failed. `found`
    counts all differences that it saw, `opened` and `cleared` what was new and what was gone."""

    snapshot = serializers.IntegerField(source="snapshot_id", read_only=True, allow_null=True)
    asked_by = serializers.IntegerField(source="asked_by_id", read_only=True, allow_null=True)
    took_ms = MillisecondsField(source="took", read_only=True)
    skipped = _TEXTS
    error = serializers.SerializerMethodField()

    class Meta:
        model = ReconciliationRun
        fields = [
            "id", "account", "snapshot", "outcome", "compared", "skipped", "found", "opened", "cleared", "error",
            "began_at", "took_ms", "source", "asked_by",
        ]  # fmt: skip
        extra_kwargs = {"source": {"help_text": "schedule, push, statement, command, api or page."}}

    @extend_schema_field(
        {
            "type": "object",
            "nullable": True,
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
            "required": ["code", "message"],
        }
    )
    def get_error(self, run: ReconciliationRun) -> dict[str, str] | None:
        if not run.error_code and not run.error_message:
            return None
        return {"code": run.error_code, "message": run.error_message}


class SnapshotSerializer(RowSerializer):
    """An account as its broker told of it at `as_of`, in one set. One that lacks parts (`lacking`) is not compared, and
    says of nothing that it is gone."""

    connection = serializers.IntegerField(source="connection_id", read_only=True, allow_null=True)
    is_complete = serializers.BooleanField(read_only=True)
    equity = ExactField(read_only=True, allow_null=True)
    balance = ExactField(read_only=True, allow_null=True)
    margin_used = ExactField(read_only=True, allow_null=True)
    cash = serializers.DictField(
        child=serializers.CharField(), allow_null=True, help_text="By currency."
    )
    took_ms = MillisecondsField(
        source="took", read_only=True, help_text="The broker's own answer time."
    )

    class Meta:
        model = Snapshot
        fields = [
            "id", "account", "connection", "heard", "as_of", "received_at", "is_complete", "lacking", "is_doubted",
            "currency", "equity", "balance", "margin_used", "cash", "took_ms",
        ]  # fmt: skip


class SnapshotPositionSerializer(serializers.ModelSerializer[SnapshotPosition]):
    """`instrument` is null where the book knows none by the broker's `symbol`."""

    instrument = serializers.IntegerField(source="instrument_id", read_only=True, allow_null=True)
    signed_quantity = ExactField(read_only=True)
    average_price = ExactField(read_only=True, allow_null=True)
    price = ExactField(read_only=True, allow_null=True)
    open_pnl = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    target_price = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = SnapshotPosition
        fields = [
            "symbol", "instrument", "ticket", "signed_quantity", "average_price", "price", "price_at", "open_pnl",
            "stop_price", "target_price",
        ]  # fmt: skip


class SnapshotOrderSerializer(serializers.ModelSerializer[SnapshotOrder]):
    """An order at work at the broker."""

    instrument = serializers.IntegerField(source="instrument_id", read_only=True, allow_null=True)
    quantity = ExactField(read_only=True)
    filled_quantity = ExactField(read_only=True)
    limit_price = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = SnapshotOrder
        fields = [
            "symbol", "instrument", "order_id", "client_order_id", "side", "quantity", "filled_quantity",
            "limit_price", "stop_price", "is_reduce_only", "placed_at",
        ]  # fmt: skip


class SnapshotDetailSerializer(SnapshotSerializer):
    """With its lines. Those of old snapshots are thinned out, but for the last of each day: then `lines_kept` is false,
    and empty lists do not say flat; `position_count` is how many positions there were."""

    positions = SnapshotPositionSerializer(many=True, source="snapshotpositions")
    orders = SnapshotOrderSerializer(many=True, source="snapshotorders")
    runs = serializers.SerializerMethodField()
    position_count = serializers.SerializerMethodField()
    lines_kept = serializers.SerializerMethodField()

    class Meta(SnapshotSerializer.Meta):
        fields = [
            *SnapshotSerializer.Meta.fields, "position_count", "lines_kept", "positions", "orders", "runs",
        ]  # fmt: skip

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_runs(self, snapshot: Snapshot) -> list[int]:
        return [run.pk for run in snapshot.runs.all()]

    def get_position_count(self, snapshot: Snapshot) -> int | None:
        worth = getattr(snapshot, "worth", None)
        return worth.position_count if worth is not None else None

    def get_lines_kept(self, snapshot: Snapshot) -> bool:
        return bool(snapshot.snapshotpositions.all()) or not self.get_position_count(snapshot)


class PositionSnapshotSerializer(RowSerializer):
    """What an account was worth after one attempt to read it. One that failed has its `error` and no figures: unknown,
    not flat. `drawdown_percent` is of the worth without deposits and withdrawals; `…_gbp` at the day's rate, null where
    there is none."""

    snapshot = serializers.IntegerField(source="snapshot_id", read_only=True, allow_null=True)
    equity = ExactField(read_only=True, allow_null=True)
    balance = ExactField(read_only=True, allow_null=True)
    peak_equity = ExactField(read_only=True, allow_null=True)
    drawdown_percent = ExactField(read_only=True, allow_null=True)
    equity_gbp = ExactField(read_only=True, allow_null=True)
    balance_gbp = ExactField(read_only=True, allow_null=True)
    peak_equity_gbp = ExactField(read_only=True, allow_null=True)
    total_volume = ExactField(read_only=True, allow_null=True)
    open_pnl = ExactField(read_only=True, allow_null=True)
    margin_used_percent = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = PositionSnapshot
        fields = [
            "id", "account", "snapshot", "created_at", "synced_at", "currency", "equity", "balance", "peak_equity",
            "drawdown_percent", "equity_gbp", "balance_gbp", "peak_equity_gbp", "position_count", "total_volume",
            "open_pnl", "margin_used_percent", "error",
        ]  # fmt: skip


class LogSerializer(RowSerializer):
    """One thing that was done or seen between book and broker. `user`, `run`, `decision` and `intent` are ids,
    `recommendation` its sender's `record_id`; prices, `pnl` and `slippage` are in the market's currency. `is_matched`
    is null where nothing was compared."""

    volume = ExactField(read_only=True, allow_null=True)
    entry_price = ExactField(read_only=True, allow_null=True)
    current_price = ExactField(read_only=True, allow_null=True)
    exit_price = ExactField(read_only=True, allow_null=True)
    target_price = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    slippage = ExactField(read_only=True, allow_null=True)
    pnl = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = ReconciliationLog
        fields = [
            "id", "account", "event", "status", "user", "recommendation", "decision", "run", "intent",
            "broker_position_id", "symbol", "direction", "volume", "entry_price", "current_price", "exit_price",
            "target_price", "stop_price", "is_matched", "divergence_reason", "slippage", "close_reason", "pnl",
            "message", "created_at",
        ]  # fmt: skip


class DrawdownAlertSerializer(RowSerializer):
    """One warning or firing of a drawdown guard. `account` is null for a guard of all accounts together; money is in
    the currency of what it guards."""

    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    guard = serializers.IntegerField(source="guard_id", read_only=True)
    firing = serializers.IntegerField(source="firing_id", read_only=True, allow_null=True)
    drawdown_percent = ExactField(read_only=True, allow_null=True)
    threshold_percent = ExactField(read_only=True, allow_null=True)
    equity = ExactField(read_only=True, allow_null=True)
    total_loss = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = DrawdownAlert
        fields = [
            "id", "account", "guard", "firing", "alert_type", "drawdown_percent", "threshold_percent", "equity",
            "action_taken", "position_count", "total_loss", "created_at", "executed_at",
        ]  # fmt: skip


class StatusSerializer(serializers.Serializer[Any]):
    """How an account's broker was heard last. `freshness` unknown: no whole answer ever came; stale: none came in time.
    Neither says that the account is flat, nor that nothing differs. `worth` is of the latest attempt to read."""

    account = serializers.IntegerField(source="account.pk")
    broker = serializers.CharField(source="account.broker")
    broker_id = serializers.CharField(source="account.broker_id")
    freshness = serializers.ChoiceField(choices=enum_choices(Freshness))
    as_of = serializers.DateTimeField(
        source="snapshot.as_of", allow_null=True, help_text="Of the latest whole answer."
    )
    snapshot = serializers.IntegerField(source="snapshot.pk", allow_null=True)
    run = serializers.IntegerField(source="run.pk", allow_null=True, help_text="The latest.")
    open_divergences = serializers.SerializerMethodField()
    worth = PositionSnapshotSerializer(allow_null=True)

    @extend_schema_field(
        serializers.DictField(
            child=serializers.IntegerField(),
            help_text="How many are not over, by severity; none is no key.",
        )
    )
    def get_open_divergences(self, hearing: Hearing) -> dict[str, int]:
        counts: dict[int, dict[str, int]] = self.context["counts"]
        return counts.get(hearing.account.pk, {})


class SyncSerializer(serializers.Serializer[Any]):
    account = serializers.IntegerField(
        min_value=1,
        max_value=2**63 - 1,
        required=False,
        allow_null=True,
        default=None,
        help_text="Left out: all accounts that can be asked.",
    )


class SyncedSerializer(serializers.Serializer[Any]):
    """`status` asked: a worker reads the account now; then its newest run has `began_at` from `asked_at` on. too_soon:
    it was asked for just before, `retry_after` seconds are left."""

    account = serializers.IntegerField()
    status = serializers.ChoiceField(choices=[("asked", "Asked"), ("too_soon", "Too soon")])
    asked_at = serializers.DateTimeField(allow_null=True)
    retry_after = serializers.IntegerField(allow_null=True)
    latest_run = serializers.IntegerField(allow_null=True, help_text="Before this one.")


class SyncAnswerSerializer(serializers.Serializer[Any]):
    results = SyncedSerializer(many=True)
