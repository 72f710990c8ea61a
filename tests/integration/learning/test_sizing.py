"""What is said of sizes: nothing before there is enough, and never more than the cap."""

from __future__ import annotations

import json
from datetime import UTC, datetime, time
from decimal import Decimal

import numpy as np
import pytest

from learning.models import RunKind, StepFailure
from learning.services import learner
from reconciliation.models import PositionSnapshot
from tests import captures
from tests.integration.learning.many import BEGIN, DAY, closed

LATER = BEGIN + 300 * DAY


@pytest.fixture
def account(workspace):
    return captures.account_of(workspace)


def learn(workspace, as_of=LATER):
    (run,) = learner.learn(workspace.pk, as_of=as_of, kinds=[RunKind.SIZING]) or [None]
    assert not StepFailure.objects.exists(), StepFailure.objects.get().words
    return json.loads(run.result)


def system(n, *, rate=0.55, win=1.2, seed=3):
    dice = np.random.default_rng(seed)
    return np.where(dice.random(n) < rate, win, -1.0)


def test_few_trades_have_a_table_of_what_if_and_no_size(workspace, account):
    closed(account, [0.5, 0.5, -1.0])
    told = learn(workspace)
    assert told["recommended"]["reason"] == "too_few"
    assert (told["n"], told["losers"], told["needs"]) == (3, 1, {"trades": 20, "losers": 5})
    assert "fan" not in told
    assert told["what_if"][0]["edge"] == -0.05


def test_winners_alone_are_told_that_a_loss_was_never_seen(workspace, account):
    closed(account, [0.3] * 30)
    told = learn(workspace)
    assert told["recommended"]["reason"] == "no_losers"


def test_without_risks_there_is_no_size(workspace, account):
    assert learn(workspace)["recommended"]["reason"] == "no_trades"


def test_a_good_system_is_held_to_the_cap(workspace, account, settings):
    closed(account, system(250))
    told = learn(workspace)
    assert told["recommended"]["value"] == pytest.approx(0.02)
    settings.LEARNING_RISK_CAP_PERCENT = Decimal(50)
    assert learn(workspace)["recommended"]["value"] > 0.02
    assert len(told["fan"]["equity"]) == 101
    assert told["place"]["value"] is not None
    ruin = np.array(told["surface"]["ruin"])
    # More risk is never safer, more edge never more dangerous.
    assert (np.diff(ruin, axis=1) >= 0).all()
    assert (np.diff(ruin, axis=0) <= 0).all()


def test_a_losing_system_gets_no_size(workspace, account):
    closed(account, system(250, rate=0.35))
    assert learn(workspace)["recommended"]["value"] == 0


def test_the_usual_size_is_of_the_equity_of_the_day_before(workspace, account):
    closed(account, [0.5] * 6 + [-1.0] * 6)
    PositionSnapshot.objects.create(
        workspace=workspace, account=account, currency="USD", equity=Decimal(20_000), error="",
        created_at=datetime.combine((BEGIN - DAY).date(), time(16), UTC),
    )  # fmt: skip
    usual = learn(workspace)["usual"]
    assert (usual["value"], usual["n"]) == (pytest.approx(0.005), 12)


def test_the_same_moment_gives_the_same_bytes_after_more_came(workspace, account):
    closed(account, system(60))
    early = BEGIN + 50 * DAY
    then = learn(workspace, early)
    closed(account, system(60, rate=0.2), begin=BEGIN + 60 * DAY, first=1000)
    assert learn(workspace, early) == then
    assert learn(workspace)["n"] == 120
