"""From a guard that fired to an account that is verified flat, or a person's with exact numbers."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal as D
from unittest import mock

import pytest

from common.errors import Rejected
from journal.models import BrokerAccount, Connection
from journal.services.paper import trading
from reconciliation.domain.closing import Phase, Why
from reconciliation.models import (
    CloseIntent,
    CloseStep,
    FiringOutcome,
    GuardFiring,
    LogEvent,
    LogStatus,
    ReconciliationLog,
    Tally,
)
from reconciliation.services.closing import positions, working
from reconciliation.services.closing.beginning import begin_closing
from tests.closings import MINUTE, PaperAccount, drive, fire, orders_sent, phases, told

pytestmark = pytest.mark.django_db
HELD = (("ACME", 30), ("BETA", -7), ("ZETA", 5))


@pytest.fixture
def heard():
    with told() as heard:
        yield heard


def test_all_is_closed_and_seen_flat_twice(workspace, heard, django_capture_on_commit_callbacks):
    paper = PaperAccount(workspace, HELD)
    root = paper.begin()
    with django_capture_on_commit_callbacks(execute=True):
        drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})
    assert root.ended_at - root.began_at < timedelta(seconds=15)
    # Largest first, by what is at stake.
    rows = CloseIntent.objects.filter(root=root).order_by("pk")
    assert [one.symbol for one in rows] == ["ACME", "ZETA", "BETA"]
    assert orders_sent(root) == 3
    root.firing.refresh_from_db()
    assert (root.firing.outcome, root.firing.ended_at) == (FiringOutcome.FLAT, root.ended_at)
    assert Tally.objects.get(name="positions_autoclosed_total").value == 3
    assert Tally.objects.get(name="positions_autoclosed_total").label == "limit_guard"
    assert [one["event"] for one in heard.news] == ["closing.flat"]


def test_the_log_has_prices_and_what_it_came_to(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),))
    paper.clock.advance(3600)
    root = paper.begin()
    drive(root, paper.clock)
    fills = paper.ledger().fills
    bought, sold = fills
    row = ReconciliationLog.objects.get(event=LogEvent.CLOSE, symbol="ACME")
    assert (row.status, row.direction, row.volume) == (LogStatus.SUCCESS, "long", 30)
    assert (row.entry_price, row.exit_price) == (bought.price, sold.price)
    assert row.pnl == 30 * (sold.price - bought.price)
    assert row.slippage == 30 * (row.current_price - sold.price)
    assert row.close_reason == "limit_guard"
    assert "seen flat twice" in row.message
    account_row = ReconciliationLog.objects.get(event=LogEvent.CLOSE, symbol="")
    assert account_row.status == LogStatus.SUCCESS


def test_it_is_begun_once_however_often_it_is_asked_for(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    firing = paper.fire()
    assert paper.begin(firing).pk == paper.begin(firing).pk
    root = paper.begin(firing)
    drive(root, paper.clock)
    assert paper.begin(firing).pk == root.pk
    assert working.work(root.pk, clock=paper.clock) is None
    assert orders_sent(root) == 3


def test_a_position_is_worked_on_with_its_account(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    root = paper.begin()
    working.work(root.pk, clock=paper.clock)
    child = CloseIntent.objects.filter(root=root).first()
    while working.work(child.pk, clock=paper.clock) is not None:
        paper.clock.advance(1)
    root.refresh_from_db()
    assert root.phase == Phase.CLOSED


def test_partial_fills_late_answers_and_lost_orders_end_flat(workspace, heard):
    paper = PaperAccount(workspace, HELD, latency="3", in_parts="100")
    root = paper.begin()
    drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})


@pytest.mark.parametrize("seed", range(6))
def test_orders_without_an_answer_are_looked_for_and_not_sent_again(workspace, heard, seed):
    paper = PaperAccount(workspace, HELD, goes_missing="100", seed=str(seed))
    root = paper.begin()
    drive(root, paper.clock)
    sizes = {symbol: abs(quantity) for symbol, quantity in HELD}
    for fill in paper.ledger().fills[len(HELD) :]:
        assert fill.quantity <= sizes[fill.symbol]
    assert root.ended_at - root.began_at <= MINUTE
    if root.phase == Phase.CLOSED:
        assert paper.held() == {}
    else:
        assert len(heard.of("closing.escalated")) == 1


def test_a_position_of_which_some_was_closed_ends_the_firing_in_part(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),), in_parts="100", latency="3")
    root = paper.begin()
    for _ in range(40):
        working.work(root.pk, clock=paper.clock)
        paper.clock.advance(1)
        if any(one.memory.get("fills") for one in CloseIntent.objects.all()):
            break
    assert 0 < paper.held()["ACME"] < 30
    paper.conduct({"account": "P1", "money": "1000000", "seed": "3", "refuses": "100"})
    with trading._ledger(paper.connection, paper.clock) as ledger:
        ledger.outages.append((paper.clock.now(), paper.clock.now() + timedelta(minutes=5)))
    drive(root, paper.clock)
    firing = GuardFiring.objects.get()
    assert (root.phase, firing.outcome) == (Phase.ESCALATED, FiringOutcome.PARTIAL)


def test_what_is_refused_is_a_persons_with_exact_numbers(workspace, heard):
    paper = PaperAccount(workspace, HELD, refuses="100")
    root = paper.begin()
    drive(root, paper.clock)
    assert (root.phase, root.firing.__class__.objects.get().outcome) == (Phase.ESCALATED, FiringOutcome.FAILED)  # fmt: skip
    assert root.escalated_at - root.began_at <= MINUTE
    (news,) = heard.of("closing.escalated")
    assert news["urgent"]
    text = "\n".join(news["lines"])
    for words in ("Sell 30 ACME: 30 held", "Buy 7 BETA: -7 held", "Sell 5 ZETA: 5 held", "the broker: The order was refused"):  # fmt: skip
        assert words in text
    assert paper.held() == {"ACME": 30, "BETA": -7, "ZETA": 5}


def test_a_broker_that_is_away_is_told_within_a_minute(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    trading.go_away(paper.connection, 600, clock=paper.clock)
    root = paper.begin()
    drive(root, paper.clock)
    assert (root.phase, root.why) == (Phase.ESCALATED, Why.TIME)
    assert root.escalated_at - root.began_at <= MINUTE
    (news,) = heard.of("closing.escalated")
    assert "could not be read" in news["lines"][0]
    assert not orders_sent(root)


def test_a_broker_that_comes_back_is_closed_at(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    trading.go_away(paper.connection, 12, clock=paper.clock)
    root = paper.begin()
    drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})


def test_a_stop_that_comes_first_is_no_failure(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),), latency="2")
    root = paper.begin()
    working.work(root.pk, clock=paper.clock)
    # While our order is on its way another one closes the position.
    ledger = paper.ledger()
    assert ledger.positions
    with trading._ledger(paper.connection, paper.clock) as ledger:
        ledger.positions.clear()
        ledger.averages.clear()
    drive(root, paper.clock)
    assert (root.phase, phases(root)) == (Phase.CLOSED, {"ACME": "closed"})
    row = ReconciliationLog.objects.get(symbol="ACME")
    assert (row.status, row.pnl) == (LogStatus.SUCCESS, None)
    assert "somebody else" in row.message


def test_orders_at_work_go_and_a_stop_goes_last(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),))
    paper.order("limit", "ACME", 10, limit_price=D(1))
    paper.order("stop", "ACME", -30, stop_price=D(1), is_reduce_only=True)
    paper.order("elsewhere", "BETA", 10, limit_price=D(1))
    root = paper.begin()
    drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})
    assert not [one for one in paper.ledger().orders.values() if one.state == "working"]


def test_a_position_that_grows_is_a_persons(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),), latency="0")
    root = paper.begin()
    trading.go_away(paper.connection, 0.5, clock=paper.clock)
    working.work(root.pk, clock=paper.clock)
    paper.clock.advance(1)
    # Seen, and then enlarged before it is sent against: the intent is for thirty.
    with mock.patch.object(positions, "work_on"):
        working.work(root.pk, clock=paper.clock)
    paper.order("bot", "ACME", 20)
    paper.clock.advance(5)
    drive(root, paper.clock)
    child = CloseIntent.objects.get(root=root)
    assert (child.phase, child.why) == (Phase.ESCALATED, Why.GREW)
    assert "Sell 50 ACME: 50 held" in heard.of("closing.escalated")[0]["lines"][0]
    assert paper.held() == {"ACME": 50}


def test_what_a_bot_opens_meanwhile_is_closed_too(workspace, heard):
    paper = PaperAccount(workspace, (("ACME", 30),))
    root = paper.begin()
    working.work(root.pk, clock=paper.clock)
    paper.order("bot", "BETA", 4)
    drive(root, paper.clock)
    assert (root.phase, paper.held()) == (Phase.CLOSED, {})
    assert phases(root) == {"ACME": "closed", "BETA": "closed"}


def test_an_account_without_a_way_is_a_persons_at_once(workspace, heard):
    account = BrokerAccount.objects.create(workspace=workspace, broker="ibkr", broker_id="U1")
    paper = PaperAccount(workspace, ())
    (root,) = begin_closing(fire(workspace, account, paper.clock.now()), [account.pk], now=paper.clock.now())  # fmt: skip
    drive(root, paper.clock)
    assert root.phase == Phase.ESCALATED
    assert root.escalated_at - root.began_at <= timedelta(seconds=2)
    assert "No connection" in heard.of("closing.escalated")[0]["lines"][0]


def test_two_guards_close_an_account_one_after_the_other(workspace, heard):
    paper = PaperAccount(workspace, HELD, latency="2")
    first, second = paper.begin(), paper.begin()
    assert first.pk != second.pk
    working.work(first.pk, clock=paper.clock)
    assert working.work(second.pk, clock=paper.clock) is not None
    assert not CloseStep.objects.filter(intent=second).exists()
    drive(first, paper.clock)
    drive(second, paper.clock)
    assert (first.phase, second.phase, paper.held()) == (Phase.CLOSED, Phase.CLOSED, {})
    assert orders_sent(first) == 3
    assert orders_sent(second) == 0


def test_who_waits_for_a_close_that_fails_ends_with_it(workspace, heard):
    paper = PaperAccount(workspace, HELD, refuses="100")
    first, second = paper.begin(), paper.begin()
    drive(first, paper.clock)
    drive(second, paper.clock)
    assert (first.phase, second.phase) == (Phase.ESCALATED, Phase.ESCALATED)
    assert len(heard.of("closing.escalated")) == 1
    assert orders_sent(second) == 0


def test_a_drill_is_for_paper_only(workspace, heard):
    account = BrokerAccount.objects.create(workspace=workspace, broker="bybit", broker_id="1")
    paper = PaperAccount(workspace, HELD)
    firing = paper.fire(is_drill=True)
    with pytest.raises(Rejected, match="paper"):
        begin_closing(firing, [paper.account.pk, account.pk])
    assert not CloseIntent.objects.exists()
    drive(paper.begin(firing), paper.clock)
    assert paper.held() == {}


def test_a_connection_that_is_taken_away_meanwhile_is_told(workspace, heard):
    paper = PaperAccount(workspace, HELD)
    root = paper.begin()
    Connection.objects.update(disconnected_at=paper.clock.now())
    drive(root, paper.clock)
    assert root.phase == Phase.ESCALATED
    assert "taken away" in "\n".join(heard.of("closing.escalated")[0]["lines"])
