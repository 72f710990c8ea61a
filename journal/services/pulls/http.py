"""How brokers are asked: over https only, with a limit on time and size, and without a secret in any log.

Secrets travel in addresses (`t=`) and headers. So requests that were sent are forgotten but for their path: no log, no
exception and no answer holds more of them.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx

from journal.brokers.fetching import PullFault, Verdict

TIMEOUT = httpx.Timeout(60, connect=10, pool=10)
# A server that sends a byte now and then keeps every single timeout.
ANSWER_SECONDS = 300
_CHUNK = 256 * 1024
# httpx logs every address with its query, httpcore every header.
for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.WARNING)


def bare(url: httpx.URL) -> httpx.URL:
    """The address without query, fragment and name: what may be told of it."""
    return url.copy_with(query=None, fragment=None, username="", password="")


class BrokerClient(httpx.Client):
    """Asks brokers. `origins` sends what is meant for a broker elsewhere: to a simulator, or a proxy of the operator's.

    Other addresses must be https. Answers come whole, or, larger than `size_max` bytes, not at all. `seconds_left`:
    how long whoever asks has time; a question without any left is not asked.
    """

    def __init__(
        self,
        *,
        origins: Mapping[str, str],
        size_max: int,
        user_agent: str,
        seconds_left: Callable[[], float] | None = None,
    ) -> None:
        super().__init__(
            verify=_authorities(),
            timeout=TIMEOUT,
            follow_redirects=False,
            headers={"User-Agent": user_agent},
        )
        self._origins = {name.rstrip("/"): to.rstrip("/") for name, to in origins.items()}
        self._size_max = size_max
        self._seconds_left = seconds_left

    def send(
        self, request: httpx.Request, *, stream: bool = False, **options: Any
    ) -> httpx.Response:
        asked = bare(request.url)
        forgotten = httpx.Request(request.method, asked)
        request.url = self._target(request.url)
        left = self._seconds(request)
        try:
            response = super().send(request, stream=True, **options)
            try:
                content = b"".join(self._chunks(response, left))
            finally:
                response.close()
        except httpx.RequestError as error:
            error.request = forgotten
            raise
        headers = [
            (name, value)
            for name, value in response.headers.multi_items()
            if name not in ("content-encoding", "content-length", "transfer-encoding")
        ]
        answer = httpx.Response(
            response.status_code,
            headers=headers,
            content=content,
            request=forgotten,
            extensions={"http_version": response.extensions.get("http_version", b"HTTP/1.1")},
        )
        answer.elapsed = response.elapsed
        return answer

    def _target(self, url: httpx.URL) -> httpx.URL:
        port = f":{url.port}" if url.port else ""
        elsewhere = self._origins.get(f"{url.scheme}://{url.host}{port}")
        if elsewhere is not None:
            return httpx.URL(f"{elsewhere}{url.raw_path.decode()}")
        if url.scheme != "https":
            raise PullFault(
                "not_https",
                f"{url.host} was to be asked without encryption, which is never done. Nothing was sent.",
                Verdict.PERSON,
            )
        return url

    def _seconds(self, request: httpx.Request) -> float:
        """How long the answer may take. Raises ConnectTimeout where nothing of it is left: nothing was sent then."""
        if self._seconds_left is None:
            return ANSWER_SECONDS
        left = self._seconds_left()
        if left <= 0:
            raise httpx.ConnectTimeout("No time was left to ask.")
        usual = request.extensions.get("timeout") or TIMEOUT.as_dict()
        request.extensions["timeout"] = {
            name: min(left, ANSWER_SECONDS if seconds is None else seconds)
            for name, seconds in usual.items()
        }
        return left

    def _chunks(self, response: httpx.Response, seconds: float) -> Iterator[bytes]:
        size, deadline = 0, time.monotonic() + seconds
        for chunk in response.iter_bytes(_CHUNK):
            size += len(chunk)
            if size > self._size_max:
                raise PullFault(
                    "answer_too_large",
                    f"The answer is larger than {self._size_max:,} bytes (STATEMENT_SIZE_MAX_BYTES), so it was not "
                    "taken. Ask for a shorter period.",
                    Verdict.PERSON,
                )
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("The answer did not come to its end.")
            yield chunk


@cache
def _authorities() -> ssl.SSLContext:
    """Read once in a process: it takes longer than most requests."""
    return httpx.create_ssl_context()
