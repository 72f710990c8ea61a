"""A journal as the client sees it: takes batches over HTTP, each record once, and fails as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class FakeJournal:
    """`faults` are used up one per request, before anything is taken: a status, or a function that gets the handler and
    says whether it has answered. `lose_answers` takes what comes and breaks the connection instead of answering."""

    def __init__(self) -> None:
        self.records: list[tuple[str, dict[str, Any]]] = []
        self.faults: list[int | Callable[[BaseHTTPRequestHandler], bool]] = []
        self.lose_answers = 0
        self.refuses: Callable[[dict[str, Any]], bool] = lambda record: False
        self.refusal = "invalid"
        self.batch_max = 1_000
        self.requests = 0
        self.token = "secret"
        self.retry_after = ""
        self._known: set[str] = set()
        self._server: ThreadingHTTPServer | None = None
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        journal = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                journal.answer(self)

            def log_message(self, *_: object) -> None:
                pass

        ThreadingHTTPServer.allow_reuse_address = True
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.requests += 1
        if self.faults:
            fault = self.faults.pop(0)
            if not isinstance(fault, int):
                if fault(handler):
                    return
            else:
                self._say(handler, fault, {"code": "fault", "message": "As told."})
                return
        if handler.headers["Authorization"] != f"Bearer {self.token}":
            self._say(
                handler, 401, {"code": "not_authenticated", "message": "The token is revoked."}
            )
            return
        ((_, records),) = body.items()
        if len(records) > self.batch_max:
            self._say(handler, 413, {"code": "too_large", "message": "Too many."})
            return
        if any(record.get("symbol") == "POISON" for record in records):
            self._say(handler, 422, {"code": "invalid", "message": "Not even a batch."})
            return
        results = [self._take(handler.path, record) for record in records]
        if self.lose_answers:
            self.lose_answers -= 1
            handler.close_connection = True
            handler.connection.close()
            return
        self._say(handler, 200, {"results": results})

    def _take(self, path: str, record: dict[str, Any]) -> dict[str, Any]:
        if self.refuses(record):
            return {"status": "error", "error": {"code": self.refusal, "message": "No such side."}}
        name = record["plan_id" if path.startswith("/api/plans") else "record_id"]
        if name in self._known:
            return {"status": "known"}
        self._known.add(name)
        self.records.append((path, record))
        return {"status": "created"}

    def _say(self, handler: BaseHTTPRequestHandler, status: int, answer: dict[str, Any]) -> None:
        content = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        if self.retry_after and status >= 400:
            handler.send_header("Retry-After", self.retry_after)
        handler.end_headers()
        handler.wfile.write(content)


def half_an_answer(handler: BaseHTTPRequestHandler) -> bool:
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"results": [')
    handler.close_connection = True
    handler.connection.close()
    return True


def slow(seconds: float) -> Callable[[BaseHTTPRequestHandler], bool]:
    def wait(_: BaseHTTPRequestHandler) -> bool:
        time.sleep(seconds)
        return False

    return wait
