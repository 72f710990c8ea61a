"""What the API says of reports. Figures are as everywhere in the learner; money of the book is in them as numbers."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from learning.api.base import AnyField
from learning.models import Report
from learning.selectors.reports import told_by


class FocusSerializer(serializers.Serializer[Any]):
    rule = serializers.CharField()
    instruction = serializers.CharField()
    why = serializers.CharField()


class FocusScoreSerializer(serializers.Serializer[Any]):
    """How the focus of the report before was kept, of the `occasions` on which it could be."""

    rule = serializers.CharField()
    instruction = serializers.CharField()
    kept = serializers.IntegerField()
    occasions = serializers.IntegerField()


class CellSerializer(serializers.Serializer[Any]):
    """`text` is what people read, `figure` what it was made from by the rule that `formula` names."""

    text = serializers.CharField()
    figure = AnyField(required=False)
    formula = serializers.CharField(required=False)
    href = serializers.CharField(required=False)
    tone = serializers.CharField(required=False)


class TableSerializer(serializers.Serializer[Any]):
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField())
    numeric = serializers.ListField(child=serializers.IntegerField())
    rows = serializers.ListField(child=CellSerializer(many=True))


class SectionSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    title = serializers.CharField()
    sentences = serializers.ListField(child=serializers.CharField())
    tables = TableSerializer(many=True)
    chart = serializers.CharField(allow_blank=True)
    chart_data = AnyField(allow_null=True)


class ReportSerializer(serializers.ModelSerializer[Report]):
    """`since` to `until` are days in `zone`, the last one included; `trades` closed in them."""

    run = serializers.IntegerField(source="run_id", read_only=True)
    focus = FocusSerializer(read_only=True, allow_null=True)

    class Meta:
        model = Report
        fields = [
            "id", "kind", "since", "until", "zone", "as_of", "headline", "trades", "focus", "is_scheduled", "run",
        ]  # fmt: skip
        read_only_fields = fields


class ReportDetailSerializer(ReportSerializer):
    """`score` tells how the focus of the report before was kept; `footer` what goes for all of the figures."""

    score = serializers.SerializerMethodField()
    sections = serializers.SerializerMethodField()
    footer = serializers.SerializerMethodField()

    class Meta(ReportSerializer.Meta):
        fields = [*ReportSerializer.Meta.fields, "score", "sections", "footer"]
        read_only_fields = fields

    @extend_schema_field(FocusScoreSerializer(allow_null=True))
    def get_score(self, report: Report) -> Any:
        return self._told["score"]

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, report: Report) -> Any:
        return self._told["document"]["sections"]

    @extend_schema_field(serializers.ListField(child=serializers.CharField()))
    def get_footer(self, report: Report) -> Any:
        return self._told["document"]["footer"]

    @cached_property
    def _told(self) -> dict[str, Any]:
        """Read once, for a report of a busy month is large; this is never of many."""
        assert isinstance(self.instance, Report)
        return told_by(self.instance)
