"""A journal as the bridge sees it: checks signatures, keeps pushes by number, and answers as the real one does."""

from __future__ import annotations

import hashlib
import hmac
import json

from tests.simulators.wire import Request, Response, Simulator

TOKEN = "tok-71c2"
SECRET = "sec-0b93e1"


class FakeJournal(Simulator):
    def __init__(self) -> None:
        super().__init__()
        self.pushes: list[dict] = []
        self.bars: list[dict] = []
        self.resend_from: int | None = None
        self._known: dict[tuple[str, str, int], bytes] = {}

    def respond(self, request: Request) -> Response:
        assert request.method == "POST"
        assert request.path in ("/api/mt5/pushes", "/api/mt5/bars")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "not_authenticated")
        signed = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        if request.headers.get("x-fillbook-signature") != f"sha256={signed}":
            return refusal(403, "signature_wrong")
        push = json.loads(request.body)
        if request.path == "/api/mt5/bars":
            self.bars.append(push)
            return Response.of({"added": 1})
        account = f"{push['account']['login']}@{push['account']['server']}"
        key = (push["bridge"], account, push["sequence"])
        assert request.headers["idempotency-key"] == f"mt5:{key[0]}:{key[1]}:{key[2]}"
        if key in self._known:
            if self._known[key] != request.body:
                return refusal(409, "sequence_reused")
            return Response.of({"status": "known", "sequence": key[2], "resend_from": None})
        self._known[key] = request.body
        self.pushes.append(push)
        since, self.resend_from = self.resend_from, None
        return Response.of({"status": "taken", "sequence": key[2], "resend_from": since})

    @property
    def tickets(self) -> list[int]:
        return [deal["ticket"] for push in self.pushes for deal in push.get("deals", [])]

    @property
    def sequence(self) -> list[int]:
        return [push["sequence"] for push in self.pushes]


def refusal(status: int, code: str) -> Response:
    return Response.of({"code": code, "message": f"{code}."}, status)
