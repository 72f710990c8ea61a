"""Claims and insights as the API tells them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from learning.api.base import AnyField
from learning.domain.words.subjects import subject_label
from learning.models import Claim, ClaimEvent, ClaimGrade, ClaimOutcome, ClaimState, TradeInsight
from learning.models.insights import ProcessGrade, Quadrant
from learning.selectors.insights import WITHHELD


class ClaimSerializer(serializers.ModelSerializer[Claim]):
    """`sentence` has n, interval, probability and grade. `new` trades closed since it was raised; the next look is at
    `next_look` of them. `told` are the figures that the sentence was made from."""

    name = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=ClaimOutcome.choices, read_only=True)
    state = serializers.ChoiceField(choices=ClaimState.choices, read_only=True)
    grade = serializers.ChoiceField(choices=ClaimGrade.choices, read_only=True)
    told = AnyField(read_only=True)

    class Meta:
        model = Claim
        fields = [
            "id", "subject", "name", "outcome", "direction", "grade", "state", "since", "raised_at",
            "n_at_raising", "looks", "looked_at", "new", "next_look", "sentence", "told", "told_at",
        ]  # fmt: skip
        read_only_fields = fields

    def get_name(self, claim: Claim) -> str:
        return subject_label(claim.subject)


class ClaimEventSerializer(serializers.ModelSerializer[ClaimEvent]):
    state = serializers.ChoiceField(choices=ClaimState.choices, read_only=True)

    class Meta:
        model = ClaimEvent
        fields = ["at", "state", "looks", "new", "words"]
        read_only_fields = fields


class ClaimDetailSerializer(ClaimSerializer):
    events = ClaimEventSerializer(many=True, read_only=True)

    class Meta(ClaimSerializer.Meta):
        fields = [*ClaimSerializer.Meta.fields, "events"]
        read_only_fields = fields


class InsightSerializer(serializers.ModelSerializer[TradeInsight]):
    """`process` is of decisions alone: it would read the same had the trade gone the other way. `bet` is of what was
    known at the entry, `luck` the place of the result among trades like it, `taught` what it changed in what is
    believed. `classic_text` are the short sentences of the first specification, for machines that read them. A token of
    one account is told the process alone where there are other accounts: all else is made from their trades too."""

    trade = serializers.IntegerField(source="id", read_only=True)
    account = serializers.IntegerField(source="account_id", read_only=True)
    grade = serializers.ChoiceField(choices=ProcessGrade.choices, read_only=True)
    quadrant = serializers.ChoiceField(choices=Quadrant.choices, read_only=True, allow_blank=True)
    process = AnyField(source="told.process", read_only=True)
    bet = AnyField(source="told.bet", read_only=True, allow_null=True)
    luck = AnyField(source="told.luck", read_only=True, allow_null=True)
    taught = AnyField(source="told.taught", read_only=True, allow_null=True)
    facts = serializers.SerializerMethodField()
    classic_text = serializers.ListField(child=serializers.CharField(), read_only=True)

    class Meta:
        model = TradeInsight
        fields = [
            "trade", "account", "closed_at", "grade", "quadrant", "process", "bet", "luck", "taught",
            "facts", "classic_text", "made_at",
        ]  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_facts(self, insight: TradeInsight) -> list[Any]:
        return [one["fact"] for one in insight.told["chips"]]

    def to_representation(self, instance: TradeInsight) -> dict[str, Any]:
        told: dict[str, Any] = super().to_representation(instance)
        return told | WITHHELD if self.context["process_only"] else told


class TrialsSerializer(serializers.Serializer[Any]):
    tests = serializers.IntegerField(help_text="Hypotheses that runs tested.")
    slices = serializers.IntegerField(help_text="Breakdowns that people opened.")
    settings = serializers.IntegerField(help_text="Settings that were tried.")
