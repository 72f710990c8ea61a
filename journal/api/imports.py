"""Statement files over the API: upload, watch, undo."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, PolymorphicProxySerializer, extend_schema
from rest_framework import exceptions, generics, serializers, status
from rest_framework.parsers import BaseParser, FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.views import ScopedAPIView
from common.api.parsers import DeepJSONParser
from common.errors import Forbidden
from common.queue import enqueue
from journal import tasks
from journal.api.connections import (
    AskSerializer,
    ConnectionMixin,
    PullMixin,
    PullStatusSerializer,
)
from journal.api.serializers import ImportSerializer
from journal.api.views import JournalMixin
from journal.models import BrokerAccount, ImportBatch
from journal.models.connections import PULL_PREFIX
from journal.selectors.connections import the_connection
from journal.selectors.imports import known_account
from journal.services import imports, mappings
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.environment import ensure_environment_connections

_STATUS = PolymorphicProxySerializer(
    component_name="ImportOrPull",
    serializers=[ImportSerializer, PullStatusSerializer],
    resource_type_field_name=None,
)
_MAPPING_BYTES_MAX = 100_000
_HOW = "Send the file as the field “file” of a form, as curl -F file=@statement.xml does."


class UploadSerializer(serializers.Serializer[Any]):
    """`account` is an account number: a file of another account is then refused, and a file that names none is of this
    one; `new_account` is the number of an account that may come to be. `timezone` is the zone of times without an
    offset, `day_first` how dates such as 03/04/2026 are meant. `mapping` says what the columns of a table are that no
    reader knows (JSON as in docs/brokers/generic_table.md, as text or as a file; `auto` takes the proposal where it
    leaves nothing open). With `preview` nothing is imported until it is confirmed."""

    # An empty one is refused by the import, with a sentence of its own.
    file = serializers.FileField(
        write_only=True,
        allow_empty_file=True,
        error_messages={"required": _HOW, "invalid": _HOW},
    )
    account = serializers.CharField(required=False, write_only=True, max_length=64)
    timezone = serializers.CharField(required=False, write_only=True, max_length=64)
    new_account = serializers.CharField(required=False, write_only=True, max_length=64)
    day_first = serializers.BooleanField(required=False, write_only=True, allow_null=True)
    mapping = serializers.CharField(required=False, write_only=True, max_length=100_000)
    preview = serializers.BooleanField(required=False, write_only=True, default=False)

    def to_internal_value(self, data: Any) -> Any:
        """A mapping may come as a file of the form."""
        said = data.get("mapping")
        if isinstance(said, UploadedFile):
            # Not copied: that would copy the files too.
            data = {name: data[name] for name in data}
            data["mapping"] = said.read(_MAPPING_BYTES_MAX).decode(errors="replace")
        return super().to_internal_value(data)


class ImportUpload(JournalMixin, ScopedAPIView):
    parser_classes: tuple[type[BaseParser], ...] = (MultiPartParser, FormParser)
    serializer_class = UploadSerializer
    format = "auto"

    @extend_schema(responses={202: ImportSerializer})
    def post(self, request: Request) -> Response:
        """Takes the file and answers 202 with the id to ask the status of."""
        form = UploadSerializer(data=_data_of(request))
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        batch = imports.receive_file(
            self.workspace.pk,
            wanted["file"],
            name=wanted["file"].name,
            request=imports.ImportRequest(
                format=self.format,
                mapping=_mapping(wanted),
                zone=wanted.get("timezone", ""),
                day_first=wanted.get("day_first"),
                account=self._account(wanted.get("account", "")),
                account_number=wanted.get("new_account", ""),
                source="api",
                user_id=request.user.pk,
            ),
        )
        if wanted["preview"]:
            enqueue(tasks.preview_import, batch.pk)
        else:
            imports.confirm_import(batch)
            enqueue(tasks.run_import, batch.pk)
        batch.refresh_from_db()
        return Response(ImportSerializer(batch).data, status=status.HTTP_202_ACCEPTED)

    def _account(self, number: str) -> BrokerAccount | None:
        bound = self.bound_account_id
        if bound is not None:
            account = BrokerAccount.objects.get(pk=bound)
            if number and number != account.broker_id:
                raise Forbidden("token_bound", f"This token may only import {account.broker_id}.")
            return account
        return known_account(number) if number else None


def _mapping(wanted: dict[str, Any]) -> dict[str, Any] | None:
    said = wanted.get("mapping", "").strip()
    if not said:
        return None
    return mappings.settled(wanted["file"]) if said == "auto" else mappings.read_json(said)


def _data_of(request: Request) -> Any:
    try:
        return request.data
    except exceptions.UnsupportedMediaType as error:
        raise exceptions.UnsupportedMediaType(request.content_type, detail=_HOW) from error


class CsvUpload(ImportUpload):
    """Any statement file; the reader is found by content."""


class FlexPullSerializer(AskSerializer):
    """`connection` is needed only where several could be meant."""

    connection = serializers.IntegerField(required=False, allow_null=True, default=None)


class FlexUpload(ConnectionMixin, ImportUpload):
    """An Interactive Brokers Flex file (XML) as a form; or, as JSON, for how many days the broker is to be asked."""

    format = "ibkr_flex"
    parser_classes = (DeepJSONParser, MultiPartParser, FormParser)

    @extend_schema(
        request={
            "multipart/form-data": UploadSerializer,
            "application/json": FlexPullSerializer,
        },
        responses={202: _STATUS},
    )
    def post(self, request: Request) -> Response:
        """A form takes in a file. JSON such as `{"days_back": 30}` has a worker pull from the connected broker; without
        `days_back` all that is missing. Either answers 202 with the id to ask the status of."""
        if not _is_json(request):
            return super().post(request)
        form = FlexPullSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        ensure_environment_connections(settings.ENVIRONMENT_CONNECTIONS)
        connection = the_connection(
            self.connections(), self.format, form.validated_data["connection"]
        )
        pull = ask_pull(
            connection,
            days_back=form.validated_data["days_back"],
            user_id=request.user.pk,
            source="api",
        )
        enqueue(tasks.pull_connection, pull.pk)
        return Response(PullStatusSerializer(pull).data, status=status.HTTP_202_ACCEPTED)


def _is_json(request: Request) -> bool:
    return str(request.content_type).partition(";")[0].strip() == DeepJSONParser.media_type


class ImportHistory(JournalMixin, generics.ListAPIView[ImportBatch]):
    """Imports, the newest first."""

    serializer_class = ImportSerializer
    filterset_fields = ("state", "format")

    def get_queryset(self) -> QuerySet[ImportBatch]:
        return _batches(self)


class ImportStatus(PullMixin, ScopedAPIView):
    @extend_schema(
        parameters=[OpenApiParameter("id", str, OpenApiParameter.PATH)], responses={200: _STATUS}
    )
    def get(self, request: Request, pk: str) -> Response:
        """How far an import is, and when it is over its result or its error; or how far a pull is that was asked for as
        `pull-…`."""
        number = pk.removeprefix(PULL_PREFIX)
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise Http404
        rows: QuerySet[Any] = _batches(self) if number == pk else self.get_queryset()
        found = rows.filter(pk=int(number)).first()
        if found is None:
            raise Http404
        shape = ImportSerializer if number == pk else PullStatusSerializer
        return Response(shape(found).data)


def _batches(view: JournalMixin) -> QuerySet[ImportBatch]:
    batches = ImportBatch.objects.select_related("file", "progress")
    return view.bound(batches, "account_id")


class ImportAction(JournalMixin, ScopedAPIView):
    serializer_class = ImportSerializer

    @extend_schema(request=None, responses={202: ImportSerializer})
    def post(self, request: Request, pk: int) -> Response:
        batch = _batches(self).filter(pk=pk).first()
        if batch is None:
            raise Http404
        self.act(batch)
        batch.refresh_from_db()
        return Response(ImportSerializer(batch).data, status=status.HTTP_202_ACCEPTED)

    @abstractmethod
    def act(self, batch: ImportBatch) -> None:
        """Do what the address says, or raise an AppError."""


class ImportConfirm(ImportAction):
    """Import what a preview has shown."""

    def act(self, batch: ImportBatch) -> None:
        imports.confirm_import(batch)
        enqueue(tasks.run_import, batch.pk)


class ImportUndo(ImportAction):
    """Undo an import: its rows stay as evidence and no longer count."""

    def act(self, batch: ImportBatch) -> None:
        imports.ask_undo(batch)
        enqueue(tasks.withdraw_import, batch.pk)
