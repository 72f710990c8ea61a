"""Thousands of days of an account: deposits, withdrawals, bad ticks, lost feeds, restarts. No guard fires wrongly, and
each does where it has to, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

import pytest

from journal.domain.values import TradingDay
from reconciliation.domain.codec import dump, load
from reconciliation.domain.guards.changes import Version
from reconciliation.domain.guards.limits import Basis, FlowRule, Limit, Measure, Reference
from reconciliation.domain.guards.machine import Blindness, Memory, Settings, State, Step, arm
from reconciliation.domain.guards.presets import Scope
from reconciliation.domain.guards.watching import (
    Account,
    Heard,
    Kept,
    Part,
    Told,
    hear,
    look,
    wait,
)
from reconciliation.domain.nav import Flow
from tests.effort import EXHAUSTIVE

START = datetime(2026, 1, 1, 8, tzinfo=UTC)
READING = timedelta(minutes=20)
READINGS_A_DAY = 9
DAYS = 250
SEEDS = [*range(4), *(pytest.param(seed, marks=EXHAUSTIVE) for seed in range(4, 40))]
# What the market takes at most: less than any of the limits.
FALL, DAY_FALL = Decimal("0.92"), Decimal("0.96")
SET = Settings(blindness=Blindness.BLOCK_NEW, silence=timedelta(hours=3))
LIMITS = {
    "peak": Limit(Basis.EQUITY, Reference.HIGH, Decimal("0.1"), Measure.OF_REFERENCE),
    "day": Limit(Basis.EQUITY, Reference.DAY_START, Decimal("0.05"), Measure.OF_REFERENCE),
    "end": Limit(Basis.EQUITY, Reference.DAY_END_HIGH, Decimal("0.1"), Measure.OF_REFERENCE, Basis.BALANCE),
    "money": Limit(Basis.EQUITY, Reference.HIGH, Decimal(10**9), Measure.MONEY, flow_rule=FlowRule.ADDITIVE),
}  # fmt: skip
VERSIONS = {
    name: Version(limit, SET, Scope.UNTIL_ARMED, True, True, TradingDay("America/New_York", 17 * 60))
    for name, limit in LIMITS.items()
}  # fmt: skip


class World:
    """A market, an account in it, what is told of it, and the guards that listen."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.at = START
        self.unit = self.peak = self.day_start = Decimal(1)
        self.units = Decimal(self.random.randint(10**4, 10**6))
        # (when it is booked, the flow)
        self.waiting: list[tuple[datetime, Flow]] = []
        self.account = Account()
        self.kept = {name: Kept(arm(Memory(), START)) for name in VERSIONS}
        self.steps: list[tuple[str, Step]] = []

    @property
    def equity(self) -> Decimal:
        return (self.units * self.unit).quantize(Decimal("0.01"))

    @property
    def is_settled(self) -> bool:
        """Whether the book knows of every flow."""
        return all(booked < self.at for booked, _ in self.waiting)

    def trade(self) -> None:
        growth = 1 + Decimal(self.random.randint(-150, 152)) / 10_000
        floor = max(self.peak * FALL, self.day_start * DAY_FALL)
        self.unit = max(self.unit * growth, floor)
        self.peak = max(self.peak, self.unit)

    def pay(self) -> None:
        """In or out, by nearly all at times; the book knows at once, or after one or two readings."""
        out, paid = ["-0.9", "-0.5", "-0.1"], ["0.1", "1", "20"]
        choices = out if self.equity > 10**6 else paid if self.equity < 10**4 else out + paid
        share = Decimal(self.random.choice(choices))
        amount = (self.equity * share).quantize(Decimal("0.01"))
        self.units += amount / self.unit
        lateness = self.random.choice([0, 0, 1, 2]) * READING
        self.waiting.append((self.at + lateness, Flow(self.at - timedelta(minutes=1), amount)))

    def flows(self) -> list[Flow]:
        since = self.account.worth.at if self.account.worth else self.at
        return [
            one for booked, one in self.waiting if booked <= self.at and since < one.at <= self.at
        ]

    def read(self, equity: Decimal, *, moved: bool = True, is_flawed: bool = False) -> None:
        doubt = None
        if not is_flawed:
            heard = Heard(self.at, equity, equity, self.flows(), moved)
            self.account, doubt = hear(self.account, heard)
        worth = self.account.worth
        part = Part(self.account.flows, worth.equity if worth else equity, self.account.balance)
        for name, version in VERSIONS.items():
            told = Told(
                self.at,
                {7: part},
                doubt=doubt,
                is_flawed=is_flawed,
                is_first=self.account.doubts == 1,
            )
            self.note(name, look(version, self.kept[name], told))

    def miss(self) -> None:
        for name, version in VERSIONS.items():
            self.note(name, wait(version, self.kept[name], self.at))

    def note(self, name, seen) -> None:
        self.kept[name] = seen.kept
        self.steps += [(name, step) for step in seen.steps]

    def restart(self) -> None:
        self.account = load(Account, dump(self.account))
        self.kept = {name: load(Kept, dump(kept)) for name, kept in self.kept.items()}

    def live(self, days: int) -> None:
        for _ in range(days):
            self.day()

    def day(self) -> None:
        lost = self.random.random() < 0.05
        for number in range(READINGS_A_DAY):
            self.at += READING
            if lost and number < READINGS_A_DAY - 1:
                self.miss()
                continue
            self.moment()
            if self.random.random() < 0.1:
                self.restart()
        self.day_start = self.unit
        self.at = self.at.replace(hour=8, minute=0) + timedelta(days=1)
        # Whatever was lost, the day begins with what is there.
        self.read(self.equity, moved=self.is_settled)

    def moment(self) -> None:
        dice = self.random.random()
        if dice < 0.02 and self.is_settled:
            self.pay()
            # Nothing else moves until the money is where it belongs.
            self.read(self.equity, moved=False)
        elif not self.is_settled:
            self.read(self.equity, moved=False)
        elif dice < 0.04:
            self.read(
                self.equity * self.random.choice([Decimal("0.01"), Decimal(0), Decimal(9)]),
                moved=False,
            )
        elif dice < 0.06:
            self.read(
                self.equity * self.random.choice([Decimal("0.3"), Decimal(5)]), is_flawed=True
            )
        elif dice < 0.08:
            # An answer that comes late, or the same once more.
            before = self.at
            assert self.account.heard_at is not None
            self.at = self.account.heard_at - self.random.randint(0, 5) * READING
            self.read(self.equity / 2)
            self.at = before
        else:
            self.trade()
            self.read(self.equity)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_guard_fires_wrongly_and_a_true_breach_fires_each_once(seed):
    world = World(seed)
    world.read(world.equity)
    world.live(DAYS)
    assert [one for one in world.steps if one[1] is Step.FIRE] == []
    assert {kept.memory.state for kept in world.kept.values()} <= {State.ARMED, State.WARNED}
    worth = world.account.worth
    assert worth is not None
    assert abs(worth.unit / worth.unit_peak - world.unit / world.peak) < Decimal("0.001")
    # Now it does fall: by a fifth of the peak, with everything around it as before.
    world.unit = world.peak * Decimal("0.8")
    for _ in range(4):
        world.at += READING
        world.read(world.equity)
        world.restart()
    fired = sorted(name for name, step in world.steps if step is Step.FIRE)
    assert fired == ["day", "end", "peak"]
