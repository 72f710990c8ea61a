"""Books that have all that brokers have, sooner or later: minute after minute nothing is told, and no guard fires."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from reconciliation.domain.life import State
from reconciliation.models import Divergence, GuardFiring, ReconciliationRun, RunOutcome
from tests.effort import EXHAUSTIVE
from tests.guarding import START, TEN_PERCENT, guard
from tests.integration.journal.rows import fill, import_rows, stock
from tests.integration.reconciliation.desks import accounts_of, away, connect, cover

pytestmark = pytest.mark.django_db
MARKETS = [stock(name) for name in ("ACME", "BOLT", "CRAB")]
PRICE = Decimal(10)


class Trader:
    """One account at its broker, and its book, which hears of each fill before the next run or one run later."""

    def __init__(self, account, broker, seed) -> None:
        self.account = account
        self.broker = broker
        self.random = Random(f"clean {seed}")
        self.number = account.broker_id
        self.skew = timedelta(seconds=self.random.randint(-60, 60))
        self.held = dict.fromkeys(MARKETS, Decimal(100))
        self.gain = Decimal(0)
        self.fills = 0
        self.late: list = []
        self.book([self.fill(row, 100, START - timedelta(days=3)) for row in MARKETS])

    def fill(self, row, signed, at):
        self.fills += 1
        return fill(
            self.fills, signed, PRICE, account_id=self.number, instrument=row, executed_at=at
        )

    def book(self, rows) -> None:
        if rows:
            import_rows(self.account, rows)

    def live(self, now) -> None:
        """A minute: prices move, some minutes have a fill, and the broker is about to be asked."""
        random = self.random
        due, self.late = self.late, []
        self.gain += random.randint(-10, 10)
        shown = dict(self.held)
        if random.random() < 0.15:
            row = random.choice(MARKETS)
            signed = random.choice([-3, -2, -1, 1, 2, 3])
            ago = random.choice([0, 1, 4, 9, 12, 30, 50])
            self.held[row] += signed
            # Torn: the answer was made up while the fill came.
            if ago >= 10 or random.random() < 0.5:
                shown[row] = self.held[row]
            made = self.fill(row, signed, now + self.skew - timedelta(seconds=ago))
            (due if random.random() < 0.5 else self.late).append(made)
        self.book(due)
        self.answer(shown, now + self.skew)

    def answer(self, shown, as_of) -> None:
        random, broker, number = self.random, self.broker, self.number
        broker.trouble.pop(number, None)
        broker.holds[number] = {row: str(quantity) for row, quantity in shown.items()}
        equity = Decimal(10_000) + self.gain
        broker.changes[number] = {"as_of": as_of, "equity": equity, "balance": Decimal(10_000)}
        chance = random.random()
        if chance < 0.03:
            broker.trouble[number] = away()
        elif chance < 0.06:
            # Half an answer, in which the account looks flat and worth nothing.
            broker.holds[number] = {}
            broker.changes[number] |= {"lacking": ("positions",), "equity": Decimal(0)}
        elif chance < 0.08:
            broker.changes[number] |= {"as_of": as_of - timedelta(minutes=20), "equity": Decimal(1)}


@pytest.mark.parametrize(("many", "minutes"), [(20, 25), pytest.param(100, 100, marks=EXHAUSTIVE)])
def test_nothing_is_told_of_clean_books_and_no_guard_fires(workspace, broker, run, clock, many, minutes):  # fmt: skip
    clock.at = START
    accounts = accounts_of(workspace.pk, many)
    for start in range(0, many, 50):
        numbers = [account.broker_id for account in accounts[start : start + 50]]
        known = connect(workspace.pk, *numbers, name=f"broker {start}")
        for number in numbers:
            cover(known, number, START - timedelta(days=30), START + timedelta(days=1))
    traders = [Trader(account, broker, place) for place, account in enumerate(accounts)]
    for account in accounts:
        guard(workspace, account, TEN_PERCENT, name=f"Drawdown {account.pk}")
    for _ in range(minutes):
        for trader in traders:
            trader.live(clock.at + timedelta(seconds=60))
        failed = [one.error_message for one in run(*accounts) if one.outcome == RunOutcome.FAILED]
        assert failed == []
    outcomes = Counter(ReconciliationRun.objects.values_list("outcome", flat=True))
    assert sum(outcomes.values()) == many * minutes
    assert outcomes[RunOutcome.UNKNOWN] > 0
    # Every tenth run was torn, half, or none; the others compared positions and fills.
    whole = ReconciliationRun.objects.filter(compared__contains=["positions", "fills"]).count()
    assert whole > many * minutes * 0.8
    told = Divergence.objects.exclude(state=State.SEEN)
    assert [(one.kind, one.state, one.expected, one.actual) for one in told] == []
    assert not GuardFiring.objects.exists()
