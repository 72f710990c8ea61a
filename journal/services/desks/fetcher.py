"""A desk of a broker that is asked over its API. Whatever goes wrong is a fault or an unknown fate, and holds no
secret."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Iterable
from typing import TypeVar

import httpx
from django.db import Error as DatabaseTrouble

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Fetcher, PullFault, Verdict
from journal.brokers.live import AccountReading, Closing, ClosingOrder, Reading
from journal.domain.fate import Fate, Reply
from journal.services.desks.link import DeskLink
from journal.services.pulls.credentials import scrub
from journal.services.pulls.turns import lock_out

logger = logging.getLogger(__name__)

Result = TypeVar("Result")


class FetcherDesk:
    def __init__(
        self, fetcher: Fetcher, link: DeskLink, secrets: Iterable[str], *, may_close: bool
    ) -> None:
        self._fetcher = fetcher
        self._link = link
        self._secrets = tuple(secrets)
        self._may_close = may_close

    def read(self, account_number: str) -> AccountReading:
        fetcher = self._fetcher
        if not isinstance(fetcher, Reading):
            raise cannot("tell what an account holds at this moment")
        return self._ask(lambda: fetcher.read_account(self._link, account_number))

    def send_close(self, account_number: str, order: ClosingOrder) -> Reply:
        """Whatever was raised on the way, nobody knows whether the order got through."""
        closing = self._closing()
        try:
            reply = self._ask(lambda: closing.send_close(self._link, account_number, order))
        except PullFault as fault:
            return Reply(Fate.UNKNOWN, reason=fault.message[:500])
        return self._clean(reply)

    def find_order(self, account_number: str, client_id: str) -> Reply:
        closing = self._closing()
        return self._clean(
            self._ask(lambda: closing.find_order(self._link, account_number, client_id))
        )

    def cancel_orders(self, account_number: str, instrument: InstrumentRow) -> bool:
        closing = self._closing()
        return self._ask(lambda: closing.cancel_orders(self._link, account_number, instrument))

    def _closing(self) -> Closing:
        if not self._may_close or not isinstance(self._fetcher, Closing):
            raise cannot("close positions")
        return self._fetcher

    def _clean(self, reply: Reply) -> Reply:
        return reply._replace(reason=scrub(reply.reason, self._secrets)[:500])

    def _ask(self, question: Callable[[], Result]) -> Result:
        self._link.begin()
        try:
            return question()
        except PullFault as fault:
            fault.message = scrub(fault.message, self._secrets)
            if fault.verdict is Verdict.BLOCKED and self._link.whom:
                # It is not this connection's alone: another one of the same token must not go on asking.
                lock_out(self._link.whom, fault)
            raise
        except DatabaseTrouble:
            raise
        except httpx.TransportError as error:
            raise PullFault(
                "broker_unreachable",
                f"The broker did not answer ({type(error).__name__}).",
                Verdict.LATER,
            ) from None
        except Exception:
            # The text of an exception may hold anything, so it does not reach the log as it is.
            logger.error("desk_broke %s", scrub(traceback.format_exc(), self._secrets))
            raise PullFault(
                "desk_broke",
                "Fillbook did not understand what the broker answered. The log of the worker says more.",
                Verdict.LATER,
            ) from None


def cannot(what: str) -> PullFault:
    return PullFault(
        "not_offered", f"Through this connection Fillbook cannot {what}.", Verdict.PERSON
    )
