"""Executions and orders: what was captured, and what is known of it."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from journal.api import serializers
from journal.api.captures import CaptureMixin, captures
from journal.api.records import OrderChange, ReceiptSerializer
from journal.api.views import BoundMixin
from journal.filters import ExecutionFilter, OrderFilter
from journal.models import CapturedKind, Execution, Order
from journal.selectors.orders import find_order, list_history
from journal.services.captures.changing import change_of


class ExecutionList(CaptureMixin, generics.ListAPIView[Execution]):
    """Effective fills, newest first: one for each fill, however many sources reported it."""

    kind = CapturedKind.EXECUTION
    serializer_class = serializers.ExecutionSerializer
    filterset_class = ExecutionFilter
    ordering = ("-executed_at", "-id")

    def get_queryset(self) -> QuerySet[Execution]:
        rows = Execution.objects.select_related("instrument", "leg")
        return self.bound(rows.order_by("-executed_at", "-id"))

    @captures(CapturedKind.EXECUTION)
    def post(self, request: Request) -> Response:
        """Report one fill. It is booked a moment later; a statement that has it too is the same fill."""
        return self.answer(self.receive(request, [request.data])[0])


class ExecutionDetail(BoundMixin, generics.RetrieveAPIView[Execution]):
    serializer_class = serializers.ExecutionSerializer

    def get_queryset(self) -> QuerySet[Execution]:
        return self.bound(Execution.objects.select_related("instrument", "leg"))


class OrderList(CaptureMixin, generics.ListAPIView[Order]):
    """Orders as they stand, the latest activity first."""

    kind = CapturedKind.ORDER
    serializer_class = serializers.OrderSerializer
    filterset_class = OrderFilter
    ordering = ("-last_at", "-id")

    def get_queryset(self) -> QuerySet[Order]:
        rows = Order.objects.select_related("instrument")
        return self.bound(rows.order_by("-last_at", "-id"))

    @captures(CapturedKind.ORDER)
    def post(self, request: Request) -> Response:
        """Report one moment in the life of an order: it was placed, modified, filled, cancelled, rejected."""
        return self.answer(self.receive(request, [request.data])[0])


_REFERENCE = OpenApiParameter(
    "id",
    str,
    OpenApiParameter.PATH,
    description="Our id of the order, the broker's, or its sender's.",
)


@extend_schema(parameters=[_REFERENCE])
class OrderDetail(CaptureMixin, ScopedAPIView):
    kind = CapturedKind.ORDER
    serializer_class = serializers.OrderHistorySerializer

    @extend_schema(responses=serializers.OrderHistorySerializer)
    def get(self, request: Request, pk: str) -> Response:
        """One order with its whole history, by our id of it, by the broker's or by its sender's."""
        orders = self.bound(Order.objects.select_related("instrument"))
        order = find_order(orders, pk)
        serializer = serializers.OrderHistorySerializer(
            order, context={"history": list_history(order)}
        )
        return Response(serializer.data)

    @extend_schema(request=OrderChange, responses={201: ReceiptSerializer, 200: ReceiptSerializer})
    def patch(self, request: Request, pk: str) -> Response:
        """Report what became of an order, by any id of it or by the `record_id` that placed it. Also right after it
        was placed: it need not be booked yet."""
        record = change_of(pk, request.data, account_id=self.bound_account_id)
        return self.answer(self.receive(request, [record])[0])
