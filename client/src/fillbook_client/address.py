"""Where a journal is, and a connection to it."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import urlsplit


class Address:
    """`path` is what stands before the journal's own paths, without a slash at its end."""

    def __init__(self, url: str) -> None:
        """Raises ValueError for what is no address of a journal."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(
                f"{url!r} is no address of a journal: give one such as https://journal.example.org."
            )
        self.path = parts.path.rstrip("/")
        self._is_secure = parts.scheme == "https"
        self._host, self._port = parts.hostname, parts.port

    def connect(self, timeout: float) -> http.client.HTTPConnection:
        """Not open yet: the first request opens it. `timeout` in seconds, for every step of it."""
        if self._is_secure:
            return http.client.HTTPSConnection(
                self._host, self._port, timeout=timeout, context=ssl.create_default_context()
            )
        return http.client.HTTPConnection(self._host, self._port, timeout=timeout)
