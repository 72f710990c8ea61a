"""What brokers said and what came of it, as rows: for pages, which only read them."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from journal.models import BrokerAccount, Instrument
from reconciliation.domain.classes import STANDARDS, DivergenceClass
from reconciliation.domain.codec import dump
from reconciliation.domain.findings import Finding
from reconciliation.domain.life import OVER, State
from reconciliation.forms.guard_values import usual
from reconciliation.models import (
    Divergence,
    DivergenceStep,
    Guard,
    GuardKind,
    GuardVersion,
    LogEvent,
    LogStatus,
    PositionSnapshot,
    ReconciliationLog,
    ReconciliationRun,
    RunOutcome,
    Snapshot,
    SnapshotOrder,
    SnapshotPosition,
    TradingLock,
)

D = Decimal


def account(workspace: Any, number: str = "U7654321", **more: Any) -> BrokerAccount:
    values = {"base_currency": "USD", "broker": "ibkr", "zone": "UTC", **more}
    return BrokerAccount.objects.create(workspace=workspace, broker_id=number, **values)


def instrument(workspace: Any, symbol: str = "ACME", **more: Any) -> Instrument:
    values = {"asset_class": "stock", "currency": "USD", "tick_size": D("0.01"), **more}
    return Instrument.objects.create(workspace=workspace, key=symbol, symbol=symbol, **values)


def snapshot(of: BrokerAccount, at: datetime | None = None, **more: Any) -> Snapshot:
    """Complete and just now, unless it says otherwise."""
    at = at or timezone.now() - timedelta(seconds=12)
    values = {
        "heard": "asked",
        "received_at": at + timedelta(seconds=1),
        "currency": of.base_currency,
        "equity": D(100_000),
        "balance": D(99_000),
        "margin_used": D(12_000),
        "cash": {"USD": "40000"},
        "took": timedelta(milliseconds=340),
        **more,
    }
    return Snapshot.objects.create(workspace_id=of.workspace_id, account=of, as_of=at, **values)


def worth(of: BrokerAccount, at: datetime | None = None, **more: Any) -> PositionSnapshot:
    values = {
        "currency": of.base_currency,
        "equity": D(100_000),
        "balance": D(99_000),
        "peak_equity": D(104_000),
        "drawdown_percent": D("3.846"),
        "equity_gbp": D(79_000),
        "position_count": 1,
        "open_pnl": D(1_000),
        "margin_used_percent": D(12),
        "created_at": at or timezone.now(),
        **more,
    }
    return PositionSnapshot.objects.create(workspace_id=of.workspace_id, account=of, **values)


def failed_read(of: BrokerAccount, at: datetime | None = None) -> PositionSnapshot:
    return PositionSnapshot.objects.create(
        workspace_id=of.workspace_id,
        account=of,
        currency=of.base_currency,
        error="The broker did not answer within 20 seconds.",
        created_at=at or timezone.now(),
    )


def position(
    of: Snapshot, symbol: str = "ACME", quantity: str = "80", **more: Any
) -> SnapshotPosition:
    values = {"average_price": D("101.5"), "price": D("114"), "price_at": of.as_of, "open_pnl": D(1_000), **more}  # fmt: skip
    return SnapshotPosition.objects.create(
        workspace_id=of.workspace_id,
        account_id=of.account_id,
        snapshot=of,
        symbol=symbol,
        signed_quantity=D(quantity),
        **values,
    )


def working_order(of: Snapshot, symbol: str = "ACME", **more: Any) -> SnapshotOrder:
    values = {"order_id": "77", "side": "sell", "quantity": D(80), "filled_quantity": D(0), "stop_price": D(95), **more}  # fmt: skip
    return SnapshotOrder.objects.create(
        workspace_id=of.workspace_id,
        account_id=of.account_id,
        snapshot=of,
        symbol=symbol,
        placed_at=of.as_of - timedelta(hours=2),
        **values,
    )


def run(of: BrokerAccount, on: Snapshot | None = None, **more: Any) -> ReconciliationRun:
    values = {
        "outcome": RunOutcome.COMPARED,
        "compared": ["positions", "fills", "orders"],
        "skipped": {"cash": "One side does not state its cash."},
        "began_at": timezone.now(),
        "took": timedelta(milliseconds=410),
        **more,
    }
    return ReconciliationRun.objects.create(
        workspace_id=of.workspace_id, account=of, snapshot=on, **values
    )


EXPECTED = {"symbol": "ACME", "quantity": "100", "average_price": "101.5", "stop_price": "95"}
ACTUAL = {"symbol": "ACME", "quantity": "80", "average_price": "101.5", "stop_price": "95"}


def divergence(
    of: BrokerAccount,
    kind: DivergenceClass = DivergenceClass.QUANTITY,
    *,
    age: timedelta = timedelta(minutes=20),
    **more: Any,
) -> Divergence:
    now = timezone.now()
    values = {
        "severity": STANDARDS[kind].severity,
        "state": State.OPEN,
        "symbol": "ACME",
        "expected": EXPECTED,
        "actual": ACTUAL,
        "seen": 3,
        "first_seen_at": now - age,
        "last_seen_at": now,
        "opened_at": now - age,
        **more,
    }
    if values["state"] in OVER:
        values.setdefault("over_at", now)
    key = f"{kind}:{values['symbol']}:{Divergence.objects.count()}"
    finding = Finding(kind, key, None, values["symbol"], {}, {})
    return Divergence.objects.create(
        workspace_id=of.workspace_id,
        account=of,
        kind=kind,
        key=key,
        fingerprint=finding.fingerprint(of.pk),
        **values,
    )


def step(of: Divergence, to: State, **more: Any) -> DivergenceStep:
    values = {"actor": "alice@example.org", "reason": "Looked it up.", "created_at": timezone.now(), **more}  # fmt: skip
    return DivergenceStep.objects.create(
        workspace_id=of.workspace_id, account_id=of.account_id, divergence=of, to_state=to, **values
    )


def entry(of: BrokerAccount, **more: Any) -> ReconciliationLog:
    values = {
        "event": LogEvent.SYNC,
        "status": LogStatus.SUCCESS,
        "message": "Compared: nothing differs.",
        "created_at": timezone.now(),
        **more,
    }
    return ReconciliationLog.objects.create(workspace_id=of.workspace_id, account=of, **values)


def guard(of: BrokerAccount, name: str) -> tuple[Guard, GuardVersion, TradingLock]:
    """Armed, with a change that waits and a lock by hand."""
    now = timezone.now()
    owned = {"workspace_id": of.workspace_id, "account": of}
    made = Guard.objects.create(**owned, kind=GuardKind.LIMIT, name=name, state="armed")
    values = {"guard": made, "values": dump(usual("limit")), "reason": name, "asked_at": now}
    made.version = GuardVersion.objects.create(**owned, **values, number=1, state="applied")
    made.save()
    waiting = GuardVersion.objects.create(**owned, **values, number=2, state="waiting")
    lock = TradingLock.objects.create(**owned, symbol=name, reason=name, began_at=now)
    return made, waiting, lock
