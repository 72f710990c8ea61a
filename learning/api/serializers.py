"""What the API says of figures. As everywhere, numbers that are no counts are text; unknown is null, with why."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from learning.models import LearningRun, MetricPoint, MetricState, Part, ReturnPoint, ReturnState

_FIGURE = {
    "type": "object",
    "properties": {
        "value": {"type": "string", "format": "decimal", "nullable": True},
        "n": {"type": "integer"},
        "unit": {"type": "string"},
        "ci": {
            "type": "array",
            "items": {"type": "string", "format": "decimal"},
            "nullable": True,
            "description": "From, to, and how sure (0.9).",
        },
        "reason": {"type": "string", "nullable": True, "description": "Why there is no value."},
        "least": {"type": "integer", "description": "How many it takes, where there are too few."},
    },
}


@extend_schema_field({"type": "object", "additionalProperties": _FIGURE})
class FiguresField(serializers.JSONField):
    def to_representation(self, value: Any) -> Any:
        return {name: figure_as_text(figure) for name, figure in value.items()}


@extend_schema_field(
    {"type": "object", "additionalProperties": {"type": "string", "format": "decimal"}}
)
class ValuesField(serializers.JSONField):
    def to_representation(self, value: Any) -> Any:
        return {name: as_text(number) for name, number in value.items()}


def as_text(number: float) -> str:
    """The shortest that is this very float, without an exponent."""
    told = f"{Decimal(repr(float(number))):f}"
    return told.removesuffix(".0")


def figure_as_text(figure: dict[str, Any]) -> dict[str, Any]:
    value, ci = figure["value"], figure["ci"]
    return {
        **figure,
        "value": None if value is None else as_text(value),
        "ci": None if ci is None else [as_text(one) for one in ci],
    }


class ReturnsSerializer(serializers.ModelSerializer[ReturnState]):
    """Figures over time, of daily or weekly returns (`per_year` make a year). Everything and accounts go by what
    brokers said they are worth (`marked`), any other part by what it realised each week (`realised`). `unknown` counts
    the stretches of which nobody knows what the account was worth."""

    version = serializers.CharField(source="data_version", read_only=True)
    per_year = serializers.SerializerMethodField()
    figures = FiguresField(read_only=True)

    class Meta:
        model = ReturnState
        fields = ["basis", "n", "per_year", "unknown", "as_of", "version", "figures"]
        read_only_fields = fields

    def get_per_year(self, state: ReturnState) -> int:
        return round(state.per_year)


class MetricsSerializer(serializers.ModelSerializer[MetricState]):
    """The figures of one part of the book after its latest close. Each figure has a value or a reason, never neither;
    money is in `currency`. `version` is that of the trades that it is of: the same where they are."""

    part = serializers.ChoiceField(choices=Part.choices, read_only=True)
    known_at = serializers.DateTimeField(source="last_at", read_only=True)
    version = serializers.CharField(source="data_version", read_only=True)
    figures = FiguresField(read_only=True)
    returns = serializers.SerializerMethodField()

    class Meta:
        model = MetricState
        fields = [
            "part", "key", "currency", "n", "known_at", "measured_at", "version", "figures", "returns",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(ReturnsSerializer(allow_null=True))
    def get_returns(self, state: MetricState) -> dict[str, Any] | None:
        found = self.context["returns"].get((state.part, state.key, state.currency))
        return None if found is None else dict(ReturnsSerializer(found).data)


class PointSerializer(serializers.ModelSerializer[MetricPoint]):
    """The figures right after one trade was known: the `n`th of its part. What had no value then is left out."""

    part = serializers.ChoiceField(choices=Part.choices, source="of.part", read_only=True)
    key = serializers.CharField(source="of.key", read_only=True)
    currency = serializers.CharField(source="of.currency", read_only=True)
    trade = serializers.IntegerField(source="trade_id", read_only=True)
    values = serializers.SerializerMethodField()

    class Meta:
        model = MetricPoint
        fields = ["part", "key", "currency", "n", "trade", "known_at", "closed_at", "values"]
        read_only_fields = fields

    @extend_schema_field(ValuesField)
    def get_values(self, point: MetricPoint) -> dict[str, str]:
        wanted = self.context.get("metrics") or point.values
        return {name: as_text(value) for name, value in point.values.items() if name in wanted}


class ReturnPointSerializer(serializers.ModelSerializer[ReturnPoint]):
    """The figures over time as they stood at the end of a week, from the `n` returns up to then."""

    part = serializers.ChoiceField(choices=Part.choices, source="of.part", read_only=True)
    key = serializers.CharField(source="of.key", read_only=True)
    currency = serializers.CharField(source="of.currency", read_only=True)
    values = ValuesField(read_only=True)

    class Meta:
        model = ReturnPoint
        fields = ["part", "key", "currency", "on", "n", "values"]
        read_only_fields = fields


class MetricKindSerializer(serializers.Serializer[Any]):
    """What a figure is."""

    metric = serializers.CharField()
    name = serializers.CharField()
    unit = serializers.CharField()
    space = serializers.CharField(help_text="Counted over trades, or over days or weeks.")
    formula = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]


class MetricKindsSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = MetricKindSerializer(many=True)


class LearningRunSerializer(serializers.ModelSerializer[LearningRun]):
    """One time that the learner ran. The same `as_of`, `data_version`, `config` and `seed` give the same bytes again:
    `sha256` is theirs."""

    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    seed = serializers.CharField(read_only=True)
    config = serializers.JSONField(read_only=True)

    class Meta:
        model = LearningRun
        fields = [
            "id", "kind", "account", "as_of", "data_version", "config", "config_hash", "seed", "sha256", "made_at",
        ]  # fmt: skip
        read_only_fields = fields


class LearningRunDetailSerializer(LearningRunSerializer):
    result = serializers.CharField(
        read_only=True, help_text="JSON, byte for byte as it was hashed."
    )

    class Meta(LearningRunSerializer.Meta):
        fields = [*LearningRunSerializer.Meta.fields, "result"]
        read_only_fields = fields
