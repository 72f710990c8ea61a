"""Weeks of the demo's paper account, read as any account is: equity with its peaks and falls, and guards over it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial

from django.db import transaction

from accounts.models import Membership
from journal.brokers.paper.fetcher import Paper
from journal.domain.values import Side
from journal.models import BrokerAccount, Connection
from journal.services.demo.paper import NUMBER, open_paper, pull_paper
from journal.services.desks.opening import open_desk
from journal.services.paper.trading import Wish, look, move_market, pay, place_order
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import Settings
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import PositionSnapshot
from reconciliation.services import cycle
from reconciliation.services.demo.crash import GUARD
from reconciliation.services.demo.desk import SOURCE, Past
from reconciliation.services.guards.arming import arm
from reconciliation.services.guards.changing import create_guard

DAYS = 28
DAILY = "Demo: three per cent in a day"
_OFTEN = 19
# How often it was read, so that neither the curve of all of it nor that of a week or a day has holes: (until so long
# before the end, each so many minutes).
_PACES = ((timedelta(days=7), 400), (timedelta(days=1), 100), (timedelta(hours=6), _OFTEN))
# So much below its peak the account stands in the end: more than half of what its guard allows.
_BELOW = Decimal("0.055")
# By the day: what the market does within some hours, what is bought and sold, and money that comes.
_MOVES = {6: "-0.035", 11: "0.05", 18: "-0.06", 24: "0.07"}
_TRADES = {9: ("ACME", Side.SELL, 120), 14: ("DELTA", Side.SELL, 50), 21: ("BETA", Side.BUY, 200)}
_MONEY = {16: "5000"}


def tell_past(membership: Membership, *, end: datetime) -> bool:
    """All of it or nothing, so that no worker reads the account at another time than the story's. False where the
    account is there."""
    if Connection.objects.filter(fetcher=Paper.slug, account_numbers=[NUMBER]).exists():
        return False
    with transaction.atomic():
        clock = Past(end - timedelta(days=DAYS))
        connection = open_paper(membership.workspace_id, user_id=membership.user_id, clock=clock)
        account = pull_paper(connection, clock=clock)
        passed = 0
        for at, day in _readings(end):
            if day > passed:
                _happens(connection, day, clock)
            passed, clock.at = day, at
            read(account, clock)
        _fall(connection, account, clock)
        _read_on(account, clock, end, range(341, 280, -_OFTEN))
        _guards(account, membership, clock)
        # The last one is fresh enough for guards, until the schedule reads it.
        _read_on(account, clock, end, (*range(265, 4, -_OFTEN), 4, 0))
    return True


def read(account: BrokerAccount, clock: Past) -> None:
    cycle.run_accounts(
        [account], source=SOURCE, clock=clock, opener=partial(open_desk, clock=clock)
    )


def _read_on(account: BrokerAccount, clock: Past, end: datetime, minutes: Iterable[int]) -> None:
    """So many minutes before the end."""
    for before in minutes:
        clock.at = end - timedelta(minutes=before)
        read(account, clock)


def _readings(end: datetime) -> Iterator[tuple[datetime, int]]:
    """Up to some hours before the end; with how many days have passed."""
    start = at = end - timedelta(days=DAYS)
    for before, minutes in _PACES:
        while (after := at + timedelta(minutes=minutes)) <= end - before:
            at = after
            yield at, (at - start).days


def _happens(connection: Connection, day: int, clock: Past) -> None:
    """As a day begins."""
    if day in _MOVES:
        move_market(connection, Decimal(_MOVES[day]), seconds=4 * 3600, clock=clock)
    if day in _MONEY:
        pay(connection, Decimal(_MONEY[day]), "Savings", clock=clock)
    if day in _TRADES:
        symbol, side, quantity = _TRADES[day]
        place_order(
            connection, Wish(f"demo-day-{day}", symbol, side, Decimal(quantity)), clock=clock
        )
        clock.sleep(5)
    if day in _MONEY or day in _TRADES:
        pull_paper(connection, clock=clock)


def _fall(connection: Connection, account: BrokerAccount, clock: Past) -> None:
    """From wherever the account stands to where its guard warns, within an hour."""
    worth = PositionSnapshot.objects.filter(account=account).exclude(peak_equity=None).first()
    seen = look(connection, clock=clock)
    exposed = sum((one.signed_quantity * (one.price or 0) for one in seen.holdings), Decimal(0))
    if worth is None or worth.peak_equity is None or seen.equity is None or exposed <= 0:
        return
    change = (worth.peak_equity * (1 - _BELOW) - seen.equity) / exposed
    change = max(min(change, Decimal("0.5")), Decimal("-0.5")).quantize(Decimal("0.0001"))
    move_market(connection, change, seconds=3600, clock=clock)


def _guards(account: BrokerAccount, membership: Membership, clock: Past) -> None:
    for preset, name, closes in (("drawdown", GUARD, True), ("daily_loss", DAILY, False)):
        rule = PRESETS[preset]
        version = Version(rule.limit, Settings(), rule.scope, closes=closes, is_armed=False)
        guard = create_guard(membership, account, version, clock.now(), name=name, preset=preset)
        # The drawdown counts from the first day; a day's loss from this one.
        since = clock.now() - timedelta(days=DAYS) if closes else None
        arm(guard, membership, clock.now(), counting_from=since)
