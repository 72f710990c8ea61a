"""An import has the credit of a difference that went away only where it brought just what was missing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.brokers.base import CashKind, CashRow, ReportKind
from journal.models import ExecutionReport, ImportBatch, Pull, PullDocument, PullState, Source
from journal.services.withdrawal import withdraw_import
from reconciliation.domain.classes import DivergenceClass as Kind
from reconciliation.domain.life import State
from reconciliation.models import Divergence
from reconciliation.services import resolving
from tests.integration.journal.rows import fill, import_rows
from tests.integration.reconciliation.desks import ACME, NOW, accounts_of, connect, cover
from tests.integration.reconciliation.test_cash import balance, has
from tests.people import alice

pytestmark = pytest.mark.django_db

LONG_AGO = NOW - timedelta(hours=60)


@pytest.fixture
def account(workspace, broker):
    """It holds 100 ACME in the book, and 60 at its broker."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "60"}
    return account


@pytest.fixture
def told(account, run):
    run(account), run(account)
    return Divergence.objects.get(state=State.OPEN)


def brings(account, number, quantity, **changes):
    row = fill(
        number, quantity, "9", account_id=account.broker_id, **({"executed_at": LONG_AGO} | changes)
    )
    import_rows(account, [row])
    return ImportBatch.objects.latest("pk")


def ended(divergence):
    divergence.refresh_from_db()
    return divergence.state, divergence.resolution


IMPORTED = (State.RESOLVED, "imported")
CLEARED = (State.SELF_CLEARED, "cleared")


def test_an_import_that_brought_something_else_of_the_market_has_none(account, broker, run, told):
    """The broker took its 40 back; that 5 were bought besides explains nothing."""
    brings(account, 2, 5)
    broker.holds[account.broker_id] = {ACME: "105"}
    run(account), run(account)
    assert ended(told) == CLEARED
    assert not [word for word in told.evidence if word.startswith("import:")]


def test_nor_one_that_says_once_more_what_the_book_has(account, broker, run, told):
    """Another source's word on the fill that was booked long ago."""
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id, fee=Decimal(2))])
    assert ExecutionReport.objects.count() == 2
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account), run(account)
    assert ended(told) == CLEARED


def test_what_was_traded_meanwhile_takes_none_away(account, broker, run, clock, told):
    """The sale that was missing comes with a purchase made since."""
    clock.at += timedelta(minutes=30)
    rows = [
        fill(2, -40, "9", account_id=account.broker_id, executed_at=LONG_AGO),
        fill(3, 7, "9", account_id=account.broker_id, executed_at=clock.at - timedelta(minutes=9)),
    ]
    import_rows(account, rows)
    broker.holds[account.broker_id] = {ACME: "67"}
    run(account), run(account)
    assert ended(told) == IMPORTED


def test_what_came_in_two_parts_is_the_second_ones(account, broker, run, clock, told):
    first = brings(account, 2, -10)
    ImportBatch.objects.filter(pk=first.pk).update(created_at=clock.at)
    run(account)
    last = brings(account, 3, -30)
    run(account), run(account)
    assert ended(told) == IMPORTED
    assert f"import:{last.pk}" in told.evidence


def test_a_fill_that_the_broker_took_back_by_a_statement(account, broker, run, told):
    """The book's purchase of 40 was cancelled."""
    broker.holds[account.broker_id] = {ACME: "60"}
    brings(account, 1, 100, report=ReportKind.CANCEL, broker_id="", exec_id="",
           original_ids=("10001",), raw={"transactionID": "c"})  # fmt: skip
    broker.holds[account.broker_id] = {}
    run(account), run(account)
    # Not the 40 that were missing: the broker closed the rest itself.
    assert ended(told) == CLEARED


def test_what_bots_reported_is_no_import(account, broker, run, told):
    batch = brings(account, 2, -40)
    ImportBatch.objects.filter(pk=batch.pk).update(reported_by=Source.BOT)
    run(account), run(account)
    assert ended(told) == CLEARED


