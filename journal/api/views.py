"""Reading the book, and writing what people say about it."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import generics, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import OwnerPermission
from accounts.api.views import ScopedAPIView, ScopedMixin
from accounts.scopes import Scope
from common.errors import NotFound
from common.queue import enqueue
from journal import tasks
from journal.api import serializers
from journal.api.cash import CashEntrySerializer
from journal.api.idempotency import IdempotentWrites
from journal.filters import CashFilter, InstrumentFilter, TradeFilter
from journal.models import (
    BrokerAccount,
    CashReport,
    Instrument,
    Leg,
    Structure,
    Tag,
    Trade,
    TradeNote,
)
from journal.selectors.positions import list_positions
from journal.selectors.trades import chains_of, tags_of
from journal.services import accounts as account_services
from journal.services import annotations as annotation_services
from journal.services import erasure, imports
from journal.services.cash_entries import CashEntry, Movement, enter_cash


class BoundMixin(ScopedMixin):
    read_scope = Scope.JOURNAL_READ
    write_scope: ClassVar[Scope | tuple[Scope, ...]] = Scope.JOURNAL_WRITE

    def bound(self, rows: QuerySet[Any], field: str = "account_id") -> QuerySet[Any]:
        """Only what a token that is limited to one account may see."""
        account_id = self.bound_account_id
        return rows if account_id is None else rows.filter(**{field: account_id})


class JournalMixin(BoundMixin, IdempotentWrites):
    pass


class AccountList(JournalMixin, generics.ListCreateAPIView[BrokerAccount]):
    """Broker accounts. An import makes them by itself; a manual account is made here."""

    serializer_class = serializers.AccountSerializer
    ordering = ("id",)
    filterset_fields = ("broker", "broker_id")

    def get_queryset(self) -> QuerySet[BrokerAccount]:
        return self.bound(BrokerAccount.objects.all(), "id")

    def perform_create(self, serializer: Any) -> None:
        values = dict(serializer.validated_data)
        values.pop("reason", None)
        serializer.instance = account_services.create_account(self.workspace.pk, **values)


class AccountDetail(JournalMixin, generics.RetrieveUpdateAPIView[BrokerAccount]):
    """A change of zone, roll-over, lot method, base currency or hedging books the account anew, and wants a reason."""

    serializer_class = serializers.AccountSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_permissions(self) -> Any:
        return [OwnerPermission()] if self.request.method == "DELETE" else super().get_permissions()

    def get_queryset(self) -> QuerySet[BrokerAccount]:
        return self.bound(BrokerAccount.objects.all(), "id")

    def perform_update(self, serializer: Any) -> None:
        account = serializer.instance
        if account_services.change_account(account, **serializer.validated_data):
            enqueue(tasks.rebook_account, account.pk)

    @extend_schema(
        parameters=[
            OpenApiParameter("confirm", str, required=True, description="The account's number."),
            OpenApiParameter("reason", str, description="For the audit trail."),
        ],
        responses={202: serializers.AccountSerializer},
    )
    def delete(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Erase the account for good: evidence, book, notes and files. For owners. `confirm` and `reason` may
        also be sent as JSON. A worker does it: the account says `erasure_asked_at` until it is gone (404)."""
        account = self.get_object()
        form = serializers.ErasureSerializer(data=request.data or request.query_params)
        form.is_valid(raise_exception=True)
        erasure.ask_erasure(account, **form.validated_data, author_id=request.user.pk)
        enqueue(tasks.erase_account, account.pk)
        account.refresh_from_db()
        answer = self.get_serializer(account).data
        return Response(answer, status=status.HTTP_202_ACCEPTED)


class InstrumentList(JournalMixin, generics.ListAPIView[Instrument]):
    serializer_class = serializers.InstrumentSerializer
    filterset_class = InstrumentFilter

    def get_queryset(self) -> QuerySet[Instrument]:
        return Instrument.objects.prefetch_related("broker_instruments")


class InstrumentDetail(JournalMixin, generics.RetrieveAPIView[Instrument]):
    serializer_class = serializers.InstrumentSerializer

    def get_queryset(self) -> QuerySet[Instrument]:
        return Instrument.objects.prefetch_related("broker_instruments")


def _trades() -> QuerySet[Trade]:
    legs = Prefetch("legs", Leg.objects.select_related("instrument").order_by("opened_at", "id"))
    return Trade.objects.prefetch_related(legs)


class TradeList(JournalMixin, generics.ListAPIView[Trade]):
    """Trades, the latest activity first."""

    serializer_class = serializers.TradeSerializer
    filterset_class = TradeFilter
    ordering = ("-last_at", "-id")

    def get_queryset(self) -> QuerySet[Trade]:
        return self.bound(_trades().order_by("-last_at", "-id"))

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        ids = [trade.pk for trade in page]
        several = [trade.pk for trade in page if trade.leg_count > 1]
        context = {
            **self.get_serializer_context(),
            "tags": tags_of(ids),
            "chains": chains_of(ids),
            "structures": Structure.objects.in_bulk(several) if several else {},
        }
        serializer = serializers.TradeSerializer(instance=page, many=True, context=context)
        return self.get_paginated_response(serializer.data)


