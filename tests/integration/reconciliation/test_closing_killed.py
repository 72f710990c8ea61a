"""The worker is killed at every step of a close, before and after everything that it stores and everything that it asks:
each time it ends flat or a person's, within a minute, once, and no position is ever turned round."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal as D

import pytest
from django.db import transaction

from journal.domain.values import Side
from journal.services.paper import trading
from reconciliation.domain.closing import Phase
from reconciliation.models import CloseIntent, CloseStep, FiringOutcome, ReconciliationLog
from tests import effort
from tests.closings import MINUTE, PaperAccount, Reaper, drive, told

pytestmark = pytest.mark.django_db
ONE = (("ACME", 30),)
HELD = (*ONE, ("BETA", -7))
# How the broker is, beside the worker being killed.
WORLDS: dict[str, dict[str, str]] = {
    "well": {},
    "slow and in parts": {"latency": "3", "in_parts": "100"},
    "gives no answers": {"goes_missing": "100", "seed": "4"},
    "refuses": {"refuses": "100"},
}


class Undo(Exception):
    pass


def check(paper: PaperAccount, root: CloseIntent, news: list, positions=HELD) -> None:
    assert root.ended_at - root.began_at <= MINUTE
    for symbol, quantity in positions:
        held, sign = D(quantity), 1 if quantity > 0 else -1
        for fill in paper.ledger().fills[len(positions) :]:
            if fill.symbol == symbol:
                held += fill.quantity if fill.side is Side.BUY else -fill.quantity
                assert held * sign >= 0, "a position was turned round"
    events = Counter(one["event"] for one in news)
    if root.phase == Phase.CLOSED:
        assert paper.held() == {}
        assert events == {"closing.flat": 1}
    else:
        assert (root.phase, events) == (Phase.ESCALATED, {"closing.escalated": 1})
    root.firing.refresh_from_db()
    assert root.firing.outcome != FiringOutcome.CLOSING
    # Of each position, how it ended is told once.
    ended = Counter(ReconciliationLog.objects.values_list("intent", flat=True))
    assert set(ended.values()) == {1}
    sent = Counter(CloseStep.objects.filter(action="send").values_list("client_id", flat=True))
    assert all(count == 1 for count in sent.values())


@pytest.mark.parametrize("world", WORLDS)
def test_killed_at_every_step(workspace, world):
    kills = tried = flat = 0
    held = HELD if world == "well" else ONE
    # Where the broker is well each step is tried always.
    step = 1 if world == "well" else effort.stride(4)
    while True:
        reaper = Reaper(kills)
        try:
            # Each time from the beginning.
            with transaction.atomic(), told() as heard:
                paper = PaperAccount(workspace, held, **WORLDS[world])
                root = paper.begin()
                with reaper.at_work():
                    drive(root, paper.clock)
                check(paper, root, heard.news, held)
                flat += root.phase == Phase.CLOSED
                raise Undo
        except Undo:
            pass
        if not reaper.has_killed:
            break
        kills, tried = kills + step, tried + 1
    assert kills > 20
    assert (flat == 0) if world == "refuses" else (flat >= tried // 2)


@pytest.mark.parametrize(
    "second", [2, 6, *(pytest.param(n, marks=effort.EXHAUSTIVE) for n in (0, 4, 9))]
)
@pytest.mark.parametrize("away", [5, 200])
def test_killed_while_the_broker_is_away(workspace, second, away):
    """The broker goes away some seconds after the beginning, and a worker dies of it."""
    with told() as heard:
        paper = PaperAccount(workspace, HELD, latency="4")
        root = paper.begin()
        with trading._ledger(paper.connection, paper.clock) as ledger:
            since = paper.clock.now() + timedelta(seconds=second)
            ledger.outages.append((since, since + timedelta(seconds=away)))
        with Reaper(6 + second).at_work():
            drive(root, paper.clock)
        paper.clock.advance(300)
        check(paper, root, heard.news)
