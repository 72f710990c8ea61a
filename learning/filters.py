"""The filters of lists: one FilterSet behind page and API."""

from __future__ import annotations

import django_filters as filters

from journal.filters import own_accounts
from learning.models import (
    Claim,
    ClaimGrade,
    ClaimState,
    LearningRun,
    MetricPoint,
    MetricState,
    Part,
    ProcessGrade,
    Quadrant,
    Report,
    ReportKind,
    ReturnPoint,
    RunKind,
    TradeInsight,
)


class MetricFilter(filters.FilterSet):
    """Which part of the book, and in which currency."""

    part = filters.ChoiceFilter(choices=Part.choices)
    key = filters.CharFilter(max_length=140)
    currency = filters.CharFilter(max_length=12)

    class Meta:
        model = MetricState
        fields = ["part", "key", "currency"]


class PointFilter(filters.FilterSet):
    part = filters.ChoiceFilter(choices=Part.choices, field_name="of__part")
    key = filters.CharFilter(max_length=140, field_name="of__key")
    currency = filters.CharFilter(max_length=12, field_name="of__currency")
    since = filters.IsoDateTimeFilter(field_name="known_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="known_at", lookup_expr="lte")

    class Meta:
        model = MetricPoint
        fields: list[str] = []


class ReturnPointFilter(filters.FilterSet):
    part = filters.ChoiceFilter(choices=Part.choices, field_name="of__part")
    key = filters.CharFilter(max_length=140, field_name="of__key")
    currency = filters.CharFilter(max_length=12, field_name="of__currency")
    since = filters.DateFilter(field_name="on", lookup_expr="gte")
    until = filters.DateFilter(field_name="on", lookup_expr="lte")

    class Meta:
        model = ReturnPoint
        fields: list[str] = []


class RunFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=RunKind.choices)
    account = filters.ModelChoiceFilter(queryset=own_accounts)

    class Meta:
        model = LearningRun
        fields = ["kind", "account"]


class ClaimFilter(filters.FilterSet):
    state = filters.ChoiceFilter(choices=ClaimState.choices)
    grade = filters.ChoiceFilter(choices=ClaimGrade.choices)
    subject = filters.CharFilter(max_length=200)

    class Meta:
        model = Claim
        fields = ["state", "grade", "subject"]


class InsightFilter(filters.FilterSet):
    account = filters.ModelChoiceFilter(queryset=own_accounts)
    grade = filters.ChoiceFilter(choices=ProcessGrade.choices)
    quadrant = filters.ChoiceFilter(choices=Quadrant.choices)
    since = filters.IsoDateTimeFilter(field_name="closed_at", lookup_expr="gte")
    until = filters.IsoDateTimeFilter(field_name="closed_at", lookup_expr="lte")

    class Meta:
        model = TradeInsight
        fields = ["account", "grade", "quadrant"]


class ReportFilter(filters.FilterSet):
    kind = filters.ChoiceFilter(choices=ReportKind.choices)
    since = filters.DateFilter(field_name="until", lookup_expr="gte")
    until = filters.DateFilter(field_name="since", lookup_expr="lte")

    class Meta:
        model = Report
        fields: list[str] = []
