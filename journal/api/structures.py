"""Joining and splitting trades."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.errors import NotFound
from journal.api.serializers import TradeSerializer
from journal.api.views import TradeChild
from journal.models import Trade
from journal.services.structures import LEGS_MAX, group_by_evidence, join_trades, split_trade


class JoinSerializer(serializers.Serializer[object]):
    trades = serializers.ListField(
        child=serializers.IntegerField(),
        min_length=1,
        max_length=LEGS_MAX,
        help_text="The ids of the trades to put together with this one.",
    )


class SplitSerializer(serializers.Serializer[object]):
    legs = serializers.ListField(
        child=serializers.IntegerField(),
        max_length=LEGS_MAX,
        required=False,
        default=list,
        help_text="The ids of the legs that become a trade of their own; none: every leg does.",
    )


class TradeJoin(TradeChild, ScopedAPIView):
    serializer_class = JoinSerializer

    @extend_schema(request=JoinSerializer, responses=TradeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Make one trade of this and others of its account. It holds through every re-booking."""
        form = JoinSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        wanted = set(form.validated_data["trades"])
        others = list(self.bound(Trade.objects.filter(pk__in=wanted)))
        if len(others) < len(wanted):
            raise NotFound("trade_not_found", "There is no such trade in this workspace.")
        joined = join_trades([self.trade(), *others], author_id=request.user.pk)
        return Response(TradeSerializer(joined).data)


class TradeSplit(TradeChild, ScopedAPIView):
    serializer_class = SplitSerializer

    @extend_schema(request=SplitSerializer, responses=TradeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take legs out of the trade, as a trade of their own. The answer is the trade that its first leg is in."""
        form = SplitSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        legs = form.validated_data["legs"]
        first = split_trade(self.trade(), leg_ids=legs, author_id=request.user.pk)
        return Response(TradeSerializer(first).data)


class TradeRegroup(TradeChild, ScopedAPIView):
    serializer_class = TradeSerializer

    @extend_schema(request=None, responses=TradeSerializer)
    def post(self, request: Request, pk: int) -> Response:
        """Take back what people joined and split: orders and deliveries decide again."""
        return Response(TradeSerializer(group_by_evidence(self.trade())).data)
