"""Rules of conduct over real trades: what they lock, for how long, and once."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from journal.models import Trade
from reconciliation.domain.guards.changes import ConductVersion
from reconciliation.domain.guards.conduct import Rule, Watch
from reconciliation.models import GuardFiring, TradingLock
from reconciliation.selectors.locks import lock_of
from reconciliation.services.guards.changing import create_guard
from reconciliation.services.guards.conduct import check_conduct
from tests.guarding import account, at
from tests.people import alice


@pytest.fixture
def one(workspace):
    return account(workspace)


def trade(of, number, seconds, net, *, symbol="ACME", is_open=False, known=True):
    closed = None if is_open else at(seconds)
    Trade.objects.create(
        id=number, workspace_id=of.workspace_id, account=of, direction="long", currency="USD", opened_at=at(0),
        opened_on=at(0).date(), closed_at=closed, closed_on=closed and closed.date(), quantity=1, gross_pnl=Decimal(net),
        net_pnl=Decimal(net), net_base=Decimal(net), fees=0, cost_known=known, execution_count=2, symbol=symbol,
        underlying=symbol, asset_class="stock", last_at=closed or at(0),
    )  # fmt: skip


def armed(one, rule):
    return create_guard(alice(), one, ConductVersion(rule, True), at(0), name="Conduct")


def test_a_streak_of_losses_locks_once_and_for_its_pause(one):
    armed(one, Rule(Watch.LOSSES, 2, pause=timedelta(hours=1)))
    trade(one, 1, 60, -5)
    trade(one, 2, 120, -5)
    assert len(check_conduct(at(121))) == 1
    assert check_conduct(at(130)) == []
    lock = lock_of(one.workspace_id, one.pk, "OTHER", at(200))
    assert (lock.until, lock.reason) == (at(3720), "Conduct: 2 losses in a row.")
    assert check_conduct(at(3721)) == []
    assert not TradingLock.objects.filter(lifted_at=None).exists()
    assert GuardFiring.objects.get().outcome == "blocked"
    trade(one, 3, 4000, -1)
    trade(one, 4, 4010, -1)
    assert len(check_conduct(at(4011))) == 1


@pytest.mark.parametrize(
    ("rule", "locked"),
    [
        (Rule(Watch.LOSSES, 3), False), (Rule(Watch.TRADES, 2), True), (Rule(Watch.TRADES, 4), False),
        (Rule(Watch.POSITIONS, 1), True), (Rule(Watch.POSITIONS, 2), False), (Rule(Watch.COOLDOWN), True),
        (Rule(Watch.LOW_PROFIT, 2, at_least=Decimal(100)), True),
    ],
)  # fmt: skip
def test_every_rule(one, rule, locked):
    armed(one, rule)
    trade(one, 1, 60, 5)
    trade(one, 2, 120, -5)
    trade(one, 3, 0, 0, symbol="OPEN", is_open=True)
    assert bool(check_conduct(at(121))) is locked
    assert (lock_of(one.workspace_id, one.pk, "ACME", at(122)) is not None) is locked


def test_what_closed_before_it_was_armed_and_what_is_unknown_is_no_loss(one):
    trade(one, 1, -60, -5)
    armed(one, Rule(Watch.LOSSES, 2))
    trade(one, 2, 60, -5)
    trade(one, 3, 90, -5, known=False)
    assert check_conduct(at(121)) == []


def test_a_rule_by_symbol_locks_that_symbol(one):
    armed(one, Rule(Watch.LOSSES, 2, by_symbol=True))
    for number, symbol in enumerate(("ACME", "OTHER", "ACME"), 1):
        trade(one, number, number * 60, -5, symbol=symbol)
    assert len(check_conduct(at(200))) == 1
    assert lock_of(one.workspace_id, one.pk, "ACME", at(201)).symbol == "ACME"
    assert lock_of(one.workspace_id, one.pk, "OTHER", at(201)) is None
