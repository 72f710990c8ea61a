"""Listens to TWS for as long as it runs: connects, asks for what was missed, writes what it hears, and comes back after
every interruption, of TWS as of the database.

TWS pushes orders and fills of all clients only to the one that its settings name as the master. So it is also asked:
for open orders every few seconds, for the day's fills and ended orders every minute.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from django.db import DatabaseError, InterfaceError, connections
from django.utils import timezone

from journal.services.tws.connecting import Halted, TakenAway
from journal.services.tws.inbox import Inbox
from journal.services.tws.keeping import Keeper
from journal.services.tws.session import Session, TwsGone

logger = logging.getLogger(__name__)

# A session that lasted so long was no failure to connect.
_STEADY = timedelta(minutes=2)
_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Seconds. `first_retry` is doubled with each failure up to `longest_retry`."""

    write: float = 0.2
    orders: float = 10.0
    fills: float = 60.0
    first_retry: float = 1.0
    longest_retry: float = 60.0
    patience: float = 30.0


@dataclass(frozen=True, slots=True)
class Place:
    host: str
    port: int
    client_id: int
    zone: str = ""


class Service:
    """`wrote` is called after records were stored, so that somebody books them."""

    def __init__(
        self,
        place: Place,
        keeper: Keeper,
        *,
        wrote: Callable[[], None],
        rhythm: Rhythm | None = None,
        inbox: Inbox | None = None,
    ) -> None:
        self._place = place
        self._keeper = keeper
        self._wrote = wrote
        self._rhythm = rhythm or Rhythm()
        self._inbox = Inbox() if inbox is None else inbox
        # One thread, so one session of the database, whatever the loop does meanwhile.
        self._database = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._is_away = False
        self._told = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop`, or until the connection is taken away (raises Halted)."""
        failures = 0
        try:
            while not stop.is_set():
                begun = timezone.now()
                await self._listen(stop)
                if stop.is_set():
                    break
                failures = 1 if timezone.now() - begun > _STEADY else failures + 1
                wait = self._rhythm.first_retry * 2 ** min(failures - 1, 10)
                await _wait(stop, min(wait, self._rhythm.longest_retry))
        finally:
            await self._end()

    async def _listen(self, stop: asyncio.Event) -> None:
        """One session, and what the page says when it is over. Raises TakenAway."""
        session = Session(self._inbox, zone=self._place.zone, patience=self._rhythm.patience)
        try:
            try:
                await self._try(self._keeper.check)
                await session.open(self._place.host, self._place.port, self._place.client_id)
                self._told = ""
                logger.info("Connected to TWS: %s", ", ".join(session.listener.accounts))
                self._keeper.begin(session.listener.accounts)
                await self._follow(session, stop)
                return
            except TwsGone as gone:
                words = str(gone)
            finally:
                session.close()
            self._tell(words)
            await self._write()
            await self._try(partial(self._keeper.tell_gone, words))
        except TakenAway:
            raise
        except Halted as halted:
            self._tell(str(halted))

    def _tell(self, words: str) -> None:
        """Once for the same."""
        if words != self._told:
            logger.warning("Not connected: %s", words)
        self._told = words

    async def _follow(self, session: Session, stop: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        orders_at = fills_at = 0.0
        while not stop.is_set():
            if not await self._write():
                # Nothing more is asked for while it cannot be kept. What TWS pushes waits in memory.
                if not session.is_open:
                    raise TwsGone("TWS has ended the connection.")
                await _wait(stop, self._rhythm.first_retry)
                orders_at = fills_at = 0.0
                continue
            if session.listener.was_restored or self._inbox.lost:
                self._keeper.interrupted()
                session.listener.was_restored, orders_at, fills_at = False, 0.0, 0.0
            if loop.time() >= fills_at:
                await self._ask_everything(session)
                fills_at = loop.time() + self._rhythm.fills
                orders_at = loop.time() + self._rhythm.orders
            elif loop.time() >= orders_at:
                await session.ask_orders()
                await self._check_alive(session)
                orders_at = loop.time() + self._rhythm.orders
            await _wait(stop, self._rhythm.write)
            if not session.is_open:
                raise TwsGone("TWS has ended the connection. It does so for its nightly restart.")

    async def _ask_everything(self, session: Session) -> None:
        """All that TWS tells of today. When it is stored, the book has every fill until the question."""
        listener = session.listener
        asked_at, self._inbox.lost, listener.unread_words = timezone.now(), 0, ""
        await session.ask_orders()
        await session.ask_executions()
        await session.ask_completed()
        if not await self._write() or self._inbox.lost:
            return
        await self._try(self._link)
        await self._try(lambda: self._keeper.tell(session.listener, asked_at))

    async def _check_alive(self, session: Session) -> None:
        await session.ask_time()
        await self._try(lambda: self._keeper.tell(session.listener, None))

    async def _write(self) -> bool:
        """All that has come. False while the database does not answer: then it waits."""
        while True:
            events = self._inbox.take(_AT_ONCE)
            if not events and not self._keeper.waiting:
                return True
            if not await self._try(partial(self._keeper.read, events)):
                self._inbox.put_back(events)
                return False
            if not await self._try(self._store):
                return False

    def _link(self) -> None:
        if self._keeper.link():
            self._wrote()

    def _store(self) -> None:
        if self._keeper.store():
            self._wrote()

    async def _try(self, work: Callable[[], object]) -> bool:
        """In the thread that talks to the database; False when that does not answer."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._database, _with_fresh_session, work)
        except (DatabaseError, InterfaceError) as error:
            if not self._is_away:
                logger.warning(
                    "The database does not answer, so what TWS says is kept in memory: %s", error
                )
            self._is_away = True
            return False
        if self._is_away:
            logger.info("The database answers again")
        self._is_away = False
        return True

    async def _end(self) -> None:
        try:
            await self._write()
            await self._try(
                lambda: self._keeper.tell_gone("The service was stopped.", "service_stopped")
            )
        except Halted:
            logger.info("Nothing more is written: the connection is paused or taken away")
        await asyncio.get_running_loop().run_in_executor(self._database, connections.close_all)
        self._database.shutdown()


def _with_fresh_session(work: Callable[[], object]) -> None:
    try:
        work()
    except (DatabaseError, InterfaceError):
        # The next try has a session of its own: this one may be gone.
        connections["default"].close()
        raise


async def _wait(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        pass