class TradeDetail(JournalMixin, generics.RetrieveAPIView[Trade]):
    serializer_class = serializers.TradeSerializer

    def get_queryset(self) -> QuerySet[Trade]:
        return self.bound(_trades())

    def get_serializer_context(self) -> dict[str, Any]:
        ids = [self.kwargs["pk"]]
        return {**super().get_serializer_context(), "tags": tags_of(ids), "chains": chains_of(ids)}


class TradeChild(JournalMixin):
    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Whose trade it is comes before what is wrong with the request."""
        super().initial(request, *args, **kwargs)
        self.trade()

    def trade(self) -> Trade:
        trade: Trade | None = self.bound(Trade.objects.filter(pk=self.kwargs["pk"])).first()
        if trade is None:
            raise Http404
        return trade


class TradeNotes(TradeChild, generics.ListCreateAPIView[TradeNote]):
    serializer_class = serializers.NoteSerializer
    ordering = ("id",)
    filter_backends = ()

    def get_queryset(self) -> QuerySet[TradeNote]:
        return TradeNote.objects.filter(trade_id=self.trade().pk)

    def perform_create(self, serializer: Any) -> None:
        serializer.instance = annotation_services.add_note(
            self.trade(), author_id=self.request.user.pk, **serializer.validated_data
        )


def _tag_name(request: Request) -> str:
    form = serializers.TagNameSerializer(data=request.data or request.query_params)
    form.is_valid(raise_exception=True)
    return str(form.validated_data["name"])


class TradeTags(TradeChild, ScopedAPIView):
    serializer_class = serializers.TagSerializer

    @extend_schema(
        request=serializers.TagNameSerializer, responses={201: serializers.TagSerializer}
    )
    def post(self, request: Request, pk: int) -> Response:
        """Put a tag on the trade; a tag that does not exist is made."""
        name = _tag_name(request)
        tag = annotation_services.tag_trade(self.trade(), name=name, author_id=request.user.pk)
        return Response(serializers.TagSerializer(tag).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[OpenApiParameter("name", str, required=True)], responses={204: None})
    def delete(self, request: Request, pk: int) -> Response:
        """Take the tag called `name` off the trade. The name may also be sent as JSON."""
        tag = Tag.objects.filter(name__iexact=_tag_name(request)).first()
        if tag is not None:
            annotation_services.untag_trade(self.trade(), tag=tag)
        return Response(status=status.HTTP_204_NO_CONTENT)


class NoteDetail(JournalMixin, generics.RetrieveUpdateDestroyAPIView[TradeNote]):
    serializer_class = serializers.NoteSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[TradeNote]:
        return self.bound(TradeNote.objects.all())

    def perform_update(self, serializer: Any) -> None:
        annotation_services.edit_note(serializer.instance, **serializer.validated_data)

    def perform_destroy(self, instance: TradeNote) -> None:
        annotation_services.delete_note(instance)


class PositionList(JournalMixin, ScopedAPIView):
    """What is open now. Unpaged: an account holds few positions."""

    serializer_class = serializers.PositionsSerializer

    @extend_schema(
        parameters=[OpenApiParameter("account", int, many=True)],
        responses=serializers.PositionsSerializer,
    )
    def get(self, request: Request) -> Response:
        bound = self.bound_account_id
        wanted = serializers.AccountsQuery(
            data={"account": request.query_params.getlist("account")}
        )
        wanted.is_valid(raise_exception=True)
        positions = list_positions(
            self.workspace.pk,
            account_ids=(wanted.validated_data["account"] or None) if bound is None else [bound],
        )
        rows = serializers.PositionSerializer(positions, many=True).data
        return Response({"next": None, "previous": None, "results": rows})


class CashList(JournalMixin, generics.ListAPIView[CashReport]):
    """Movements of cash from imports that were not undone, newest first; what no statement tells of is entered here."""

    serializer_class = serializers.CashSerializer
    filterset_class = CashFilter
    ordering = ("-occurred_at", "-id")

    def get_queryset(self) -> QuerySet[CashReport]:
        rows = CashReport.objects.filter(batch__withdrawn_at=None).select_related("instrument")
        return self.bound(rows.order_by("-occurred_at", "-id"))

    @extend_schema(request=CashEntrySerializer, responses={202: serializers.ImportSerializer})
    def post(self, request: Request) -> Response:
        """Enter a movement of cash by hand, as evidence with its reason. It is an import like any other: its status is
        asked for and it is undone as such. 404 `account_not_found`, 422 `cash_direction` where money of that kind
        cannot go that way."""
        form = CashEntrySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        accounts = self.bound(BrokerAccount.objects.filter(archived_at=None), "id")
        account = accounts.filter(pk=said["account"]).first()
        if account is None:
            raise NotFound("account_not_found", "There is no such account in this workspace.")
        batch = enter_cash(
            self.workspace.pk,
            CashEntry(
                account=account, movement=Movement(said["kind"]), amount=said["amount"],
                currency=said["currency"] or account.base_currency, occurred_at=said["occurred_at"],
                reason=said["reason"],
            ),
            user_id=request.user.pk,
        )  # fmt: skip
        imports.confirm_import(batch)
        enqueue(tasks.run_import, batch.pk)
        batch.refresh_from_db()
        return Response(serializers.ImportSerializer(batch).data, status=status.HTTP_202_ACCEPTED)
