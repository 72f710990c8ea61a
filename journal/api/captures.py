"""Live capture: what bots report while they trade, in one shape for every broker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import exceptions, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.throttles import CaptureThrottle
from accounts.api.views import ScopedAPIView
from accounts.models import ApiToken
from accounts.scopes import Scope
from common.api.parsers import ExactJSONParser
from common.api.schema import IDEMPOTENCY_KEY, WriteSchema
from common.errors import Conflict, Locked, Rejected, TooLarge
from common.queue import enqueue_soon
from journal import tasks
from journal.api.records import RECORDS, BatchSerializers, LockedSerializer, ReceiptSerializer
from journal.api.views import BoundMixin
from journal.models import CapturedKind
from journal.services.captures.receiving import (
    RECORDS_MAX,
    Receipt,
    Sender,
    receive_records,
)

# Records wait so long at most before they are booked while a worker is there; those that come meanwhile go with them.
BOOKING_DELAY_SECONDS = 0.5
_CONFLICTS = {"record_id_reused", "account_being_erased"}


class CaptureMixin(BoundMixin):
    """`kind` is what the address takes."""

    kind: ClassVar[CapturedKind]
    write_scope = Scope.CAPTURE_WRITE
    parser_classes = (ExactJSONParser,)
    schema = WriteSchema()

    def get_throttles(self) -> list[Any]:
        return [CaptureThrottle()] if self.request.method != "GET" else super().get_throttles()

    def receive(self, request: Request, records: list[Any]) -> list[Receipt]:
        sender = Sender(
            workspace_id=self.workspace.pk,
            user_id=request.user.pk,
            token_id=request.auth.pk if isinstance(request.auth, ApiToken) else None,
            account_id=self.bound_account_id,
            key=request.headers.get(IDEMPOTENCY_KEY, "").strip(),
        )
        receipts = receive_records(sender, self.kind, records)
        if any(one.status == "created" for one in receipts):
            enqueue_soon(tasks.book_captured, sender.workspace_id, seconds=BOOKING_DELAY_SECONDS)
        return receipts

    def answer(self, receipt: Receipt) -> Response:
        """To a single record: 201 when it is new, 200 when it was known."""
        if receipt.lock:
            raise Locked(receipt.code, receipt.message, {"lock": receipt.lock})
        if receipt.status == "error":
            error = Conflict if receipt.code in _CONFLICTS else Rejected
            raise error(receipt.code, receipt.message, receipt.fields)
        created = receipt.status == "created"
        return Response(
            _shown(receipt), status=status.HTTP_201_CREATED if created else status.HTTP_200_OK
        )


LOCKED = OpenApiResponse(
    LockedSerializer,
    "Trading is locked, and this announces an order that its broker does not have yet.",
)
Post = Callable[[Any, Request], Response]


def captures(kind: CapturedKind) -> Callable[[Post], Post]:
    """Describes the `post` of a view that takes one record of this kind."""
    return extend_schema(
        request=RECORDS[kind],
        responses={
            201: ReceiptSerializer,
            200: OpenApiResponse(ReceiptSerializer, "It came before and is known."),
            **({423: LOCKED} if kind == CapturedKind.ORDER else {}),
        },
    )


def captures_many(kind: CapturedKind) -> Callable[[Post], Post]:
    """Describes the `post` of a view that takes many of them."""
    request, answer = BatchSerializers[kind]
    return extend_schema(request=request, responses={200: answer})


class CaptureBatch(CaptureMixin, ScopedAPIView):
    serializer_class = ReceiptSerializer

    def take(self, request: Request) -> Response:
        records = self._records(request.data)
        results = [_shown(one) for one in self.receive(request, records)]
        return Response({"results": results})

    def _records(self, body: Any) -> list[Any]:
        name = f"{self.kind}s"
        records = body.get(name) if isinstance(body, dict) else body
        if not isinstance(records, list):
            raise exceptions.ParseError(f'Send {{"{name}": [ … ]}}, each record an object.')
        if len(records) > RECORDS_MAX:
            raise TooLarge(
                "too_many_records",
                f"A call takes at most {RECORDS_MAX:,} records, and this one has {len(records):,}. Send them in parts.",
            )
        return records


class ExecutionBatch(CaptureBatch):
    kind = CapturedKind.EXECUTION

    @captures_many(CapturedKind.EXECUTION)
    def post(self, request: Request) -> Response:
        """Report many fills in one call. Each is taken or refused by itself, and the answer says which."""
        return self.take(request)


class OrderBatch(CaptureBatch):
    kind = CapturedKind.ORDER

    @captures_many(CapturedKind.ORDER)
    def post(self, request: Request) -> Response:
        """Report many moments in the lives of orders. Each is taken or refused by itself, and the answer says which."""
        return self.take(request)


class RecommendationBatch(CaptureBatch):
    kind = CapturedKind.RECOMMENDATION

    @captures_many(CapturedKind.RECOMMENDATION)
    def post(self, request: Request) -> Response:
        """Report many proposals in one call. Each is taken or refused by itself, and the answer says which."""
        return self.take(request)


def _shown(receipt: Receipt) -> dict[str, Any]:
    shown: dict[str, Any] = {"record_id": receipt.record_id, "status": receipt.status}
    if receipt.warnings:
        shown["warnings"] = list(receipt.warnings)
    if receipt.status == "error":
        shown["error"] = {
            "code": receipt.code,
            "message": receipt.message,
            "fields": {name: list(words) for name, words in receipt.fields.items()},
        }
        if receipt.lock:
            shown["error"]["lock"] = dict(receipt.lock)
    return shown
