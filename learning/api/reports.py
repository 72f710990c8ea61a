"""Reports of weeks and months, as they were told."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import generics

from learning import filters
from learning.api import report_serializers as serializers
from learning.api.base import OfAll
from learning.models import Report
from learning.selectors.reports import list_reports


class ReportList(OfAll, generics.ListAPIView[Report]):
    """Reports, the newest first, without what they say."""

    serializer_class = serializers.ReportSerializer
    filterset_class = filters.ReportFilter
    ordering = ("-as_of", "-id")

    def get_queryset(self) -> QuerySet[Report]:
        return list_reports().order_by("-as_of", "-id")


class ReportDetail(OfAll, generics.RetrieveAPIView[Report]):
    """One report with all that it says: headline, sections with sentences and tables, and beside each number in them
    the figure that it was made from. What it was made of is the `result` of its `run`."""

    serializer_class = serializers.ReportDetailSerializer

    def get_queryset(self) -> QuerySet[Report]:
        return Report.objects.select_related("run")
