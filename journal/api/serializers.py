"""What the API says. Numbers are strings, exact; unknown is null."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.choices import enum_choices
from journal.api.shapes import (
    BrokerIdentifier,
    ExactField,
    ImportFailure,
    ImportReport,
    ImportStage,
)
from journal.domain.values import AssetClass, Direction
from journal.models import (
    BrokerAccount,
    CashReport,
    Execution,
    ImportBatch,
    Instrument,
    Leg,
    Order,
    OrderReport,
    Structure,
    Tag,
    Trade,
    TradeChain,
    TradeNote,
)
from journal.selectors.trades import chains_of, close_reason_of
from journal.services.ingest import report
from journal.services.reasons import REASON_LENGTH_MAX


class AccountSerializer(serializers.ModelSerializer[BrokerAccount]):
    reason = serializers.CharField(
        max_length=REASON_LENGTH_MAX,
        required=False,
        allow_blank=True,
        write_only=True,
        help_text="Why, where a change books the account anew. Kept in the audit trail.",
    )

    class Meta:
        model = BrokerAccount
        fields = [
            "id", "broker", "broker_id", "name", "base_currency", "zone", "statement_zone",
            "day_rollover_minutes", "lot_method", "is_hedging", "chosen", "created_at",
            "archived_at", "erasure_asked_at", "reason",
        ]  # fmt: skip
        read_only_fields = ["id", "chosen", "created_at", "archived_at", "erasure_asked_at"]
        # Null leaves it to the statements.
        extra_kwargs = {name: {"allow_null": True} for name in ("lot_method", "is_hedging", "zone")}


class ErasureSerializer(serializers.Serializer[Any]):
    confirm = serializers.CharField(max_length=64)
    reason = serializers.CharField(max_length=255, required=False, allow_blank=True, default="")


class InstrumentSerializer(serializers.ModelSerializer[Instrument]):
    multiplier = ExactField(read_only=True)
    strike = ExactField(read_only=True, allow_null=True)
    tick_size = ExactField(read_only=True, allow_null=True)
    broker_ids = serializers.SerializerMethodField()

    class Meta:
        model = Instrument
        fields = [
            "id", "symbol", "asset_class", "underlying_symbol", "description", "currency",
            "multiplier", "tick_size", "expiry_on", "strike", "right", "exchange", "isin", "cusip",
            "figi", "is_inverse", "broker_ids",
        ]  # fmt: skip

    @extend_schema_field(BrokerIdentifier(many=True))
    def get_broker_ids(self, instrument: Instrument) -> list[dict[str, str]]:
        return [
            {"broker": one.broker, "broker_id": one.broker_id}
            for one in instrument.broker_instruments.all()
        ]


class InstrumentInline(serializers.ModelSerializer[Instrument]):
    multiplier = ExactField(read_only=True)
    strike = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = Instrument
        fields = [
            "id", "symbol", "asset_class", "underlying_symbol", "currency", "multiplier",
            "expiry_on", "strike", "right",
        ]  # fmt: skip


class ExecutionSerializer(serializers.ModelSerializer[Execution]):
    """`gross_pnl` and `net_pnl` are what this fill realised: net of its own fees and of its share of the
    opening fees; "0" for a fill that only opens, null where the basis is unknown. `price` is null for what was held
    before the first statement (`kind` opening)."""

    instrument = InstrumentInline(read_only=True)
    account = serializers.IntegerField(source="account_id", read_only=True)
    trade = serializers.IntegerField(source="leg.trade_id", read_only=True, allow_null=True)
    quantity = ExactField(read_only=True)
    price = ExactField(source="known_price", read_only=True, allow_null=True)
    fee = ExactField(read_only=True)
    tax = ExactField(read_only=True)
    fx_rate = ExactField(read_only=True, allow_null=True)
    gross_pnl = ExactField(read_only=True, allow_null=True)
    net_pnl = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = Execution
        fields = [
            "id", "account", "broker_id", "order_id", "instrument", "side", "quantity", "price",
            "executed_at", "trading_day", "kind", "effect", "source", "fee", "tax",
            "fee_currency", "fx_rate", "gross_pnl", "net_pnl", "trade",
        ]  # fmt: skip


class LegSerializer(serializers.ModelSerializer[Leg]):
    instrument = InstrumentInline(read_only=True)
    quantity = ExactField(read_only=True)
    average_open = ExactField(read_only=True, allow_null=True)
    average_close = ExactField(read_only=True, allow_null=True)
    gross_pnl = ExactField(read_only=True)
    net_pnl = ExactField(read_only=True)
    fees = ExactField(read_only=True)

    class Meta:
        model = Leg
        fields = [
            "id", "instrument", "direction", "opened_at", "closed_at", "quantity", "average_open",
            "average_close", "gross_pnl", "net_pnl", "fees", "cost_known",
        ]  # fmt: skip


class StructureSerializer(serializers.ModelSerializer[Structure]):
    """What the legs are together. Money is for the whole of it, in the trade's currency; of a figure that is null
    `reasons` says why."""

    units = ExactField(read_only=True)
    net_premium = ExactField(read_only=True, allow_null=True)
    max_profit = ExactField(read_only=True, allow_null=True)
    max_profit_since_adjusted = ExactField(read_only=True, allow_null=True)
    max_loss = ExactField(read_only=True, allow_null=True)
    risk = ExactField(read_only=True, allow_null=True)
    break_evens = serializers.ListField(child=ExactField(), read_only=True)

    class Meta:
        model = Structure
        fields = [
            "kind", "name", "units", "net_premium", "max_profit", "max_profit_since_adjusted", "max_loss",
            "risk", "break_evens", "reasons", "was_rolled", "joined_by",
        ]  # fmt: skip


class TradeSerializer(serializers.ModelSerializer[Trade]):
    """`plan_id` and `recommendation_id` are what it followed from, "" where nothing is known of it. `close_reason` is
    "" while it is open. `structure` is null for a trade of one leg."""

    account = serializers.IntegerField(source="account_id", read_only=True)
    side = serializers.ChoiceField(
        source="direction", choices=enum_choices(Direction), read_only=True
    )
    status = serializers.SerializerMethodField()
    legs = LegSerializer(many=True, read_only=True)
    plan_id = serializers.SerializerMethodField()
    recommendation_id = serializers.SerializerMethodField()
    close_reason = serializers.SerializerMethodField()
    tags = serializers.SerializerMethodField()
    structure = serializers.SerializerMethodField()
    quantity = ExactField(read_only=True)
    average_open = ExactField(read_only=True, allow_null=True)
    average_close = ExactField(read_only=True, allow_null=True)
    cost = ExactField(read_only=True, allow_null=True)
    gross_pnl = ExactField(read_only=True)
    net_pnl = ExactField(read_only=True)
    fees = ExactField(read_only=True)
    gross_base = ExactField(read_only=True, allow_null=True)
    net_base = ExactField(read_only=True, allow_null=True)
    fees_base = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = Trade
        fields = [
            "id", "account", "symbol", "underlying", "asset_class", "side", "status", "result",
            "currency", "opened_at", "opened_on", "closed_at", "closed_on", "quantity",
            "average_open", "average_close", "cost", "gross_pnl", "net_pnl", "fees", "gross_base",
            "net_base", "fees_base", "cost_known", "execution_count", "source", "tags", "plan_id", "recommendation_id",
            "close_reason", "leg_count", "legs", "structure",
        ]  # fmt: skip

    def _chain(self, trade: Trade) -> TradeChain | None:
        chains: dict[int, TradeChain] | None = self.context.get("chains")
        return (chains_of([trade.pk]) if chains is None else chains).get(trade.pk)

    @extend_schema_field(serializers.CharField())
    def get_plan_id(self, trade: Trade) -> str:
        chain = self._chain(trade)
        return chain.plan.plan_id if chain is not None and chain.plan is not None else ""

    @extend_schema_field(serializers.CharField())
    def get_recommendation_id(self, trade: Trade) -> str:
        chain = self._chain(trade)
        return chain.recommendation_id if chain is not None else ""

    @extend_schema_field(serializers.CharField())
    def get_close_reason(self, trade: Trade) -> str:
        return close_reason_of(trade, self._chain(trade))

    @extend_schema_field(serializers.ChoiceField(choices=["open", "closed"]))
    def get_status(self, trade: Trade) -> str:
        return "open" if trade.closed_at is None else "closed"

    @extend_schema_field(StructureSerializer(allow_null=True))
    def get_structure(self, trade: Trade) -> Any:
        if trade.leg_count == 1:
            return None
        known: dict[int, Structure] | None = self.context.get("structures")
        found = (
            Structure.objects.filter(pk=trade.pk).first() if known is None else known.get(trade.pk)
        )
        return StructureSerializer(found).data if found else None

    def get_tags(self, trade: Trade) -> list[str]:
        names: dict[int, list[str]] = self.context.get("tags", {})
        return names.get(trade.pk, [])


class PositionSerializer(serializers.Serializer[Any]):
    """`mark_price` and `broker_quantity` are what the latest statement says of it, null where none does.

    `is_stated`: the broker lists it and nothing that was imported moved it, so it has no `trade`; its cost is the
    broker's own, opening fees included, and `opened_at` that of the oldest lot listed, null where none is.
    """

    account = serializers.IntegerField(source="account_id")
    instrument = serializers.IntegerField(source="instrument_id")
    symbol = serializers.CharField()
    asset_class = serializers.ChoiceField(choices=enum_choices(AssetClass))
    currency = serializers.CharField()
    side = serializers.ChoiceField(choices=enum_choices(Direction))
    signed_quantity = ExactField()
    average_price = ExactField(allow_null=True)
    cost = ExactField(allow_null=True)
    mark_price = ExactField(allow_null=True)
    marked_on = serializers.DateField(allow_null=True)
    unrealized_pnl = ExactField(allow_null=True)
    broker_quantity = ExactField(allow_null=True)
    opened_at = serializers.DateTimeField(allow_null=True)
    trade = serializers.IntegerField(source="trade_id", allow_null=True)
    is_stated = serializers.BooleanField()


class AccountsQuery(serializers.Serializer[Any]):
    account = serializers.ListField(child=serializers.IntegerField(max_value=2**63 - 1))


class PositionsSerializer(serializers.Serializer[Any]):
    """The shape of every list; there is one page only."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = PositionSerializer(many=True)


