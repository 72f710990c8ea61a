"""The two requests of the Flex Web Service, and what to do about their answers.

A statement is generated once: its reference is remembered before anything else is asked, and asked for until the
statement is there, by whichever worker. Generating again what is being generated is what locks a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx

from journal.brokers.fetching import Link, PullFault, Rate, Verdict
from journal.brokers.ibkr_flex_web.codes import CODES, LATER, SLOW, Code, Do, unknown
from journal.brokers.ibkr_flex_web.replies import (
    Failure,
    Nonsense,
    Receipt,
    Reply,
    Statement,
    read_reply,
)

BASE = "https://ndcdyn.interactivebrokers.com/AccountManagement/FlexWebService"
# One request a second and ten a minute for one token, with room for what the way there takes.
RATES = (Rate(1, timedelta(seconds=1.1)), Rate(10, timedelta(seconds=61)))
FIRST_POLL_SECONDS = 6
POLL_SECONDS = 10
# How long a worker goes on with one statement, and how long its reference is good for.
DEADLINE = timedelta(minutes=15)
REFERENCE_LIFE = timedelta(hours=24)
TRANSPORT_TRIES = 4
_SLOW_TRIES = 2
_HOURS = timedelta(hours=6)
_MOST_OF_A_DAY = timedelta(hours=20)
_DAY = timedelta(days=1)
_SHORTEST_LOCKOUT = timedelta(hours=6)


class Period(NamedTuple):
    """Both days included; None leaves it to the query. It is asked for in order to have everything up to `goal`, which
    is later than its last day where that much cannot be had yet."""

    first: date | None
    last: date | None
    goal: date

    def parameters(self) -> dict[str, str]:
        if self.first is None or self.last is None:
            return {}
        return {"fd": f"{self.first:%Y%m%d}", "td": f"{self.last:%Y%m%d}"}


class NotAvailable(Exception):
    """1003: not for this period."""


class Service:
    def __init__(self, link: Link) -> None:
        self._link = link
        # As options of the installation they come untrimmed, and a blank would make another token of it.
        self._token = link.credentials["token"].strip()
        self._query = link.credentials["query_id"].strip()

    # --- asking for a statement ---------------------------------------------------------------------------------

    def request(self, period: Period) -> None:
        """Have a statement generated; its reference is remembered. Raises NotAvailable and PullFault."""
        query = {"t": self._token, "q": self._query, "v": "3", **period.parameters()}
        for attempt in range(_SLOW_TRIES):
            reply = self._send(query)
            if isinstance(reply, Receipt):
                self._note(reply, period)
                return
            if not isinstance(reply, Failure):
                raise _nonsense(reply)
            code = _code(reply)
            if code.send is Do.NARROW:
                raise NotAvailable
            if code.send is not Do.SLOW_DOWN or attempt + 1 == _SLOW_TRIES:
                raise self._fault(reply, code, code.send)
            self._link.sleep(SLOW.total_seconds())

    def _send(self, query: Mapping[str, str]) -> Reply:
        """Sent again only where it cannot have arrived: whatever arrived has begun a statement."""
        for attempt in range(TRANSPORT_TRIES):
            if attempt:
                self._link.sleep(POLL_SECONDS * attempt)
            try:
                answer = self._ask(f"{BASE}/SendRequest", query)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
            except httpx.TransportError as error:
                raise _unreachable(error) from None
            if answer.status_code < 500:
                return _read(answer)
        raise _unreachable(None)

    def _note(self, receipt: Receipt, period: Period) -> None:
        self._link.remember(
            request={
                "reference": receipt.reference,
                "url": receipt.url,
                "first": str(period.first or ""),
                "last": str(period.last or ""),
                "goal": str(period.goal),
                "asked_at": self._link.now().isoformat(),
                "restarts": self._restarts(),
            },
            restarts=None,
        )

    def _restarts(self) -> int:
        return int(self._link.state.get("restarts") or 0)

    # --- fetching it --------------------------------------------------------------------------------------------

    def pending(self) -> Period | None:
        """What an earlier run has asked for and not got. What is too old is forgotten."""
        request: dict[str, Any] | None = self._link.state.get("request")
        if request is None:
            return None
        if self._link.now() - datetime.fromisoformat(request["asked_at"]) > REFERENCE_LIFE:
            self.forget()
            return None
        return _period(request)

    def forget(self) -> None:
        self._link.remember(request=None)

    def collect(self) -> Statement:
        """The statement that was asked for last, when it is there. The reference is kept until `forget`."""
        request: dict[str, Any] = self._link.state["request"]
        asked_at = datetime.fromisoformat(request["asked_at"])
        fresh = FIRST_POLL_SECONDS - (self._link.now() - asked_at).total_seconds()
        if fresh > 0:
            self._link.sleep(fresh)
        troubles = 0
        while True:
            reply = self._get(request)
            if isinstance(reply, Statement) and reply.is_whole:
                return reply
            if isinstance(reply, Failure) and _code(reply).get is Do.RESTART:
                return self._restart(request, reply, _code(reply))
            troubles = troubles + 1 if not isinstance(reply, Failure | Receipt) else 0
            pause = self._pause_after(reply, troubles)
            if self._link.now() - asked_at > DEADLINE:
                raise _not_ready(reply)
            self._link.sleep(pause)

    def _pause_after(self, reply: Reply | None, troubles: int) -> float:
        """Seconds until the same statement is asked for again. Raises PullFault where that is of no use."""
        if isinstance(reply, Failure):
            code = _code(reply)
            if code.get is Do.SLOW_DOWN:
                return SLOW.total_seconds()
            if code.get is not Do.POLL:
                self.forget()
                raise self._fault(reply, code, code.get)
        elif isinstance(reply, Nonsense) and reply.kind == "text":
            self.forget()
            raise _nonsense(reply)
        elif troubles >= TRANSPORT_TRIES:
            raise _trouble(reply)
        return POLL_SECONDS

    def _get(self, request: Mapping[str, Any]) -> Reply | None:
        """None where no answer came."""
        query = {"t": self._token, "q": str(request["reference"]), "v": "3"}
        try:
            answer = self._ask(request["url"] or f"{BASE}/GetStatement", query)
        except httpx.TransportError:
            return None
        return None if answer.status_code >= 500 else _read(answer)

    def _restart(self, request: Mapping[str, Any], reply: Failure, code: Code) -> Statement:
        """The broker has lost the statement: asked for once more, and not a third time."""
        self.forget()
        if request["restarts"]:
            raise self._fault(reply, code, Do.ASK_LATER)
        self._link.remember(restarts=1)
        try:
            self.request(_period(request))
        except NotAvailable:
            raise self._fault(reply, code, Do.ASK_LATER) from None
        return self.collect()

    # --- both ---------------------------------------------------------------------------------------------------

    def _ask(self, address: str, query: Mapping[str, str]) -> httpx.Response:
        self._link.take_turn(f"ibkr_flex:{self._token}", *RATES)
        return self._link.http.get(f"{address}?{urlencode(query)}")

    def _fault(self, reply: Failure, code: Code, do: Do) -> PullFault:
        words = f"{code.meaning} {code.remedy} (Flex Web Service, code {reply.code or 'none'})"
        name = f"flex_{reply.code}"[:64] if reply.code else "flex_unknown"
        if do is Do.LOCKED:
            return PullFault(name, words, Verdict.BLOCKED, until=_end_of_lockout(self._link.now()))
        if do is Do.STOP:
            return PullFault(name, words, Verdict.PERSON)
        return PullFault(name, words, Verdict.LATER, wait=SLOW if do is Do.SLOW_DOWN else LATER)


def not_available(period: Period, *, is_newest: bool) -> PullFault:
    """After every other way to ask."""
    return PullFault(
        "flex_1003",
        f"Interactive Brokers has no statement for {period.first} to {period.last} (Flex Web Service, code 1003). "
        "Fillbook asks again by itself. If the account was opened later, say so: set “History from” of the connection "
        "to that day.",
        Verdict.LATER,
        # Every time in vain counts towards a lockout, and old years do not become available within hours.
        wait=_HOURS if is_newest else _MOST_OF_A_DAY,
    )


def _read(answer: httpx.Response) -> Reply:
    if answer.status_code >= 400 and not answer.content.lstrip().startswith(b"<Flex"):
        return Nonsense("page")
    return read_reply(answer.content)


def _code(reply: Failure) -> Code:
    return CODES.get(reply.code) or unknown(reply.message)


def _end_of_lockout(now: datetime) -> datetime:
    """The next day, which may begin in a minute."""
    day = now.astimezone(UTC).date() + _DAY
    return max(datetime(day.year, day.month, day.day, tzinfo=UTC), now + _SHORTEST_LOCKOUT)


def _period(request: Mapping[str, str]) -> Period:
    return Period(
        _day(request["first"]), _day(request["last"]), date.fromisoformat(request["goal"])
    )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _unreachable(error: httpx.TransportError | None) -> PullFault:
    how = f" ({type(error).__name__})" if error is not None else ""
    return PullFault(
        "flex_unreachable",
        f"The Flex Web Service of Interactive Brokers does not answer{how}. Fillbook asks again by itself.",
        Verdict.LATER,
    )


def _not_ready(reply: Reply | None) -> PullFault:
    code = f" (code {reply.code})" if isinstance(reply, Failure) and reply.code else ""
    return PullFault(
        "flex_not_ready",
        f"Interactive Brokers is still preparing the statement{code}. Fillbook asks for the same one again by itself.",
        Verdict.LATER,
        wait=DEADLINE,
    )


def _trouble(reply: Reply | None) -> PullFault:
    if reply is None:
        return _unreachable(None)
    if isinstance(reply, Statement):
        return PullFault(
            "flex_cut_short",
            "The statement arrived without its end, several times. Nothing of it was taken. Fillbook fetches it again "
            "by itself.",
            Verdict.LATER,
        )
    return _nonsense(reply)


def _nonsense(reply: Reply) -> PullFault:
    if isinstance(reply, Nonsense) and reply.kind == "text":
        return PullFault(
            "flex_text",
            "The query is saved as text (CSV), which leaves things out. Set its Format to XML in Client Portal "
            "(Performance & Reports → Flex Queries), then try again.",
            Verdict.PERSON,
        )
    return PullFault(
        "flex_nonsense",
        "The Flex Web Service answered with something that is neither a statement nor an error of its own, as it does "
        "while it is being maintained. Fillbook asks again by itself.",
        Verdict.LATER,
    )
