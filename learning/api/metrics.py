"""Figures per part of the book, now and over time, and what they mean."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from learning import filters
from learning.api import serializers
from learning.api.base import LearningMixin
from learning.models import LearningRun, MetricPoint, MetricState, ReturnPoint, ReturnState


class MetricList(LearningMixin, generics.ListAPIView[MetricState]):
    """What closed trades come to, per part of the book: all of it, an account, a strategy, a symbol, a tag, a bot, a
    version of the scanner's parameters. A part has figures for each currency that its results are in."""

    serializer_class = serializers.MetricsSerializer
    filterset_class = filters.MetricFilter
    ordering = ("part", "id")

    def get_queryset(self) -> QuerySet[MetricState]:
        return self.bound(MetricState.objects.defer("state").order_by("part", "id"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        keys = [one.key for one in page]
        found = self.bound(ReturnState.objects.filter(key__in=keys))
        context = {
            **self.get_serializer_context(),
            "returns": {(one.part, one.key, one.currency): one for one in found},
        }
        shown = serializers.MetricsSerializer(page, many=True, context=context)
        return self.get_paginated_response(shown.data)


class MetricHistory(LearningMixin, generics.ListAPIView[MetricPoint]):
    """The same after each close, the first first. Of a long series every tenth, then every hundredth is kept."""

    serializer_class = serializers.PointSerializer
    filterset_class = filters.PointFilter
    ordering = ("of_id", "n")

    def get_queryset(self) -> QuerySet[MetricPoint]:
        rows = MetricPoint.objects.select_related("of").only(
            "n", "trade_id", "known_at", "closed_at", "values", "of__part", "of__key", "of__currency"
        )  # fmt: skip
        return self.bound(rows.order_by("of_id", "n"))

    def get_serializer_context(self) -> dict[str, Any]:
        asked = self.request.query_params.get("metrics", "")
        return {
            **super().get_serializer_context(),
            "metrics": {name.strip() for name in asked.split(",")} - {""},
        }

    @extend_schema(
        parameters=[
            OpenApiParameter("metrics", str, description="Names with commas between; all if none.")
        ]
    )
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return super().get(request, *args, **kwargs)


class ReturnHistory(LearningMixin, generics.ListAPIView[ReturnPoint]):
    """Figures over time at the end of each week, the first first: of everything and of accounts."""

    serializer_class = serializers.ReturnPointSerializer
    filterset_class = filters.ReturnPointFilter
    ordering = ("of_id", "on")

    def get_queryset(self) -> QuerySet[ReturnPoint]:
        return self.bound(ReturnPoint.objects.select_related("of").order_by("of_id", "on"))


class MetricKinds(LearningMixin, ScopedAPIView):
    serializer_class = serializers.MetricKindsSerializer

    @extend_schema(responses=serializers.MetricKindsSerializer)
    def get(self, request: Request) -> Response:
        """What each figure is: its unit, how it is counted, and where that is from."""
        from learning.domain.metrics import METRICS  # noqa: PLC0415 - brings scipy

        rows = [
            {
                "metric": name,
                "name": one.name,
                "unit": one.unit,
                "space": one.space,
                "formula": one.formula,
                "source": one.source,
            }
            for name, one in METRICS.items()
        ]
        answer = {"next": None, "previous": None, "results": rows}
        return Response(serializers.MetricKindsSerializer(answer).data)


class RunList(LearningMixin, generics.ListAPIView[LearningRun]):
    """Times that the learner ran, the newest first, without what came of them."""

    serializer_class = serializers.LearningRunSerializer
    filterset_class = filters.RunFilter
    ordering = ("-as_of", "-id")

    def get_queryset(self) -> QuerySet[LearningRun]:
        return self.bound(LearningRun.objects.defer("result").order_by("-as_of", "-id"))


class RunDetail(LearningMixin, generics.RetrieveAPIView[LearningRun]):
    """One run with what came of it."""

    serializer_class = serializers.LearningRunDetailSerializer

    def get_queryset(self) -> QuerySet[LearningRun]:
        return self.bound(LearningRun.objects.all())
