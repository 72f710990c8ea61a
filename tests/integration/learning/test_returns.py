"""Returns of accounts from statements and readings, and the figures over time that follow."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.models import ReturnPoint, ReturnState, TrialKind
from learning.selectors.returns import read_returns
from learning.services import returning
from learning.services.trials import note_trial
from reconciliation.models import PositionSnapshot
from tests import captures
from tests.brokers.ibkr_flex.flex import element, statement
from tests.doors import import_now
from tests.integration.learning.closes import report, round_trip

MONDAY = date(2026, 6, 1)
NOW = datetime(2027, 1, 1, tzinfo=UTC)


def weekdays(count):
    days = [MONDAY + timedelta(days=n) for n in range(2 * count)]
    return [day for day in days if day.weekday() < 5][:count]


def read(account, worths, days=None):
    """Read at noon in the account's zone, one a day; None: the read failed."""
    for day, equity in zip(days or weekdays(len(worths)), worths, strict=True):
        PositionSnapshot.objects.create(
            workspace_id=account.workspace_id, account=account, currency="USD",
            equity=None if equity is None else Decimal(equity), error="" if equity else "no answer",
            created_at=datetime.combine(day, time(16), UTC),
        )  # fmt: skip


@pytest.fixture
def account(workspace):
    return captures.account_of(workspace)


def test_the_last_reading_of_each_day_counts(workspace, account):
    read(account, [100, 110, 121])
    PositionSnapshot.objects.create(
        workspace=workspace, account=account, currency="USD", equity=Decimal(5), error="",
        created_at=datetime.combine(MONDAY, time(5), UTC),
    )  # fmt: skip
    assert read_returns(workspace.pk, NOW).values == pytest.approx([0.1, 0.1])


def test_what_was_read_later_is_not_in_it(workspace, account):
    read(account, [100, 110, 121])
    then = datetime.combine(weekdays(2)[1], time(17), UTC)
    assert read_returns(workspace.pk, then).values == pytest.approx([0.1])


def test_a_read_that_failed_is_unknown_and_not_a_loss_of_all(workspace, account):
    read(account, [100] * 20 + [None] + [100] * 20)
    assert not read_returns(workspace.pk, NOW).values.any()


def test_a_deposit_that_the_book_knows_is_no_gain(workspace, account):
    days = weekdays(3)
    other = captures.account_of(workspace, "U7000001")
    read(other, [1000, 1500, 1650])
    import_now(workspace, statement(
        element("CashTransaction", {
            "accountId": "U7000001", "currency": "USD", "fxRateToBase": "1", "type": "Deposits/Withdrawals",
            "amount": "500", "dateTime": f"{days[1]:%Y%m%d};100000", "settleDate": f"{days[1]:%Y%m%d}",
            "transactionID": "9", "description": "CASH RECEIPTS", "levelOfDetail": "DETAIL",
        }),
        section="CashTransactions",
    ))  # fmt: skip
    found = read_returns(workspace.pk, NOW, account_ids=[other.pk])
    assert found.values == pytest.approx([0, 0.1])


def test_nobody_knows_without_any_equity(workspace, account):
    assert read_returns(workspace.pk, NOW).reason is Reason.NO_PATH
    returning.measure_returns(workspace.pk, NOW)
    state = ReturnState.objects.get(part="all")
    assert state.figures["sharpe"]["value"] is None
    assert state.figures["sharpe"]["reason"] == "no_path"
    assert not ReturnPoint.objects.exists()


def test_figures_over_time_are_kept_with_a_point_each_week(owner, workspace, account):
    worths = [1000 + 10 * n - 35 * (n % 4 == 3) for n in range(140)]
    read(account, worths)
    report(owner, *round_trip(1, end="110"))
    assert returning.measure_returns(workspace.pk, NOW)
    state = ReturnState.objects.get(part="account")
    assert (state.basis, state.per_year, state.n) == ("marked", 252, 139)
    assert state.figures["max_drawdown"]["value"] > 0
    points = ReturnPoint.objects.filter(of=state).order_by("on")
    assert points.count() == 28
    assert points[27].values["sharpe"] == pytest.approx(state.figures["sharpe"]["value"])
    symbol = ReturnState.objects.get(part="symbol")
    assert (symbol.basis, symbol.per_year) == ("realised", 52)
    assert symbol.figures["periods"]["value"] > 20
    # Nothing new: nothing is written.
    assert returning.measure_returns(workspace.pk, NOW + timedelta(days=1)) == 0


def test_the_deflated_sharpe_ratio_goes_by_what_had_been_tried_by_then(workspace, account):
    dice = np.random.default_rng(2)
    worths, equity = [], 1000.0
    for move in dice.normal(0.0012, 0.008, 140):
        equity *= 1 + move
        worths.append(round(equity, 2))
    read(account, worths)
    returning.measure_returns(workspace.pk, NOW)
    state = ReturnState.objects.get(part="account")
    assert state.figures["dsr"]["value"] == state.figures["psr"]["value"]
    tried_on = datetime.combine(weekdays(140)[70], time(20), UTC)
    note_trial(workspace.pk, TrialKind.TEST, "what works, week of then", tried_on, count=90)
    assert returning.measure_returns(workspace.pk, NOW)
    state.refresh_from_db()
    sure, deflated = (state.figures[name]["value"] for name in ("psr", "dsr"))
    assert deflated < sure - 0.05
    points = list(ReturnPoint.objects.filter(of=state).order_by("on"))
    early = [one for one in points if one.on < tried_on.date() and "psr" in one.values]
    late = [one for one in points if one.on > tried_on.date()]
    assert early
    assert all(one.values["dsr"] == one.values["psr"] for one in early)
    assert all(one.values["dsr"] < one.values["psr"] for one in late)
    # Nothing was tried since: nothing is written.
    assert returning.measure_returns(workspace.pk, NOW) == 0
