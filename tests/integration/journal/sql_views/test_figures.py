"""The views that people ask by SQL: the figures of the pages."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django_scopes import scope

from journal.models import Trade
from journal.selectors.performance import Slice, Unit, View
from journal.selectors.positions import list_positions
from journal.selectors.summaries import build_performance, build_sources
from tests.brokers.ibkr_flex.flex import statement
from tests.doors import import_now, undo
from tests.integration.journal.sql_views.asking import acting_as, ask
from tests.web.journal.books import fills

pytestmark = pytest.mark.django_db
AS_TRADED = View(Unit.CURRENCY)


def test_the_metrics_are_those_of_the_pages(who):
    for key, expected in (
        ("performance_metrics", build_performance),
        ("trade_sources", build_sources),
    ):
        with scope(workspace=who.workspace):
            pages = expected(Slice(who.workspace.pk), AS_TRADED)
        rows = ask(f"SELECT * FROM trading.{key} WHERE workspace_id = %s", [who.workspace.pk])
        assert rows
        for page in pages:
            own = [row for row in rows if row["currency"] == page.currency and row.get("source") == getattr(page, "source", None)]  # fmt: skip
            summary = page.summary
            assert sum(row["total_pnl"] or 0 for row in own) == page.pnl
            assert sum(row["fees"] for row in own) == summary.fees
            assert sum(row["fees_paid"] for row in own) == page.fees_paid
            assert sum(row["executions"] for row in own) == page.executions
            assert sum(row["winning_trades"] for row in own) == summary.wins
            assert sum(row["losing_trades"] for row in own) == summary.losses
            assert sum(row["unknown_trades"] for row in own) == summary.unknown


def test_rates_and_averages_are_those_of_the_pages(who):
    with scope(workspace=who.workspace):
        one = build_performance(Slice(who.workspace.pk), AS_TRADED)[0]
    row = ask(
        "SELECT * FROM trading.performance_metrics WHERE workspace_id = %s AND account = 'U7000001'",
        [who.workspace.pk],
    )[0]
    for name, page in (("win_rate", "win_rate"), ("profit_factor", "profit_factor"), ("avg_winner", "average_win"),
                       ("avg_loser", "average_loss"), ("expectancy", "expectancy")):  # fmt: skip
        assert row[name] == pytest.approx(getattr(one.summary, page), abs=Decimal("0.000001"))


def test_trades_are_told_with_what_they_made_and_unknown_is_not_zero(who):
    rows = {row["symbol"]: row for row in ask("SELECT * FROM trading.complete_trades WHERE workspace_id = %s ORDER BY entry_time DESC", [who.workspace.pk])}  # fmt: skip
    assert set(rows) == {"ACME", "BOLT", "LOST"}
    assert rows["ACME"]["realized_pnl"] == 18
    assert rows["BOLT"]["side"] == "short"
    assert (rows["LOST"]["realized_pnl"], rows["LOST"]["result"]) == (None, "unknown")
    with scope(workspace=who.workspace):
        opened = Trade.objects.filter(closed_at=None).count()
    assert len(ask("SELECT FROM trading.trades WHERE status = 'open' AND workspace_id = %s", [who.workspace.pk])) == opened  # fmt: skip


def test_orders_with_their_moves_their_links_and_their_trade(who):
    entry, stop = ask("SELECT * FROM monitoring.orders ORDER BY created_at")
    assert (entry["order_id"], entry["status"], entry["filled"], entry["remaining"]) == ("77", "filled", 10, 0)  # fmt: skip
    assert (entry["price"], entry["signal_id"], entry["exchange"]) == (Decimal("25.5"), "rec-1", "ibkr")  # fmt: skip
    assert (stop["role"], stop["stop_price"], stop["changes"], stop["is_open"]) == ("stop_loss", 25, 2, True)  # fmt: skip
    with scope(workspace=who.workspace):
        trade = Trade.objects.get(symbol="ROBO")
    assert entry["trade_id"] == stop["trade_id"] == trade.pk
    moves = ask("SELECT stop_price FROM monitoring.order_history WHERE order_id = %s ORDER BY happened_at", [stop["id"]])  # fmt: skip
    assert [row["stop_price"] for row in moves] == [24, Decimal("24.5"), 25]
    (told,) = ask("SELECT * FROM monitoring.trades WHERE symbol = 'ROBO'")
    assert (told["executed_qty"], told["fee"], told["source"], told["trade_id"]) == (10, 1, "bot", trade.pk)  # fmt: skip
    assert told["signal_id"] == "rec-1"


def test_positions_are_those_of_the_pages(who):
    with scope(workspace=who.workspace):
        pages = {one.symbol: one for one in list_positions(who.workspace.pk)}
    rows = {row["symbol"]: row for row in ask("SELECT * FROM monitoring.positions WHERE workspace_id = %s", [who.workspace.pk])}  # fmt: skip
    assert set(rows) == set(pages)
    for symbol, page in pages.items():
        row = rows[symbol]
        assert row["signed_quantity"] == page.signed_quantity
        assert row["entry_price"] == page.average_price
        assert row["unrealized_pnl"] == page.unrealized_pnl


def test_what_was_meant_and_proposed_is_told_with_what_came_of_it(who):
    plans = {row["plan_id"]: row for row in ask("SELECT * FROM trading.plans")}
    assert plans["over"]["status"] == "expired"
    (spread,) = ask("SELECT * FROM trading.structures")
    assert (spread["kind"], spread["net_premium"], spread["max_loss"], spread["units"]) == (
        "vertical",
        400,
        600,
        2,
    )
    assert (spread["realized_pnl"], spread["r_multiple"]) == (0, None)
    (trade,) = ask("SELECT * FROM trading.trades WHERE trade_id = %s", [spread["trade_id"]])
    assert (trade["plan_id"], trade["structure"], trade["close_reason"]) == (
        "spread",
        "vertical",
        None,
    )
    rows = {row["signal_id"]: row for row in ask("SELECT * FROM trading.recommendations")}
    assert (rows["rec-1"]["status"], rows["rec-2"]["status"]) == ("executed", "recommended")
    assert (rows["rec-1"]["probability"], rows["rec-1"]["outcome"]) == (Decimal("0.6"), None)
    (robo,) = ask("SELECT * FROM trading.trades WHERE symbol = 'ROBO'")
    assert (rows["rec-1"]["trade_id"], robo["signal_id"]) == (robo["trade_id"], "rec-1")


def examples() -> list[str]:
    text = (Path(__file__).parents[4] / "docs" / "sql.md").read_text()
    blocks = re.findall(r"(?:^    .*\n)+", text, re.MULTILINE)
    return [block for block in blocks if block.lstrip().startswith("SELECT")]


@pytest.mark.parametrize("example", examples(), ids=range(len(examples())))
def test_the_examples_of_the_document_work_for_a_reader(reader, example):
    with acting_as(reader):
        assert ask(example)


def test_stop_moves_are_counted_as_the_document_does(who):
    (example,) = (one for one in examples() if "AS moves" in one)
    (row,) = ask(example)
    assert (row["moves"], row["first_stop"], row["last_stop"]) == (2, 24, 25)


def test_what_was_undone_is_in_no_view(who):
    batch = import_now(who.workspace, statement(*fills(("20260602;093001", "GONE", "10", "10"), start=400)))  # fmt: skip
    assert ask("SELECT FROM monitoring.trades WHERE symbol = 'GONE'")
    undo(who.workspace, batch)
    for view in ("monitoring.trades", "trading.trades", "monitoring.positions"):
        assert ask(f"SELECT FROM {view} WHERE symbol = 'GONE'") == []
