"""A broker on this machine: HTTP as it is spoken, with faults that a test scripts.

A simulator subclasses `Simulator` and answers in `respond`. Faults come before answers: each is met by so many requests
whose path begins as it says, in the order in which they were scripted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit


class Request(NamedTuple):
    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes
    query: str = ""  # as it was sent, which is what signatures are over

    def json(self) -> object:
        return json.loads(self.body)


@dataclass
class Response:
    """`cut`: so many bytes of the body are sent, of all that were announced. None of `status`: no answer at all."""

    status: int | None = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None

    @classmethod
    def of(cls, value: object, status: int = 200) -> Response:
        return cls(status, json.dumps(value).encode())

    @classmethod
    def html(cls, status: int, title: str) -> Response:
        page = f"<html>\r\n<head><title>{status} {title}</title></head>\r\n<body></body>\r\n</html>"
        return cls(status, page.encode(), "text/html")


SILENCE = Response(status=None)  # until the caller gives up
HANG_UP = Response(status=0)  # the connection ends without an answer

Fault = Response | Callable[[Request], Response | None]


@dataclass
class _Scripted:
    path: str
    fault: Fault
    times: int
    after: int


class Simulator:
    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._faults: list[_Scripted] = []
        self._lock = threading.Lock()
        self._closing = threading.Event()
        simulator = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one piece, sent at once: otherwise each answer waits for an acknowledgement.
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle_one(self) -> None:
                simulator._handle(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = handle_one  # noqa: N815

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.01,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def fail(self, path: str, fault: Fault, *, times: int = 1, after: int = 0) -> None:
        """A function may also just do something and give None: then the answer is the usual one.

        `after`: so many requests of that path pass first.
        """
        self._faults.append(_Scripted(path, fault, times, after))

    def mend(self) -> None:
        """No fault is left."""
        self._faults.clear()

    def respond(self, request: Request) -> Response:
        raise NotImplementedError

    def asked(self, path: str) -> list[Request]:
        return [one for one in self.requests if one.path.startswith(path)]

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _handle(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        request = Request(
            handler.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in handler.headers.items()},
            handler.rfile.read(int(handler.headers.get("Content-Length") or 0)),
            parts.query,
        )
        with self._lock:
            self.requests.append(request)
            response = self._fault_for(request) or self.respond(request)
        self._send(handler, response)

    def _fault_for(self, request: Request) -> Response | None:
        for scripted in self._faults:
            if not request.path.startswith(scripted.path) or scripted.times <= 0:
                continue
            if scripted.after:
                scripted.after -= 1
                continue
            scripted.times -= 1
            fault = scripted.fault
            return fault if isinstance(fault, Response) else fault(request)
        return None

    def _send(self, handler: BaseHTTPRequestHandler, response: Response) -> None:
        if not response.status:
            if response.status is None:
                self._closing.wait(30)
            handler.close_connection = True
            return
        body = response.body if response.cut is None else response.body[: response.cut]
        handler.close_connection = handler.close_connection or len(body) < len(response.body)
        handler.send_response(response.status)
        handler.send_header("Content-Type", response.content_type)
        handler.send_header("Content-Length", str(len(response.body)))
        for name, value in response.headers.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(body)
        handler.wfile.flush()
