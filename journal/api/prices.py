"""Prices: bars that bots send, which there are, and how far a trade went."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.throttles import CaptureThrottle
from accounts.api.views import ScopedAPIView
from accounts.scopes import Scope
from common.api.parsers import ExactJSONParser
from common.api.schema import WriteSchema
from common.errors import NotFound
from journal.api.shapes import ExactField
from journal.api.views import BoundMixin, JournalMixin
from journal.models import PriceSeries
from journal.selectors.prices import list_series
from journal.selectors.trades import get_trade
from journal.services.prices.pushed import BARS_MAX, take_bars
from journal.services.prices.telling import tell_excursions


class SeriesSerializer(serializers.ModelSerializer[PriceSeries]):
    interval = serializers.CharField()

    class Meta:
        model = PriceSeries
        fields = ["id", "symbol", "interval", "source", "basis", "zone", "bars", "first_at", "last_at"]  # fmt: skip


class BarSerializer(serializers.Serializer[Any]):
    """Or a list: [at, open, high, low, close, volume], `at` also in milliseconds."""

    at = serializers.DateTimeField(help_text="When the bar opened.")
    open = ExactField()
    high = ExactField()
    low = ExactField()
    close = ExactField()
    volume = ExactField(required=False, allow_null=True)


class BarsSerializer(serializers.Serializer[Any]):
    symbol = serializers.CharField(max_length=64)
    interval = serializers.CharField(max_length=8, help_text="1m, 5m, 1h, 1d.")
    source = serializers.CharField(max_length=48, required=False)  # type: ignore[assignment]
    zone = serializers.CharField(max_length=64, required=False, help_text="In which days begin.")
    basis = serializers.ChoiceField(choices=["raw", "adjusted"], required=False)
    bars = BarSerializer(many=True, help_text=f"At most {BARS_MAX:,}.")


class TakenSerializer(serializers.Serializer[Any]):
    """`unfinished` bars were left out: they are not over yet."""

    series = serializers.IntegerField()
    bars = serializers.IntegerField()
    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    unfinished = serializers.IntegerField()


class ReachSerializer(serializers.Serializer[Any]):
    """`money` is certain, `money_bound` the most that bars allow; in the trade's currency, before fees."""

    money = ExactField()
    money_bound = ExactField()
    price = ExactField()
    price_bound = ExactField()
    move = ExactField()
    move_bound = ExactField()
    is_exact = serializers.BooleanField()
    at = serializers.DateTimeField(allow_null=True)


class ExcursionsSerializer(serializers.Serializer[Any]):
    """`mae` and `mfe` are null where they are not known; then `reason` says why."""

    mae = ReachSerializer(allow_null=True)
    mfe = ReachSerializer(allow_null=True)
    reason = serializers.CharField()
    quality = serializers.ChoiceField(choices=["intraday", "bot", "eod"], allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]
    interval = serializers.CharField()
    currency = serializers.CharField()
    holidays = serializers.ListField(child=serializers.DateField())
    until = serializers.DateTimeField(allow_null=True)


class PriceBars(BoundMixin, ScopedAPIView):
    """Prices are the workspace's, also where a token is bound to one account. The same call again changes nothing, with
    a key or without."""

    schema = WriteSchema()

    write_scope = (Scope.CAPTURE_WRITE, Scope.JOURNAL_WRITE)
    parser_classes = (ExactJSONParser,)
    serializer_class = TakenSerializer

    def get_throttles(self) -> list[Any]:
        return [CaptureThrottle()]

    @extend_schema(request=BarsSerializer, responses={200: TakenSerializer})
    def post(self, request: Request) -> Response:
        """Take bars of one market, all or none. The same again change nothing, others of their time replace them."""
        stored = take_bars(self.workspace.pk, request.data)
        return Response(
            {
                "series": stored.series.pk,
                "bars": stored.read,
                "added": stored.added,
                "changed": stored.changed,
                "unfinished": stored.unfinished,
            },
            status=status.HTTP_200_OK,
        )


class PriceSeriesList(JournalMixin, generics.ListAPIView[PriceSeries]):
    """Which prices there are."""

    serializer_class = SeriesSerializer
    ordering = ("id",)
    filterset_fields = ("symbol", "source")

    def get_queryset(self) -> QuerySet[PriceSeries]:
        found = list_series()
        # What other accounts trade is nothing for a token of one.
        return found if self.bound_account_id is None else found.none()


class TradeExcursionsView(JournalMixin, ScopedAPIView):
    serializer_class = ExcursionsSerializer

    @extend_schema(responses={200: ExcursionsSerializer})
    def get(self, request: Request, pk: int) -> Response:
        """How far a trade went against its holder and for them while it was open (MAE, MFE)."""
        trade = get_trade(pk)
        if self.bound_account_id not in (None, trade.account_id):
            raise NotFound("trade_not_found", "There is no such trade in this workspace.")
        return Response(ExcursionsSerializer(tell_excursions(trade)).data)
