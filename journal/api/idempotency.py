"""`Idempotency-Key`: the same key with the same request is answered the same, and done once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http.response import HttpResponseBase
from django.utils.datastructures import MultiValueDict
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.permissions import membership_of
from accounts.api.views import ScopedMixin
from accounts.models import ApiToken
from common.api.schema import IDEMPOTENCY_KEY, WriteSchema
from journal.models import IdempotentRequest
from journal.services.idempotency import claim_request, fingerprint_of, keep_answer

HEADER = IDEMPOTENCY_KEY
REPLAYED = "Idempotent-Replayed"


class _Answered(Exception):
    """Ends the request with the answer that it was given before."""

    def __init__(self, response: Response) -> None:
        self.response = response


class IdempotentWrites(ScopedMixin):
    schema = WriteSchema()
    # Parts of an answer that are given once and kept nowhere: null when the request is repeated.
    unkept: ClassVar[tuple[str, ...]] = ()
    _claim: IdempotentRequest | None = None

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.method in SAFE_METHODS or HEADER not in request.headers:
            return super().dispatch(request, *args, **kwargs)
        with transaction.atomic():
            response = super().dispatch(request, *args, **kwargs)
            if response.status_code >= 400:
                # Nothing was done, so the key is free for the corrected request.
                transaction.set_rollback(True)
        return response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = request.headers.get(HEADER, "").strip()
        membership = membership_of(request)
        if request.method in SAFE_METHODS or not key or membership is None:
            return
        claim = claim_request(
            membership.workspace_id,
            key,
            method=str(request.method),
            path=request.path,
            fingerprint=fingerprint_of(_parts(request)),
        )
        if claim.status is not None:
            raise _Answered(Response(claim.body, status=claim.status, headers={REPLAYED: "true"}))
        self._claim = claim

    def handle_exception(self, exc: Exception) -> Response:
        return exc.response if isinstance(exc, _Answered) else super().handle_exception(exc)

    def finalize_response(
        self, request: Request, response: Response, *args: Any, **kwargs: Any
    ) -> Response:
        if self._claim is not None and response.status_code < 400:
            body = (
                None if response.data is None else json.loads(JSONRenderer().render(response.data))
            )
            if isinstance(body, dict):
                body.update(dict.fromkeys(self.unkept))
            keep_answer(self._claim, status=response.status_code, body=body)
        return super().finalize_response(request, response, *args, **kwargs)


def _parts(request: Request) -> Iterator[bytes]:
    token = request.auth
    who = f"token {token.pk}" if isinstance(token, ApiToken) else f"person {request.user.pk}"
    yield from (who.encode(), str(request.method).encode(), request.get_full_path().encode())
    if isinstance(request.data, MultiValueDict):
        for name in sorted(request.data):
            for value in request.data.getlist(name):
                yield name.encode()
                yield from _content(value)
    else:
        yield json.dumps(request.data, sort_keys=True, default=str).encode()


def _content(value: Any) -> Iterator[bytes]:
    if not isinstance(value, UploadedFile):
        yield str(value).encode()
        return
    yield from value.chunks()
    value.seek(0)
