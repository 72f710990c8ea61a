"""Pulls what happened in the accounts of a grant from tastytrade's API, as documents for the reader beside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Credential, Document, Link, PullFault, Window
from journal.brokers.live import MAY_CLOSE, AccountReading, ClosingOrder
from journal.brokers.tastytrade_json import accounts as granted
from journal.brokers.tastytrade_json import closing, days
from journal.brokers.tastytrade_json.accounts import instant, list_accounts
from journal.brokers.tastytrade_json.download import Sections, compose, day_of_positions
from journal.brokers.tastytrade_json.lists import Lists
from journal.brokers.tastytrade_json.live import Account
from journal.brokers.tastytrade_json.session import Session
from journal.domain.fate import Reply

_TRANSACTIONS_PER_PAGE = 1_000
_ORDERS_PER_PAGE = 200
_PER_PAGE = 250
# Windows may or may not include their ends.
_A_SECOND = timedelta(seconds=1)
# What is wrong with one account only: the others can be read.
_OF_ONE_ACCOUNT = frozenset({"scope_missing", "not_found"})


class Tastytrade:
    slug = "tastytrade"
    broker = "tastytrade"
    label = "tastytrade"
    credentials = (
        Credential(
            "client_secret",
            "Client secret",
            "On my.tastytrade.com: Manage → My Profile → API → OAuth Applications, a new client with the scope “read”.",
        ),
        Credential(
            "refresh_token",
            "Refresh token",
            "In the same place: Manage → Create Grant. It does not expire; revoking it there ends the connection.",
        ),
        Credential(
            "account",
            "Account",
            "Only this account number. Empty: all accounts of the grant.",
            is_secret=False,
            is_required=False,
        ),
        Credential(
            "environment",
            "Environment",
            "Secret and token are of one of the two.",
            is_secret=False,
            choices=(("production", "Production"), ("sandbox", "Sandbox")),
        ),
        MAY_CLOSE,
    )
    # Corrections and reversals come days later.
    overlap = timedelta(days=7)
    reach = None
    settles_within = closing.SETTLES_WITHIN

    def read_account(self, link: Link, account_id: str) -> AccountReading:
        return Account(link, account_id).read()

    def send_close(self, link: Link, account_id: str, order: ClosingOrder) -> Reply:
        return closing.send_close(link, account_id, order)

    def find_order(self, link: Link, account_id: str, client_id: str) -> Reply:
        return closing.find_order(link, account_id, client_id)

    def cancel_orders(self, link: Link, account_id: str, instrument: InstrumentRow) -> bool:
        return closing.cancel_orders(link, account_id, instrument)

    def check(self, link: Link) -> str:
        accounts = list_accounts(Session(link), link.credentials.get("account", "").strip())
        numbers = ", ".join(one.number for one in accounts)
        return f"The grant is good, and reads: {numbers}." if numbers else "The grant is good."

    def fetch(self, link: Link, window: Window) -> Iterator[Document]:
        now = link.now()
        is_current = window.until >= now
        window = Window(window.since, min(window.until, now))
        session = Session(link)
        accounts = list_accounts(session, link.credentials.get("account", "").strip())
        pull = Pull(link, session, window.until, is_current=is_current)
        faulty: dict[str, PullFault] = {}
        for part in days.split(window):
            for account in accounts:
                if account.number in faulty:
                    continue
                try:
                    yield from pull.documents(account, part)
                except PullFault as fault:
                    if fault.code not in _OF_ONE_ACCOUNT:
                        raise
                    faulty[account.number] = fault
        if faulty:
            raise next(iter(faulty.values()))


class Pull:
    """`is_current`: the last part ends now, so that what is held now can be said with it."""

    def __init__(self, link: Link, session: Session, end: datetime, *, is_current: bool) -> None:
        self._link = link
        self._environment = session.environment
        self._lists = Lists(session, link)
        self._end = end
        self._is_current = is_current

    def documents(self, account: granted.Account, part: Window) -> Iterator[Document]:
        """None for a time before the last in which nothing happened, an empty one for the last."""
        is_last = part.until == self._end
        if not is_last and account.opened_at and account.opened_at >= part.until:
            return
        now = self._link.now()
        is_current = is_last and self._is_current
        sections = self._read(account, part, is_current=is_current)
        if not is_last and not any(sections):
            return
        content = b""
        if any(sections):
            day = day_of_positions(now, sections) if is_current else None
            content = compose(self._link, account, self._environment, part, sections, day)
        settled = days.settled_until(now)
        first, last = days.day_of(part.since), days.last_day_of(part)
        yield Document(
            name=f"tastytrade {account.number} {first} to {last}.json",
            format="tastytrade_json",
            content=content,
            account_id=account.number,
            complete_until=min(part.until, settled) if settled > part.since else None,
        )

    def _read(self, account: granted.Account, part: Window, *, is_current: bool) -> Sections:
        """Positions first: a fill that comes while the rest is read is then among the transactions, and tells."""
        at = f"/accounts/{account.number}"
        dates = {
            "start-date": f"{days.day_of(part.since)}",
            "end-date": f"{days.last_day_of(part)}",
        }
        moments = {"start-at": _written(part.since - _A_SECOND), "end-at": _written(part.until)}
        oldest_first = {"sort": "Asc"}
        read = self._lists.read
        positions = read(f"{at}/positions", _PER_PAGE, {}) if is_current else []
        orders = read(f"{at}/orders", _ORDERS_PER_PAGE, dates | oldest_first)
        ends = {"time-of-day": "EOD", **dates}
        balances = read(f"{at}/balance-snapshots", _PER_PAGE, ends, _is_end_of_day)
        transactions = read(f"{at}/transactions", _TRANSACTIONS_PER_PAGE, moments | oldest_first)
        return Sections(orders, positions, balances, sorted(transactions, key=_happened))


def _is_end_of_day(item: dict[str, Any]) -> bool:
    """The list ends with what the balance is just now, which the next minute changes."""
    return item.get("time-of-day") == "EOD"


def _written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _happened(item: dict[str, Any]) -> float:
    """Whatever states no instant comes first, as it came."""
    at = instant(item.get("executed-at"))
    return at.timestamp() if at else 0.0
