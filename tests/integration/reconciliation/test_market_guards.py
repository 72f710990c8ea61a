"""Prices that cannot be trusted: what they do to limits, and what guards of markets make of them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from journal.brokers.base import InstrumentRow
from journal.brokers.live import Holding
from journal.domain.values import ONE, AssetClass
from reconciliation.domain.guards.changes import MarketVersion
from reconciliation.domain.guards.machine import State
from reconciliation.domain.guards.market import MarketLimits
from reconciliation.models import (
    AccountWorth,
    DrawdownAlert,
    Guard,
    GuardFiring,
    GuardSample,
    LogEvent,
    ReconciliationLog,
    Snapshot,
    SnapshotPosition,
    TradingLock,
)
from reconciliation.services.guards.changing import apply_due, ask_change, create_guard
from reconciliation.services.guards.watching import watch
from tests.guarding import account, at, guard, look, seen
from tests.integration.journal.rows import account_of, fill, import_rows, stock
from tests.integration.reconciliation.desks import connect
from tests.people import alice

pytestmark = pytest.mark.django_db
WALK = ["100", "100.2", "99.9", "100.1", "100.3", "100", "99.8", "100.1", "100", "100.2"]
TELLS = MarketVersion(MarketLimits(), blocks=False, is_armed=True)
BLOCKS = MarketVersion(MarketLimits(), blocks=True, is_armed=True)


@pytest.fixture
def one(workspace):
    return account(workspace)


def share(symbol: str = "ACME", exchange: str = "") -> InstrumentRow:
    return InstrumentRow("", AssetClass.STOCK, symbol, "USD", ONE, exchange=exchange)


class Tape:
    """An account with 1,000 in cash and some shares, read every minute."""

    def __init__(self, of, *, shares: int = 90, cash: int = 1_000, row: InstrumentRow | None = None):  # fmt: skip
        self.of, self.shares, self.cash, self.seconds = of, shares, cash, 0
        self.row = row or share()

    def read(self, price: str, *, spread: str = "0.02", is_priced: bool = True, held: bool = True):
        self.seconds += 60
        half = D(spread) / 2
        holding = Holding(
            self.row, "", D(self.shares), price=D(price), price_at=at(self.seconds),
            bid=D(price) - half, ask=D(price) + half,
        )  # fmt: skip
        holdings = (holding,) if is_priced and held else ()
        equity = self.cash + self.shares * D(price)
        return look(self.of, self.seconds, equity, holdings=holdings, balance=self.cash)

    def walk(self) -> Tape:
        for price in WALK:
            assert self.read(price) == []
        return self


def newest(row: Guard) -> GuardSample:
    row.refresh_from_db()
    return GuardSample.objects.filter(guard=row).order_by("-at", "-pk")[0]


@pytest.mark.parametrize("tick", ["1", "60", "88", "1000"])
def test_one_bad_tick_fires_no_limit_however_far_it_goes(workspace, one, tick):
    row = guard(workspace, one)
    tape = Tape(one).walk()
    marks = Guard.objects.get(pk=row.pk).marks
    assert tape.read(tick) == []
    assert newest(row).doubt == "flawed"
    # Nor does one of the other side make a peak from which everything is a loss.
    assert Guard.objects.get(pk=row.pk).marks == marks
    assert tape.read("100.1") == tape.read("100") == []
    assert newest(row).doubt == ""
    assert row.state == State.ARMED
    assert not GuardFiring.objects.exists()
    assert not DrawdownAlert.objects.exists()
    assert Snapshot.objects.filter(is_doubted=True).count() == 1


def test_the_same_figures_without_quotes_would_have_fired(workspace, one):
    guard(workspace, one)
    tape = Tape(one).walk()
    assert len(tape.read("60", is_priced=False)) == 1


@pytest.mark.parametrize(("fall", "readings"), [(["70", "69"], 2), (["88", "87", "87.1"], 3)])
def test_a_crash_fires_with_quotes_that_agree(workspace, one, fall, readings):
    """Beyond the hard level with the second quote; else after two readings that are believed."""
    row = guard(workspace, one)
    tape = Tape(one).walk()
    fired = [tape.read(price) for price in fall]
    assert [len(some) for some in fired] == [0] * (readings - 1) + [1]
    assert newest(row).state == State.FIRED


def test_a_bad_tick_clears_nothing_either(workspace, one):
    row = guard(workspace, one)
    tape = Tape(one).walk()
    tape.read("92")
    tape.read("92.1")
    assert newest(row).state == State.WARNED
    tape.read("1000")
    assert newest(row).state == State.WARNED
    assert newest(row).doubt == "flawed"


def test_a_price_of_which_little_depends_holds_nothing_up(workspace, one):
    row = guard(workspace, one)
    tape = Tape(one, shares=1, cash=100_000).walk()
    tape.read("1")
    assert newest(row).doubt == ""


def test_what_is_usual_follows_from_snapshots_of_the_time_before_anybody_guarded(
    run, workspace, broker
):
    row = stock("ACME", currency="EUR")
    of = account_of(workspace.pk, "U1")
    connect(workspace.pk, "U1")
    import_rows(of, [fill(1, 90, "100", instrument=row, account_id="U1")])

    def tell(price: str) -> None:
        held = Holding(row, "", D(90), price=D(price), price_at=broker.clock.now())
        worth = D(1_000) + 90 * D(price)
        broker.changes["U1"] = {"holdings": (held,), "equity": worth, "balance": D(1_000)}
        run(of)

    for price in WALK:
        tell(price)
    assert SnapshotPosition.objects.filter(instrument__symbol="ACME").count() == len(WALK)
    watching = guard(workspace, of)
    tell("1")
    assert newest(watching).doubt == "flawed"


def test_a_market_in_trouble_is_told_once_and_once_that_it_is_not(workspace, one):
    row = create_guard(alice(), one, TELLS, at(0), name="Markets")
    tape = Tape(one).walk()
    told = []
    for spread in ["0.5", "0.02", "0.5", "0.5", "0.5", "0.02", "0.5", "0.02", "0.02", "0.02", "0.02"]:  # fmt: skip
        tape.read("100.1", spread=spread)
        told.append((newest(row).state, *newest(row).steps))
    assert told == [
        ("armed",), ("armed",), ("armed",), ("warned", "warn"), ("warned",), ("warned",), ("warned",), ("warned",),
        ("warned",), ("armed", "clear"), ("armed",),
    ]  # fmt: skip
    (log,) = ReconciliationLog.objects.filter(event=LogEvent.WARNING)
    assert (log.account, log.symbol, log.status) == (one, "ACME", "warning")
    assert log.message == "Markets: ACME, its spread is wide."
    assert not TradingLock.objects.exists()
    assert not GuardFiring.objects.exists()
    wrong = GuardSample.objects.filter(guard=row, doubt="ACME: wide_spread")
    assert wrong.count() == 5
    assert GuardSample.objects.filter(guard=row).count() == len(WALK) + len(told)


def test_new_trades_are_kept_out_of_a_market_meanwhile(workspace, one):
    row = create_guard(alice(), one, BLOCKS, at(0), name="Markets")
    tape = Tape(one).walk()
    tape.read("50")
    (lock,) = TradingLock.objects.filter(lifted_at=None)
    assert (lock.account, lock.symbol) == (one, "ACME")
    assert lock.reason == "Markets: ACME, its price jumped, and no second quote says so yet."
    assert newest(row).steps == ["block", "warn"]
    for _ in range(3):
        tape.read("100")
    assert newest(row).steps == ["unblock", "clear"]
    assert not TradingLock.objects.filter(lifted_at=None).exists()


def test_what_is_held_no_more_is_in_nobody_s_way(workspace, one):
    create_guard(alice(), one, BLOCKS, at(0), name="Markets")
    tape = Tape(one).walk()
    tape.read("50")
    tape.read("100", held=False)
    assert not TradingLock.objects.filter(lifted_at=None).exists()


def test_what_was_not_heard_changes_nothing(workspace, one):
    row = create_guard(alice(), one, BLOCKS, at(0), name="Markets")
    tape = Tape(one).walk()
    tape.read("50")
    for minute in range(5):
        look(one, tape.seconds + 60 * minute, None)
    assert newest(row).state == State.WARNED
    assert TradingLock.objects.filter(lifted_at=None).count() == 1


def test_switched_off_it_locks_nothing_more(workspace, one):
    row = create_guard(alice(), one, BLOCKS, at(0), name="Markets")
    tape = Tape(one).walk()
    tape.read("50")
    version = ask_change(
        row, BLOCKS._replace(is_armed=False), alice(), at(tape.seconds), reason="Done"
    )
    assert version.loosens == ["is_armed"]
    apply_due(at(tape.seconds + 30 * 3600))
    row.refresh_from_db()
    assert (row.state, row.marks) == (State.DISARMED, {})
    assert not TradingLock.objects.filter(lifted_at=None).exists()
    tape.read("100")
    assert newest(row).at == at(tape.seconds - 60)


def test_one_of_the_workspace_looks_at_all_of_its_accounts(workspace, one):
    row = create_guard(alice(), None, BLOCKS, at(0), name="All")
    other = Tape(account(workspace, "G2"), row=share("BETA")).walk()
    Tape(one).walk()
    other.read("50")
    (lock,) = TradingLock.objects.filter(lifted_at=None)
    assert (lock.account, lock.symbol) == (None, "BETA")
    # The other account's reading says nothing of it.
    look(one, 6_000, "10000", holdings=())
    row.refresh_from_db()
    assert row.state == State.WARNED


def test_a_closed_exchange_is_locked_without_a_word_and_opens_by_its_calendar(workspace, one):
    """The readings begin at noon UTC: New York opens at 13:30."""
    assert at(0) == datetime(2026, 6, 1, 12, tzinfo=UTC)
    row = create_guard(alice(), one, BLOCKS, at(0), name="Markets")
    limit = guard(workspace, one)
    tape = Tape(one, row=share("ACME", "NASDAQ"))
    tape.read("100")
    assert (newest(row).steps, newest(row).doubt) == (["block"], "ACME: closed")
    assert newest(row).state == State.ARMED
    # A last price from a closed market is as good as it can be.
    assert newest(limit).doubt == ""
    tape.seconds = 90 * 60
    for _ in range(3):
        tape.read("100")
    assert newest(row).steps == ["unblock"]
    assert not ReconciliationLog.objects.filter(event=LogEvent.WARNING).exists()


def test_a_stale_price_is_by_the_guard_s_own_measure(workspace, one):
    row = guard(workspace, one)
    old = Holding(share(), "", D(90), price=D(100), price_at=at(0))
    look(one, 300, "10000", holdings=(old,))
    assert newest(row).doubt == ""
    create_guard(alice(), one, TELLS, at(300), name="Markets")
    look(one, 360, "10000", holdings=(old,))
    assert newest(row).doubt == "flawed"


def test_a_reading_that_comes_late_teaches_nothing(workspace, one):
    guard(workspace, one)
    tape = Tape(one).walk()
    before = AccountWorth.objects.get(account=one).quotes
    late = Holding(share(), "", D(90), price=D(5), price_at=at(30))
    watch(one.workspace_id, [seen(one, 30, "1450", holdings=(late,))])
    assert AccountWorth.objects.get(account=one).quotes == before
    assert tape.read("100.1") == []
