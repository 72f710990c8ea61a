"""Accounts whose readings guards look at, in few words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from journal.brokers.base import CashKind
from journal.models import BrokerAccount, CashReport, ImportBatch
from journal.services.accounts import create_account
from reconciliation.domain.codec import dump
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import Basis, Limit, Measure, Reference
from reconciliation.domain.guards.machine import Memory, Settings, arm
from reconciliation.domain.guards.presets import Scope
from reconciliation.domain.guards.watching import Kept
from reconciliation.models import (
    ChangeState,
    Guard,
    GuardKind,
    GuardVersion,
    PositionSnapshot,
    Snapshot,
)
from reconciliation.services.guards.keeping import keep
from reconciliation.services.guards.seen import Seen
from reconciliation.services.guards.watching import watch

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
DRAWDOWN = Limit(Basis.EQUITY, Reference.HIGH, Decimal("0.1"), Measure.OF_REFERENCE)
DAILY = Limit(Basis.EQUITY, Reference.DAY_START, Decimal("0.05"), Measure.OF_REFERENCE)
TEN_PERCENT = Version(DRAWDOWN, Settings(), Scope.UNTIL_ARMED, closes=True, is_armed=True)
FIVE_A_DAY = Version(DAILY, Settings(), Scope.DAY, closes=False, is_armed=True)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def account(workspace, number: str = "G1", currency: str = "USD") -> BrokerAccount:
    return create_account(
        workspace.pk, broker="paper", broker_id=number, base_currency=currency, zone="UTC"
    )


def guard(
    workspace, of: BrokerAccount | None, version: Version = TEN_PERCENT, name="Drawdown", **more
) -> Guard:
    """Armed at the start."""
    row = Guard(
        workspace=workspace, account=of, kind=GuardKind.LIMIT, name=name, armed_at=START, **more
    )
    keep(row, Kept(arm(Memory(), START) if version.is_armed else Memory()))
    row.save()
    row.version = GuardVersion.objects.create(
        workspace=workspace, account=of, guard=row, number=1, values=dump(version),
        state=ChangeState.APPLIED, asked_at=START,
    )  # fmt: skip
    row.save()
    return row


def seen(of: BrokerAccount, seconds: float, equity, *, balance=None, **more) -> Seen:
    money = None if equity is None else Decimal(equity)
    cash = None if balance is None else Decimal(balance)
    return Seen(of.pk, None, at(seconds), of.base_currency, money, cash, **more)


def look(of: BrokerAccount, seconds: float, equity, **more):
    """One reading of one account, as reconciliation hands it over: stored first, then watched."""
    one = seen(of, seconds, equity, **more)
    if one.equity is not None:
        snapshot = Snapshot.objects.create(
            workspace_id=of.workspace_id, account=of, heard="asked", as_of=one.at, received_at=one.at,
            currency=one.currency, equity=one.equity, balance=one.balance,
        )  # fmt: skip
        one = one._replace(snapshot_id=snapshot.pk)
        PositionSnapshot.objects.create(
            workspace_id=of.workspace_id, account=of, snapshot=snapshot, currency=one.currency,
            equity=one.equity, balance=one.balance, created_at=one.at,
        )  # fmt: skip
    return watch(of.workspace_id, [one])


def pay(
    of: BrokerAccount, seconds: float, amount, currency: str | None = None, fx_rate=None
) -> None:
    """A deposit or withdrawal that the book comes to know of now."""
    batch, _ = ImportBatch.objects.get_or_create(
        workspace_id=of.workspace_id, account=of, format="test", defaults={"state": "done"}
    )
    row = CashReport.objects.count() + 1
    amount = Decimal(amount)
    CashReport.objects.create(
        workspace_id=of.workspace_id, batch=batch, account=of, row=row, raw="{}", event_key=f"cash-{row}",
        kind=CashKind.DEPOSIT if amount > 0 else CashKind.WITHDRAWAL, amount=amount,
        currency=currency or of.base_currency, fx_rate=fx_rate, occurred_at=at(seconds), occurred_on=at(seconds).date(),
    )  # fmt: skip


def now() -> datetime:
    return timezone.now()
