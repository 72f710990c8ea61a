"""What is open, by the newest prices that there are; what has none is counted and never taken for nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest

from journal.domain.bars import Bar
from journal.models import ImportBatch, Instrument, Recommendation
from journal.services.prices.storing import SeriesName, store_bars
from learning.models import ExposureReading, LearningSettings
from learning.selectors.exposure import list_readings, newest_reading
from learning.selectors.said import exposure_by
from learning.services import exposing
from learning.services.exposing import expose
from learning.services.locks import Locked
from reconciliation.models import Snapshot, SnapshotPosition
from tests import captures
from tests.integration.learning.held import advisory_locks
from tests.integration.learning.test_candidates import propose

NOW = datetime(2026, 6, 10, 20, tzinfo=UTC)
OPTION = {
    "symbol": "ACME  260918C00110000", "asset_class": "option", "underlying_symbol": "ACME", "strike": "110",
    "right": "call", "expiry_on": "2026-09-18", "multiplier": "100",
}  # fmt: skip


def hold(owner, **more):
    captures.account_of(owner.workspace)
    record = captures.fill(**{"record_id": more.get("symbol", "a"), **more})
    answer = captures.bot(owner).post("/api/executions/batch", {"executions": [record]})
    assert answer.status_code < 300, answer.content
    captures.book(owner.workspace)


def days(workspace, symbol, *, last, seed, follows=None, share=0.0):
    """Ninety sessions up to NOW; `share` of every move is that of `follows`."""
    dice = np.random.default_rng(seed)
    moves = dice.normal(0, 0.01, 90)
    if follows is not None:
        moves = share * follows + moves * 0.3
    prices = last * np.exp(np.cumsum(moves[::-1])[::-1] * -1)
    rows = []
    for number, price in enumerate([*prices[1:], last]):
        begins = datetime(2026, 6, 9, tzinfo=UTC) - timedelta(days=89 - number)
        value = Decimal(str(round(float(price), 4)))
        rows.append(Bar(begins, begins + timedelta(days=1), value, value, value, value))
    store_bars(workspace.pk, SeriesName(symbol, 86_400, "test"), rows, now=NOW)
    return moves


def value(account, symbol, price, quantity):
    """As the broker's last answer said."""
    snapshot, _ = Snapshot.objects.get_or_create(
        workspace_id=account.workspace_id, account=account, heard="polled", as_of=NOW - timedelta(minutes=5),
        received_at=NOW, currency="USD",
    )  # fmt: skip
    instrument = Instrument.objects.get(symbol=symbol)
    SnapshotPosition.objects.create(
        workspace_id=account.workspace_id, account=account, snapshot=snapshot, instrument=instrument, symbol=symbol,
        signed_quantity=Decimal(quantity), price=Decimal(price),
    )  # fmt: skip


def book_of(reading):
    (book,) = reading.result["books"]
    return book


def test_nothing_open_is_said_as_such(workspace):
    reading = expose(workspace.pk, NOW)
    assert (reading.positions, reading.result["books"]) == (0, [])


def test_shares_have_the_delta_of_their_price(owner, workspace):
    hold(owner, quantity="10", price="100")
    market = days(workspace, "SPY", last=500, seed=1)
    days(workspace, "ACME", last=100, seed=2, follows=market, share=1.5)
    book = book_of(expose(workspace.pk, NOW))
    figures = book["figures"]
    # Ten shares at 100: 1 % is 10.
    assert figures["delta"]["value"] == pytest.approx(10)
    (line,) = book["positions"]
    assert line["beta"] == pytest.approx(1.5, abs=0.15)
    assert figures["beta_delta"]["value"] == pytest.approx(10 * line["beta"])
    assert line["why"] == ""
    worst = next(one for one in book["stress"] if (one["sigmas"], one["points"]) == (-2.0, 0.0))
    assert worst["change"]["value"] < 0
    assert book["bets"]["effective"]["value"] == pytest.approx(1)