class CashSerializer(serializers.ModelSerializer[CashReport]):
    account = serializers.IntegerField(source="account_id", read_only=True)
    amount = ExactField(read_only=True)
    fx_rate = ExactField(read_only=True, allow_null=True)
    symbol = serializers.CharField(source="instrument.symbol", read_only=True, allow_null=True)

    class Meta:
        model = CashReport
        fields = [
            "id", "account", "broker_id", "kind", "amount", "currency", "fx_rate", "occurred_at",
            "occurred_on", "description", "symbol", "is_reversal",
        ]  # fmt: skip


class NoteSerializer(serializers.ModelSerializer[TradeNote]):
    trade = serializers.IntegerField(source="trade_id", read_only=True)

    class Meta:
        model = TradeNote
        fields = ["id", "trade", "text", "created_at", "updated_at"]
        read_only_fields = ["id", "trade", "created_at", "updated_at"]


class TagSerializer(serializers.ModelSerializer[Tag]):
    class Meta:
        model = Tag
        fields = ["id", "name"]


class TagNameSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=48)


class OrderSerializer(serializers.ModelSerializer[Order]):
    account = serializers.IntegerField(source="account_id", read_only=True)
    instrument = serializers.IntegerField(source="instrument_id", read_only=True, allow_null=True)
    symbol = serializers.CharField(source="instrument.symbol", read_only=True, default=None)
    quantity = ExactField(read_only=True, allow_null=True)
    limit_price = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    filled_quantity = ExactField(read_only=True, allow_null=True)
    average_price = ExactField(read_only=True, allow_null=True)
    fee = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = Order
        fields = [
            "id", "account", "instrument", "symbol", "client_order_id", "order_id", "parent_id", "group_id", "role",
            "side", "order_type", "time_in_force", "quantity", "limit_price", "stop_price", "status",
            "filled_quantity", "average_price", "fee", "fee_currency", "reason", "position_id", "plan_id",
            "recommendation_id", "strategy", "source", "changes", "placed_at", "last_at", "closed_at",
        ]  # fmt: skip


