"""The closing loop against a broker that does everything wrong, with the program killed at every step."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from journal.domain.fate import Fate, Reply
from journal.domain.values import Side
from reconciliation.domain.closing import (
    OVER,
    Cancelled,
    Do,
    Intent,
    Patience,
    Phase,
    Position,
    Silence,
    Why,
    begin,
    decide,
    hear,
)

START = datetime(2026, 6, 1, 14, tzinfo=UTC)
WELL = {"send": 0.0, "late": 0.0, "out": 0.0, "reject": 0.0, "part": 0.0, "lag": 0.0, "other": 0.0}


class Broker:
    """Reduce-only, as every broker's closing orders are. `chances` says how often what goes wrong."""

    def __init__(
        self, random: Random, held: int, chances: dict[str, float], *, working: bool = False
    ):
        self.random, self.held, self.chances, self.working = random, Decimal(held), chances, working
        self.shown = self.held
        self.orders: dict[str, tuple[Decimal, bool]] = {}
        self.waiting: list[tuple[datetime, str, Decimal, Side]] = []
        self.sent: Counter[str] = Counter()
        self.turned = False

    def _is(self, what: str) -> bool:
        return self.random.random() < self.chances[what]

    def tick(self, at: datetime) -> None:
        for one in [one for one in self.waiting if one[0] <= at]:
            self.waiting.remove(one)
            self._fill(*one[1:])
        if self._is("other") and self.held:
            # A person closes some of it by hand.
            self.held -= 1 if self.held > 0 else -1
        if not self._is("lag"):
            self.shown = self.held

    def _fill(self, client_id: str, quantity: Decimal, side: Side) -> None:
        sign = -1 if side is Side.SELL else 1
        able = min(quantity, abs(self.held)) if (self.held > 0) == (sign < 0) else Decimal(0)
        before = self.held
        self.held += sign * able
        self.turned |= before * self.held < 0 or abs(self.held) > abs(before)
        self.orders[client_id] = (able, True)

    def read(self):
        return Silence() if self._is("out") else Position(self.shown, not self.working)

    def cancel(self):
        if self._is("out"):
            return Silence()
        self.working = False
        return Cancelled(True)

    def send(self, at: datetime, action):
        self.sent[action.client_id] += 1
        if self._is("reject"):
            self.orders[action.client_id] = (Decimal(0), True)
            return Reply(Fate.REJECTED)
        if self._is("send"):
            if self._is("late"):
                pause = timedelta(seconds=self.random.randint(1, 90))
                self.waiting.append((at + pause, action.client_id, action.quantity, action.side))
                self.orders[action.client_id] = (Decimal(0), False)
            elif self.random.random() < 0.5:
                self._fill(action.client_id, action.quantity, action.side)
            return Reply(Fate.UNKNOWN)
        quantity = action.quantity
        if self._is("part"):
            quantity = Decimal(self.random.randint(0, int(quantity)))
        self._fill(action.client_id, quantity, action.side)
        return Reply(Fate.FILLED, self.orders[action.client_id][0])

    def find(self, client_id: str):
        if self._is("out"):
            return Silence()
        if client_id not in self.orders:
            return Reply(Fate.NOT_FOUND)
        filled, is_over = self.orders[client_id]
        return Reply(Fate.FILLED if is_over else Fate.WORKING, filled)


def carry_out(broker: Broker, intent: Intent, kill: int | None = None) -> tuple[Intent, datetime]:
    """To its end, or killed at one moment between two steps and taken up again from what was stored."""
    at, stored, moment = START, intent, 0

    def dies() -> bool:
        nonlocal moment
        moment += 1
        return moment == kill

    while stored.phase not in OVER:
        broker.tick(at)
        remembered, action = decide(stored, at)
        if dies():
            continue
        stored = remembered
        if dies():
            continue
        if action.do in (Do.WAIT, Do.NOTHING):
            at = max(action.until or at, at + timedelta(milliseconds=100))
            continue
        heard = {
            Do.READ: broker.read,
            Do.CANCEL: broker.cancel,
            Do.SEND: lambda: broker.send(at, action),  # noqa: B023
            Do.FIND: lambda: broker.find(action.client_id),  # noqa: B023
        }[action.do]()
        at += timedelta(milliseconds=300)
        if dies():
            continue
        stored = hear(stored, heard, at)
    return stored, at


def check(broker: Broker, started: int, ended: Intent, at: datetime) -> None:
    assert not broker.turned
    assert max(broker.sent.values(), default=0) <= 1
    assert at - START <= timedelta(seconds=61)
    if ended.phase is Phase.CLOSED:
        assert broker.shown == 0
        assert broker.held == 0
        assert not broker.working
    else:
        assert ended.why is not None


@pytest.mark.parametrize("held", [1, 7, -3])
@pytest.mark.parametrize("working", [True, False])
def test_all_goes_well(held, working):
    broker = Broker(Random(1), held, WELL, working=working)
    ended, at = carry_out(broker, begin("k", Decimal(held), START))
    check(broker, held, ended, at)
    assert ended.phase is Phase.CLOSED
    assert (len(broker.sent), broker.held) == (1, 0)


@pytest.mark.parametrize("kill", range(1, 40))
def test_killed_at_every_step_it_closes_once(kill):
    broker = Broker(Random(kill), 5, WELL, working=True)
    ended, at = carry_out(broker, begin("k", Decimal(5), START), kill)
    check(broker, 5, ended, at)
    # Killed between remembering and sending, nobody can know that nothing was sent: a person is told.
    assert ended.phase is Phase.CLOSED or (broker.sent == {} and ended.why is Why.TIME)


def test_whatever_goes_wrong_it_never_turns_a_position_nor_sends_twice():
    ends = Counter()
    for seed in range(3_000):
        random = Random(seed)
        chances = {name: random.choice([0, 0, 0.2, 0.6]) for name in WELL}
        held = random.choice([1, 2, 9, -4])
        broker = Broker(random, held, chances, working=random.random() < 0.4)
        kill = random.choice([None, None, random.randint(1, 30)])
        ended, at = carry_out(broker, begin("k", Decimal(held), START), kill)
        check(broker, held, ended, at)
        ends[ended.why or ended.phase] += 1
    assert ends[Phase.CLOSED] > 1_000
    assert ends[Why.TIME] > 50


def test_a_position_that_turned_or_grew_is_a_person_s():
    intent = begin("k", Decimal(5), START)
    turned = hear(intent, Position(Decimal(-1), True), START)
    assert (turned.phase, turned.why, turned.held) == (Phase.ESCALATED, Why.TURNED, -1)
    grown = hear(intent, Position(Decimal(6), True), START)
    assert (grown.phase, grown.why) == (Phase.ESCALATED, Why.GREW)


def test_what_the_broker_will_never_take_is_a_person_s_at_once():
    intent = hear(begin("k", Decimal(5), START), Position(Decimal(5), True), START)
    sending, action = decide(intent, START)
    assert (action.do, action.quantity, action.side) == (Do.SEND, 5, Side.SELL)
    ended = hear(sending, Reply(Fate.REJECTED, is_final=True), START)
    assert (ended.phase, ended.why, ended.left) == (Phase.ESCALATED, Why.REFUSED, 5)


def test_attempts_end():
    broker = Broker(Random(1), 5, WELL | {"reject": 1.0})
    ended, at = carry_out(broker, begin("k", Decimal(5), START))
    check(broker, 5, ended, at)
    assert len(broker.sent) <= Patience().attempts
    assert ended.why in (Why.ATTEMPTS, Why.TIME)
