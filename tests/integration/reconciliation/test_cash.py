"""Cash that differs: entered by hand with a reason, and the two sides agree afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from common.errors import Conflict, Rejected
from journal.brokers.base import CashBalanceRow, CashKind, CashRow
from journal.models import CashReport, ImportBatch
from journal.services.cash_entries import CashEntry, Movement, enter_cash
from journal.services.withdrawal import withdraw_import
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import Divergence, DivergenceStep, ReconciliationRules
from reconciliation.services import resolving
from tests.integration.journal.rows import fill, import_rows
from tests.integration.reconciliation.desks import ACME, NOW, accounts_of, connect, cover
from tests.people import alice, bob

pytestmark = pytest.mark.django_db


def balance(account, amount: str, days_ago: int = 0) -> None:
    on = (NOW - timedelta(days=days_ago)).date()
    import_rows(
        account,
        [CashBalanceRow(1, account.broker_id, {}, "EUR", False, Decimal(amount), None, on)],
    )


@pytest.fixture(params=[0, 1], ids=["balance of today", "balance of yesterday"])
def account(request, workspace, broker):
    """Its broker stated 1,000 in cash, and has 900 and then some now."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "100"}
    balance(account, "1000", request.param)
    return account


def has(broker, account, amount: str) -> None:
    broker.changes[account.broker_id] = {"cash": {"EUR": Decimal(amount)}}


@pytest.fixture
def differs(account, broker, run):
    has(broker, account, "1250.5")
    run(account), run(account)
    found = Divergence.objects.get(state=State.OPEN)
    assert (found.kind, found.actual["unexplained"]) == (Kind.CASH_BALANCE, "250.5")
    return found


def test_it_is_entered_as_what_it_was_and_the_comparison_is_clean(account, run, differs):
    assert "+250.5 EUR" in differs.proposal["words"]
    done = resolving.settle(differs, alice(), reason="Transfer from my bank", movement="deposit")
    assert (done.state, done.resolution) == (State.RESOLVED, "adjusted")
    batch = ImportBatch.objects.get(source="adjustment")
    row = CashReport.objects.get(batch=batch)
    assert (row.kind, row.amount, row.currency) == ("deposit", Decimal("250.5"), "EUR")
    assert "Transfer from my bank" in row.description
    assert DivergenceStep.objects.last().facts["import"] == batch.pk
    run(account), run(account)
    assert not Divergence.objects.exclude(pk=done.pk).exists()
    withdraw_import(batch)
    run(account), run(account)
    assert Divergence.objects.get(state=State.OPEN).actual["unexplained"] == "250.5"


def test_it_is_carried_out_once_however_often_it_is_tried(differs):
    done = resolving.settle(differs, alice(), reason="Known", movement="interest")
    Divergence.objects.filter(pk=done.pk).update(state=State.APPROVED, resolution="")
    done.refresh_from_db()
    assert resolving.finish(done).state == State.RESOLVED
    assert CashReport.objects.get().kind == CashKind.INTEREST_RECEIVED


def test_only_a_person_knows_what_it_was(differs):
    with pytest.raises(Rejected) as refused:
        resolving.propose(differs, alice(), reason="Look")
    assert refused.value.code == "movement_needed"
    with pytest.raises(Rejected) as refused:
        resolving.propose(differs, alice(), reason="Look", movement="gift")
    assert refused.value.code == "movement_needed"
    with pytest.raises(Rejected) as refused:
        resolving.propose(differs, alice(), reason="Look", movement="withdrawal")
    assert refused.value.code == "cash_direction"
    differs.refresh_from_db()
    assert differs.state == State.OPEN


def test_four_eyes(workspace, differs):
    ReconciliationRules.objects.create(workspace=workspace, four_eyes=True)
    proposed = resolving.settle(differs, alice(), reason="A dividend", movement="dividend")
    assert proposed.state == State.PROPOSED
    with pytest.raises(Conflict):
        resolving.approve(proposed, alice())
    assert not CashReport.objects.exists()
    done = resolving.approve(proposed, bob(workspace, role=Role.TRADER))
    assert (done.state, CashReport.objects.get().kind) == (State.RESOLVED, "dividend")


def test_what_left_is_a_fee(account, broker, run):
    has(broker, account, "990")
    run(account), run(account)
    found = Divergence.objects.get(state=State.OPEN)
    resolving.settle(found, alice(), reason="Data subscription", movement="fee")
    assert CashReport.objects.get().amount == -10
    run(account), run(account)
    assert not Divergence.objects.exclude(pk=found.pk).exists()


def test_the_statement_that_tells_of_it_later_counts_it_once(account, run, broker, differs):
    resolving.settle(differs, alice(), reason="My bank", movement="deposit")
    at = differs.first_seen_at
    import_rows(
        account,
        [
            CashRow(1, account.broker_id, {}, "77", CashKind.DEPOSIT, Decimal("250.5"), "EUR", None, at, None,
                    "wire", None, "", False),
        ],
    )  # fmt: skip
    assert CashReport.objects.count() == 1
    balance(account, "1250.5")
    run(account), run(account)
    assert not Divergence.objects.exclude(pk=differs.pk).exists()


def test_no_time_and_no_amount_that_cannot_be(account):
    def enter(**changes):
        values = {
            "account": account, "movement": Movement.FEE, "amount": Decimal(-1), "currency": "EUR",
            "occurred_at": NOW, "reason": "Known",
        }  # fmt: skip
        return enter_cash(account.workspace_id, CashEntry(**{**values, **changes}), user_id=None)

    for code, changes in {
        "cash_time": {"occurred_at": datetime(2999, 1, 1, tzinfo=UTC)},
        "cash_nothing": {"amount": Decimal(0)},
        "reason_missing": {"reason": " "},
        "cash_direction": {"movement": Movement.DEPOSIT},
    }.items():
        with pytest.raises(Rejected) as refused:
            enter(**changes)
        assert refused.value.code == code
