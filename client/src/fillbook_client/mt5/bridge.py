"""The bridge at work: look, store, deliver, wait."""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

from fillbook_client.delivery import DeliveryLock
from fillbook_client.mt5.commands import COMMANDS_SECONDS, Commands
from fillbook_client.mt5.delivery import Delivery, Journal
from fillbook_client.mt5.prices import Prices
from fillbook_client.mt5.reader import Reader
from fillbook_client.mt5.settings import Settings
from fillbook_client.mt5.store import Store
from fillbook_client.mt5.terminal import Terminal, Unreadable
from fillbook_client.mt5.trader import Trader

logger = logging.getLogger("fillbook.mt5")


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class AlreadyRunning(Exception):
    """Another bridge works with the same file."""


class Bridge:
    """Raises AlreadyRunning and sqlite3.Error when it is made; afterwards nothing but what ends it."""

    def __init__(
        self, settings: Settings, package: Any, *, now: Callable[[], datetime] = _utc_now
    ) -> None:
        self._lock = DeliveryLock(settings.spool)
        if not self._lock.acquire():
            raise AlreadyRunning(
                f"Another fillbook-mt5 works with {settings.spool}. Give each terminal a spool of its own."
            )
        self.store = Store(settings.spool)
        self.terminal = Terminal(package, dict(settings.terminal))
        journal = Journal(settings.url, settings.token, settings.secret)
        self.delivery = Delivery(self.store, journal)
        self.prices = Prices(self.terminal, journal, settings.connection)
        self._reader = Reader(self.terminal, self.store, now, settings.connection)
        trader = Trader(self.terminal) if settings.may_close else None
        self.commands = Commands(
            self.store, journal, settings.connection, trader=trader, look=self.look_now, now=now
        )
        self._interval = settings.interval
        self._now = now
        self._not_before: datetime | None = None
        self.is_terminal_there = True

    def turn(self) -> None:
        """One look and one delivery. What goes wrong is logged, and tried again by the next."""
        look = None
        try:
            look = self._reader.poll()
            if (look is not None) is not self.is_terminal_there:
                self.is_terminal_there = look is not None
                logger.warning(
                    "The terminal is %s.", "there" if look else "not there; waiting for it"
                )
        except Unreadable as error:
            logger.warning("The terminal cannot be read: %s", error)
        except sqlite3.Error as error:
            logger.error("The spool cannot be used: %s", error)
            return
        self.deliver()
        if look is not None and not self.delivery.pause:
            self.prices.send(look)

    def look_now(self) -> bool:
        """Whether the account as it is now has reached the journal."""
        if not self._reader.look_again():
            return False
        self._not_before = None
        self.deliver()
        return not self.store.count()

    def obey(self) -> None:
        """Ask what there is to do, and do it."""
        try:
            self.commands.turn(self._login())
        except sqlite3.Error as error:
            logger.error("The spool cannot be used: %s", error)

    def _login(self) -> int | None:
        """Of the account that the terminal is signed in to; None where it is not there."""
        try:
            self.terminal.open()
            return int(self.terminal.account()["login"])
        except Unreadable:
            return None

    def deliver(self) -> None:
        now = self._now()
        if self._not_before is not None and now < self._not_before:
            return
        try:
            self.delivery.deliver()
        except sqlite3.Error as error:
            logger.error("The spool cannot be used: %s", error)
            return
        pause = self.delivery.pause
        self._not_before = None
        if pause:
            self._not_before = datetime.fromtimestamp(now.timestamp() + pause, timezone.utc)

    def run(self, wait: Callable[[float], bool]) -> None:
        """Until `wait` says that it is over."""
        while True:
            self.turn()
            left = self._interval
            while left > 0:
                self.obey()
                pause = min(left, max(COMMANDS_SECONDS, self.commands.pause))
                if wait(pause):
                    return
                left -= pause

    def describe(self) -> str:
        waiting, trouble = self.store.count(), self.delivery.trouble
        account = self.store.last_account() or "no account yet"
        terminal = "there" if self.is_terminal_there else "not there"
        said = f"Terminal: {terminal} ({account}). Delivered: {self.delivery.delivered}, waiting: {waiting}."
        return f"{said} {trouble}" if trouble else said

    def close(self) -> None:
        self.terminal.close()
        self.store.close()
        self._lock.release()
