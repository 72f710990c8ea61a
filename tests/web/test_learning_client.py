"""The client library asks a running journal for thresholds and for the record of a symbol, as a scanner does."""

from __future__ import annotations

import asyncio

import pytest
from django_scopes import scope
from fillbook_client import AsyncJournal, Journal

from accounts.scopes import Scope
from learning.models import ParameterAnswer
from learning.services import learner, versions
from tests import people
from tests.integration.learning.invented import after, invent

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def alice():
    return people.alice()


@pytest.fixture
def journal(alice, live_server, tmp_path):
    _, token = people.token(alice, Scope.LEARNING_READ)
    with Journal(live_server.url, token, spool=tmp_path / "spool.db") as one:
        yield one


def test_thresholds_hold_until_there_are_others(alice, journal):
    first = journal.parameters()
    assert first["version"] == 1
    assert first["effective"]["iv_rank_min"] == first["start"]["iv_rank_min"]
    assert {"evidence", "seed_rule", "as_of", "expires", "changed"} <= first.keys()
    # It still holds, so the journal says so without saying it again.
    assert journal.parameters() is first
    with scope(workspace=alice.workspace):
        versions.change_settings(alice, start={"iv_rank_min": 45})
    second = journal.parameters()
    assert (second["version"], second["effective"]["iv_rank_min"]) == (2, 45.0)
    with scope(workspace=alice.workspace):
        told = ParameterAnswer.objects.order_by("version__number")
        assert [one.version.number for one in told] == [1, 2]


def test_the_record_of_a_symbol(alice, journal):
    with scope(workspace=alice.workspace):
        facts = invent(alice.workspace, 60, slope=0.5)
        learner.learn(alice.workspace_id, as_of=after(facts), kinds=["symbols"])
    told = journal.symbol("SPY")
    assert told["symbol"] == "SPY"
    assert told["n"] == sum(1 for one in facts if one.symbol == "SPY")
    assert told["size"] in (0.0, 0.5, 1.0)
    assert told["words"]
    never = journal.symbol("BRK/B ü")
    assert (never["standing"], never["n"], never["size"]) == ("normal", 0, 1.0)


def test_the_same_for_programs_on_asyncio(alice, live_server, tmp_path):
    _, token = people.token(alice, Scope.LEARNING_READ)

    async def ask():
        async with AsyncJournal(live_server.url, token, spool=tmp_path / "other.db") as one:
            return await one.parameters(), await one.symbol("SPY")

    parameters, symbol = asyncio.run(ask())
    assert (parameters["version"], symbol["standing"]) == (1, "normal")


def test_who_may_not_ask_and_who_is_away_gets_nothing_and_nothing_raises(
    alice, live_server, tmp_path
):
    _, token = people.token(alice, Scope.JOURNAL_READ)
    with Journal(live_server.url, token, spool=tmp_path / "a.db") as one:
        assert (one.parameters(), one.symbol("SPY")) == (None, None)
    with Journal("http://127.0.0.1:9", token, spool=tmp_path / "b.db", timeout=0.5) as away:
        assert (away.parameters(), away.symbol("SPY")) == (None, None)
