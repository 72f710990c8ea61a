"""What people and rules do about differences, and what it does to the book."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.roles import Role
from common.errors import Conflict, Forbidden, NotFound, Rejected
from journal.models import Correction, Execution, ImportBatch, OpenLot
from journal.services.corrections import correct_fill
from journal.services.withdrawal import withdraw_import
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import Divergence, DivergenceStep, ReconciliationRules
from reconciliation.services import resolving
from tests.integration.journal.rows import fill, import_rows
from tests.integration.reconciliation.desks import ACME, BOLT, NOW, accounts_of, connect, cover
from tests.people import alice, bob, charlie

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(workspace, broker):
    """It holds 100 ACME, bought two days before; the history of the broker is known."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "100"}
    return account


@pytest.fixture
def quantity(account, broker, run):
    """The broker has 60 of them."""
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account), run(account)
    return Divergence.objects.get(state=State.OPEN)


def held(account):
    return sum(OpenLot.objects.filter(account=account).values_list("signed_quantity", flat=True))


def test_one_click_enters_an_adjustment_that_can_be_undone(account, broker, run, quantity):
    done = resolving.settle(quantity, alice(), reason="Sold by telephone")
    assert (done.state, done.resolution) == (State.RESOLVED, "adjusted")
    assert held(account) == 60
    batch = ImportBatch.objects.get(source="adjustment")
    assert DivergenceStep.objects.last().facts["import"] == batch.pk
    run(account), run(account)
    # Neither a difference of positions any more, nor a fill that the broker does not know.
    assert not Divergence.objects.exclude(pk=done.pk).exists()
    withdraw_import(batch)
    assert held(account) == 100
    run(account), run(account)
    assert Divergence.objects.get(state=State.OPEN).kind == Kind.QUANTITY


def test_what_was_approved_is_carried_out_once_however_often_it_is_tried(account, quantity):
    proposed = resolving.propose(quantity, alice(), reason="Sold by telephone")
    approved = resolving.approve(proposed, alice())
    # As if the worker had died after the book was changed and before the difference was over.
    Divergence.objects.filter(pk=approved.pk).update(state=State.APPROVED, resolution="")
    approved.refresh_from_db()
    again = resolving.finish(approved)
    assert again.state == State.RESOLVED
    assert held(account) == 60
    assert Execution.objects.filter(account=account).count() == 2
    assert ImportBatch.objects.filter(source="adjustment").count() == 1


def test_four_eyes(account, workspace, quantity):
    ReconciliationRules.objects.create(workspace=workspace, four_eyes=True)
    proposed = resolving.settle(quantity, alice(), reason="Sold by telephone")
    assert proposed.state == State.PROPOSED
    with pytest.raises(Conflict, match="somebody else"):
        resolving.approve(proposed, alice())
    assert held(account) == 100
    done = resolving.approve(proposed, bob(workspace, role=Role.TRADER))
    assert (done.state, held(account)) == (State.RESOLVED, 60)
    assert done.approved_by_id != done.proposed_by_id


def test_who_may(workspace, quantity):
    with pytest.raises(Forbidden):
        resolving.investigate(quantity, bob(workspace, role=Role.VIEWER))
    with pytest.raises(NotFound):
        resolving.investigate(quantity, charlie())
    with pytest.raises(Rejected):
        resolving.accept(quantity, alice(), reason=" ")
    with pytest.raises(Conflict, match="From open follows"):
        resolving.approve(quantity, alice())


def test_investigating_and_assigning(workspace, quantity):
    other = bob(workspace, role=Role.TRADER)
    looked = resolving.investigate(quantity, alice())
    assert (looked.state, looked.assignee_id) == (State.INVESTIGATING, alice().user_id)
    assert resolving.assign(looked, alice(), to=other).assignee_id == other.user_id
    proposed = resolving.propose(looked, alice(), reason="Found")
    back = resolving.withdraw_proposal(proposed, alice())
    assert (back.state, back.proposed_by_id) == (State.INVESTIGATING, None)


@pytest.mark.parametrize(("end", "state"), [("accept", State.ACCEPTED), ("void", State.VOID)])
def test_what_was_decided_stands_while_the_figures_do(account, broker, run, quantity, end, state):
    done = getattr(resolving, end)(quantity, alice(), reason="In another depot")
    assert done.state == state
    run(account), run(account)
    assert Divergence.objects.count() == 1
    broker.holds[account.broker_id] = {ACME: "55"}
    run(account), run(account)
    assert Divergence.objects.filter(state=State.OPEN).get().actual["quantity"] == "55"


