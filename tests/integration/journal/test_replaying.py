"""Proposals that nobody followed, and what prices say they would have brought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django_scopes import scope

from journal import tasks
from journal.domain.bars import Bar
from journal.models import PriceSplit, Recommendation, RecommendationOutcome
from journal.services.prices.replaying import CannotReplay, replay_outcome, replay_proposal
from journal.services.prices.storing import SeriesName, store_bars
from tests import captures, people

pytestmark = pytest.mark.django_db

START = datetime(2026, 6, 2, 14, 0, tzinfo=UTC)
TERMS = {
    "record_id": "r1", "symbol": "ACME", "side": "buy", "quantity": "10", "entry_price": "100", "stop_price": "95",
    "target_price": "110", "at": START.isoformat(),
}  # fmt: skip


@pytest.fixture
def alice():
    membership = people.alice()
    captures.account_of(membership.workspace)
    with scope(workspace=membership.workspace):
        yield membership


def propose(alice, **changes) -> Recommendation:
    sent = {"account": captures.ACCOUNT, **TERMS, **changes}
    sent = {name: value for name, value in sent.items() if value is not None}
    answer = captures.bot(alice).post("/api/recommendations", sent, format="json")
    assert answer.status_code == 201, answer.json()
    captures.book(alice.workspace)
    return Recommendation.objects.get()


def store(alice, *rows: str, first: int = -1, source: str = "test", **name) -> None:
    """Minutes, the first of them before the proposal: open high low close."""
    bars = [
        Bar(
            START + timedelta(minutes=number),
            START + timedelta(minutes=number + 1),
            *map(Decimal, row.split()),
        )
        for number, row in enumerate(rows, first)
    ]
    series = SeriesName("ACME", 60, source, "America/New_York", **name)
    store_bars(alice.workspace_id, series, bars, now=START + timedelta(days=30))


WON = ("101 102 100 101", "101 102 99 101", "101 104 100 103", "104 111 103 110")


def ignore(alice) -> None:
    said = {"verdict": "ignored", "reason": "late"}
    answer = people.bot(alice).post("/api/recommendations/r1/decisions", said, format="json")
    assert answer.status_code in (200, 201), answer.content


def test_an_ignored_proposal_gets_its_outcome_by_schedule_once(alice):
    propose(alice)
    ignore(alice)
    store(alice, *WON)
    tasks.replay_ignored()
    outcome = RecommendationOutcome.objects.get()
    assert (outcome.source, outcome.result_per_unit, outcome.r_multiple) == ("replay", 10, 2)
    assert (outcome.entry_price, outcome.exit_price, outcome.close_reason) == (100, 110, "target")
    assert (outcome.mark_quality, outcome.known_at) == (
        "intraday_quote",
        START + timedelta(minutes=3),
    )
    tasks.replay_ignored()
    assert RecommendationOutcome.objects.count() == 1


def test_one_that_waits_is_not_replayed_by_itself(alice):
    propose(alice)
    store(alice, *WON)
    tasks.replay_ignored()
    assert not RecommendationOutcome.objects.exists()


def test_what_is_not_decided_yet_stays_unknown(alice):
    proposal = propose(alice)
    store(alice, *WON[:3])
    assert replay_outcome(proposal) is None
    store(alice, *WON)
    assert replay_outcome(proposal).result_per_unit == 10


def test_days_to_hold_are_an_end(alice):
    proposal = propose(alice, target_price=None, features={"max_hold_days": "0.002"})
    store(alice, *WON, "110 111 109 110")
    outcome = replay_outcome(proposal)
    assert (outcome.close_reason, outcome.exit_price) == ("time", 110)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": None}, "buy or to sell"),
        ({"stop_price": None, "target_price": None}, "no end"),
        ({"symbol": "OTHER"}, "no price bars of OTHER"),
        (
            {
                "legs": [
                    {
                        "side": "buy",
                        "quantity": 1,
                        "right": "call",
                        "strike": 100,
                        "expiry": "2026-06-19",
                    }
                ]
            },
            "options",
        ),
    ],
)
def test_what_cannot_be_replayed_says_why(alice, changes, words):
    proposal = propose(alice, **changes)
    store(alice, *WON)
    with pytest.raises(CannotReplay, match=words):
        replay_proposal(proposal)


def test_a_gap_before_it_is_decided_makes_it_unknown(alice):
    proposal = propose(alice)
    store(alice, *WON[:2])
    store(alice, *WON[2:], first=200)
    with pytest.raises(CannotReplay, match="there is no bar between"):
        replay_proposal(proposal)


def test_prices_that_begin_after_it_do_not_tell(alice):
    proposal = propose(alice)
    store(alice, *WON, first=1)
    with pytest.raises(CannotReplay, match="from before it was made"):
        replay_proposal(proposal)


def test_a_split_on_the_way_is_honoured(alice):
    proposal = propose(alice)
    PriceSplit.objects.create(
        workspace=alice.workspace,
        symbol="ACME",
        key="ACME",
        source="test",
        at=START + timedelta(minutes=1),
        new=10,
        old=1,
    )
    store(alice, *WON[:2], "10.1 10.4 10 10.3", "10.4 11.1 10.3 11")
    assert replay_outcome(proposal).result_per_unit == 10


@pytest.mark.parametrize("days", ["NaN", "sNaN", "Infinity", "soon"])
def test_a_label_that_is_no_number_of_days_holds_up_no_replay(alice, days):
    propose(alice, features={"max_hold_days": days})
    ignore(alice)
    store(alice, *WON)
    tasks.replay_ignored()
    assert RecommendationOutcome.objects.get().close_reason == "target"


@pytest.mark.parametrize("name", ["ac.me", "AC/ME"])
def test_a_market_is_found_however_the_scanner_writes_it(alice, name):
    propose(alice, symbol=name)
    ignore(alice)
    store(alice, *WON)
    tasks.replay_ignored()
    assert RecommendationOutcome.objects.get().close_reason == "target"


def test_what_can_never_be_replayed_holds_up_nothing(alice, monkeypatch):
    monkeypatch.setattr("journal.services.prices.replaying._AT_ONCE", 1)
    propose(alice)
    ignore(alice)
    endless = {**TERMS, "record_id": "r2", "stop_price": None, "target_price": None}
    assert captures.bot(alice).post("/api/recommendations", endless).status_code == 201
    captures.book(alice.workspace)
    said = {"verdict": "ignored"}
    people.bot(alice).post("/api/recommendations/r2/decisions", said, format="json")
    store(alice, *WON)
    tasks.replay_ignored()
    assert RecommendationOutcome.objects.get().record_id == "r1"
