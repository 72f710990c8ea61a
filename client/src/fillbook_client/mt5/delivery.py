"""Pushes what waits to the journal: in order, each signed, again until it was taken."""

from __future__ import annotations

import hashlib
import hmac
import http.client
import json
import logging
import random
from typing import Any, NamedTuple

from fillbook_client.address import Address
from fillbook_client.mt5.store import Push, Store

logger = logging.getLogger("fillbook.mt5")

SIGNATURE = "X-Fillbook-Signature"
PATH = "/api/mt5/pushes"
_FIRST_PAUSE, _LONGEST_PAUSE = 2.0, 300.0
_TIMEOUT = 15.0
_ANSWER_MAX_BYTES = 1024**2
_REUSED = frozenset({"sequence_reused", "idempotency_key_reused"})


class Reply(NamedTuple):
    """`status` 0: no answer. `is_signed`: with the secret that the journal and this bridge share."""

    status: int
    answer: dict[str, Any]
    trouble: str = ""
    is_signed: bool = False

    @property
    def code(self) -> str:
        return str(self.answer.get("code", ""))


class Journal:
    """Where pushes go. `secret` is the one that the journal gave with the connection; `token` a token of its API."""

    def __init__(self, url: str, token: str, secret: str, *, timeout: float = _TIMEOUT) -> None:
        self._address = Address(url)
        self._token = token
        self._secret = secret.encode()
        self._timeout = timeout

    def send(self, body: str, key: str, *, path: str = PATH) -> Reply:
        content = body.encode()
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            **({"Idempotency-Key": key} if key else {}),
            SIGNATURE: self._sign(content),
        }
        connection = self._address.connect(self._timeout)
        try:
            connection.request("POST", self._address.path + path, body=content, headers=headers)
            response = connection.getresponse()
            text = response.read(_ANSWER_MAX_BYTES)
            given = response.headers.get(SIGNATURE, "")
        except (OSError, http.client.HTTPException) as error:
            return Reply(0, {}, f"The journal does not answer ({type(error).__name__}: {error})")
        finally:
            connection.close()
        try:
            answer = json.loads(text) if text else {}
        except ValueError:
            answer = {}
        is_signed = hmac.compare_digest(given.encode(), self._sign(text).encode())
        return Reply(
            response.status, answer if isinstance(answer, dict) else {}, is_signed=is_signed
        )

    def _sign(self, content: bytes) -> str:
        return f"sha256={hmac.new(self._secret, content, hashlib.sha256).hexdigest()}"


class Delivery:
    """`pause` is how long the journal is to be left alone after a failure; 0 when all is well."""

    def __init__(self, store: Store, journal: Journal) -> None:
        self._store = store
        self._journal = journal
        self.pause = 0.0
        self.trouble = ""
        self.delivered = 0

    def deliver(self) -> bool:
        """Everything that waits, in order, up to the first that is not taken. Raises sqlite3.Error."""
        while (push := self._store.next_push()) is not None:
            bridge = self._store.bridge
            reply = self._journal.send(push.body, f"mt5:{bridge}:{push.account}:{push.sequence}")
            if not self._take(push, reply):
                return False
        return True

    def _take(self, push: Push, reply: Reply) -> bool:
        if reply.code in _REUSED:
            # The journal knows another push of this number: our memory is older than the journal's.
            logger.warning(
                "The journal knows more than this bridge; starting over with all of the history."
            )
            self._store.start_over()
            return False
        if not 200 <= reply.status < 300:
            self._back_off(reply)
            return False
        self._store.settle(push)
        self.delivered += 1
        self.pause, self.trouble = 0.0, ""
        since = reply.answer.get("resend_from")
        if isinstance(since, int) and not isinstance(since, bool):
            self._store.send_again(push.account, since)
        return True

    def _back_off(self, reply: Reply) -> None:
        """Nothing is ever dropped: what is refused today may be taken when somebody has corrected the settings."""
        said = reply.answer.get("message") or f"The journal answered with status {reply.status}"
        trouble = reply.trouble or f"{said} ({reply.code or reply.status})"
        if trouble != self.trouble:
            logger.warning("Not delivered, trying again: %s", trouble)
        self.trouble = trouble
        longest = min(_LONGEST_PAUSE, max(_FIRST_PAUSE, self.pause * 2))
        self.pause = longest * random.uniform(0.75, 1.0)
