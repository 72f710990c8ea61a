"""`/api/tools`: the list of tools, and a call of one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from common.api.parsers import ExactJSONParser
from common.api.schema import IDEMPOTENCY_KEY, WriteSchema
from common.errors import AppError
from journal.tools import problems
from journal.tools.calling import call_tool
from journal.tools.doors import ToolDoor
from journal.tools.problems import ArgumentsInvalid
from journal.tools.registry import find_tool, list_tools
from journal.tools.schemas import describe

_BODY = 'Send a JSON object: {"tool": "listTrades", "arguments": {}}.'


class ToolSerializer(serializers.Serializer[Any]):
    name = serializers.CharField()
    title = serializers.CharField()
    description = serializers.CharField()
    scope = serializers.CharField()
    is_read_only = serializers.BooleanField()
    is_idempotent = serializers.BooleanField()
    arguments = serializers.DictField(help_text="JSON Schema of what it takes.")


class ToolListSerializer(serializers.Serializer[Any]):
    """The shape of every list; there is one page only."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = ToolSerializer(many=True)


class ToolCallSerializer(serializers.Serializer[Any]):
    tool = serializers.CharField(
        help_text="Its name, with any prefix up to the last dot: `moneybot.reviewClosedTrade`."
    )
    arguments = serializers.DictField(required=False, help_text="As `GET /api/tools` says.")


class OpenIssues(serializers.Serializer[Any]):
    errors = serializers.IntegerField()  # type: ignore[assignment]
    warnings = serializers.IntegerField()


class AccountQualitySerializer(serializers.Serializer[Any]):
    account = serializers.IntegerField()
    broker = serializers.CharField()
    number = serializers.CharField()
    last_fill_on = serializers.DateField(allow_null=True)
    statements_until = serializers.DateField(allow_null=True)
    connected_until = serializers.DateTimeField(allow_null=True)
    has_gaps = serializers.BooleanField()


class DataQuality(serializers.Serializer[Any]):
    """How far the answer can be relied on."""

    open_issues = OpenIssues()
    accounts = AccountQualitySerializer(many=True)
    is_complete_until_known = serializers.BooleanField()


class UntrustedText(serializers.Serializer[Any]):
    """What a person, a bot or a broker wrote."""

    untrusted_text = serializers.CharField()
    is_cut = serializers.BooleanField(required=False)


class ToolAnswer(serializers.Serializer[Any]):
    """`result` depends on the tool. `is_repeated`: a write that was done before under the same `client_request_id`."""

    tool = serializers.CharField()
    as_of = serializers.DateTimeField()
    workspace = UntrustedText()
    data_quality = DataQuality()
    result = serializers.DictField()
    is_repeated = serializers.BooleanField(required=False)


class ToolView(ToolDoor):
    parser_classes = (ExactJSONParser,)
    serializer_class = ToolListSerializer
    schema = WriteSchema()

    def answer(self, name: str, arguments: object) -> Response:
        try:
            if not isinstance(arguments, Mapping):
                raise ArgumentsInvalid({"arguments": [_BODY]})
            named = self._named(name, arguments)
            return Response(call_tool(self.caller, name, named, now=timezone.now()))
        except AppError as error:
            return Response(problems.as_json(error), status=error.status)

    def _named(self, name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """The header of all writes names the request of a tool that writes, where its arguments do not."""
        key = self.request.headers.get(IDEMPOTENCY_KEY, "").strip()
        if not key or find_tool(name).is_read_only:
            return arguments
        return {"client_request_id": key, **arguments}


class Tools(ToolView):
    @extend_schema(responses=ToolListSerializer)
    def get(self, request: Request) -> Response:
        """What assistants may call. Each tool says which scope it needs and what it takes."""
        rows = [describe(tool) for tool in list_tools()]
        return Response({"next": None, "previous": None, "results": rows})

    @extend_schema(
        operation_id="tools_call", request=ToolCallSerializer, responses={200: ToolAnswer}
    )
    def post(self, request: Request) -> Response:
        """Call a tool by its name."""
        body: Any = request.data
        if not isinstance(body, Mapping):
            return self.answer("", {})
        arguments = body.get("arguments")
        return self.answer(str(body.get("tool", "")), {} if arguments is None else arguments)


class OneTool(ToolView):
    @extend_schema(
        operation_id="tools_call_one",
        request={"application/json": {"type": "object", "additionalProperties": True}},
        responses={200: ToolAnswer},
        parameters=[OpenApiParameter("name", str, OpenApiParameter.PATH, description="Its name.")],
    )
    def post(self, request: Request, name: str) -> Response:
        """Call this tool. The body holds its arguments."""
        return self.answer(name, request.data)
