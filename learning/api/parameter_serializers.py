"""What the API says of parameters and symbols. Thresholds and statistics are numbers; money is text."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from journal.models.accounts import validate_zone
from learning.api.base import AnyField
from learning.models import (
    ParameterAnswer,
    ParameterPolicy,
    ParameterVersion,
    SymbolChange,
    SymbolStanding,
    SymbolState,
    VersionCause,
)


class WaitingSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    changed = AnyField()


class ParametersSerializer(serializers.Serializer[Any]):
    """`effective` is what to use until `expires`: thresholds by name, and symbols to leave (`blacklist`), to look at
    first (`favoured`) and to trade at half size. `evidence` has, for each parameter, what another setting is worth
    (`delta_r100`, R per 100 proposals), what it made on weeks that did not choose it (`holdout`), its grade, n, and
    `pbo`. `seed_rule` is what the simple rules say, whichever policy is in force."""

    version = serializers.IntegerField()
    as_of = serializers.DateTimeField()
    policy = serializers.ChoiceField(choices=ParameterPolicy.choices)
    effective = AnyField()
    start = AnyField(help_text="The scanner's own settings, from which the policies step.")
    seed_rule = AnyField(allow_null=True)
    evidence = AnyField()
    changed = AnyField(help_text="What this version changed: by name from and to.")
    cause = serializers.ChoiceField(choices=VersionCause.choices)
    waiting = WaitingSerializer(allow_null=True)
    cooling = serializers.IntegerField(
        help_text="Outcomes that are still to come before the next step."
    )
    refused = AnyField(
        help_text="Parameters of which somebody refused a step: outcomes still to come before one is proposed again."
    )
    leaks = serializers.ListField(
        child=AnyField(), help_text="Features that know the outcome; nothing is learnt by them."
    )
    score = AnyField(allow_null=True, help_text="How past steps fared: kept, reverted, R made.")
    run = serializers.IntegerField(allow_null=True)
    expires = serializers.DateTimeField(help_text="After this use your own settings.")


class ParameterVersionSerializer(serializers.ModelSerializer[ParameterVersion]):
    effective = AnyField(read_only=True)
    changed = AnyField(read_only=True)
    made_by = serializers.SerializerMethodField()

    class Meta:
        model = ParameterVersion
        fields = [
            "id", "number", "status", "policy", "cause", "effective", "changed", "as_of", "run", "made_at", "made_by",
            "reason",
        ]  # fmt: skip
        read_only_fields = fields

    def get_made_by(self, version: ParameterVersion) -> int | None:
        return version.made_by_id


class AnswerSerializer(serializers.ModelSerializer[ParameterAnswer]):
    """`score` is null until a run could tell: `made` is R beyond the scanner's own settings, on the same proposals."""

    version = serializers.IntegerField(source="version.number", read_only=True, allow_null=True)
    score = AnyField(read_only=True, allow_null=True)

    class Meta:
        model = ParameterAnswer
        fields = ["id", "version", "asker", "name", "first_at", "last_at", "times", "score"]
        read_only_fields = fields


class WhySerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500, required=False, default="", allow_blank=True)


class SettingsSerializer(serializers.Serializer[Any]):
    policy = serializers.ChoiceField(choices=ParameterPolicy.choices)
    needs_approval = serializers.BooleanField()
    zone = serializers.CharField(max_length=64)
    start = serializers.DictField(child=serializers.FloatField())

    def validate_zone(self, name: str) -> str:
        validate_zone(name)
        return name


class LearnSerializer(serializers.Serializer[Any]):
    asked = serializers.BooleanField()


class StandingSerializer(serializers.ModelSerializer[SymbolStanding]):
    """`evidence.mean` is R per trade after allowing for luck, `below_zero` how likely it loses money."""

    standing = serializers.ChoiceField(choices=SymbolState.choices, read_only=True)
    evidence = AnyField(read_only=True)

    class Meta:
        model = SymbolStanding
        fields = ["symbol", "standing", "since", "as_of", "n", "evidence"]
        read_only_fields = fields


class ChangeSerializer(serializers.ModelSerializer[SymbolChange]):
    """`made_by` is null where a run took the step."""

    made_by = serializers.IntegerField(source="made_by_id", read_only=True, allow_null=True)
    before = serializers.ChoiceField(choices=SymbolState.choices, read_only=True)
    after = serializers.ChoiceField(choices=SymbolState.choices, read_only=True)
    evidence = AnyField(read_only=True)

    class Meta:
        model = SymbolChange
        fields = ["id", "symbol", "before", "after", "at", "n", "evidence", "made_by", "reason"]
        read_only_fields = fields


class PutSerializer(serializers.Serializer[Any]):
    standing = serializers.ChoiceField(choices=SymbolState.choices)
    reason = serializers.CharField(max_length=500)


class RecordSerializer(serializers.Serializer[Any]):
    """`size` is what of the usual position is to be traded with money. `figures` are those of its closed trades, for
    each currency."""

    symbol = serializers.CharField()
    standing = serializers.ChoiceField(choices=SymbolState.choices)
    size = serializers.FloatField()
    since = serializers.DateTimeField(allow_null=True)
    as_of = serializers.DateTimeField(allow_null=True)
    n = serializers.IntegerField()
    evidence = AnyField()
    words = serializers.CharField()
    figures = AnyField()
    simple_rule = serializers.CharField(
        allow_blank=True,
        help_text="What the simple rules say of it: blacklist, favoured, or nothing.",
    )
    changes = ChangeSerializer(many=True)
