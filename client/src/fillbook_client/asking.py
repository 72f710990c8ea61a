"""What a bot asks before it acts, and what a scanner tells afterwards. Unlike reporting this waits for the journal;
like it, nothing here raises into the program that calls it."""

from __future__ import annotations

import http.client
import json
import logging
import time
from typing import Any
from urllib.parse import quote

from fillbook_client.address import Address
from fillbook_client.records import write_record

logger = logging.getLogger("fillbook")

# Seconds between two questions about the same recommendation.
_PAUSE = 1.0
_ANSWER_MAX_BYTES = 1024**2
# Nothing is decided about these any more.
_OVER = frozenset({"approved", "rejected", "ignored", "expired", "executed"})


class Asking:
    """Recommendations of the journal at `_url`, which `_token` may read (`journal:read`)."""

    _url: str
    _token: str
    _timeout: float
    # The tag of the latest answer about parameters, and the answer.
    _parameters: tuple[str, Any] = ("", None)

    def recommendation(self, rec_id: Any) -> dict[str, Any] | None:
        """All that the journal knows of it, its `status` first of all. None where that cannot be known now: the journal
        is away, or has not got it yet."""
        status, answer = self._ask("GET", f"/api/recommendations/{quote(str(rec_id), safe='')}")
        return answer if status == 200 and isinstance(answer, dict) else None

    def is_approved(self, rec_id: Any) -> bool:
        """Whether it may be acted on now. False also where nobody can tell: what is not known is not approved."""
        found = self.recommendation(rec_id)
        return found is not None and found.get("status") == "approved"

    def wait_for_decision(self, rec_id: Any, timeout: float) -> str:
        """Its status as soon as it is decided, or after so many seconds whatever it is then; "" where it cannot be
        known. It blocks: never call it from a loop that has to watch the market."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.recommendation(rec_id)
            status = str(found.get("status", "")) if found else ""
            if status in _OVER or time.monotonic() + _PAUSE > deadline:
                return status
            time.sleep(_PAUSE)

    def trading_lock(self, symbol: str = "") -> Any:
        """Whether new trades are locked (`locked`), and by what (`locks`, each with `reason`, `since`, `until`): in the
        account of the token, or in all, and in the symbol. None where that cannot be known now."""
        path = f"/api/trading-lock?symbol={quote(symbol, safe='')}"
        status, answer = self._ask("GET", path)
        return answer if status == 200 and isinstance(answer, dict) else None

    def may_trade(self, symbol: str = "") -> bool:
        """Whether nothing is locked. False also where nobody can tell: ask before you open anything."""
        lock = self.trading_lock(symbol)
        return lock is not None and lock.get("locked") is False

    def parameters(self) -> Any:
        """The thresholds to scan with now (`effective`), their `version`, the evidence, and until when they hold
        (`expires`). The answer before, while the journal says that it still holds. None where that cannot be known now:
        go by your own settings. The token needs `learning:read`."""
        tag, before = self._parameters
        status, answer, fresh = self._ask_tagged("/api/learning/parameters", tag)
        if status == 304:
            return before
        if status != 200 or not isinstance(answer, dict):
            return None
        self._parameters = (fresh, answer)
        return answer

    def symbol(self, symbol: str) -> Any:
        """The record of one symbol: `standing`, `size` (what of the usual position to trade with money), `n`,
        `evidence`, `words`. None where that cannot be known now."""
        status, answer = self._ask("GET", f"/api/learning/symbols/{quote(symbol, safe='')}")
        return answer if status == 200 and isinstance(answer, dict) else None

    def tell_outcome(self, rec_id: Any, mark_quality: str, **fields: Any) -> bool:
        """What a recommendation came to, or would have come to: result_per_unit, result with currency, or r_multiple,
        and exit_price, closed_at, close_reason. Whether the journal has it; told again it is known."""
        path = f"/api/recommendations/{quote(str(rec_id), safe='')}/outcomes"
        try:
            body = write_record({"mark_quality": mark_quality, **fields})
        except (TypeError, ValueError):
            logger.exception("An outcome could not be written: %r", fields)
            return False
        status, answer = self._ask("POST", path, body)
        if status in (200, 201):
            return True
        logger.warning("The journal did not take the outcome of %s: %s %s", rec_id, status, answer)
        return False

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, Any]:
        """(status, JSON); (0, None) where nobody answers."""
        return self._request(method, path, body, {})[:2]

    def _ask_tagged(self, path: str, tag: str) -> tuple[int, Any, str]:
        """(status, JSON, ETag); 304 without JSON where what `tag` names still holds."""
        return self._request("GET", path, None, {"If-None-Match": tag} if tag else {})

    def _request(
        self, method: str, path: str, body: str | None, more: dict[str, str]
    ) -> tuple[int, Any, str]:
        headers = {
            **more,
            "Authorization": f"Bearer {self._token.strip()}",
            "Content-Type": "application/json",
        }
        connection = None
        try:
            address = Address(self._url)
            connection = address.connect(self._timeout)
            connection.request(method, address.path + path, body=body, headers=headers)
            response = connection.getresponse()
            answer = json.loads(response.read(_ANSWER_MAX_BYTES) or b"null")
            return response.status, answer, response.headers.get("ETag") or ""
        except (OSError, http.client.HTTPException, ValueError) as error:
            logger.warning("The journal cannot be asked: %s: %s", type(error).__name__, error)
            return 0, None, ""
        finally:
            if connection is not None:
                connection.close()