def test_an_option_has_the_volatility_that_its_price_implies(owner, workspace):
    account = captures.account_of(workspace)
    hold(owner, **OPTION, quantity="2", price="5", side="sell")
    days(workspace, "ACME", last=100, seed=2)
    value(account, OPTION["symbol"], "6.10", "-2")
    book = book_of(expose(workspace.pk, NOW))
    (line,) = book["positions"]
    assert line["mark"]["price"] == "6.10"
    assert 0.3 < line["volatility"] < 0.5
    assert book["figures"]["theta"]["value"] > 0 > book["figures"]["vega"]["value"]
    assert book["figures"]["delta"]["value"] < 0
    assert [one["name"] for one in book["buckets"]["expiry"]] == ["2026-09-18"]


def test_what_has_no_price_is_unknown_and_not_nothing(owner, workspace):
    hold(owner, quantity="10", price="100")
    hold(owner, **OPTION, quantity="2", price="5", side="sell")
    book = book_of(expose(workspace.pk, NOW))
    assert {line["why"] for line in book["positions"]} == {"no_price"}
    assert book["figures"]["unquoted"]["value"] == 2
    assert book["figures"]["delta"]["reason"] == "no_quote"
    assert all(one["change"]["value"] is None for one in book["stress"])
    assert book["concentration"]["underlying"]["share"]["reason"] == "no_quote"


def test_prices_of_last_week_are_nobodys(owner, workspace):
    hold(owner, quantity="10", price="100")
    days(workspace, "ACME", last=100, seed=2)
    fresh, stale = (book_of(expose(workspace.pk, NOW + timedelta(days=n))) for n in (1, 9))
    assert fresh["figures"]["unquoted"]["value"] == 0
    assert stale["figures"]["unquoted"]["value"] == 1
    assert ExposureReading.objects.count() == 2


def test_two_that_move_together_are_one_bet(owner, workspace):
    hold(owner, quantity="10", price="100")
    hold(owner, symbol="BETA", quantity="10", price="100")
    market = days(workspace, "ACME", last=100, seed=2)
    days(workspace, "BETA", last=100, seed=3, follows=market, share=1.0)
    together = book_of(expose(workspace.pk, NOW))["bets"]
    assert together["effective"]["value"] < 1.2
    days(workspace, "BETA", last=100, seed=4)
    apart = book_of(expose(workspace.pk, NOW))["bets"]
    assert apart["effective"]["value"] > 1.7
    assert apart["days"] == 89


def test_of_two_looks_the_later_one_stays(owner, workspace):
    hold(owner, symbol="ACME", quantity="10", price="100")
    late = expose(workspace.pk, NOW)
    ExposureReading.objects.update(positions=7)
    early = expose(workspace.pk, NOW - timedelta(minutes=5))
    assert early.pk == late.pk
    assert (early.taken_at, early.positions) == (NOW, 7)


def test_the_newest_is_the_one_that_was_taken_last_wherever_the_day_was(workspace):
    versions = LearningSettings.objects.create(workspace=workspace, zone="Asia/Tokyo")
    tomorrow = expose(workspace.pk, NOW)
    versions.zone = "America/New_York"
    versions.save()
    today = expose(workspace.pk, NOW + timedelta(minutes=5))
    assert today.on < tomorrow.on
    assert newest_reading() == today
    assert list_readings() == [tomorrow, today]
    assert exposure_by(workspace.pk, NOW + timedelta(hours=1)) == today


def test_one_looks_at_a_time(workspace, monkeypatch):
    seen = []

    def look(workspace_id, _now):
        seen.append((Locked.EXPOSING.value, workspace_id) in advisory_locks())
        return 0, {"books": []}

    monkeypatch.setattr(exposing, "_look", look)
    expose(workspace.pk, NOW)
    assert seen == [True]


def test_the_sector_is_what_a_scanner_says_that_was_not_taken_back(owner, workspace):
    hold(owner, symbol="ACME", quantity="10", price="100")
    propose(owner, "a", symbol="ACME")
    positions = book_of(expose(workspace.pk, NOW))["positions"]
    assert [one["sector"] for one in positions] == ["energy"]
    ImportBatch.objects.filter(pk=Recommendation.objects.get().batch_id).update(withdrawn_at=NOW)
    positions = book_of(expose(workspace.pk, NOW + timedelta(minutes=1)))["positions"]
    assert [one["sector"] for one in positions] == [None]
