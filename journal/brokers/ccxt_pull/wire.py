"""ccxt's questions through the link's own HTTP client, which writes no secret to any log, in turn with all workers.

ccxt speaks to a `requests` session; this is one, as far as ccxt uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx

from journal.brokers.ccxt_pull.faults import Heard
from journal.brokers.fetching import Link

# Larger ones are no answer: the longest that is known lists all markets of Binance.
ANSWER_MAX = 128 * 1024**2


class _NoCookies:
    def clear(self) -> None:
        """There never are any."""


class Answer:
    """What ccxt reads of a response."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.reason = response.reason_phrase
        self.headers = response.headers
        self.content = response.content
        self.encoding = "utf-8"

    @property
    def text(self) -> str:
        return self.content.decode(self.encoding, "replace")

    def raise_for_status(self) -> None:
        from requests.exceptions import HTTPError  # noqa: PLC0415 - with ccxt, when it is used

        if self.status_code >= 400:
            raise HTTPError(f"status {self.status_code}")


class Wire:
    """`turn` is called before each question; `heard` is the last answer."""

    def __init__(self, link: Link, turn: Callable[[], None]) -> None:
        self._link = link
        self._turn = turn
        self.cookies = _NoCookies()
        self.headers: dict[str, str] = {}  # what ccxt adds to each question
        self.heard = Heard()
        # How long an answer is waited for where that is less than usual.
        self.seconds: float | None = None

    def request(
        self, method: str, url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> Answer:  # fmt: skip
        """Time-out and proxies are the link's. Raises what requests would."""
        from requests.exceptions import ConnectionError, ReadTimeout  # noqa: PLC0415 - as above

        named = {
            name: value for name, value in (headers or {}).items() if name.lower() != "user-agent"
        }
        self._turn()
        self.heard = Heard()
        try:
            # ccxt has encoded the address as it was signed.
            response = self._link.http.request(
                method, httpx.URL(url), content=data, headers=named, timeout=self._timeout()
            )
        except httpx.TimeoutException:
            raise ReadTimeout("no answer in time") from None
        except httpx.RequestError as error:
            raise ConnectionError(type(error).__name__) from None
        self.heard = Heard(response.status_code, _wait(response), _names_country(response))
        if len(response.content) > ANSWER_MAX:
            raise ConnectionError("an answer without end") from None
        return Answer(response)

    def _timeout(self) -> Any:
        return httpx.USE_CLIENT_DEFAULT if self.seconds is None else httpx.Timeout(self.seconds)

    def close(self) -> None:
        """The client is the link's."""


def _names_country(response: httpx.Response) -> bool:
    """CloudFront and the exchanges themselves say so in words."""
    text = response.content[:20_000].lower()
    return any(word in text for word in (b"country", b"restricted location", b"restricted region"))


def _wait(response: httpx.Response) -> timedelta | None:
    text = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 7 else None
