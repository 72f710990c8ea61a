"""Whatever goes wrong with one account: guards look at it all the same, and every other is compared."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from reconciliation.domain.life import State
from reconciliation.models import (
    Divergence,
    Heard,
    LogStatus,
    PositionSnapshot,
    ReconciliationLog,
    RunOutcome,
)
from reconciliation.services import comparing, cycle, passing
from tests.integration.reconciliation.desks import ACME, BOLT, accounts_of, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def some(workspace, broker):
    """Five accounts, each with something that the book lacks."""
    found = accounts_of(workspace.pk, 5)
    connect(workspace.pk, *[account.broker_id for account in found])
    for account in found:
        broker.holds[account.broker_id] = {ACME: "7"}
    return found


@pytest.fixture
def shown(monkeypatch):
    """What guards were shown: by account id its equity."""
    seen, watch = {}, passing.watch

    def look(workspace_id, some):
        fired = watch(workspace_id, some)
        seen.update({one.account_id: one.equity for one in some})
        return fired

    monkeypatch.setattr(passing, "watch", look)
    return seen


def outcomes(runs):
    return [one.outcome for one in runs]


def fail_for(monkeypatch, module, name, symbol, error):
    """What is called so raises where a broker holds that symbol."""
    works = getattr(module, name)

    def maybe(*args, **options):
        if symbol in repr((args, options)):
            raise error
        return works(*args, **options)

    monkeypatch.setattr(module, name, maybe)


BROKEN = [RunOutcome.PARTIAL, RunOutcome.PARTIAL, RunOutcome.FAILED, RunOutcome.PARTIAL, RunOutcome.PARTIAL]  # fmt: skip


@pytest.fixture(params=["compare", "_statements", "compare_all"])
def breaks(request, monkeypatch):
    """Comparing fails for who holds BOLT, once this is called."""
    module = passing if request.param == "compare_all" else comparing
    return lambda: fail_for(monkeypatch, module, request.param, "BOLT", ArithmeticError("odd"))


def test_a_comparison_that_fails_holds_up_nobody(some, broker, run, shown, breaks, caplog):
    run(*some), run(*some)
    told = set(Divergence.objects.filter(state=State.OPEN).values_list("pk", flat=True))
    assert len(told) == 5
    broker.holds[some[2].broker_id] = {BOLT: "7"}
    broker.changes[some[2].broker_id] = {"equity": Decimal(321)}
    shown.clear()
    breaks()
    runs = run(*some)
    assert outcomes(runs) == BROKEN
    assert shown == {one.pk: 321 if one is some[2] else 1000 for one in some}
    assert (runs[2].error_code, runs[2].compared) == ("comparing_failed", [])
    assert "ArithmeticError" in runs[2].error_message
    assert "_failed" in caplog.text
    # Nothing is concluded of it, and it is worth what the broker says.
    run(*some), run(*some)
    assert set(Divergence.objects.filter(state=State.OPEN).values_list("pk", flat=True)) == told
    worth = PositionSnapshot.objects.filter(account=some[2]).first()
    assert (worth.equity, worth.position_count) == (321, 1)
    log = ReconciliationLog.objects.filter(account=some[2]).first()
    assert (log.status, log.is_matched) == (LogStatus.FAILED, None)


def test_an_answer_that_cannot_be_stored_is_watched_all_the_same(some, broker, run, shown):
    odd = ACME._replace(symbol="A\x00B", broker_id="")
    broker.holds[some[2].broker_id] = {odd: "7"}
    runs = run(*some)
    assert outcomes(runs) == BROKEN
    assert set(shown) == {one.pk for one in some}
    assert shown[some[2].pk] == 1000
    assert not PositionSnapshot.objects.filter(account=some[2]).exists()


def test_guards_that_cannot_look_at_one_account_look_at_the_others(some, run, monkeypatch):
    watch, seen = passing.watch, set()

    def look(workspace_id, shown):
        if any(one.account_id == some[2].pk and one.equity for one in shown):
            raise LookupError
        seen.update(one.account_id for one in shown)
        return watch(workspace_id, shown)

    monkeypatch.setattr(passing, "watch", look)
    runs = run(*some)
    assert outcomes(runs) == BROKEN
    # Of that one they are told that nothing is known.
    assert seen == {one.pk for one in some}
    assert PositionSnapshot.objects.get(account=some[2]).equity is None


def test_where_nothing_works_there_is_a_run(some, run, monkeypatch):
    def look(_workspace_id, shown):
        if any(one.account_id == some[2].pk for one in shown):
            raise LookupError

    monkeypatch.setattr(passing, "watch", look)
    assert outcomes(run(*some)) == BROKEN


def test_a_reader_that_fails_is_unknown_for_its_own_accounts(workspace, broker, run):
    some = accounts_of(workspace.pk, 3)
    for number, account in enumerate(some):
        connect(workspace.pk, account.broker_id, name=f"broker {number}")
    broker.trouble[some[1].broker_id] = KeyError("positions")
    runs = run(*some)
    assert outcomes(runs) == [RunOutcome.PARTIAL, RunOutcome.UNKNOWN, RunOutcome.PARTIAL]
    assert runs[1].error_code == "reader_failed"


def test_what_is_older_than_what_is_known_is_no_silence(some, broker, clock, run, shown):
    account = some[0]
    run(account)
    shown.clear()
    clock.at += timedelta(minutes=1)
    late = broker.reading(account.broker_id)._replace(as_of=clock.at - timedelta(hours=12))
    done = cycle.take_reading(
        account, None, late, heard=Heard.STATEMENT, source="statement", clock=clock
    )
    assert (done.outcome, done.error_code) == (RunOutcome.UNKNOWN, "older_answer")
    assert shown == {}
