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
        self.polls: list[dict] = []
        self.commands: list[dict] = []
        self.answers: dict[int, dict] = {}
        self.signs_with = SECRET
        self.nonce = ""
        self._known: dict[tuple[str, str, int], bytes] = {}

    def respond(self, request: Request) -> Response:
        assert request.method == "POST"
        assert request.path in ("/api/mt5/pushes", "/api/mt5/bars", "/api/mt5/commands")
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return refusal(401, "not_authenticated")
        signed = hmac.new(SECRET.encode(), request.body, hashlib.sha256).hexdigest()
        if request.headers.get("x-fillbook-signature") != f"sha256={signed}":
            return refusal(403, "signature_wrong")
        push = json.loads(request.body)
        if request.path == "/api/mt5/commands":
            return self._give(push)
        if request.path == "/api/mt5/bars":
            self.bars.append(push)
            return Response.of({"added": 1})
        return self._take(push, request)

    def _take(self, push: dict, request: Request) -> Response:
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

    def _give(self, poll: dict) -> Response:
        """Until it is answered, as the real one does."""
        self.polls.append(poll)
        for one in poll["answers"]:
            self.answers.setdefault(one["sequence"], one["answer"])
        given = [
            one
            for one in self.commands
            if one["sequence"] not in self.answers and one["kind"] in poll["may"]
        ]
        answer = {
            "nonce": self.nonce or poll["nonce"],
            "taken": [one["sequence"] for one in poll["answers"]],
            "commands": given if poll["account"] else [],
        }
        response = Response.of(answer)
        signed = hmac.new(self.signs_with.encode(), response.body, hashlib.sha256).hexdigest()
        response.headers["X-Fillbook-Signature"] = f"sha256={signed}"
        return response

    def command(self, kind: str, *, expires_in: float = 20, **body: object) -> int:
        sequence = len(self.commands) + 1
        self.commands.append(
            {
                "sequence": sequence, "kind": kind, "account": "700300", "expires_in": expires_in, "body": body,
            }
        )  # fmt: skip
        return sequence

    @property
    def tickets(self) -> list[int]:
        return [deal["ticket"] for push in self.pushes for deal in push.get("deals", [])]

    @property
    def sequence(self) -> list[int]:
        return [push["sequence"] for push in self.pushes]


def refusal(status: int, code: str) -> Response:
    return Response.of({"code": code, "message": f"{code}."}, status)