class OrderMomentSerializer(serializers.ModelSerializer[OrderReport]):
    """One report; null and "" leave open."""

    quantity = ExactField(read_only=True, allow_null=True)
    limit_price = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    filled_quantity = ExactField(read_only=True, allow_null=True)
    average_price = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = OrderReport
        fields = [
            "id", "status", "happened_at", "quantity", "limit_price", "stop_price", "filled_quantity",
            "average_price", "reason",
        ]  # fmt: skip


class OrderHistorySerializer(OrderSerializer):
    history = serializers.SerializerMethodField()

    class Meta(OrderSerializer.Meta):
        fields = [*OrderSerializer.Meta.fields, "history"]

    @extend_schema_field(OrderMomentSerializer(many=True))
    def get_history(self, order: Order) -> Any:
        return OrderMomentSerializer(self.context["history"], many=True).data


class ImportSerializer(serializers.ModelSerializer[ImportBatch]):
    """`state`: received, previewing, previewed, queued, running, done, failed, withdrawing or withdrawn. `error` says
    why nothing was imported, or, where `state` is done, why the undo that was asked for could not be done."""

    file_name = serializers.CharField(source="title", read_only=True)
    preview = serializers.SerializerMethodField()
    result = serializers.SerializerMethodField()
    sha256 = serializers.CharField(source="file.sha256", read_only=True, default="")
    progress = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = ImportBatch
        fields = [
            "id", "state", "format", "file_name", "sha256", "created_at", "started_at",
            "finished_at", "withdrawn_at", "progress", "preview", "result", "error",
        ]  # fmt: skip

    @extend_schema_field(ImportStage(allow_null=True))
    def get_progress(self, batch: ImportBatch) -> dict[str, Any] | None:
        progress = getattr(batch, "progress", None)
        if progress is None:
            return None
        return {"stage": progress.stage, "done": progress.done, "total": progress.total}

    @extend_schema_field(ImportReport(allow_null=True))
    def get_preview(self, batch: ImportBatch) -> dict[str, Any] | None:
        return batch.preview and report(batch.preview)

    @extend_schema_field(ImportReport(allow_null=True))
    def get_result(self, batch: ImportBatch) -> dict[str, Any] | None:
        return batch.result and report(batch.result)

    @extend_schema_field(ImportFailure(allow_null=True))
    def get_error(self, batch: ImportBatch) -> dict[str, str] | None:
        if not batch.error_message:
            return None
        return {"code": batch.error_code, "message": batch.error_message}
