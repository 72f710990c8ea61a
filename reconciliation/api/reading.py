"""Runs, snapshots, worth over time, the log, alerts, and how each account stands: all of it to read."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from journal.models import BrokerAccount
from reconciliation import filters
from reconciliation.api import serializers
from reconciliation.api.base import ReconciliationMixin
from reconciliation.models import (
    DrawdownAlert,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRun,
    Snapshot,
)
from reconciliation.selectors.divergences import count_not_over
from reconciliation.selectors.hearing import accounts_in_use, hearings


class StatusList(ReconciliationMixin, generics.ListAPIView[BrokerAccount]):
    """How each account was heard last, what it is worth, and how many differences wait. Look at `freshness` first."""

    serializer_class = serializers.StatusSerializer
    ordering = ("id",)
    filterset_fields = ("broker", "broker_id")

    def get_queryset(self) -> QuerySet[BrokerAccount]:
        return self.bound(accounts_in_use().order_by("id"), "id")

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        ids = [account.pk for account in page]
        found = hearings(BrokerAccount.objects.filter(pk__in=ids).order_by("id"), now=self.now)
        context = {**self.get_serializer_context(), "counts": count_not_over(ids)}
        shown = serializers.StatusSerializer(found, many=True, context=context)
        return self.get_paginated_response(shown.data)


class RunList(ReconciliationMixin, generics.ListAPIView[ReconciliationRun]):
    """Runs, the newest first."""

    serializer_class = serializers.RunSerializer
    filterset_class = filters.RunFilter
    ordering = ("-began_at", "-id")

    def get_queryset(self) -> QuerySet[ReconciliationRun]:
        return self.bound(ReconciliationRun.objects.order_by("-began_at", "-id"))


class RunDetail(ReconciliationMixin, generics.RetrieveAPIView[ReconciliationRun]):
    """One run: what was compared, what was not and why, and what came of it."""

    serializer_class = serializers.RunSerializer

    def get_queryset(self) -> QuerySet[ReconciliationRun]:
        return self.bound(ReconciliationRun.objects.all())


class SnapshotList(ReconciliationMixin, generics.ListAPIView[Snapshot]):
    """What brokers said that accounts hold, the newest first, without the lines."""

    serializer_class = serializers.SnapshotSerializer
    filterset_class = filters.SnapshotQuery
    ordering = ("-as_of", "-id")

    def get_queryset(self) -> QuerySet[Snapshot]:
        return self.bound(Snapshot.objects.order_by("-as_of", "-id"))


class SnapshotDetail(ReconciliationMixin, generics.RetrieveAPIView[Snapshot]):
    """One set with its positions and orders."""

    serializer_class = serializers.SnapshotDetailSerializer

    def get_queryset(self) -> QuerySet[Snapshot]:
        rows = Snapshot.objects.select_related("worth")
        return self.bound(rows.prefetch_related("snapshotpositions", "snapshotorders", "runs"))


class PositionSnapshotList(ReconciliationMixin, generics.ListAPIView[PositionSnapshot]):
    """Equity, peak, drawdown and positions over time, the newest first. Reads that failed are in it."""

    serializer_class = serializers.PositionSnapshotSerializer
    filterset_class = filters.PositionSnapshotFilter
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[PositionSnapshot]:
        return self.bound(PositionSnapshot.objects.order_by("-created_at", "-id"))


class LogList(ReconciliationMixin, generics.ListAPIView[ReconciliationLog]):
    """What was done and seen between book and broker, the newest first: syncs, closes, guards, warnings."""

    serializer_class = serializers.LogSerializer
    filterset_class = filters.LogQuery
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[ReconciliationLog]:
        return self.bound(ReconciliationLog.objects.order_by("-created_at", "-id"))


class DrawdownAlertList(ReconciliationMixin, generics.ListAPIView[DrawdownAlert]):
    """Warnings and firings of drawdown guards, the newest first."""

    serializer_class = serializers.DrawdownAlertSerializer
    filterset_class = filters.DrawdownAlertFilter
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[DrawdownAlert]:
        return self.bound(DrawdownAlert.objects.order_by("-created_at", "-id"))
