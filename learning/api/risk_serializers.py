"""What the API says of the probability model, sizes, exits and exposure. Statistics are numbers; money of the book, its
quantities and prices are text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from learning.api.base import AnyField
from learning.models import Prediction, ProbabilityModel


class ResultSerializer(serializers.Serializer[Any]):
    """What came of the newest run: `result` is null before there was one. Figures have a value or a reason."""

    run = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    data_version = serializers.CharField(allow_null=True)
    result = AnyField(allow_null=True)


class ModelSerializer(serializers.ModelSerializer[ProbabilityModel]):
    """`is_deployed` is false where nothing was better than the base rate, which is then what is told. `names` are the
    features that it goes by."""

    figures = AnyField(read_only=True)

    class Meta:
        model = ProbabilityModel
        fields = [
            "id", "run", "as_of", "expires_at", "retired_at", "rung", "candidate", "is_deployed", "n", "names",
            "strategies", "figures",
        ]  # fmt: skip
        read_only_fields = fields


class ProbabilitySerializer(ResultSerializer):
    model = ModelSerializer(allow_null=True, help_text="What is asked now; null where none stands.")


class AskedSerializer(serializers.Serializer[Any]):
    """`p` is the probability to win, `base` the base rate of the strategy. `missing` are features that the model goes
    by and that were not told, `unused` those that it does not know. Where no model stands all of it is null, and
    `reason` is `no_probability_model`: go by your own probability."""

    p = serializers.FloatField(allow_null=True)
    base = serializers.FloatField(allow_null=True)
    expected_r = serializers.FloatField(
        allow_null=True,
        help_text="R to be expected, with the usual wins and losses of the strategy.",
    )
    n = serializers.IntegerField()
    is_deployed = serializers.BooleanField()
    rung = serializers.CharField(allow_null=True)
    model = serializers.IntegerField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    reason = serializers.CharField(allow_null=True)
    missing = serializers.ListField(child=serializers.CharField())
    unused = serializers.ListField(child=serializers.CharField())


class AskSerializer(serializers.Serializer[Any]):
    strategy = serializers.CharField(required=False, default="", max_length=64)
    probability = serializers.FloatField(
        required=False, allow_null=True, default=None, min_value=0, max_value=1
    )


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    """What was said of a proposal before anybody knew how it would end."""

    class Meta:
        model = Prediction
        fields = ["id", "record_id", "recommendation", "model", "opened_at", "p", "base"]
        read_only_fields = fields


class ExposureSerializer(serializers.Serializer[Any]):
    """What was open at `taken_at`, per currency of accounts; null before anybody looked."""

    taken_at = serializers.DateTimeField(allow_null=True)
    positions = serializers.IntegerField(allow_null=True)
    result = AnyField(allow_null=True)
