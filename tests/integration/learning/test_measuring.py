"""What is learnt of trades follows the book: in any order, once, and back again."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest

from journal.models import BrokerAccount, Trade
from journal.services.annotations import tag_trade, untag_trade
from journal.services.booking.rebook import rebook_account
from journal.services.corrections import correct_fill
from journal.services.erasure import ask_erasure, erase_account
from journal.services.structures import join_trades, split_trade
from learning.models import BookChange, MetricPoint, MetricState, TradeFact
from learning.selectors import facts
from learning.services import measuring, parts
from tests import captures
from tests.brokers.ibkr_flex.flex import statement, trade
from tests.doors import import_now, undo
from tests.integration.learning.closes import FIRST, iso, report, round_trip

ENDS = ("101", "99", "103", "100", "97.5", "104", "102", "98")
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def state(part="all", key=""):
    return MetricState.objects.get(part=part, key=key)


def value(name, part="all", key=""):
    return state(part, key).figures[name]["value"]


def everything():
    """All that was counted, but for when and under which numbers."""
    states = MetricState.objects.order_by("part", "key").values_list(
        "part", "key", "currency", "n", "figures", "state", "data_version"
    )
    points = MetricPoint.objects.order_by("of__part", "of__key", "n").values_list(
        "of__part", "of__key", "n", "trade_id", "values", "checkpoint"
    )
    plain = [[bytes(one) if isinstance(one, memoryview) else one for one in row] for row in states]
    return plain, [(*row[:-1], row[-1] and bytes(row[-1])) for row in points]


def test_each_close_moves_the_figures_and_adds_a_point(owner, workspace):
    for number, end in enumerate(ENDS[:4]):
        report(owner, *round_trip(number, end=end))
        assert state().n == number + 1
    # 10 a point: +10, -10, +30, 0.
    assert value("expectancy_money") == pytest.approx(7.5)
    assert value("profit_factor_money") == pytest.approx(4.0)
    assert value("win_rate") == 0.5
    points = MetricPoint.objects.filter(of=state()).order_by("n")
    assert [one.values["total_money"] for one in points] == pytest.approx([10, 0, 30, 30])
    assert {(one.part, one.key) for one in MetricState.objects.all()} >= {
        ("all", ""), ("symbol", "SYM0"), ("symbol", "SYM1"), ("symbol", "SYM2"), ("bot", "test"),
    }  # fmt: skip
    assert not BookChange.objects.exists()


def test_what_was_put_into_another_trade_is_no_fact_any_more_and_one_again_when_taken_out(
    owner, workspace
):
    report(owner, *round_trip(0), *round_trip(1, end="99"), *round_trip(2, end="103"))
    apart = everything()
    first, second = Trade.objects.order_by("opened_at")[:2]
    joined = join_trades([first, second], author_id=None)
    # Told of what it became alone.
    BookChange.objects.update(trades=[joined.pk])
    measuring.measure(workspace.pk)
    assert TradeFact.objects.count() == state().n == 2
    assert not TradeFact.objects.filter(pk={first.pk, second.pk}.difference({joined.pk}).pop())
    split_trade(Trade.objects.get(pk=joined.pk), leg_ids=[], author_id=None)
    measuring.measure(workspace.pk)
    assert TradeFact.objects.count() == state().n == 3
    assert [row[3] for row in everything()[0]] == [row[3] for row in apart[0]]


def test_closes_one_by_one_come_to_what_all_at_once_do_byte_for_byte(owner, workspace):
    trips = [round_trip(number, end=end) for number, end in enumerate(ENDS)]
    for trip in trips:
        report(owner, *trip)
    one_by_one = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == one_by_one


def test_late_closes_in_any_order_give_the_same_figures(owner, workspace):
    trips = [round_trip(number, end=end) for number, end in enumerate(ENDS)]
    random.Random(6).shuffle(trips)
    for trip in trips:
        report(owner, *trip)
    in_any_order = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == in_any_order
    assert [one.n for one in MetricPoint.objects.filter(of=state()).order_by("known_at")] == list(
        range(1, 9)
    )


@pytest.mark.parametrize("apart", [2, 3, 100])
def test_a_late_close_is_counted_from_a_checkpoint_and_leaves_points_before_it(
    owner, workspace, monkeypatch, apart
):
    monkeypatch.setattr(parts, "CHECKPOINT", apart)
    for number, end in enumerate(ENDS):
        if number != 4:
            report(owner, *round_trip(number, end=end))
    before = set(MetricPoint.objects.filter(of=state(), n__lte=4).values_list("pk", flat=True))
    assert MetricPoint.objects.filter(checkpoint__isnull=False).exists() == (apart < 8)
    report(owner, *round_trip(4, end=ENDS[4]))
    now = MetricPoint.objects.filter(of=state())
    assert len(now) == 8
    assert set(now.filter(n__lte=4).values_list("pk", flat=True)) == before
    kept = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == kept


def test_a_tag_on_an_old_trade_counts_only_its_own_part(owner, workspace):
    for number, end in enumerate(ENDS[:4]):
        report(owner, *round_trip(number, end=end))
    points = set(MetricPoint.objects.filter(of__part="all").values_list("pk", flat=True))
    version = state().data_version
    tag_trade(Trade.objects.order_by("closed_at")[1], name="Breakout", author_id=None)
    measuring.measure(workspace.pk)
    now = set(MetricPoint.objects.filter(of__part="all").values_list("pk", flat=True))
    assert now == points
    assert state().data_version != version
    kept = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == kept


def test_figures_by_other_rules_are_counted_anew_by_the_next_close(owner, workspace):
    for number, end in enumerate(ENDS[:3]):
        report(owner, *round_trip(number, end=end))
    MetricState.objects.filter(part="all").update(formulas="0", state=b"of another time")
    report(owner, *round_trip(3, end=ENDS[3]))
    kept = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == kept


def test_measuring_twice_writes_nothing(owner, workspace):
    report(owner, *round_trip(0))
    kept = everything(), state().measured_at
    assert measuring.measure(workspace.pk) == (0, 0, 0)
    assert measuring.measure_all(workspace.pk) == (0, 0, 0)
    rebook_account(BrokerAccount.objects.get())
    assert measuring.measure(workspace.pk).facts == 0
    assert (everything(), state().measured_at) == kept


def test_a_correction_counts_again_what_it_touches_and_no_more(owner, workspace):
    for number, end in enumerate(ENDS[:4]):
        report(owner, *round_trip(number, end=end))
    untouched = MetricState.objects.get(part="symbol", key="SYM1").measured_at
    second = Trade.objects.order_by("closed_at")[3]
    closing = second.legs.get().matches.get().closing
    correct_fill(
        closing, kind="amend", changes={"price": "90"}, reason="A slip.", author_id=None
    )  # fmt: skip
    measuring.measure(workspace.pk)
    assert value("total_money") == pytest.approx(10 - 10 + 30 - 100)
    assert MetricState.objects.get(part="symbol", key="SYM1").measured_at == untouched
    kept = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == kept


def test_what_is_undone_is_taken_out_and_comes_back(owner, workspace):
    rows = [
        trade(transactionID=str(2 * n + side), tradeID=str(2 * n + side), dateTime=f"202606{10 + n};0{93001 + side}",
              quantity="-10" if side else "10", buySell="SELL" if side else "BUY", tradePrice=str(10 + side * (n + 1)))
        for n in range(3) for side in (0, 1)
    ]  # fmt: skip
    batch = import_now(workspace, statement(*rows))
    measuring.measure(workspace.pk)
    assert state().n == 3
    undo(workspace, batch)
    measuring.measure(workspace.pk)
    assert not MetricState.objects.exists()
    assert not MetricPoint.objects.exists()
    assert not TradeFact.objects.exists()


def test_tags_are_parts_while_they_are_there(owner, workspace):
    report(owner, *round_trip(0), *round_trip(1, end="95"))
    first = Trade.objects.order_by("closed_at")[0]
    tag = tag_trade(first, name="Breakout", author_id=None)
    measuring.measure(workspace.pk)
    assert value("win_rate", "tag", "Breakout") == 1.0
    assert state().n == 2
    untag_trade(first, tag=tag)
    measuring.measure(workspace.pk)
    assert not MetricState.objects.filter(part="tag").exists()
    assert state().n == 2


def test_an_erased_account_is_in_no_figure_any_more(owner, workspace):
    other = captures.account_of(workspace, "U2")
    report(owner, *round_trip(0), *round_trip(1, end="95", account="U2"))
    assert state().n == 2
    ask_erasure(other, confirm="U2", reason="", author_id=None)
    erase_account(other)
    assert state().n == 1
    assert value("total_money") == pytest.approx(10)
    assert not MetricState.objects.filter(part="account", key=str(other.pk)).exists()
    kept = everything()
    measuring.measure_all(workspace.pk, anew=True)
    assert everything() == kept


def test_money_of_two_currencies_does_not_add_up(owner, workspace):
    captures.account_of(workspace, "U2", base_currency="EUR")
    report(owner, *round_trip(0), *round_trip(1, end="95", account="U2", currency="EUR"))
    assert {one.currency: one.n for one in MetricState.objects.filter(part="all")} == {
        "USD": 1,
        "EUR": 1,
    }


class TestWhenTradesWereKnown:
    def kept_since(self, at):
        BrokerAccount.objects.update(created_at=at)

    def test_what_ended_before_the_account_was_kept_is_known_as_of_its_end(self, owner, workspace):
        report(owner, *round_trip(0))
        fact = TradeFact.objects.get()
        assert fact.known_at == fact.closed_at

    def test_what_a_statement_brought_later_was_not_known_before(self, owner, workspace):
        captures.account_of(workspace, "U7000001")
        self.kept_since(datetime(2026, 1, 1, tzinfo=UTC))
        batch = import_now(workspace, statement(
            trade(transactionID="1", tradeID="1"),
            trade(transactionID="2", tradeID="2", dateTime="20260602;100000", quantity="-10", buySell="SELL"),
        ))  # fmt: skip
        measuring.measure(workspace.pk)
        fact = TradeFact.objects.get()
        assert fact.known_at == batch.received_at > fact.closed_at
        assert len(facts.trades_as_of(workspace.pk, fact.closed_at)) == 0
        assert len(facts.trades_as_of(workspace.pk, fact.known_at)) == 1

    def test_a_correction_is_known_from_when_it_was_made(self, owner, workspace):
        account = captures.account_of(workspace)
        self.kept_since(datetime(2026, 1, 1, tzinfo=UTC))
        account.refresh_from_db()
        report(owner, *round_trip(0))
        before = TradeFact.objects.get()
        closing = Trade.objects.get().legs.get().matches.get().closing
        correction = correct_fill(
            closing, kind="amend", changes={"price": "90"}, reason="A slip.", author_id=None
        )
        measuring.measure(workspace.pk)
        assert TradeFact.objects.get().known_at == correction.created_at > before.known_at

    def test_a_report_of_the_past_does_not_change_when_later_trades_come(self, owner, workspace):
        report(owner, *round_trip(0), *round_trip(1))
        then = TradeFact.objects.order_by("-closed_at")[0].closed_at
        told = facts.data_version(facts.read_facts(workspace.pk, then))
        report(owner, *round_trip(2), *round_trip(3))
        assert facts.data_version(facts.read_facts(workspace.pk, then)) == told
        assert facts.data_version(facts.read_facts(workspace.pk, LATER)) != told


class TestRisk:
    def entered(self, owner, *, stop_at, stop="95", number=0):
        account = captures.account_of(owner.workspace)
        at = FIRST + timedelta(days=number)
        client = captures.bot(owner, account=account)
        orders = [
            captures.order(record_id="e", client_order_id="entry", role="entry", side="buy", symbol="SYM0", at=iso(at)),
            captures.order(record_id="s", client_order_id="stop", role="stop_loss", side="sell", parent_id="entry",
                           stop_price=stop, symbol="SYM0", at=iso(at + stop_at)),
        ]  # fmt: skip
        answer = client.post("/api/orders/batch", {"orders": orders})
        assert answer.status_code < 300, answer.content
        opening, closing = round_trip(number, end="110", symbol="SYM0")
        report(owner, {**opening, "client_order_id": "entry"}, closing)
        return TradeFact.objects.get()

    def test_it_is_what_the_first_stop_would_have_lost(self, owner, workspace):
        fact = self.entered(owner, stop_at=timedelta(minutes=1))
        assert (fact.risk, fact.risk_basis, fact.r) == (50, "first_stop", pytest.approx(2.0))
        assert value("expectancy_r") == pytest.approx(2.0)

    def test_a_stop_that_came_later_is_no_risk_at_entry(self, owner, workspace):
        fact = self.entered(owner, stop_at=timedelta(hours=2))
        assert (fact.risk, fact.r) == (None, None)
        assert state().figures["expectancy_r"]["reason"] == "risk_missing"

    def test_a_stop_that_would_have_been_a_gain_is_none(self, owner, workspace):
        assert self.entered(owner, stop_at=timedelta(0), stop="105").r is None
