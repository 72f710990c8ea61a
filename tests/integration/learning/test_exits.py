"""Trades as paths of the bars that are kept, and rules replayed over them at prices that were there."""

from __future__ import annotations

import json
from datetime import UTC, timedelta
from decimal import Decimal

import pytest

from journal.domain.bars import Bar
from journal.services.prices.storing import SeriesName, store_bars
from learning.domain.exits.paths import Resolution
from learning.models import RunKind, StepFailure, TradeFact
from learning.selectors.paths import paths_as_of
from learning.services import learner
from tests.integration.learning.closes import FIRST, report, round_trip

OPENED = FIRST.replace(tzinfo=UTC)
HOUR = timedelta(hours=1)
LATER = OPENED + timedelta(days=400)


def bars(workspace, prices, *, since=OPENED - HOUR, seconds=900, symbol="SYM0"):
    """One after the other, each from the price before it to its own."""
    rows, before = [], prices[0]
    for number, price in enumerate(prices):
        begins = since + number * timedelta(seconds=seconds)
        first, last = Decimal(str(before)), Decimal(str(price))
        ends = begins + timedelta(seconds=seconds)
        rows.append(Bar(begins, ends, first, max(first, last), min(first, last), last))
        before = price
    store_bars(workspace.pk, SeriesName(symbol, seconds, "test"), rows)


def risked(money=50):
    """As if a stop had been stated at the entry."""
    for fact in TradeFact.objects.all():
        r = float(fact.pnl / money)
        TradeFact.objects.filter(pk=fact.pk).update(risk=Decimal(money), r=r)


def test_a_trade_is_followed_until_as_long_again_after_it_ended(owner, workspace):
    report(owner, *round_trip(0, entry="100", end="104"))
    risked()
    # An hour before it, the hour of it, two hours after; up to 110 and back to 90.
    bars(workspace, [100] * 4 + [102, 110, 106, 104] + [100, 98, 94, 90] + [90] * 4)
    found = paths_as_of(workspace.pk, LATER).observed[Resolution.INTRADAY]
    assert found.made[0] == pytest.approx(0.8)
    # 10 shares of 50 at risk: a dollar is 0.2 R.
    assert found.mfe[0] == pytest.approx(2.0)
    assert found.mae[0] == pytest.approx(0.0)
    marks = found.paths.marks[0][: found.paths.count[0]]
    assert marks == pytest.approx([0, 0.4, 2.0, 1.2, 0.8, 0, -0.4, -1.2, -2.0])


def test_what_is_not_over_or_has_no_bars_is_counted_as_such(owner, workspace):
    report(owner, *round_trip(0), *round_trip(1))
    risked()
    bars(workspace, [100] * 16)
    assert dict(paths_as_of(workspace.pk, LATER).without) == {"no_prices": 1}
    early = OPENED + 1.5 * HOUR
    TradeFact.objects.filter(symbol="SYM0").update(known_at=OPENED + HOUR)
    assert dict(paths_as_of(workspace.pk, early).without) == {"not_over": 1}


def test_bars_of_something_else_are_no_path(owner, workspace):
    report(owner, *round_trip(0))
    risked()
    bars(workspace, [55] * 16)
    found = paths_as_of(workspace.pk, LATER)
    assert (dict(found.observed), dict(found.without)) == ({}, {"odd_prices": 1})


def test_a_bar_of_later_changes_nothing_of_then(owner, workspace):
    report(owner, *round_trip(0))
    risked()
    TradeFact.objects.update(known_at=OPENED + HOUR)
    bars(workspace, [100] * 12)
    then = paths_as_of(workspace.pk, OPENED + 2 * HOUR)
    bars(workspace, [300] * 30, since=OPENED + 2 * HOUR)
    assert paths_as_of(workspace.pk, OPENED + 2 * HOUR).version == then.version


@pytest.fixture
def many(owner, workspace):
    """Fifty that went up by 2 R within the hour and were closed where they began; a target of 1 R would have paid."""
    records = []
    for number in range(0, 150, 3):
        records += round_trip(number, entry="100", end="100.5" if number % 2 else "99.5")
    report(owner, *records)
    risked()
    prices = [100] * 4 + [103, 106, 110, 100] + [100] * 12
    for number in range(0, 150, 3):
        swing = [price if number % 9 else 200 - price for price in prices]
        bars(workspace, swing, since=OPENED + timedelta(days=number) - HOUR)
    return workspace


def test_a_rule_that_would_have_paid_is_told_with_its_gain_elsewhere(many):
    (run,) = learner.learn(many.pk, as_of=LATER, kinds=[RunKind.EXITS])
    assert not StepFailure.objects.exists()
    (group,) = json.loads(run.result)["groups"]
    assert (group["resolution"], group["n"]) == ("intraday", 50)
    assert group["recommended"]["target"] in (0.5, 1.0, 1.5)
    assert group["shown"]["value"] > 0.3
    assert group["rules"][0]["luck"] < 0.025
    # All of them at the price after the decision, never at the trigger's own.
    assert group["audit"]["refused"] is None
    assert group["audit"]["fills"] == 50 * group["tried"]
    assert group["figures"]["mfe"]["value"] > 1
    assert len(group["points"]) == 50


def test_a_few_paths_recommend_nothing(owner, workspace):
    report(owner, *round_trip(0))
    risked()
    bars(workspace, [100] * 16)
    (run,) = learner.learn(workspace.pk, as_of=LATER, kinds=[RunKind.EXITS])
    (group,) = json.loads(run.result)["groups"]
    assert (group["recommended"], group["best"], group["rules"]) == (None, None, [])
    assert (group["shown"]["reason"], group["shown"]["least"]) == ("too_few", 40)


def test_without_trades_there_is_nothing_to_replay(workspace):
    (run,) = learner.learn(workspace.pk, as_of=LATER, kinds=[RunKind.EXITS])
    assert json.loads(run.result)["groups"] == []
