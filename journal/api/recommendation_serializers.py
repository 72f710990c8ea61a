"""What the API says of recommendations, and what it takes about them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from common.choices import enum_choices
from journal.api.shapes import ExactField
from journal.brokers.capture.outcomes import MarkQuality
from journal.domain.standing import DECISIONS, Standing
from journal.domain.values import Right
from journal.models import DecidedVia, Decision, Recommendation, RecommendationOutcome

STANDINGS = enum_choices(Standing)
VERDICTS = [(one.value, one.value.capitalize()) for one in DECISIONS]
MARK_QUALITIES = enum_choices(MarkQuality)


class ProposedLegSerializer(serializers.Serializer[Any]):
    """Whatever else was said of a leg stands beside these. Numbers are strings."""

    side = serializers.ChoiceField(choices=[("buy", "Buy"), ("sell", "Sell")], required=False)
    right = serializers.ChoiceField(choices=enum_choices(Right), required=False)
    strike = serializers.CharField(required=False)
    expiry_on = serializers.DateField(required=False)
    quantity = serializers.CharField(required=False)
    price = serializers.CharField(required=False)
    symbol = serializers.CharField(required=False)


class FeatureSerializer(serializers.Serializer[Any]):
    """A number as text, a label, or true or false; and when that was so."""

    value = serializers.CharField()
    as_of = serializers.DateTimeField()


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """`via` rule: it followed from time or from an order. `decided_at` is when it took effect."""

    verdict = serializers.ChoiceField(choices=STANDINGS)
    via = serializers.ChoiceField(choices=DecidedVia.choices)

    class Meta:
        model = Decision
        fields = ["id", "verdict", "via", "actor", "reason", "decided_at", "created_at"]


class OutcomeSerializer(serializers.ModelSerializer[RecommendationOutcome]):
    result = ExactField(allow_null=True)
    result_per_unit = ExactField(allow_null=True)
    r_multiple = ExactField(allow_null=True)
    entry_price = ExactField(allow_null=True)
    exit_price = ExactField(allow_null=True)
    mark_quality = serializers.ChoiceField(choices=MARK_QUALITIES)

    class Meta:
        model = RecommendationOutcome
        fields = [
            "id", "source", "result", "result_per_unit", "currency", "r_multiple", "entry_price", "exit_price",
            "closed_at", "close_reason", "mark_quality", "known_at", "note", "actor", "created_at",
        ]  # fmt: skip


class RecommendationSerializer(serializers.ModelSerializer[Recommendation]):
    """`status` is of this moment. `outcome` is what it would have come to, null while nobody knows."""

    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    quantity = ExactField(read_only=True, allow_null=True)
    entry_price = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    target_price = ExactField(read_only=True, allow_null=True)
    expected_profit = ExactField(read_only=True, allow_null=True)
    expected_loss = ExactField(read_only=True, allow_null=True)
    probability = ExactField(read_only=True, allow_null=True)
    status = serializers.ChoiceField(choices=STANDINGS, read_only=True)
    decided_at = serializers.DateTimeField(
        source="standing.decided_at", read_only=True, default=None, allow_null=True
    )
    trade = serializers.IntegerField(
        source="standing.trade_id", read_only=True, default=None, allow_null=True
    )
    outcome = serializers.SerializerMethodField()
    legs = ProposedLegSerializer(many=True, read_only=True)
    features = serializers.DictField(child=FeatureSerializer(), read_only=True)

    class Meta:
        model = Recommendation
        fields = [
            "id", "record_id", "account", "status", "decided_at", "needs_approval", "symbol", "strategy", "side",
            "quantity", "entry_price", "stop_price", "target_price", "expected_profit", "expected_loss", "probability",
            "legs", "features", "parameters", "reason", "scanner", "scanner_version", "pool", "source",
            "recommended_at", "received_at", "expires_at", "trade", "outcome",
        ]  # fmt: skip

    @extend_schema_field(OutcomeSerializer(allow_null=True))
    def get_outcome(self, proposal: Recommendation) -> Any:
        newest = self.context.get("outcomes", {}).get(proposal.record_id)
        return None if newest is None else OutcomeSerializer(newest).data

    def to_representation(self, instance: Recommendation) -> dict[str, Any]:
        """Legs and features as they are kept: what else was said of them stays."""
        shown: dict[str, Any] = super().to_representation(instance)
        return {**shown, "legs": instance.legs, "features": instance.features}


class RecommendationDetailSerializer(RecommendationSerializer):
    decisions = serializers.SerializerMethodField()
    orders = serializers.SerializerMethodField()

    class Meta(RecommendationSerializer.Meta):
        fields = [*RecommendationSerializer.Meta.fields, "decisions", "orders"]

    @extend_schema_field(DecisionSerializer(many=True))
    def get_decisions(self, proposal: Recommendation) -> Any:
        return DecisionSerializer(self.context["decisions"], many=True).data

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_orders(self, proposal: Recommendation) -> list[int]:
        """Our ids of the orders that name it."""
        return [order.pk for order in self.context["orders"]]


class DecideSerializer(serializers.Serializer[Any]):
    verdict = serializers.ChoiceField(
        choices=VERDICTS, help_text="recommended takes the decision before it back."
    )
    reason = serializers.CharField(
        max_length=1_000, required=False, allow_blank=True, default="", trim_whitespace=True
    )
    seen = serializers.ChoiceField(
        choices=STANDINGS,
        required=False,
        default="",
        help_text="The status that you know of. Where it is another one by now, nothing is decided (409).",
    )


class DecidedSerializer(serializers.Serializer[Any]):
    """`changed`: false where it stood so already, and nothing was written."""

    status = serializers.ChoiceField(choices=STANDINGS)
    changed = serializers.BooleanField()
    decisions = DecisionSerializer(many=True)


class OutcomeRecord(serializers.Serializer[Any]):
    """At least one of the three results is needed."""

    result_per_unit = serializers.CharField(
        required=False, help_text="In the price of one unit: a spread’s credit less its debit."
    )
    result = serializers.CharField(required=False, help_text="In money, of the recommended size.")
    currency = serializers.CharField(required=False, max_length=12)
    r_multiple = serializers.CharField(required=False, help_text="In units of the risk.")
    entry_price = serializers.CharField(required=False)
    exit_price = serializers.CharField(required=False)
    closed_at = serializers.DateTimeField(required=False)
    close_reason = serializers.CharField(required=False, max_length=64)
    mark_quality = serializers.ChoiceField(choices=MARK_QUALITIES)
    known_at = serializers.DateTimeField(
        required=False, help_text="From when on this could be known; now when left out."
    )
    note = serializers.CharField(required=False, max_length=4_000)
