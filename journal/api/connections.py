"""Connections to brokers over the API: connect, change, pull, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.http import Http404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.errors import Forbidden
from common.queue import enqueue
from journal import tasks
from journal.api.shapes import Counted, PullFailure, Stretch
from journal.api.views import JournalMixin
from journal.brokers.fetchers import list_fetchers
from journal.models import BrokerAccount, Connection, Pull, PullDocument, PullKind
from journal.selectors.connections import STATES, Standing, counts_of, list_connections
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import (
    change_connection,
    create_connection,
    disconnect,
    fetcher_named,
    pause_connection,
    standings_now,
    unpause_connection,
)

DAYS_BACK_MAX = 36_500


class PullCounts(serializers.Serializer[Any]):
    executions = Counted()
    cash = Counted()
    corporate_actions = Counted()
    option_events = Counted()
    transfers = Counted()


class PullSerializer(serializers.ModelSerializer[Pull]):
    """`state`: queued, running, waiting (the broker prepares something), importing, done or failed. A pull that failed
    may have brought something all the same: `imports` are the numbers of its imports."""

    connection = serializers.IntegerField(source="connection_id", read_only=True)
    status_id = serializers.CharField(
        read_only=True, help_text="For `/api/trades/import/status/{id}`."
    )
    counts = serializers.SerializerMethodField()
    imports = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = Pull
        fields = [
            "id", "status_id", "connection", "kind", "state", "days_back", "since", "until", "source", "note",
            "created_at", "started_at", "resume_at", "finished_at", "counts", "imports", "error",
        ]  # fmt: skip

    @extend_schema_field(PullCounts())
    def get_counts(self, pull: Pull) -> dict[str, dict[str, int]]:
        return counts_of(pull)

    @extend_schema_field(serializers.ListField(child=serializers.IntegerField()))
    def get_imports(self, pull: Pull) -> list[int]:
        return sorted({one.batch_id for one in pull.documents.all() if one.batch_id is not None})

    @extend_schema_field(PullFailure(allow_null=True))
    def get_error(self, pull: Pull) -> dict[str, str] | None:
        return failure_of(pull)


class PullStatusSerializer(PullSerializer):
    """A pull, as the status of what was asked for by `POST /api/trades/import/flex`."""

    id = serializers.CharField(source="status_id", read_only=True)


def failure_of(failed: Connection | Pull) -> dict[str, str] | None:
    if not failed.error_code:
        return None
    return {
        "code": failed.error_code,
        "message": failed.error_message,
        "verdict": failed.verdict,
    }


class ConnectionSerializer(serializers.ModelSerializer[Connection]):
    """`state` is ok only where nothing is known to be missing; else new (nothing was pulled yet), busy, gaps, retrying
    (the last pull failed and is tried again), stopped (waits for a person), blocked (a lockout by the broker), late (no
    worker came) or paused. `credentials` are written and never shown; they are replaced as a whole."""

    fetcher = serializers.ChoiceField(choices=[])
    credentials = serializers.DictField(
        child=serializers.CharField(max_length=4000, allow_blank=True),
        write_only=True,
        required=False,
    )
    account_numbers = serializers.ListField(
        child=serializers.CharField(max_length=64), required=False, max_length=200
    )
    is_paused = serializers.BooleanField(required=False)
    state = serializers.SerializerMethodField()
    complete_since = serializers.SerializerMethodField()
    complete_until = serializers.SerializerMethodField()
    gaps = serializers.SerializerMethodField()
    error = serializers.SerializerMethodField()

    class Meta:
        model = Connection
        fields = [
            "id", "fetcher", "name", "origin", "credentials", "account_numbers", "history_from", "schedule",
            "pull_at_minutes", "zone", "is_paused", "state", "complete_since", "complete_until", "gaps", "next_at",
            "not_before", "tried_at", "succeeded_at", "error", "created_at",
        ]  # fmt: skip
        read_only_fields = [
            "id", "origin", "next_at", "not_before", "tried_at", "succeeded_at", "created_at",
        ]  # fmt: skip
        extra_kwargs = {"name": {"required": False}, "history_from": {"required": False}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._known: dict[int, Standing] = {}
        choice = self.fields["fetcher"]
        assert isinstance(choice, serializers.ChoiceField)
        choice.choices = [(one.slug, one.label) for one in list_fetchers()]

    def validate_pull_at_minutes(self, minutes: int) -> int:
        if minutes >= 24 * 60:
            raise serializers.ValidationError("Minutes after midnight: at most 1439.")
        return minutes

    def _standing(self, connection: Connection) -> Standing:
        known: dict[int, Standing] | None = self.context.get("standings")
        if known is None:
            # Of one connection, asked for by each of its fields.
            known = self._known = self._known or standings_now([connection])
        return known[connection.pk]

    def to_representation(self, connection: Connection) -> dict[str, Any]:
        connection.is_paused = connection.paused_at is not None  # type: ignore[attr-defined]
        shown: dict[str, Any] = super().to_representation(connection)
        return shown

    @extend_schema_field(serializers.ChoiceField(choices=STATES))
    def get_state(self, connection: Connection) -> str:
        return self._standing(connection).state

    def get_complete_since(self, connection: Connection) -> datetime | None:
        return self._standing(connection).complete_since

    def get_complete_until(self, connection: Connection) -> datetime | None:
        return self._standing(connection).complete_until

    @extend_schema_field(Stretch(many=True))
    def get_gaps(self, connection: Connection) -> list[dict[str, datetime]]:
        gaps = self._standing(connection).gaps
        return [{"since": span.since, "until": span.until} for span in gaps]

    @extend_schema_field(PullFailure(allow_null=True))
    def get_error(self, connection: Connection) -> dict[str, str] | None:
        return failure_of(connection)


class AskSerializer(serializers.Serializer[Any]):
    days_back = serializers.IntegerField(
        min_value=1,
        max_value=DAYS_BACK_MAX,
        required=False,
        allow_null=True,
        default=None,
        help_text="So many days. Left out: all that is missing.",
    )


class ConnectionMixin(JournalMixin):
    """A token that is bound to an account sees the connections that are for that account alone."""

    def connections(self) -> QuerySet[Connection]:
        rows = list_connections().order_by("id")
        bound = self.bound_account_id
        if bound is None:
            return rows
        account = BrokerAccount.objects.get(pk=bound)
        return rows.filter(account_numbers=[account.broker_id])

    def connection(self) -> Connection:
        found = self.connections().filter(pk=self.kwargs["pk"]).first()
        if found is None:
            raise Http404
        return found

    def answer(self, pull: Pull) -> Response:
        enqueue(tasks.pull_connection, pull.pk)
        return Response(PullSerializer(pull).data, status=status.HTTP_202_ACCEPTED)


class ConnectionList(ConnectionMixin, generics.ListCreateAPIView[Connection]):
    """Connections to brokers. A new one is pulled from at once."""

    serializer_class = ConnectionSerializer
    ordering = ("id",)
    filterset_fields = ("fetcher",)

    def get_queryset(self) -> QuerySet[Connection]:
        return self.connections()

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or []
        standings = standings_now(page)
        context = {**self.get_serializer_context(), "standings": standings}
        serializer = ConnectionSerializer(instance=page, many=True, context=context)
        return self.get_paginated_response(serializer.data)

    def perform_create(self, serializer: Any) -> None:
        if self.bound_account_id is not None:
            raise Forbidden("token_bound", "This token is bound to one account and cannot connect.")
        values = dict(serializer.validated_data)
        is_paused = values.pop("is_paused", False)
        connection = create_connection(
            self.workspace.pk,
            fetcher_named(values.pop("fetcher")),
            values.pop("credentials", {}),
            user_id=self.request.user.pk,
            **values,
        )
        serializer.instance = connection
        if is_paused:
            pause_connection(connection)
        elif connection.not_before is None:
            pull = ask_pull(connection, user_id=self.request.user.pk, source="api")
            enqueue(tasks.pull_connection, pull.pk)


class ConnectionDetail(ConnectionMixin, generics.RetrieveUpdateDestroyAPIView[Connection]):
    """Disconnecting (DELETE) forgets the credentials; what was brought stays."""

    serializer_class = ConnectionSerializer
    http_method_names = ["get", "patch", "delete", "head", "options"]

    def get_queryset(self) -> QuerySet[Connection]:
        return self.connections()

    def perform_update(self, serializer: Any) -> None:
        connection: Connection = serializer.instance
        values = dict(serializer.validated_data)
        if values.pop("fetcher", connection.fetcher) != connection.fetcher:
            raise serializers.ValidationError(
                {"fetcher": "A connection stays with its broker. Connect the other one anew."}
            )
        if self.bound_account_id is not None and "account_numbers" in values:
            raise Forbidden("token_bound", "This token cannot say which accounts are filled.")
        is_paused = values.pop("is_paused", None)
        change_connection(connection, **values)
        if is_paused is not None:
            (pause_connection if is_paused else unpause_connection)(connection)

    def perform_destroy(self, instance: Connection) -> None:
        disconnect(instance)


class ConnectionPull(ConnectionMixin, ScopedAPIView):
    serializer_class = AskSerializer

    @extend_schema(request=AskSerializer, responses={202: PullSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Ask the broker now. 409 while a pull is under way, or while the broker has to be left alone."""
        connection = self.connection()
        form = AskSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        return self.answer(
            ask_pull(connection, **form.validated_data, user_id=request.user.pk, source="api")
        )


class ConnectionCheck(ConnectionMixin, ScopedAPIView):
    serializer_class = PullSerializer

    @extend_schema(request=None, responses={202: PullSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """Try the credentials without importing anything; the pull's `note` says what was found."""
        return self.answer(
            ask_pull(self.connection(), kind=PullKind.CHECK, user_id=request.user.pk, source="api")
        )


class PullMixin(ConnectionMixin):
    def get_queryset(self) -> QuerySet[Pull]:
        documents = Prefetch("documents", PullDocument.objects.select_related("batch"))
        pulls = Pull.objects.prefetch_related(documents).order_by("-id")
        if self.bound_account_id is not None:
            pulls = pulls.filter(connection__in=self.connections())
        return pulls


class PullList(PullMixin, generics.ListAPIView[Pull]):
    """Pulls, the newest first."""

    serializer_class = PullSerializer

    filterset_fields = ("connection", "state", "kind")


class PullDetail(PullMixin, generics.RetrieveAPIView[Pull]):
    """How far a pull is, and when it is over what came of it."""

    serializer_class = PullSerializer
