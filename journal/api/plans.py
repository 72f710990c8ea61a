"""Plans over the API: made by bots and assistants under ids of their own, revised, and told what came of them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_field,
)
from rest_framework import exceptions, generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from accounts.models import ApiToken
from accounts.scopes import Scope
from common.api.parsers import ExactJSONParser
from common.choices import enum_choices
from common.errors import AppError, TooLarge
from common.queue import enqueue
from common.words import speakable
from journal import tasks
from journal.api.records import ACTOR_CHOICES, FailureSerializer, NumberText
from journal.api.shapes import ExactField
from journal.api.views import JournalMixin
from journal.domain.chain.terms import PlanStatus
from journal.domain.values import Side
from journal.filters import PlanFilter
from journal.models import Plan, PlanChange, PlanVersion, Via
from journal.selectors.plans import current_status, list_plans, trades_of_plans
from journal.services.plans.actors import Actor
from journal.services.plans.sync import DAYS_BACK, DAYS_BACK_MAX, sync_plan_trades
from journal.services.plans.writing import (
    change_status,
    create_plan,
    find_plan,
    revise_plan,
    warnings_of,
)

PLAN_STATUSES = enum_choices(PlanStatus)
_BATCH_MAX = 500


class PlanChangeRecord(serializers.Serializer[Any]):
    """Terms of a plan. Null takes one back."""

    symbol = serializers.CharField(max_length=64, required=False)
    side = serializers.ChoiceField(choices=enum_choices(Side), required=False)
    strategy = serializers.CharField(max_length=64, required=False)
    timeframe = serializers.CharField(max_length=32, required=False)
    conditions = serializers.JSONField(required=False, help_text="Text, a list or an object.")
    entry_price = NumberText(required=False)
    entry_price_to = NumberText(
        required=False, help_text="The other end, where the entry is a range."
    )
    stop_price = NumberText(required=False)
    target_price = NumberText(required=False)
    quantity = NumberText(required=False)
    notes = serializers.CharField(max_length=10_000, required=False)
    recommendation_id = serializers.CharField(
        max_length=64, required=False, help_text="The record_id of the recommendation it follows."
    )
    expires_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(
        max_length=2_000, required=False, help_text="Kept in its history."
    )


class PlanRecord(PlanChangeRecord):
    plan_id = serializers.CharField(
        max_length=64, required=False, help_text="Your own name of it: what orders refer to."
    )
    symbol = serializers.CharField(max_length=64)
    account = serializers.CharField(
        max_length=64, required=False, help_text="The account's number; any account when left out."
    )
    broker = serializers.CharField(max_length=32, required=False)
    source = serializers.ChoiceField(choices=ACTOR_CHOICES, required=False)  # type: ignore[assignment]


class PlanSerializer(serializers.ModelSerializer[Plan]):
    """`profit_loss` (after fees, in `currency`), `exit_price`, `close_time` and `close_reason` are those of the closed
    trades that are linked to it, null or "" while none is."""

    account = serializers.IntegerField(source="account_id", read_only=True, allow_null=True)
    status = serializers.SerializerMethodField()
    conditions = serializers.JSONField(read_only=True, allow_null=True)
    entry_price = ExactField(read_only=True, allow_null=True)
    entry_price_to = ExactField(read_only=True, allow_null=True)
    stop_price = ExactField(read_only=True, allow_null=True)
    target_price = ExactField(read_only=True, allow_null=True)
    quantity = ExactField(read_only=True, allow_null=True)
    profit_loss = ExactField(read_only=True, allow_null=True)
    exit_price = ExactField(read_only=True, allow_null=True)
    trades = serializers.SerializerMethodField()

    class Meta:
        model = Plan
        fields = [
            "id", "plan_id", "account", "source", "created_at", "version", "symbol", "side", "strategy", "timeframe",
            "conditions", "entry_price", "entry_price_to", "stop_price", "target_price", "quantity", "notes",
            "recommendation_id", "expires_at", "status", "status_at", "trades", "profit_loss", "currency",
            "exit_price", "close_time", "close_reason", "synced_at",
        ]  # fmt: skip

    @extend_schema_field(serializers.ChoiceField(choices=PLAN_STATUSES))
    def get_status(self, plan: Plan) -> str:
        return current_status(plan)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_trades(self, plan: Plan) -> list[int]:
        found: dict[int, list[Any]] = self.context.get("trades", {})
        return [trade.pk for trade in found.get(plan.pk, [])]


class VersionSerializer(serializers.ModelSerializer[PlanVersion]):
    """All terms of one revision; numbers are text, what was left open is left out."""

    terms = serializers.DictField(read_only=True)

    class Meta:
        model = PlanVersion
        fields = ["number", "terms", "reason", "actor", "via", "made_at"]


class StepSerializer(serializers.ModelSerializer[PlanChange]):
    before = serializers.CharField(read_only=True)

    class Meta:
        model = PlanChange
        fields = ["before", "status", "reason", "actor", "via", "made_at"]


class PlanHistorySerializer(PlanSerializer):
    versions = serializers.SerializerMethodField()
    changes = serializers.SerializerMethodField()

    class Meta(PlanSerializer.Meta):
        fields = [*PlanSerializer.Meta.fields, "versions", "changes"]

    @extend_schema_field(VersionSerializer(many=True))
    def get_versions(self, plan: Plan) -> Any:
        return VersionSerializer(plan.versions.order_by("number"), many=True).data

    @extend_schema_field(StepSerializer(many=True))
    def get_changes(self, plan: Plan) -> Any:
        return StepSerializer(plan.changes.order_by("id"), many=True).data


class PlanStatusRecord(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=PLAN_STATUSES)
    reason = serializers.CharField(max_length=2_000, required=False, allow_blank=True, default="")


class PlanBatchRecord(serializers.Serializer[Any]):
    plans = PlanRecord(many=True)


class PlanReceipt(serializers.Serializer[Any]):
    """`status`: created, known (it came before and says the same) or error."""

    plan_id = serializers.CharField()
    id = serializers.IntegerField(required=False)
    status = serializers.ChoiceField(choices=["created", "known", "error"])
    warnings = serializers.ListField(child=serializers.CharField(), required=False)
    error = FailureSerializer(required=False)


class PlanReceipts(serializers.Serializer[Any]):
    results = PlanReceipt(many=True)


class SyncQuery(serializers.Serializer[Any]):
    days_back = serializers.IntegerField(
        min_value=1, max_value=DAYS_BACK_MAX, required=False, default=DAYS_BACK
    )


class SyncFailure(serializers.Serializer[Any]):
    plan_id = serializers.CharField()
    message = serializers.CharField()


class SyncResult(serializers.Serializer[Any]):
    """How many closed trades with a plan were looked at, and how many plans said something else before."""

    synced_count = serializers.IntegerField()
    updated_count = serializers.IntegerField()
    errors = SyncFailure(many=True)  # type: ignore[assignment]


class PlanMixin(JournalMixin):
    write_scope: ClassVar[Scope | tuple[Scope, ...]] = (Scope.CAPTURE_WRITE, Scope.JOURNAL_WRITE)
    parser_classes = (ExactJSONParser,)

    @property
    def actor(self) -> Actor:
        auth = self.request.auth
        person = str(self.request.user)
        token = auth if isinstance(auth, ApiToken) else None
        name = f"{token.name} ({person})" if token else person
        return Actor(name, Via.API, self.request.user.pk, token.pk if token else None)

    def found(self, reference: str) -> Plan:
        return find_plan(reference, account_id=self.bound_account_id)

    def create(self, record: object) -> tuple[Plan, bool]:
        plan, is_new = create_plan(
            self.workspace.pk, record, self.actor, account_id=self.bound_account_id
        )
        if is_new:
            enqueue(tasks.follow_plan, plan.pk)
        return plan, is_new

    def shown(self, plan: Plan) -> dict[str, Any]:
        context = {"trades": trades_of_plans([plan.pk])}
        return dict(PlanHistorySerializer(plan, context=context).data)


class PlanList(PlanMixin, generics.ListAPIView[Plan]):
    """Plans, newest first."""

    serializer_class = PlanSerializer
    filterset_class = PlanFilter
    ordering = ("-created_at", "-id")

    def get_queryset(self) -> QuerySet[Plan]:
        return self.bound(list_plans())

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        context = {"trades": trades_of_plans([plan.pk for plan in page])}
        serializer = PlanSerializer(instance=page, many=True, context=context)
        return self.get_paginated_response(serializer.data)

    @extend_schema(
        request=PlanRecord,
        responses={
            201: PlanHistorySerializer,
            200: OpenApiResponse(PlanHistorySerializer, "It came before and says the same."),
        },
    )
    def post(self, request: Request) -> Response:
        """Make a plan. The same again changes nothing; other terms under its id are refused (409): PATCH it."""
        plan, is_new = self.create(request.data)
        code = status.HTTP_201_CREATED if is_new else status.HTTP_200_OK
        return Response(self.shown(self.found(plan.plan_id)), status=code)


class PlanBatch(PlanMixin, ScopedAPIView):
    serializer_class = PlanReceipts

    @extend_schema(request=PlanBatchRecord, responses={200: PlanReceipts})
    def post(self, request: Request) -> Response:
        """Make many plans in one call. Each is taken or refused by itself, and the answer says which."""
        records = request.data.get("plans") if isinstance(request.data, dict) else request.data
        if not isinstance(records, list):
            raise exceptions.ParseError('Send {"plans": [ … ]}, each plan an object.')
        if len(records) > _BATCH_MAX:
            raise TooLarge(
                "too_many_records",
                f"A call takes at most {_BATCH_MAX} plans, and this one has {len(records):,}. Send them in parts.",
            )
        return Response({"results": [self._taken(record) for record in records]})

    def _taken(self, record: object) -> dict[str, Any]:
        named = record.get("plan_id") if isinstance(record, dict) else None
        said = speakable(str(named or ""))[:64]
        try:
            plan, is_new = self.create(record)
        except AppError as error:
            failure = {"code": error.code, "message": error.message, "fields": error.fields}
            return {"plan_id": said, "status": "error", "error": failure}
        warnings = warnings_of(record)
        receipt = {
            "plan_id": plan.plan_id,
            "id": plan.pk,
            "status": "created" if is_new else "known",
        }
        return {**receipt, "warnings": warnings} if warnings else receipt


_REFERENCE = OpenApiParameter(
    "id", str, OpenApiParameter.PATH, description="The plan's plan_id, or our id of it."
)


@extend_schema(parameters=[_REFERENCE])
class PlanDetail(PlanMixin, ScopedAPIView):
    serializer_class = PlanHistorySerializer

    @extend_schema(responses=PlanHistorySerializer)
    def get(self, request: Request, pk: str) -> Response:
        """One plan with all its versions and the steps of its status."""
        return Response(self.shown(self.found(pk)))

    @extend_schema(request=PlanChangeRecord, responses=PlanHistorySerializer)
    def patch(self, request: Request, pk: str) -> Response:
        """Revise a plan: what is sent is new, null takes a term back, all else stays. What was before is kept."""
        plan = self.found(pk)
        if revise_plan(plan, request.data, self.actor):
            enqueue(tasks.follow_plan, plan.pk)
        return Response(self.shown(self.found(pk)))


@extend_schema(parameters=[_REFERENCE])
class PlanStep(PlanMixin, ScopedAPIView):
    serializer_class = PlanHistorySerializer

    @extend_schema(request=PlanStatusRecord, responses=PlanHistorySerializer)
    def post(self, request: Request, pk: str) -> Response:
        """Say where it stands: triggered, executed, cancelled, expired, failed, or pending again."""
        plan = self.found(pk)
        form = PlanStatusRecord(data=request.data)
        form.is_valid(raise_exception=True)
        said = form.validated_data
        change_status(plan, said["status"], self.actor, reason=said["reason"])
        # How it stands now is asked of the database: what was found before the change says what was.
        return Response(self.shown(self.found(pk)))


class PlanSync(PlanMixin, ScopedAPIView):
    serializer_class = SyncResult
    write_scope: ClassVar[Scope | tuple[Scope, ...]] = (Scope.CAPTURE_WRITE, Scope.JOURNAL_WRITE)

    @extend_schema(request=SyncQuery, responses={200: SyncResult})
    def post(self, request: Request) -> Response:
        """Write to the plans what came of them, by the trades that were closed within `days_back` days. It happens by
        itself when a trade closes; asking again changes nothing."""
        form = SyncQuery(data=request.data or {})
        form.is_valid(raise_exception=True)
        synced = sync_plan_trades(
            self.workspace.pk,
            days_back=form.validated_data["days_back"],
            account_id=self.bound_account_id,
        )
        return Response(SyncResult(synced).data)
