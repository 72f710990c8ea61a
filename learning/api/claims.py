"""What was noticed, how it fared, and what is said of closed trades."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from learning import filters
from learning.api import claim_serializers as serializers
from learning.api.base import LearningMixin, OfAll
from learning.models import Claim, TradeInsight
from learning.selectors.insights import knows_of_others
from learning.selectors.trials import tried


class ClaimList(LearningMixin, generics.ListAPIView[Claim]):
    """Claims, the latest raised first, each with its sentence and where it stands between raised and confirmed. They
    are of the whole workspace: a token of one account sees none."""

    serializer_class = serializers.ClaimSerializer
    filterset_class = filters.ClaimFilter
    ordering = ("-raised_at", "-id")

    def get_queryset(self) -> QuerySet[Claim]:
        rows = Claim.objects.order_by("-raised_at", "-id")
        return rows if self.bound_account_id is None else rows.none()


class ClaimDetail(LearningMixin, generics.RetrieveAPIView[Claim]):
    """One claim with the steps of its life."""

    serializer_class = serializers.ClaimDetailSerializer

    def get_queryset(self) -> QuerySet[Claim]:
        rows = Claim.objects.prefetch_related("events")
        return rows if self.bound_account_id is None else rows.none()


class OfInsights(LearningMixin, generics.GenericAPIView[TradeInsight]):
    serializer_class = serializers.InsightSerializer

    def get_serializer_context(self) -> dict[str, Any]:
        process_only = knows_of_others(self.bound_account_id)
        return {**super().get_serializer_context(), "process_only": process_only}


class InsightList(OfInsights, generics.ListAPIView[TradeInsight]):
    """What is said of closed trades, the latest closed first: process, bet, luck, and what each taught."""

    filterset_class = filters.InsightFilter
    ordering = ("-closed_at", "-id")

    def get_queryset(self) -> QuerySet[TradeInsight]:
        return self.bound(TradeInsight.objects.order_by("-closed_at", "-id"))


class InsightDetail(OfInsights, generics.RetrieveAPIView[TradeInsight]):
    """By the number of the trade."""

    def get_queryset(self) -> QuerySet[TradeInsight]:
        return self.bound(TradeInsight.objects.all())


class Trials(OfAll, ScopedAPIView):
    serializer_class = serializers.TrialsSerializer

    @extend_schema(responses=serializers.TrialsSerializer)
    def get(self, request: Request) -> Response:
        """How many questions were asked of this book: by runs, by people who opened breakdowns, by settings tried."""
        return Response(serializers.TrialsSerializer(tried(self.workspace.pk)).data)
