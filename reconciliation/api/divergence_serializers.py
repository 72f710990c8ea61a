"""Differences, and what people do about them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journal.services.cash_entries import Movement
from reconciliation.api.base import ReasonSerializer
from reconciliation.api.choices import TOLD_STATES
from reconciliation.api.serializers import RowSerializer
from reconciliation.domain.life import State, follows
from reconciliation.domain.words import words_of
from reconciliation.models import Divergence, DivergenceStep


class ProposalSerializer(serializers.Serializer[Any]):
    """What would be done. `by_rule`: without a person."""

    code = serializers.CharField(help_text="How it would then be said to have ended.")
    act = serializers.CharField(required=False)
    words = serializers.CharField(required=False)
    by_rule = serializers.BooleanField(required=False)
    price = serializers.CharField(required=False)
    instrument = serializers.IntegerField(required=False)
    movement = serializers.CharField(required=False)
    reason = serializers.CharField(required=False)


class DivergenceSerializer(RowSerializer):
    """One difference between book and broker, from when it was first seen. `expected` is what the book has and `actual`
    what the broker has, figures as text by name; `proposal` is what would be done about it, null where a person has to
    find out. `name` says what `kind` means."""

    kind = serializers.CharField(read_only=True)
    name = serializers.SerializerMethodField()
    instrument = serializers.IntegerField(source="instrument_id", read_only=True, allow_null=True)
    expected = serializers.DictField(child=serializers.CharField(), read_only=True)
    actual = serializers.DictField(child=serializers.CharField(), read_only=True)
    proposal = serializers.SerializerMethodField()
    assignee = serializers.IntegerField(source="assignee_id", read_only=True, allow_null=True)
    proposed_by = serializers.IntegerField(source="proposed_by_id", read_only=True, allow_null=True)
    approved_by = serializers.IntegerField(source="approved_by_id", read_only=True, allow_null=True)
    follows = serializers.SerializerMethodField()

    class Meta:
        model = Divergence
        fields = [
            "id", "account", "kind", "name", "severity", "state", "follows", "symbol", "instrument", "expected",
            "actual", "proposal", "first_seen_at", "last_seen_at", "opened_at", "over_at", "resolution", "assignee",
            "proposed_by", "approved_by",
        ]  # fmt: skip

    def get_name(self, divergence: Divergence) -> str:
        return words_of(divergence.kind).name

    @extend_schema_field(ProposalSerializer(allow_null=True))
    def get_proposal(self, divergence: Divergence) -> dict[str, Any] | None:
        return divergence.proposal or None

    @extend_schema_field(
        serializers.ListField(
            child=serializers.ChoiceField(choices=TOLD_STATES), help_text="What it can become next."
        )
    )
    def get_follows(self, divergence: Divergence) -> list[str]:
        return [str(one) for one in follows(State(divergence.state))]


class DivergenceStepSerializer(serializers.ModelSerializer[DivergenceStep]):
    """One change, by a person (`user` is their id) or by a rule."""

    facts = serializers.DictField(read_only=True)

    class Meta:
        model = DivergenceStep
        fields = [
            "id",
            "from_state",
            "to_state",
            "user",
            "actor",
            "reason",
            "facts",
            "created_at",
        ]


class DivergenceDetailSerializer(DivergenceSerializer):
    """With every step of its life, the rows of both sides that it is about, and what to do, in words."""

    what = serializers.SerializerMethodField(help_text="What it is.")
    next_step = serializers.SerializerMethodField(help_text="What a person does about it.")
    last_run = serializers.IntegerField(source="last_run_id", read_only=True, allow_null=True)
    proposal_mark = serializers.CharField(
        read_only=True, help_text="Of what is proposed just now: say it when you approve."
    )
    steps = DivergenceStepSerializer(many=True, read_only=True)

    class Meta(DivergenceSerializer.Meta):
        fields = [
            *DivergenceSerializer.Meta.fields, "what", "next_step", "proposal_mark", "evidence", "key", "last_run",
            "seen", "unseen", "steps",
        ]  # fmt: skip

    def get_what(self, divergence: Divergence) -> str:
        return words_of(divergence.kind, divergence.key).says

    def get_next_step(self, divergence: Divergence) -> str:
        return words_of(divergence.kind).do


class AssignSerializer(ReasonSerializer):
    user = serializers.IntegerField(
        allow_null=True, help_text="Id of a member who may write; null for nobody."
    )


class ApproveSerializer(ReasonSerializer):
    mark = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=80,
        help_text="`proposal_mark` of what you saw: 409 `proposal_changed` where something else is proposed by now.",
    )  # fmt: skip


class ProposeSerializer(ReasonSerializer):
    """What the difference itself suggests (`proposal`), with what only a person can say."""

    price = serializers.CharField(
        required=False, allow_blank=True, default="", max_length=64, help_text="Of an adjustment."
    )
    instrument = serializers.IntegerField(
        required=False, allow_null=True, default=None, min_value=1, help_text="The market meant."
    )
    movement = serializers.ChoiceField(
        choices=[str(one) for one in Movement], required=False, allow_blank=True, default="",
        help_text="Of cash: what the money was.",
    )  # fmt: skip