def test_an_adjustment_without_any_price_asks_for_one(account, broker, run):
    broker.holds[account.broker_id] = {}
    run(account), run(account)
    told = Divergence.objects.get(kind=Kind.PHANTOM)
    with pytest.raises(Rejected, match="price"):
        resolving.propose(told, alice(), reason="Gone")
    done = resolving.settle(told, alice(), reason="Gone", price="12.5")
    assert done.state == State.RESOLVED
    assert held(account) == 0
    assert Execution.objects.latest("executed_at").price == Decimal("12.5")


def test_a_fill_that_a_person_left_out_comes_back(account, broker, run):
    import_rows(
        account,
        [fill(2, 10, "11", account_id=account.broker_id, executed_at=NOW - timedelta(hours=3))],
    )
    execution = Execution.objects.latest("executed_at")
    correct_fill(execution, kind="exclude", changes={}, reason="Not mine", author_id=None)
    broker.holds[account.broker_id] = {ACME: "110"}
    run(account), run(account)
    told = Divergence.objects.get()
    assert (told.kind, told.state, told.proposal["act"]) == (
        Kind.MISSING_IN_JOURNAL,
        State.OPEN,
        "include",
    )
    assert resolving.settle(told, alice(), reason="It is").state == State.RESOLVED
    assert held(account) == 110
    assert Correction.objects.get().withdrawn_at is not None


def test_a_price_that_a_person_changed_is_put_back(account, broker, run):
    import_rows(
        account,
        [fill(2, 10, "11", account_id=account.broker_id, executed_at=NOW - timedelta(hours=3))],
    )
    execution = Execution.objects.latest("executed_at")
    correct_fill(
        execution, kind="amend", changes={"price": "15"}, reason="As I saw it", author_id=None
    )
    broker.holds[account.broker_id] = {ACME: "110"}
    run(account)
    told = Divergence.objects.get(kind=Kind.PRICE)
    assert (told.state, told.expected["price"], told.actual["price"]) == (State.OPEN, "15", "11")
    resolving.settle(told, alice(), reason="The statement is right")
    assert Execution.objects.latest("executed_at").price == 11


def test_what_the_broker_forced_is_settled_by_rule_and_said(account, broker, run):
    import_rows(
        account,
        [
            fill(
                2,
                -40,
                "9",
                account_id=account.broker_id,
                executed_at=NOW - timedelta(hours=3),
                notes=("L",),
            )
        ],
    )
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account)
    told = Divergence.objects.get()
    assert (told.kind, told.state, told.resolution) == (
        Kind.FORCED_CLOSE,
        State.RESOLVED,
        "closed_by",
    )
    assert told.actual["closed_by"] == "broker"
    run(account), run(account)
    assert Divergence.objects.count() == 1


def test_rules_may_be_switched_off(account, workspace, broker, run):
    ReconciliationRules.objects.create(workspace=workspace, resolves_by_rule=False)
    import_rows(
        account,
        [
            fill(
                2,
                -40,
                "9",
                account_id=account.broker_id,
                executed_at=NOW - timedelta(hours=3),
                notes=("L",),
            )
        ],
    )
    broker.holds[account.broker_id] = {ACME: "60"}
    run(account)
    assert Divergence.objects.get().state == State.OPEN


def test_a_market_that_the_book_does_not_know_is_mapped(account, broker, run):
    row = BOLT._replace(broker_id="", symbol="XBOLT")
    import_rows(account, [fill(2, 5, "3", account_id=account.broker_id, instrument=BOLT)])
    broker.holds[account.broker_id] = {ACME: "100", row: "5"}
    run(account), run(account)
    told = Divergence.objects.get(kind=Kind.INSTRUMENT_MAP)
    with pytest.raises(Rejected, match="market"):
        resolving.propose(told, alice(), reason="It is BOLT")
    bolt = OpenLot.objects.get(signed_quantity=5).instrument_id
    proposed = resolving.propose(told, alice(), reason="It is BOLT", instrument_id=bolt)
    assert resolving.approve(proposed, alice()).state == State.RESOLVED
    run(account), run(account), run(account)
    assert not Divergence.objects.filter(state=State.OPEN).exists()
