"""One connection to TWS or Gateway, from the handshake to its end."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from ib_async.objects import ExecutionFilter

from journal.services.tws.client import ReadOnlyClient
from journal.services.tws.inbox import Inbox
from journal.services.tws.listener import Listener

# TWS takes a while to start its day.
ANSWER_SECONDS = 30.0


class TwsGone(Exception):
    """The connection is over, or was never made. The message is for people."""


class Session:
    """`open` it, ask, `close` it. Everything raises TwsGone once the connection is over."""

    def __init__(self, inbox: Inbox, *, zone: str = "", patience: float = ANSWER_SECONDS) -> None:
        self.listener = Listener(inbox, zone)
        self._client = ReadOnlyClient(self.listener)
        self._patience = patience

    async def open(self, host: str, port: int, client_id: int) -> None:
        try:
            await self._client.connectAsync(host, port, client_id, self._patience)
        except (OSError, TimeoutError, ConnectionError) as error:
            words = self.listener.closing_words or _unreachable(host, port, error)
            raise TwsGone(words) from error

    @property
    def is_open(self) -> bool:
        return bool(self._client.isReady()) and not self.listener.closed.is_set()

    async def ask_orders(self) -> None:
        if self.listener.may_see_orders:
            await self._ask("orders", self._client.reqAllOpenOrders)

    async def ask_completed(self) -> None:
        if self.listener.may_see_orders:
            await self._ask("completed", lambda: self._client.reqCompletedOrders(False))

    async def ask_executions(self) -> None:
        request = ExecutionFilter()
        await self._ask(
            "executions", lambda: self._client.reqExecutions(self._client.getReqId(), request)
        )

    async def ask_time(self) -> None:
        """Whether TWS is still there."""
        await self._ask("time", self._client.reqCurrentTime)

    def close(self) -> None:
        self._client.disconnect()

    async def _ask(self, name: str, send: Callable[[], Any]) -> None:
        answered = self.listener.expect(name)
        try:
            send()
        except ConnectionError as error:
            raise TwsGone(self._ending()) from error
        closed = asyncio.ensure_future(self.listener.closed.wait())
        try:
            either: set[asyncio.Future[Any]] = {answered, closed}
            await asyncio.wait(either, timeout=self._patience, return_when=asyncio.FIRST_COMPLETED)
        finally:
            closed.cancel()
        if not answered.done():
            raise TwsGone(self._ending())

    def _ending(self) -> str:
        if self.listener.closing_words:
            return self.listener.closing_words
        if self.listener.closed.is_set():
            return "TWS has ended the connection. It does so for its nightly restart."
        return "TWS does not answer."


def _unreachable(host: str, port: int, error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return (
            f"{host}:{port} takes the connection and does not speak: sign in to TWS or Gateway there, and see whether "
            "it asks to accept the connection (trusted addresses in its API settings)."
        )
    return (
        f"Nothing answers at {host}:{port} ({_why(error)}). See whether TWS or Gateway runs there, and whether its API "
        "is switched on at this port (docs/ibkr-live.md)."
    )


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno).lower()
    return str(error) or type(error).__name__
