"""Guards: how they stand, what they saw, what they did, what is asked of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from journal.api.shapes import ExactField
from journal.services.reasons import REASON_LENGTH_MAX
from reconciliation.api.base import ReasonSerializer
from reconciliation.api.guard_values import shown
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import (
    CloseIntent,
    Guard,
    GuardFiring,
    GuardKind,
    GuardSample,
    GuardVersion,
)

_FIRST = datetime(1970, 1, 1, tzinfo=UTC)
_VALUES = {
    "type": "object",
    "additionalProperties": {},
    "description": "Money and shares as text, lengths of time in seconds (docs/guards.md). A share of 0.1 is 10 %.",
}


class GuardSampleSerializer(serializers.ModelSerializer[GuardSample]):
    """One reading that the guard looked at. `used` is the part of the allowance that is gone: 1 is a breach. What was
    not believed says why in `doubt`, and moved nothing."""

    snapshot = serializers.IntegerField(source="snapshot_id", read_only=True, allow_null=True)
    value = ExactField(read_only=True, allow_null=True)
    reference = ExactField(read_only=True, allow_null=True)
    floor = ExactField(read_only=True, allow_null=True)
    used = ExactField(read_only=True, allow_null=True)

    class Meta:
        model = GuardSample
        fields = [
            "id", "at", "snapshot", "value", "reference", "floor", "used", "state", "steps", "doubt",
        ]  # fmt: skip


class GuardSerializer(serializers.ModelSerializer[Guard]):
    """`account` is null for a guard of all accounts together. `state` stale or suspect: nothing was heard, or what was
    is not believed; that is unknown, and neither well nor a breach. `latest` is the newest reading."""

    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    is_floor = serializers.BooleanField(
        read_only=True, help_text="The installation's: it can be tighter, not looser."
    )
    is_armed = serializers.SerializerMethodField()
    version = serializers.IntegerField(source="version.number", read_only=True, allow_null=True)
    values = serializers.SerializerMethodField()
    latest = serializers.SerializerMethodField()

    class Meta:
        model = Guard
        fields = [
            "id", "account", "kind", "name", "preset", "is_floor", "state", "is_armed", "armed_at", "seen_at",
            "created_at", "version", "values", "latest",
        ]  # fmt: skip

    def get_is_armed(self, guard: Guard) -> bool:
        return guard.state != State.DISARMED

    @extend_schema_field(_VALUES)
    def get_values(self, guard: Guard) -> Any:
        return shown(guard.version.values) if guard.version is not None else {}

    @extend_schema_field(GuardSampleSerializer(allow_null=True))
    def get_latest(self, guard: Guard) -> Any:
        sample = self.context["samples"].get(guard.pk)
        return None if sample is None else GuardSampleSerializer(sample).data


class GuardChangeSerializer(serializers.ModelSerializer[GuardVersion]):
    """How the guard was asked to be set. What `loosens` waits for somebody else, or until `applies_at` where there is
    nobody else; everything else is applied at once."""

    guard = serializers.IntegerField(source="guard_id", read_only=True)
    values = serializers.SerializerMethodField()
    asked_by = serializers.IntegerField(source="asked_by_id", read_only=True, allow_null=True)
    decided_by = serializers.IntegerField(source="decided_by_id", read_only=True, allow_null=True)

    class Meta:
        model = GuardVersion
        fields = [
            "id", "guard", "number", "state", "values", "loosens", "reason", "asked_by", "asked_at", "applies_at",
            "decided_by", "decided_at",
        ]  # fmt: skip

    @extend_schema_field(_VALUES)
    def get_values(self, version: GuardVersion) -> Any:
        return shown(version.values)


class CloseIntentSerializer(serializers.ModelSerializer[CloseIntent]):
    """One position that the system closes. `why` says of one that ended without being flat what it was."""

    account = serializers.IntegerField(source="account_id", read_only=True)
    started_quantity = ExactField(read_only=True)

    class Meta:
        model = CloseIntent
        fields = [
            "id", "account", "symbol", "ticket", "reason", "started_quantity", "phase", "why", "began_at", "ended_at",
            "escalated_at",
        ]  # fmt: skip


class GuardFiringSerializer(serializers.ModelSerializer[GuardFiring]):
    """One time that a guard fired, with the exact figures of that moment and what was closed."""

    guard = serializers.IntegerField(source="guard_id", read_only=True)
    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    version = serializers.IntegerField(source="version.number", read_only=True)
    figures = serializers.DictField(read_only=True)
    intents = CloseIntentSerializer(many=True, read_only=True)

    class Meta:
        model = GuardFiring
        fields = [
            "id", "guard", "account", "version", "fired_at", "figures", "outcome", "begun_at", "ended_at", "is_drill",
            "intents",
        ]  # fmt: skip


class GuardDetailSerializer(GuardSerializer):
    """With the newest readings and firings, and the changes that wait; each has a list of its own."""

    samples = GuardSampleSerializer(many=True, source="told.samples")
    firings = GuardFiringSerializer(many=True, source="told.firings")
    changes = GuardChangeSerializer(many=True, source="told.changes")

    class Meta(GuardSerializer.Meta):
        fields = [*GuardSerializer.Meta.fields, "samples", "firings", "changes"]


class MaybeReasonSerializer(serializers.Serializer[Any]):
    reason = serializers.CharField(
        max_length=REASON_LENGTH_MAX,
        required=False,
        allow_blank=True,
        default="",
        help_text="Wanted where it protects less.",
    )


@extend_schema_field(_VALUES)
class ValuesField(serializers.DictField):
    """What is to be set; the rest stays as it is."""


class MakeGuardSerializer(serializers.Serializer[Any]):
    """From a preset, or from what is usual for its kind, with `values` of your own."""

    name = serializers.CharField(max_length=80)
    account = serializers.IntegerField(
        allow_null=True,
        min_value=1,
        max_value=2**63 - 1,
        help_text="Null: all accounts together, in the workspace's currency.",
    )
    kind = serializers.ChoiceField(choices=GuardKind.choices, default=GuardKind.LIMIT.value)
    preset = serializers.ChoiceField(
        choices=sorted(PRESETS), required=False, allow_blank=True, default=""
    )
    is_armed = serializers.BooleanField(default=True)
    values = ValuesField(required=False, default=dict)


class AskChangeSerializer(MaybeReasonSerializer):
    values = ValuesField()


class ArmSerializer(MaybeReasonSerializer):
    counting_from = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The marks of an account's guard begin with what was read then, so that a peak of the past counts.",
    )


class DisarmSerializer(ReasonSerializer):
    pass


def _of_these_times(at: datetime) -> None:
    """Before it nobody read an account, and a year before it there may be no time at all."""
    if at < _FIRST:
        raise serializers.ValidationError("This is too long ago.")


class SimulateSerializer(serializers.Serializer[Any]):
    since = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[_of_these_times]
    )
    until = serializers.DateTimeField(
        required=False, allow_null=True, default=None, validators=[_of_these_times]
    )
    values = ValuesField(required=False, default=dict)


class SimulatedEventSerializer(serializers.Serializer[Any]):
    at = serializers.DateTimeField()
    step = serializers.CharField()
    used = ExactField(source="standing.used", allow_null=True)
    value = ExactField(source="standing.value", allow_null=True)
    floor = ExactField(source="standing.floor", allow_null=True)


class SimulationSerializer(serializers.Serializer[Any]):
    """What the guard would have done with what was read in that time. Each time after it fired it is armed again at
    once. `worst` is the largest part of the allowance that was ever gone; `events` are the newest."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    samples = serializers.IntegerField()
    fired = serializers.IntegerField()
    warned = serializers.IntegerField()
    worst = ExactField()
    worst_at = serializers.DateTimeField(allow_null=True)
    events = SimulatedEventSerializer(many=True)
    events_left_out = serializers.IntegerField()


class PresetSerializer(serializers.Serializer[Any]):
    """A rule as a firm published it on `as_of`: a beginning that you edit."""

    slug = serializers.CharField()
    name = serializers.CharField()
    words = serializers.CharField()
    as_of = serializers.DateField()
    values = serializers.SerializerMethodField()

    @extend_schema_field(_VALUES)
    def get_values(self, preset: Any) -> Any:
        return shown(preset["values"])


class PresetsSerializer(serializers.Serializer[Any]):
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    results = PresetSerializer(many=True)
