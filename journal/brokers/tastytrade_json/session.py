"""Questions to tastytrade's API: with a token that is fresh, again where that helps, and a fault where it does not.

What only reads is asked again: that does no harm. What changes something is sent once (`send`). The access token lives
for a quarter of an hour and is kept in memory alone; a pull asks for a new one. What is done about an error follows
from its status and its code, never from its text.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from zlib import crc32

import httpx

from journal.brokers.fetching import Link, PullFault, Rate, Verdict
from journal.brokers.pull_faults import half_answer, too_many_requests
from journal.brokers.tastytrade_json import faults

HOSTS = {
    "production": "https://api.tastyworks.com",
    "sandbox": "https://api.cert.tastyworks.com",
}
# Without product/version the front server answers 401, in HTML.
USER_AGENT = "Fillbook/1.0"
VERSION = "20261012"
ATTEMPTS = 6
# Limits are not published. A history of ten years takes about two hundred questions.
RATES = (Rate(4, timedelta(seconds=1)), Rate(120, timedelta(minutes=1)))
_LONGEST_PAUSE = 60.0
_GLANCE_SECONDS = 3.0
_RENEW_BEFORE = timedelta(seconds=60)
# What the token's address says of the person's side. Anything else may pass: the sandbox is known to refuse good
# grants as "invalid_request" for minutes, about the opening of the markets.
_GRANT_CODES = frozenset({"invalid_grant", "invalid_client", "unauthorized_client"})

Answer = dict[str, Any]
_Judge = Callable[[httpx.Response, "Answer | None"], PullFault | None]


class Session:
    """One pull's conversation. Every method raises PullFault."""

    def __init__(self, link: Link) -> None:
        secrets = link.credentials
        self._link = link
        self._client_secret = secrets.get("client_secret", "").strip()
        self._refresh_token = secrets.get("refresh_token", "").strip()
        if not (self._client_secret and self._refresh_token):
            raise faults.credentials_missing()
        self.environment = secrets.get("environment") or "production"
        self._host = HOSTS[self.environment]
        # The broker counts by what it knows us by; a digest tells the grants apart and gives none away.
        self._whom = f"tastytrade:{sha256(self._refresh_token.encode()).hexdigest()[:16]}"
        self._access_token = ""
        self._renew_at: datetime | None = None
        self._headers = {
            "User-Agent": USER_AGENT,
            "Accept": "application/json",
            "Accept-Version": VERSION,
        }

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Answer:
        """The whole answer."""
        asked = params or {}
        is_renewed = False
        while True:
            try:
                return self._insist(lambda: self._ask(path, asked), self._judge)
            except PullFault as fault:
                if fault.code == "version_refused" and self._headers.pop("Accept-Version", ""):
                    continue
                if fault.code != "access_refused" or is_renewed:
                    raise
            # Once: the token may have been withdrawn before its time.
            is_renewed, self._access_token = True, ""

    def glance(self, path: str, params: Mapping[str, str]) -> Answer | None:
        """Asked once and not for long: what nothing depends on. None where it is not answered."""
        try:
            headers = self._headers | {"Authorization": f"Bearer {self._fresh_token()}"}
            self._link.take_turn(self._whom, *RATES)
            response = self._link.http.get(
                f"{self._host}{path}", params=dict(params), headers=headers, timeout=_GLANCE_SECONDS
            )
        except httpx.RequestError:
            return None
        except PullFault as fault:
            if fault.verdict is not Verdict.LATER:
                raise
            return None
        answer = _read(response)
        return answer if self._judge(response, answer) is None else None

    def send(self, method: str, path: str, body: Answer | None = None) -> tuple[int, Answer | None]:
        """Status and answer of what changes something: asked once, for nobody knows what became of a first attempt that
        had no answer. Raises PullFault where nothing was sent, and what httpx raises."""
        status, answer = self._send(method, path, body)
        if status == 401 and answer is not None:
            # The token was withdrawn before its time, and nothing was looked at.
            self._access_token = ""
            status, answer = self._send(method, path, body)
        return status, answer

    def _send(self, method: str, path: str, body: Answer | None) -> tuple[int, Answer | None]:
        headers = self._headers | {"Authorization": f"Bearer {self._fresh_token()}"}
        self._link.take_turn(self._whom, *RATES)
        url = f"{self._host}{path}"
        response = self._link.http.request(method, url, json=body, headers=headers)
        return response.status_code, _read(response)

    def _ask(self, path: str, params: Mapping[str, str]) -> httpx.Response:
        return self._link.http.get(
            f"{self._host}{path}",
            params=dict(params),
            headers=self._headers | {"Authorization": f"Bearer {self._fresh_token()}"},
        )

    def _fresh_token(self) -> str:
        if not self._access_token or (self._renew_at and self._link.now() >= self._renew_at):
            asked_at = self._link.now()
            answer = self._insist(self._ask_for_token, self._judge_token)
            seconds = str(answer.get("expires_in"))
            lasts = timedelta(seconds=int(seconds) if seconds.isdecimal() else 900)
            self._access_token = answer["access_token"]
            self._renew_at = asked_at + max(lasts - _RENEW_BEFORE, lasts / 2)
        return self._access_token

    def _ask_for_token(self) -> httpx.Response:
        body = {
            "grant_type": "refresh_token",
            "refresh_token": self._refresh_token,
            "client_secret": self._client_secret,
        }
        return self._link.http.post(f"{self._host}/oauth/token", json=body, headers=self._headers)

    def _insist(self, ask: Callable[[], httpx.Response], judge: _Judge) -> Answer:
        """The answer, after a few attempts where it fails in a way that passes."""
        fault = half_answer(faults.NAME)
        for attempt in range(ATTEMPTS):
            if attempt:
                self._link.sleep(self._pause(attempt, fault))
            self._link.take_turn(self._whom, *RATES)
            try:
                response = ask()
            except httpx.RequestError as error:
                fault = faults.no_answer(type(error).__name__)
                continue
            answer = _read(response)
            found = judge(response, answer)
            if found is None:
                return answer or {}
            fault = found
            if fault.verdict is not Verdict.LATER:
                break
        raise fault

    def _pause(self, attempt: int, fault: PullFault) -> float:
        """Doubling, and spread so that connections which failed together do not come back together."""
        spread = 0.5 + crc32(f"{self._whom}{attempt}".encode()) % 1000 / 2000
        pause = min(_LONGEST_PAUSE, 2.0**attempt) * spread
        return max(pause, fault.wait.total_seconds() if fault.wait else 0.0)

    def _judge_token(self, response: httpx.Response, answer: Answer | None) -> PullFault | None:
        status = response.status_code
        if status == 200:
            token = (answer or {}).get("access_token")
            return None if isinstance(token, str) and token else half_answer(faults.NAME)
        if status not in (400, 401, 403) or answer is None:
            return self._judge(response, answer)
        code = code_of(answer)
        if code in _GRANT_CODES or status != 400 or self.environment == "production":
            return faults.grant_refused(code)
        return faults.broker_failing(status, code)

    def _judge(self, response: httpx.Response, answer: Answer | None) -> PullFault | None:
        status = response.status_code
        if status == 200:
            is_whole = answer is not None and isinstance(answer.get("data"), dict)
            return None if is_whole else half_answer(faults.NAME)
        if status == 401 and answer is None:
            return faults.turned_away(self._link.now())
        if status == 429:
            return too_many_requests(faults.NAME, _retry_after(response))
        return _refusal(status, code_of(answer))


def _refusal(status: int, code: str) -> PullFault:
    known = {401: faults.access_refused, 403: faults.scope_missing}
    if status in known:
        return known[status](code)
    if status == 404:
        return faults.not_found()
    if status == 406:
        return faults.version_refused()
    if 400 <= status < 500 and status != 408:
        return faults.request_refused(status, code)
    return faults.broker_failing(status, code)


def _read(response: httpx.Response) -> Answer | None:
    """The answer as an object, its numbers as the texts that they are; None where it is none."""
    try:
        found = json.loads(response.content, parse_float=str, parse_int=str, parse_constant=str)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def code_of(answer: Answer | None) -> str:
    """An error of the API is an object with a code; one of the token's address has a code of its own, or is one."""
    error = (answer or {}).get("error", "")
    code = error.get("code") if isinstance(error, dict) else error
    code = code or (answer or {}).get("error_code")
    return code if isinstance(code, str) else ""


def _retry_after(response: httpx.Response) -> timedelta | None:
    """tastytrade sends no such header; what stands before it may."""
    text = response.headers.get("Retry-After", "")
    return timedelta(seconds=int(text)) if text.isdecimal() and len(text) < 6 else None
