"""Interactive Brokers' Flex Web Service, version 3: statements of a Flex query, by token.

A statement covers at most a year, so a long window is asked for in several, the newest first. The days of Interactive
Brokers are New York's; a day is final early in the next morning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from journal.brokers.fetching import Credential, Document, Link, Window
from journal.brokers.ibkr_flex_web.replies import Statement
from journal.brokers.ibkr_flex_web.service import NotAvailable, Period, Service, not_available

_ZONE = ZoneInfo("America/New_York")
_READY = time(5)
_DAY = timedelta(days=1)
_CHUNK = timedelta(days=364)
_SATURDAY = 5
_OPENED = re.compile(
    rb"""<AccountInformation\s[^>]*?\bdateOpened\s*=\s*["'](\d{8}|\d{4}-\d\d-\d\d)["']"""
)
_ACCOUNT = re.compile(rb"<AccountInformation\s")


class IbkrFlexWeb:
    slug = "ibkr_flex"
    broker = "ibkr"
    label = "Interactive Brokers (Flex Web Service)"
    credentials = (
        Credential(
            "token",
            "Token",
            "Client Portal → Performance & Reports → Flex Queries → Flex Web Service. It can be valid for up to a "
            "year; a new one ends the old one.",
        ),
        Credential(
            "query_id",
            "Query ID",
            "The number beside the name of an Activity Flex Query in Client Portal. Its format has to be XML; which "
            "sections it needs: docs/connections.md.",
            is_secret=False,
        ),
    )
    # Commissions, cancels and corrections reach a statement days later.
    overlap = timedelta(days=30)
    # The year so far and four before it; earlier years are not asked for.
    reach = timedelta(days=5 * 365 + 1)
    ready_at = time(6, 15)
    ready_zone = "America/New_York"

    def check(self, link: Link) -> str:
        """The statement that this asks for is not lost: the next pull fetches it."""
        service = Service(link)
        if service.pending() is None:
            day = final_day(link.now())
            try:
                service.request(Period(day, day, day))
            except NotAvailable:
                return (
                    "Token and query are right. There is no statement of the last trading day yet."
                )
        return "Token and query are right: Interactive Brokers is preparing a statement."

    def fetch(self, link: Link, window: Window) -> Iterator[Document]:
        service = Service(link)
        first, last = days_of(window, link.now())
        is_newest = True
        pending = service.pending()
        while pending is not None or first <= last:
            if pending is not None:
                # Before anything else is asked: also when it is of another window.
                statement, asked, pending = service.collect(), pending, None
            else:
                wanted = Period(max(first, last - _CHUNK), last, last)
                statement, asked = self._statement(service, wanted, is_newest=is_newest)
                is_newest = False
            yield self._document(link, statement)
            service.forget()
            first = max(first, opened_on(statement.content) or first)
            last = _still_to_ask(last, statement, asked)

    def _statement(
        self, service: Service, wanted: Period, *, is_newest: bool
    ) -> tuple[Statement, Period]:
        """Of this period, or as much of its end as can be had. Every other way to ask is tried once."""
        for period in ways_to_ask(wanted, is_newest=is_newest):
            try:
                service.request(period)
            except NotAvailable:
                continue
            return service.collect(), period
        raise not_available(wanted, is_newest=is_newest)

    def _document(self, link: Link, statement: Statement) -> Document:
        first, last = statement.first_day, statement.last_day
        query = re.sub(r"\W", "", link.credentials["query_id"])[:20]
        name = f"flex-{query}-{first or 'open'}-{last or 'open'}.xml"
        if first is None or last is None:
            return Document(name, "ibkr_flex", statement.content)
        until = min(last, final_day(link.now(), any_day=True)) + _DAY
        return Document(
            name,
            "ibkr_flex",
            statement.content,
            complete_until=midnight(max(until, first)),
            since=midnight(first),
        )


def _still_to_ask(last: date, statement: Statement, asked: Period) -> date:
    """The last day that is missing, when everything after `last` was had before."""
    began = statement.first_day or asked.first
    if began is None:
        # The query's own period, which the statement does not tell: nothing more can be asked for.
        return date.min
    # What was asked for before later days became final leaves those to be asked for.
    return min(last, began) - _DAY if asked.goal >= last else last


def midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=_ZONE).astimezone(UTC)


def final_day(now: datetime, *, any_day: bool = False) -> date:
    """The last day of which everything is known; without `any_day` one on which markets are open."""
    there = now.astimezone(_ZONE)
    day = there.date() - (_DAY if there.time() >= _READY else 2 * _DAY)
    while day.weekday() >= _SATURDAY and not any_day:
        day -= _DAY
    return day


def days_of(window: Window, now: datetime) -> tuple[date, date]:
    """First and last day to ask for; nothing where the first is later."""
    there = now.astimezone(_ZONE)
    first = window.since.astimezone(_ZONE).date()
    # Statements go back to the start of the fourth year before this one.
    first = max(first, date(there.year - 4, 1, 1))
    last = (window.until - timedelta(microseconds=1)).astimezone(_ZONE).date()
    final = final_day(now)
    return first, min(last, final)


def ways_to_ask(wanted: Period, *, is_newest: bool) -> Iterator[Period]:
    """The period itself; a weekday less, where its end may not be final; half of it; and what the query itself says."""
    assert wanted.first is not None
    assert wanted.last is not None
    yield wanted
    last = wanted.last
    if is_newest:
        last = final_day(datetime.combine(wanted.last, time(12), tzinfo=_ZONE))
        if wanted.first <= last:
            yield wanted._replace(last=last)
    half = last - (last - wanted.first) // 2
    if wanted.first < half <= last:
        yield wanted._replace(first=half, last=last)
    if is_newest:
        yield Period(None, None, wanted.goal)


def opened_on(content: bytes) -> date | None:
    """When the oldest account of the statement was opened, if it says so of all of them."""
    found = _OPENED.findall(content)
    if not found or len(found) != len(_ACCOUNT.findall(content)):
        return None
    return min(date.fromisoformat(one.decode()) for one in found)