def test_cash_that_a_statement_told_of(workspace, broker, run, clock):
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW + timedelta(days=1))
    broker.holds[account.broker_id] = {ACME: "100"}
    balance(account, "1000", 1)
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))
    has(broker, account, "1250.5")
    run(account), run(account)
    first = Divergence.objects.get(state=State.OPEN)
    money(account, "3", "7")
    last = ImportBatch.objects.latest("pk")
    ImportBatch.objects.filter(pk=last.pk).update(created_at=clock.at)
    has(broker, account, "1007")
    run(account), run(account)
    assert ended(first) == CLEARED
    has(broker, account, "1057")
    run(account), run(account)
    second = Divergence.objects.get(state=State.OPEN)
    money(account, "4", "50")
    run(account), run(account)
    assert ended(second) == IMPORTED


def money(account, number, amount):
    import_rows(
        account,
        [
            CashRow(1, account.broker_id, {}, number, CashKind.DEPOSIT, Decimal(amount), "EUR", None,
                    NOW - timedelta(hours=2), None, "wire", None, "", False),
        ],
    )  # fmt: skip


# --- Holes of a history -------------------------------------------------------------------------------------------


@pytest.fixture
def hole(workspace, broker, run):
    """Nobody has the broker's history of ten hours."""
    account = accounts_of(workspace.pk, 1)[0]
    import_rows(account, [fill(1, 100, "10", account_id=account.broker_id)])
    ImportBatch.objects.update(created_at=NOW - timedelta(days=1))
    connection = connect(workspace.pk, account.broker_id)
    cover(connection, account.broker_id, NOW - timedelta(days=30), NOW - timedelta(hours=20))
    cover(connection, account.broker_id, NOW - timedelta(hours=10), NOW + timedelta(days=1))
    Pull.objects.update(created_at=NOW - timedelta(hours=1))
    PullDocument.objects.update(created_at=NOW - timedelta(hours=1))
    broker.holds[account.broker_id] = {ACME: "100"}
    run(account), run(account)
    return account, connection, Divergence.objects.get(kind=Kind.GAP, state=State.OPEN)


def pulled(connection, number, since, until, batch=None):
    pull = Pull.objects.create(
        workspace_id=connection.workspace_id, connection=connection, state=PullState.DONE, since=since, until=until
    )  # fmt: skip
    PullDocument.objects.create(
        workspace_id=connection.workspace_id, pull=pull, account_number=number, since=since, until=until, batch=batch
    )  # fmt: skip
    return pull


def test_a_hole_that_a_pull_closed_was_closed_by_its_import(hole, run):
    account, connection, told = hole
    batch = brings(account, 2, 5, executed_at=NOW - timedelta(hours=15))
    pulled(
        connection, account.broker_id, NOW - timedelta(hours=20), NOW - timedelta(hours=10), batch
    )
    run(account), run(account)
    assert ended(told) == IMPORTED
    assert f"import:{batch.pk}" in told.evidence


def test_a_hole_in_which_nothing_happened_is_closed_by_the_pull_that_says_so(hole, run):
    account, connection, told = hole
    pull = pulled(connection, "", NOW - timedelta(hours=21), NOW - timedelta(hours=9))
    run(account), run(account)
    assert ended(told) == IMPORTED
    assert f"pull:{pull.pk}" in told.evidence
    assert str(pull.pk) in told.steps.last().reason
    # Where that is gone again, so is what it said.
    Pull.objects.filter(pk=pull.pk).delete()
    run(account), run(account)
    assert Divergence.objects.filter(kind=Kind.GAP, state=State.OPEN).count() == 1


def test_a_hole_that_another_pull_did_not_touch_went_by_itself(hole, run):
    account, connection, told = hole
    pulled(connection, account.broker_id, NOW - timedelta(hours=2), NOW - timedelta(hours=1))
    # What held the older half is gone: the hole has no beginning any more.
    Pull.objects.filter(until=NOW - timedelta(hours=20)).delete()
    run(account), run(account)
    assert ended(told) == CLEARED


def test_undone_it_is_told_anew(account, run, told):
    batch = brings(account, 2, -40)
    run(account), run(account)
    assert ended(told) == IMPORTED
    withdraw_import(batch)
    run(account), run(account)
    again = Divergence.objects.get(state=State.OPEN)
    assert resolving.investigate(again, alice()).state == State.INVESTIGATING
