"""Another paper account: an order that was taken back half filled, and a guard that closes while the broker falls
silent, so that nobody knows what became of its order."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import transaction

from accounts.models import Membership
from journal.brokers.paper.fetcher import Paper
from journal.domain.values import Side
from journal.models import BrokerAccount, CapturedKind, Connection
from journal.services.paper.trading import (
    Wish,
    cancel_order,
    come_back,
    go_away,
    move_market,
    place_order,
)
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.connections import create_connection
from journal.services.pulls.run import run_pull
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.machine import Settings
from reconciliation.domain.guards.presets import PRESETS
from reconciliation.models import CloseIntent, CloseStep, Guard, GuardFiring
from reconciliation.services.closing import beginning, working
from reconciliation.services.demo.desk import SOURCE, Desk, Past
from reconciliation.services.demo.paper_past import read
from reconciliation.services.guards.acting import accounts_under
from reconciliation.services.guards.changing import create_guard

NUMBER = "DEMO-SILENT"
GUARD = "Demo: ten per cent, while the broker was away"
_TERMS = {"account": NUMBER, "money": "40000", "seed": "11", "in_parts": "100", "latency": "120"}
_STEPS_MAX = 400
_MOMENT = timedelta(seconds=1)


def tell_silence(membership: Membership, *, end: datetime) -> bool:
    """All of it or nothing. False where the account is there."""
    if Connection.objects.filter(fetcher=Paper.slug, account_numbers=[NUMBER]).exists():
        return False
    with transaction.atomic():
        clock = Past(end - timedelta(hours=9))
        connection = create_connection(
            membership.workspace_id, Paper(), _TERMS, user_id=membership.user_id, name="Demo paper account, silent",
            account_numbers=[NUMBER],
        )  # fmt: skip
        place_order(connection, Wish("silent-1", "DELTA", Side.BUY, Decimal(200)), clock=clock)
        clock.sleep(600)
        account = _pull(connection, clock)
        _half_an_order(Desk(account, connection, membership.user_id), clock)
        clock.at = end - timedelta(hours=7)
        read(account, clock)
        clock.at = end - timedelta(hours=5)
        _close(connection, account, membership, clock)
        clock.at = end - timedelta(hours=4)
        come_back(connection, clock=clock)
        clock.sleep(60)
        _pull(connection, clock)
        clock.at = end - timedelta(hours=3)
        read(account, clock)
    return True


def _pull(connection: Connection, clock: Past) -> BrokerAccount:
    connection.refresh_from_db()
    run_pull(ask_pull(connection, source=SOURCE), clock=clock)
    return BrokerAccount.objects.get(broker=Paper.broker, broker_id=NUMBER)


def _half_an_order(desk: Desk, clock: Past) -> None:
    """The bot reports what it ordered, and never that it was taken back."""
    desk.report(
        CapturedKind.ORDER,
        [
            {
                "record_id": "silent-2-placed", "client_order_id": "silent-2", "symbol": "BETA", "side": "buy",
                "quantity": 80, "order_type": "market", "status": "placed", "at": clock.now().isoformat(),
            }
        ],
    )  # fmt: skip
    wish = Wish("silent-2", "BETA", Side.BUY, Decimal(80))
    order = place_order(desk.connection, wish, clock=clock)
    for _ in range(_STEPS_MAX):
        if order is not None and order.filled:
            break
        clock.sleep(1)
        order = place_order(desk.connection, wish, clock=clock)
    cancel_order(desk.connection, "silent-2", clock=clock)
    clock.sleep(60)
    _pull(desk.connection, clock)


def _close(
    connection: Connection, account: BrokerAccount, membership: Membership, clock: Past
) -> None:
    read(account, clock)
    preset = PRESETS["drawdown"]
    version = Version(preset.limit, Settings(), preset.scope, closes=True, is_armed=True)
    guard = create_guard(membership, account, version, clock.now(), name=GUARD, preset="drawdown")
    read(account, clock)
    move_market(connection, Decimal("-0.25"), seconds=5, clock=clock)
    firing = _until_it_fires(guard, account, clock)
    beginning.begin_closing(firing, accounts_under(guard), now=clock.now())
    go_away(connection, 30 * 60, clock=Past(clock.now() + _MOMENT))
    clock = _UntilSent(clock.now(), firing)
    for _ in range(_STEPS_MAX):
        for root in CloseIntent.objects.filter(firing=firing, root=None, ended_at=None):
            working.work(root.pk, clock=clock)
        firing.refresh_from_db()
        if firing.ended_at is not None:
            return
        clock.sleep(3)


class _UntilSent(Past):
    """Moves on into the silence as soon as an order is on its way."""

    def __init__(self, at: datetime, firing: GuardFiring) -> None:
        super().__init__(at)
        self._firing, self._is_sent = firing, False

    def now(self) -> datetime:
        steps = CloseStep.objects.filter(intent__firing=self._firing, action="send")
        if not self._is_sent and steps.exists():
            self._is_sent = True
            self.at += 2 * _MOMENT
        return self.at


def _until_it_fires(guard: Guard, account: BrokerAccount, clock: Past) -> GuardFiring:
    for _ in range(_STEPS_MAX):
        clock.sleep(3)
        read(account, clock)
        firing = GuardFiring.objects.filter(guard=guard).first()
        if firing is not None:
            return firing
    raise AssertionError("The guard did not fire.")
