"""One request to the journal, and what its answer means for each record. Nothing here is retried or raised."""

from __future__ import annotations

import http.client
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

from fillbook_client.address import Address
from fillbook_client.spool import Waiting

logger = logging.getLogger("fillbook")

PATHS = {
    "order": "/api/orders/batch",
    "execution": "/api/executions/batch",
    "recommendation": "/api/recommendations/batch",
    "plan": "/api/plans/batch",
}
NAMES = {
    "order": "orders",
    "execution": "executions",
    "recommendation": "recommendations",
    "plan": "plans",
}
# What a journal says of a record that it will never take. The same from anybody else, a proxy or another program at
# that address, says nothing of the record.
_REFUSED_ALONE = frozenset({400, 409, 422, 423})
_ANSWER_MAX_BYTES = 16 * 1024**2


@dataclass
class Outcome:
    """What became of one request.

    `delivered` and `refused` are settled for good. With `retry_after` (seconds, 0 is "as you like") the rest has to be
    sent again; `is_too_much` says that fewer at a time may help.
    """

    delivered: list[int] = field(default_factory=list)
    refused: list[tuple[Waiting, str, str]] = field(default_factory=list)
    retry_after: float | None = None
    is_too_much: bool = False
    trouble: str = ""


class Wire:
    """A connection that is kept open. Not safe for several threads."""

    def __init__(self, url: str, token: str, *, timeout: float) -> None:
        self._address = Address(url)
        self._headers = {
            "Authorization": f"Bearer {token.strip()}",
            "Content-Type": "application/json",
        }
        self._timeout = timeout
        self._connection: http.client.HTTPConnection | None = None

    def send(self, records: Sequence[Waiting]) -> Outcome:
        """`records` are of one kind, oldest first."""
        kind = records[0].kind
        body = f'{{"{NAMES[kind]}": [{", ".join(record.body for record in records)}]}}'.encode()
        try:
            status, headers, answer = self._post(self._address.path + PATHS[kind], body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            return Outcome(retry_after=0, trouble=f"{type(error).__name__}: {error}")
        return _outcome(records, status, headers.get("Retry-After"), answer)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _post(self, path: str, body: bytes) -> tuple[int, http.client.HTTPMessage, Any]:
        connection = self._connection or self._address.connect(self._timeout)
        self._connection = connection
        connection.request("POST", path, body=body, headers=self._headers)
        response = connection.getresponse()
        content = response.read(_ANSWER_MAX_BYTES)
        if response.will_close or not response.isclosed():
            self.close()
        try:
            answer = json.loads(content) if content else None
        except ValueError:
            answer = None
        return response.status, response.headers, answer


def _outcome(
    records: Sequence[Waiting], status: int, retry_after: str | None, answer: Any
) -> Outcome:
    if 200 <= status < 300:
        return _by_row(records, answer)
    code, message = _reason(answer, status)
    if status == 413 or (status in _REFUSED_ALONE and code != f"http_{status}"):
        if len(records) == 1:
            return Outcome(refused=[(records[0], code, message)], trouble=message)
        return Outcome(retry_after=0, is_too_much=True, trouble=message)
    return Outcome(retry_after=_seconds(retry_after), trouble=message)


def _by_row(records: Sequence[Waiting], answer: Any) -> Outcome:
    """The answer has one result per record, in their order: "created", "known" or "error"."""
    results = answer.get("results") if isinstance(answer, dict) else None
    if not isinstance(results, list) or len(results) != len(records):
        return Outcome(
            retry_after=0, trouble="The answer does not speak of every record that was sent."
        )
    outcome = Outcome()
    for record, result in zip(records, results):
        if isinstance(result, dict) and result.get("status") in ("created", "known"):
            outcome.delivered.append(record.id)
            for words in result.get("warnings") or ():
                logger.warning("%s %s: %s", record.kind, record.record_id, words)
        else:
            outcome.refused.append(
                (record, *_reason(result.get("error") if isinstance(result, dict) else None, 200))
            )
    return outcome


def _reason(answer: Any, status: int) -> tuple[str, str]:
    if isinstance(answer, dict) and isinstance(answer.get("code"), str):
        return answer["code"], str(answer.get("message", ""))
    words = f"The answer has status {status} and is not a journal's. Is the address right?"
    return f"http_{status}", words


def _seconds(header: str | None) -> float:
    """Of Retry-After, which is a number of seconds or a date."""
    if not header:
        return 0
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(
            0.0, (parsedate_to_datetime(header) - datetime.now(timezone.utc)).total_seconds()
        )
    except (TypeError, ValueError):
        return 0
