"""What ib_async's client calls when TWS says something, under the names of the API."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from journal.services.tws.inbox import Event, Inbox, Said

logger = logging.getLogger(__name__)

_LOST, _RESTORED = 1100, (1101, 1102)
_REFUSED = 321
_CLIENT_IN_USE = 326
# Its notices about farms of market data, and the like.
_NOTICES = range(2100, 2200)
# A fill that is older than this when a poll brings it was not pushed.
_PUSHED_WITHIN = timedelta(seconds=5)


class TimeWithoutZone(ValueError):
    def __init__(self) -> None:
        super().__init__(
            "TWS sends times without their zone. Start the service with --timezone and the zone that TWS is set to, or "
            "let TWS send UTC: Global Configuration → API → Settings."
        )


class _Zone:
    """ib_async asks for the zone of TWS where a time has none."""

    def __init__(self, zone: str) -> None:
        self._zone = zone

    @property
    def TimezoneTWS(self) -> str:
        if not self._zone:
            raise TimeWithoutZone
        return self._zone


class Listener:
    """Every report goes into the inbox as it came."""

    defaultTimezone = UTC

    def __init__(self, inbox: Inbox, zone: str) -> None:
        self.ib = _Zone(zone)
        self.accounts: list[str] = []
        self.closed = asyncio.Event()
        self.closing_words = ""
        # TWS runs, and has lost its own connection to the broker.
        self.is_cut_off = False
        self.was_restored = False
        self.may_see_orders = True
        self.is_pushed_to = True
        self.unread_words = ""
        self.connected_at = timezone.now()
        self._inbox = inbox
        self._seen: set[str] = set()
        self._waiting: dict[str, asyncio.Future[None]] = {}

    def expect(self, name: str) -> asyncio.Future[None]:
        future = self._waiting[name] = asyncio.get_running_loop().create_future()
        return future

    def openOrder(self, order_id: int, contract: Any, order: Any, state: Any) -> None:
        self._put(Said.OPENED, contract, order, state)

    def orderStatus(self, *said: Any) -> None:
        names = (
            "orderId", "status", "filled", "remaining", "avgFillPrice", "permId", "parentId", "lastFillPrice",
            "clientId", "whyHeld",
        )  # fmt: skip
        self._put(Said.CHANGED, SimpleNamespace(**dict(zip(names, said, strict=False))))

    def openOrderEnd(self) -> None:
        self._answer("orders")

    def completedOrder(self, contract: Any, order: Any, state: Any) -> None:
        self._put(Said.COMPLETED, contract, order, state)

    def completedOrdersEnd(self) -> None:
        self._answer("completed")

    def execDetails(self, request_id: int, contract: Any, execution: Any) -> None:
        is_new = execution.execId not in self._seen
        self._seen.add(execution.execId)
        if is_new and request_id >= 0 and self._should_have_been_pushed(execution.time):
            self.is_pushed_to = False
        self._put(Said.FILLED, contract, execution)

    def execDetailsEnd(self, request_id: int) -> None:
        self._answer("executions")

    def commissionReport(self, report: Any) -> None:
        self._put(Said.CHARGED, report)

    def managedAccounts(self, numbers: str) -> None:
        self.accounts = [one.strip() for one in numbers.split(",") if one.strip()]

    def currentTime(self, seconds: int) -> None:
        self._answer("time")

    def error(self, about: int, code: int, words: str, rejection: str = "") -> None:
        if code == _LOST:
            self.is_cut_off = True
            logger.warning("TWS has lost its connection to the broker")
        elif code in _RESTORED:
            self.is_cut_off, self.was_restored = False, True
            logger.info("TWS is connected to the broker again")
        elif code == _REFUSED and "read-only" in words.lower():
            self.may_see_orders = False
            for name in ("orders", "completed"):
                self._answer(name)
        elif code == _CLIENT_IN_USE:
            self.closing_words = (
                "Another program uses this client id. Start the service with another --client-id."
            )
        elif about >= 0:
            self._put(Said.TROUBLED, about, code, words)
        elif code not in _NOTICES:
            logger.warning("TWS says %s: %s", code, words)

    def unread(self, fields: list[str], error: Exception) -> None:
        """A message that ib_async cannot read. What it was about is told by the next question, or stays unknown."""
        self.unread_words = f"A message of TWS (kind {fields[0]}) could not be read: {error}"
        logger.error("A message of TWS cannot be read: kind %s, %r", fields[0], error)

    def connectAck(self) -> None:
        """The handshake is done."""

    def connectionClosed(self) -> None:
        self.closed.set()

    def setEventsDone(self) -> None:
        self.closed.set()

    def _should_have_been_pushed(self, executed_at: datetime) -> bool:
        return self.connected_at < executed_at < timezone.now() - _PUSHED_WITHIN

    def _put(self, said: Said, *what: Any) -> None:
        self._inbox.put(Event(said, what, timezone.now()), is_asked=bool(self._waiting))

    def _answer(self, name: str) -> None:
        future = self._waiting.pop(name, None)
        if future is not None and not future.done():
            future.set_result(None)
