"""Where bridges beside MetaTrader terminals push, and how they are connected."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.throttles import CaptureThrottle
from accounts.api.views import ScopedAPIView
from accounts.scopes import Scope
from common.errors import Forbidden
from common.queue import enqueue
from journal import tasks
from journal.api.views import JournalMixin
from journal.models import Connection
from journal.selectors.connections import get_connection, list_connections
from journal.services.bridges.commands import read_poll, take_poll
from journal.services.bridges.connecting import (
    FETCHER,
    check_signature,
    connect_bridge,
    renew_secret,
    sign,
)
from journal.services.bridges.prices import take_bars
from journal.services.bridges.receiving import take_push

SIGNATURE = "X-Fillbook-Signature"
SIGNED = OpenApiParameter(
    SIGNATURE,
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="`sha256=` and the HMAC-SHA256 of the body with the bridge's secret, in hex.",
)


class PushedSerializer(serializers.Serializer[Any]):
    """`resend_from`: from when (seconds of the server's clock) the bridge is to send all deals again; else null."""

    status = serializers.ChoiceField(choices=[("taken", "Taken"), ("known", "Known")])
    sequence = serializers.IntegerField()
    resend_from = serializers.IntegerField(allow_null=True)


class PushSerializer(serializers.Serializer[Any]):
    """What every push has; it holds the records of the MetaTrader5 package beside (docs/brokers/mt5_bridge.md)."""

    kind = serializers.ChoiceField(choices=[("mt5 snapshot", "MetaTrader 5 snapshot")])
    connection = serializers.CharField(help_text="Number of the connection.")
    bridge = serializers.CharField(max_length=64)
    sequence = serializers.IntegerField(min_value=1)
    made_at = serializers.DateTimeField()
    complete_until = serializers.IntegerField(min_value=0)
    account = serializers.DictField()


class BridgeSerializer(serializers.Serializer[Any]):
    """`secret` is told this once, null when the request is repeated. `zone` is that of the trading server's clock."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120, required=False, default="")
    zone = serializers.CharField(max_length=64, required=False, default="")
    secret = serializers.CharField(read_only=True, allow_null=True)


class SignedMixin(JournalMixin):
    """The scope `capture:write` is enough; the signature says that it is the bridge of this connection."""

    write_scope = Scope.CAPTURE_WRITE

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        # The signature is that of the bytes as they came: they are kept before anything parses them.
        request.body  # noqa: B018
        return super().dispatch(request, *args, **kwargs)

    def get_throttles(self) -> list[Any]:
        return [CaptureThrottle()]

    def _connection(self, request: Request) -> Connection:
        number = request.data.get("connection") if isinstance(request.data, dict) else None
        if not str(number).isdecimal() or len(str(number)) > 18:
            raise exceptions.ParseError("`connection` is the number of the connection.")
        connection = get_connection(int(str(number)))
        if not connection.is_pushed:
            raise exceptions.NotFound
        return connection


class Mt5Pushes(SignedMixin, ScopedAPIView):
    serializer_class = PushedSerializer

    @extend_schema(
        request=PushSerializer,
        responses={200: PushedSerializer},
        parameters=[SIGNED],
    )
    def post(self, request: Request) -> Response:
        """Take a push of a bridge: once, in any order. What is missing in between is asked for."""
        connection = self._connection(request)
        body: bytes = request._request.body
        check_signature(connection, body, request.headers.get(SIGNATURE, ""))
        receipt = take_push(connection.pk, body, account_id=self.bound_account_id)
        if receipt.status == "taken" and receipt.batch_id is not None:
            enqueue(tasks.run_import, receipt.batch_id)
        elif receipt.status == "taken":
            enqueue(tasks.hand_up_push, connection.pk)
        return Response(
            {
                "status": receipt.status,
                "sequence": receipt.sequence,
                "resend_from": receipt.resend_from,
            }
        )


class AnsweredSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    answer = serializers.DictField()


class PollSerializer(serializers.Serializer[Any]):
    """`may` are the kinds of commands that the bridge carries out, `answers` what came of former ones."""

    kind = serializers.ChoiceField(choices=[("mt5 commands", "MetaTrader 5 commands")])
    connection = serializers.CharField(help_text="Number of the connection.")
    bridge = serializers.CharField(max_length=64)
    nonce = serializers.CharField(max_length=64, help_text="Comes back in the answer.")
    account = serializers.DictField(required=False, help_text="`login` and `server`.")
    may = serializers.ListField(child=serializers.CharField())
    answers = AnsweredSerializer(many=True)


class CommandSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    kind = serializers.CharField()
    account = serializers.CharField(help_text="Number of the account for which it is.")
    expires_in = serializers.IntegerField(
        help_text="Seconds after which it must not be begun any more."
    )
    body = serializers.DictField()


class GivenSerializer(serializers.Serializer[Any]):
    """Signed as the question is. `taken` are the answers that need not be sent again."""

    nonce = serializers.CharField()
    taken = serializers.ListField(child=serializers.IntegerField())
    commands = CommandSerializer(many=True)


class Mt5Commands(SignedMixin, ScopedAPIView):
    serializer_class = GivenSerializer

    @extend_schema(request=PollSerializer, responses={200: GivenSerializer}, parameters=[SIGNED])
    def post(self, request: Request) -> HttpResponse:
        """What a bridge is to do, and the answers to what it has done. The answer is signed with its secret too."""
        connection = self._connection(request)
        body: bytes = request._request.body
        check_signature(connection, body, request.headers.get(SIGNATURE, ""))
        poll = read_poll(body)
        given = take_poll(connection.pk, poll, account_id=self.bound_account_id)
        answer = {
            "nonce": poll.nonce,
            "taken": given.taken,
            "commands": [
                {
                    "sequence": one.sequence,
                    "kind": one.kind,
                    "account": one.account_number,
                    "expires_in": int((one.expires_at - given.at).total_seconds()),
                    "body": one.body,
                }
                for one in given.commands
            ],
        }
        content = json.dumps(answer).encode()
        response = HttpResponse(content, content_type="application/json")
        response[SIGNATURE] = f"sha256={sign(connection, content)}"
        return response


class BarsTakenSerializer(serializers.Serializer[Any]):
    added = serializers.IntegerField(help_text="Bars that were not known.")


class BridgeBarsSerializer(serializers.Serializer[Any]):
    """Bars by the trading server's clock (docs/brokers/mt5_bridge.md)."""

    connection = serializers.CharField(help_text="Number of the connection.")
    account = serializers.DictField()
    bars = serializers.ListField(child=serializers.DictField())


class Mt5Bars(SignedMixin, ScopedAPIView):
    serializer_class = BarsTakenSerializer

    @extend_schema(
        request=BridgeBarsSerializer,
        responses={200: BarsTakenSerializer},
        parameters=[SIGNED],
    )
    def post(self, request: Request) -> Response:
        """Take bars of positions from a bridge, all or none. The same again change nothing."""
        connection = self._connection(request)
        body: bytes = request._request.body
        check_signature(connection, body, request.headers.get(SIGNATURE, ""))
        return Response({"added": take_bars(connection, body)})


class Mt5ConnectionMixin(JournalMixin):
    unkept = ("secret",)

    def refuse_bound(self) -> None:
        if self.bound_account_id is not None:
            raise Forbidden("token_bound", "This token is bound to one account and cannot connect.")


class Mt5Connections(Mt5ConnectionMixin, ScopedAPIView):
    serializer_class = BridgeSerializer

    @extend_schema(request=BridgeSerializer, responses={201: BridgeSerializer})
    def post(self, request: Request) -> Response:
        """Make a connection for a bridge. Looked after, renamed and taken away under `/api/connections`."""
        self.refuse_bound()
        form = BridgeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        connection, secret = connect_bridge(
            self.workspace.pk, **form.validated_data, user_id=request.user.pk
        )
        return Response(_shown(connection, secret), status=status.HTTP_201_CREATED)


class Mt5Secret(Mt5ConnectionMixin, ScopedAPIView):
    serializer_class = BridgeSerializer

    @extend_schema(request=None, responses={200: BridgeSerializer})
    def post(self, request: Request, pk: int) -> Response:
        """A new secret for the bridge. The former one is worth nothing from then on."""
        self.refuse_bound()
        connection = list_connections().filter(pk=pk, fetcher=FETCHER).first()
        if connection is None:
            raise exceptions.NotFound
        return Response(_shown(connection, renew_secret(connection)))


def _shown(connection: Connection, secret: str) -> dict[str, Any]:
    return {
        "id": connection.pk,
        "name": connection.name,
        "zone": connection.zone,
        "secret": secret,
    }
