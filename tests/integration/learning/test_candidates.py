"""Proposals as estimators read them: with what became of them, and nothing of later."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pgtrigger
import pytest
from django.db.models import F

from journal.models import Recommendation
from learning.domain.parameters.candidates import NEVER, Fate, Mark
from learning.selectors.candidates import candidates_as_of, leaking_features
from learning.services.context import Context
from tests import captures, people
from tests.integration.learning.closes import FIRST, iso, report, round_trip

NOW = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OPENED = FIRST.replace(tzinfo=UTC)


def propose(owner, name, **more):
    captures.account_of(owner.workspace)
    record = {
        "record_id": name, "account": captures.ACCOUNT, "symbol": "SYM0", "strategy": "put spread",
        "at": iso(FIRST - timedelta(minutes=5)), "entry_price": "100", "stop_price": "95",
        "features": {"iv_rank": "68.5", "sector": "energy"}, "parameters": {"version": "7"},
        "legs": [{"side": "buy", "right": "call", "strike": "95", "expiry_on": "2026-07-06"}], **more,
    }  # fmt: skip
    answer = captures.bot(owner).post("/api/recommendations/batch", {"recommendations": [record]})
    assert answer.status_code < 300, answer.content
    captures.book(owner.workspace)


def tell(owner, name, **more):
    said = {
        "r_multiple": "0.5",
        "mark_quality": "eod_mid",
        "known_at": iso(FIRST + 20 * DAY),
        **more,
    }
    answer = people.bot(owner).post(f"/api/recommendations/{name}/outcomes", said)
    assert answer.status_code < 300, answer.content


def columns(workspace, as_of=NOW, **more):
    return candidates_as_of(workspace.pk, as_of, **more)


def test_a_proposal_is_a_row_with_what_was_known(owner, workspace):
    propose(owner, "a")
    found = columns(workspace)
    assert len(found) == 1
    assert {name: column[0] for name, column in found.features.items()} == {
        "iv_rank": 68.5,
        "dte": 35.0,
    }
    told = {
        name: found.words[name][codes[0]] for name, codes in found.groups.items() if codes[0] >= 0
    }
    assert told == {
        "symbol": "SYM0", "strategy": "put spread", "version": "7", "label:sector": "energy",
    }  # fmt: skip
    assert (found.fate[0], found.known_at[0], found.mark[0]) == (Fate.PENDING, NEVER, Mark.UNKNOWN)
    assert np.isnan(found.r_plan[0])
    assert not found.matured.any()


def test_what_was_ignored_has_an_outcome_too(owner, workspace):
    propose(owner, "a", pool="shadow")
    tell(owner, "a")
    found = columns(workspace, slippage=0.1)
    assert found.shadow[0]
    assert (found.r_plan[0], found.slippage[0]) == (pytest.approx(0.4), 0.1)
    assert (found.result[0], found.mark[0]) == (1, Mark.CLOSE_MID)
    assert found.matured.all()


def test_money_is_counted_in_what_the_proposal_could_lose(owner, workspace):
    propose(owner, "a", expected_loss="200")
    tell(owner, "a", r_multiple=None, result="-100", currency="USD")
    assert columns(workspace).r_plan[0] == pytest.approx(-0.5)


def test_what_was_followed_has_its_trade_for_an_outcome(owner, workspace):
    propose(owner, "a", legs=[])
    report(owner, *round_trip(0, end="110", symbol="SYM0", recommendation_id="a"))
    found = columns(workspace)
    # 10 a share, and 5 to the stop.
    assert (found.r_actual[0], found.r_plan[0]) == (pytest.approx(2.0), pytest.approx(2.0))
    assert np.isnan(found.r_told[0]), "nobody told what the plan came to by itself"
    assert (found.fate[0], found.mark[0]) == (Fate.EXECUTED, Mark.ITS_TRADE)


def test_an_outcome_is_known_from_when_it_was_told_but_for_history(owner, workspace):
    propose(owner, "a")
    tell(owner, "a")
    before = OPENED + 19 * DAY
    assert not columns(workspace, before).matured.any()
    assert columns(workspace, OPENED + 20 * DAY).matured.all()
    # Of a proposal that was there then, but the outcome was told of later.
    with pgtrigger.ignore("journal.Recommendation:append_only"):
        Recommendation.objects.update(received_at=F("recommended_at"))
    assert not columns(workspace, OPENED + 21 * DAY).matured.any()
    assert columns(workspace).matured.all()


def test_a_feature_of_later_leaks_and_is_named(owner, workspace):
    leak = {"value": "9", "as_of": iso(FIRST + DAY)}
    propose(owner, "a", features={"iv_rank": "50", "close_price": leak})
    assert set(columns(workspace).features) == {"iv_rank", "dte"}
    assert leaking_features(workspace.pk, NOW) == {"close_price": 1}


def test_every_moment_is_what_a_reader_then_would_have_read(owner, workspace):
    for number in range(4):
        propose(owner, f"r{number}", at=iso(FIRST + number * DAY), legs=[])
        tell(owner, f"r{number}", known_at=iso(FIRST + (number + 3) * DAY))
    whole = columns(workspace)
    for days in range(9):
        as_of = OPENED + days * DAY
        then, cut = columns(workspace, as_of), whole.known_by(int(as_of.timestamp()))
        for name in ("key", "opened", "closed", "known_at", "fate", "mark", "result"):
            assert getattr(then, name).tolist() == getattr(cut, name).tolist(), (days, name)
        assert np.array_equal(then.r_plan, cut.r_plan, equal_nan=True)


def test_what_no_broker_filled_costs_what_this_traders_fills_do(owner, workspace):
    """Entries a tenth of their risk above the mid: an entry and an exit take .2 R from outcomes at the mid."""
    quote = {"bid": "99", "ask": "100"}
    for number in range(20):
        propose(
            owner, f"t{number}", at=iso(FIRST + number * DAY - timedelta(minutes=5)), features=quote
        )
        report(owner, *round_trip(number, symbol="SYM0", recommendation_id=f"t{number}"))
    propose(owner, "other")
    tell(owner, "other", r_multiple="0.5")
    context = Context(workspace.pk, NOW)
    # Bought at 100, half of one above the mid of 99.5, and 5 would have been lost at the stop of 95.
    assert (context.slippage.n, context.slippage.value) == (20, pytest.approx(0.2))
    found = context.candidates
    at = found.mark == Mark.CLOSE_MID
    assert list(found.r_plan[at]) == [pytest.approx(0.3)]
    assert list(found.slippage[at]) == [pytest.approx(0.2)]
    assert set(found.slippage[found.mark == Mark.ITS_TRADE]) == {0.0}
    # Before there were twenty quotes nothing is taken off.
    early = Context(workspace.pk, OPENED + 10 * DAY)
    assert (early.slippage.value, early.slippage.least) == (None, 20)
