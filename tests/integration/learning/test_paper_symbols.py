"""A symbol that loses goes to paper; what it would have made there brings it back, and it stays back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from learning.models import RunKind, SymbolChange, SymbolStanding, TradeFact
from learning.selectors.parameters import current_version
from learning.services import learner
from learning.services.running import read
from tests import captures, people
from tests.integration.learning.invented import after, invent

pytestmark = pytest.mark.django_db
LATER = datetime(2030, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


def losing(workspace):
    """Sixty trades, of which twelve in twelve weeks are of a symbol that lost nearly all of them."""
    facts = invent(workspace, 120, slope=0.3)
    for number, one in enumerate(facts[::10]):
        one.symbol, one.r = "BAD", -0.7 if number % 6 else 0.2
        one.pnl, one.result = round(200 * one.r), 1 if one.r > 0 else -1
    TradeFact.objects.bulk_update(facts, ["symbol", "r", "pnl", "result"])
    return after(facts)


def look(workspace, as_of):
    runs = learner.learn(workspace.pk, as_of=as_of, kinds=[RunKind.SYMBOLS, RunKind.PARAMETERS])
    return read(runs[0])["symbols"].get("BAD")


def paper(owner, since, count, r):
    """Proposals that nobody followed, each with what its plan came to."""
    names = [f"paper-{r}-{number}" for number in range(count)]
    told = [
        {
            "record_id": name, "account": captures.ACCOUNT, "symbol": "BAD", "strategy": "put spread",
            "at": f"{since + (1 + number % 20) * DAY:%Y-%m-%dT%H:%M:%SZ}", "entry_price": "100", "stop_price": "95",
        }
        for number, name in enumerate(names)
    ]  # fmt: skip
    answer = captures.bot(owner).post("/api/recommendations/batch", {"recommendations": told})
    assert answer.status_code < 300, answer.content
    captures.book(owner.workspace)
    for number, name in enumerate(names):
        known = since + (2 + number % 20) * DAY
        said = {
            "r_multiple": r,
            "mark_quality": "broker_fill",
            "known_at": f"{known:%Y-%m-%dT%H:%M:%SZ}",
        }
        answer = people.bot(owner).post(f"/api/recommendations/{name}/outcomes", said)
        assert answer.status_code < 300, answer.content


def standing(workspace):
    return SymbolStanding.objects.get(workspace=workspace, symbol="BAD").standing


def test_to_paper_and_back_by_what_it_would_have_made(owner, workspace):
    down = losing(workspace)
    assert look(workspace, down)["standing"] == "paper_only"
    assert "BAD" in current_version(workspace.pk).effective["blacklist"]
    # Nineteen outcomes are not yet twenty.
    paper(owner, down, 19, "0.8")
    held = look(workspace, LATER)
    assert (held["standing"], held["on_paper"], held["n"]) == ("paper_only", 19, 31)
    paper(owner, down, 6, "0.9")
    back = look(workspace, LATER + DAY)
    assert back["on_paper"] == 25
    assert standing(workspace) == back["standing"] != "paper_only"
    assert "BAD" not in current_version(workspace.pk).effective["blacklist"]
    # What sent it there was said before what brought it back: the next nights hear both.
    for night in range(2, 5):
        again = look(workspace, LATER + night * DAY)
        assert (again["standing"], again["on_paper"], again["n"]) == (
            back["standing"],
            25,
            back["n"],
        )
    steps = SymbolChange.objects.filter(symbol="BAD").order_by("at").values_list("after", flat=True)
    assert list(steps) == ["paper_only", back["standing"]]


def test_what_still_loses_on_paper_stays_there(owner, workspace):
    down = losing(workspace)
    look(workspace, down)
    paper(owner, down, 25, "-0.6")
    told = look(workspace, LATER)
    assert (told["standing"], told["on_paper"]) == ("paper_only", 25)


def test_what_was_proposed_before_it_went_to_paper_does_not_count(owner, workspace):
    down = losing(workspace)
    paper(owner, down - 40 * DAY, 25, "0.8")
    look(workspace, down)
    told = look(workspace, LATER)
    assert (told["standing"], told["on_paper"]) == ("paper_only", 0)


def test_after_a_change_of_results_earlier_trades_count_for_less(workspace):
    good = invent(workspace, 160, slope=0.3)
    for one in good:
        one.symbol, one.r, one.result = "ONE", abs(one.r), 1
    bad = invent(workspace, 120, first=160, seed=9)
    for one in bad:
        one.symbol, one.r, one.result = "ONE", -abs(one.r), -1
    for facts in (good, bad):
        for one in facts[::2]:
            one.symbol = "TWO"
        TradeFact.objects.bulk_update(facts, ["symbol", "r", "result"])
    as_of = after(bad)
    (alone,) = learner.learn(workspace.pk, as_of=as_of, kinds=[RunKind.SYMBOLS])
    regime, symbols = learner.learn(
        workspace.pk, as_of=as_of, kinds=[RunKind.REGIME, RunKind.SYMBOLS]
    )
    assert read(regime)["is_alarm"]
    before, since = (read(one)["symbols"]["ONE"]["mean"]["value"] for one in (alone, symbols))
    assert since < before - 0.1
    assert symbols.config["counts_from"] == read(regime)["counts_from"]
    works = {
        run.config["counts_from"]: next(
            line["shrunk"]["value"]
            for each in read(run)["breakdowns"] if each["name"] == "symbol"
            for line in each["groups"] if line["word"] == "ONE"
        )
        for run in learner.learn(workspace.pk, as_of=as_of, kinds=[RunKind.WHAT_WORKS])
    }  # fmt: skip
    assert works[read(regime)["counts_from"]] < before - 0.1


def test_a_symbol_is_told_with_the_interval_that_its_breakdown_has(workspace):
    """And that interval leaves zero out exactly where the mean is surely on one side of it."""
    facts = invent(workspace, 120, slope=0.9)
    runs = {run.kind: read(run) for run in learner.learn(workspace.pk, as_of=after(facts))}
    told = runs["symbols"]["symbols"]
    (shown,) = (one for one in runs["what_works"]["breakdowns"] if one["name"] == "symbol")
    assert len(told) > 1
    for one in shown["groups"]:
        mine = told[one["word"]]
        assert mine["mean"]["ci"] == pytest.approx(one["shrunk"]["ci"])
        low, high, _ = mine["mean"]["ci"]
        assert (low > 0) == (mine["below_zero"] < 0.05)
        assert (high < 0) == (mine["below_zero"] > 0.95)
