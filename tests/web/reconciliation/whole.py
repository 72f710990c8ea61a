"""Something in every list of reconciliation and guards."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from journal.models import BrokerAccount
from reconciliation.domain.life import State
from reconciliation.models import (
    ChangeState,
    DrawdownAction,
    DrawdownAlert,
    DrawdownAlertType,
    FiringOutcome,
    Guard,
    GuardFiring,
    GuardSample,
    GuardVersion,
)
from tests import guarding
from tests.web.reconciliation import rows

D = Decimal


def alert(of: BrokerAccount, guard: Guard, **more) -> DrawdownAlert:
    values = {
        "alert_type": DrawdownAlertType.WARNING, "drawdown_percent": D("4.50"), "threshold_percent": D(10),
        "equity": D(95_500), "action_taken": DrawdownAction.WARNING_SENT, "created_at": timezone.now(), **more,
    }  # fmt: skip
    return DrawdownAlert.objects.create(
        workspace_id=of.workspace_id, account=of, guard=guard, **values
    )


def sample(guard: Guard, at=None, **more) -> GuardSample:
    values = {
        "at": at or timezone.now(), "value": D("95500.50"), "reference": D(100_000), "floor": D(90_000),
        "used": D("0.44995"), "state": "warned", "steps": ["warn"], **more,
    }  # fmt: skip
    return GuardSample.objects.create(
        workspace_id=guard.workspace_id, account_id=guard.account_id, guard=guard, **values
    )


def firing(guard: Guard, **more) -> GuardFiring:
    values = {
        "fired_at": timezone.now(), "figures": {"used": "1.02"}, "outcome": FiringOutcome.FLAT, **more,
    }  # fmt: skip
    return GuardFiring.objects.create(
        workspace_id=guard.workspace_id, account_id=guard.account_id, guard=guard, version=guard.version, **values
    )  # fmt: skip


def waiting(guard: Guard, **more) -> GuardVersion:
    values = {
        "number": 2, "values": guard.version.values, "state": ChangeState.WAITING, "loosens": ["limit"],
        "reason": "Too tight.", "asked_at": timezone.now(), **more,
    }  # fmt: skip
    return GuardVersion.objects.create(
        workspace_id=guard.workspace_id, account_id=guard.account_id, guard=guard, **values
    )


def one_of_each(of: BrokerAccount, word: str = "ACME") -> dict[str, int]:
    """Ids by the last word but one of an address."""
    on = rows.snapshot(of)
    rows.position(on, word)
    rows.working_order(on, word)
    run = rows.run(of, on)
    rows.worth(of, snapshot=on)
    differs = rows.divergence(of, symbol=word, evidence=[word])
    rows.step(differs, State.OPEN, reason=word)
    rows.entry(of, symbol=word, message=word)
    guard = guarding.guard(of.workspace, of, name=word)
    sample(guard, timezone.now() - timedelta(seconds=30))
    alert(of, guard, firing=firing(guard))
    change = waiting(guard, reason=word)
    return {
        "runs": run.pk, "snapshots": on.pk, "divergences": differs.pk, "guards": guard.pk, "changes": change.pk,
    }  # fmt: skip
