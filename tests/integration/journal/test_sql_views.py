"""The views that people ask by SQL: the figures of the pages, and for a reporting role the rows of its workspace alone."""

from __future__ import annotations

import re
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django_scopes import scope

from common.errors import Rejected
from common.sql import fetch
from journal.models import ReportingRole, Trade
from journal.selectors.performance import Slice, Unit, View
from journal.selectors.positions import list_positions
from journal.selectors.summaries import build_performance, build_sources
from journal.services.reporting import grant_role, revoke_role
from tests import people
from tests.brokers.ibkr_flex.flex import statement
from tests.captures import account_of, book, bot, fill, order
from tests.doors import import_now, undo
from tests.web.journal.books import fills, import_small
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db

ROLE = "fillbook_test_reader"
AS_TRADED = View(Unit.CURRENCY)
VIEWS = (
    "trading.workspaces", "trading.trades", "trading.complete_trades", "trading.performance_metrics",
    "trading.trade_sources", "trading.plans", "trading.recommendations", "trading.structures", "monitoring.orders", "monitoring.order_history", "monitoring.trades",
    "monitoring.positions",
)  # fmt: skip

# Tested where they are made.
OF_RECONCILIATION = (
    "trading.divergences", "trading.position_snapshots", "trading.reconciliation_log", "trading.guards",
)  # fmt: skip
OF_LEARNING = (
    "trading.trade_facts", "trading.metrics", "trading.metric_history", "trading.learning_runs", "trading.claims",
    "trading.claim_history", "trading.parameter_versions", "trading.parameter_answers", "trading.predictions",
    "trading.symbol_standings", "trading.symbol_changes", "trading.exposure",
)  # fmt: skip


@pytest.fixture
def who():
    """Alice has statements, a bot's bracket and an account that a bot made; Charlie has a book of his own."""
    who = people.everybody()
    import_small(who.workspace)
    lost = fills(("20260710;093001", "LOST", "-5", "10"), start=90, openCloseIndicator="C")
    import_now(who.workspace, statement(*lost))
    account = account_of(who.workspace)
    with scope(workspace=who.workspace):
        one_of_each(account)
    client = bot(who.alice)
    client.post("/api/orders/batch", {"orders": [
        order(order_id="77", role="entry", symbol="ROBO", side="buy", quantity="10", limit_price="25.50",
              recommendation_id="rec-1"),
        order(status="filled", filled_quantity="10", average_price="25.5", at="2026-06-02T13:30:01Z"),
        order(client_order_id="my-2", parent_id="my-1", role="stop_loss", symbol="ROBO", side="sell", quantity="10",
              stop_price="24", at="2026-06-02T13:30:02Z"),
        order(client_order_id="my-2", status="modified", stop_price="24.5", at="2026-06-02T13:31:00Z"),
        order(client_order_id="my-2", status="modified", stop_price="25", at="2026-06-02T13:32:00Z"),
    ]})  # fmt: skip
    client.post("/api/executions", fill(symbol="ROBO", exec_id="x-1", order_id="77", fee="1"))
    client.post(
        "/api/recommendations",
        {
            "record_id": "rec-1",
            "symbol": "ROBO",
            "side": "buy",
            "probability": "0.6",
            "features": {"iv_rank": "68.5"},
            "scanner": "breakouts",
        },
    )
    client.post(
        "/api/recommendations/batch",
        {"recommendations": [{"record_id": "rec-2", "symbol": "LATE"}]},
    )
    client.post(
        "/api/plans",
        {
            "plan_id": "spread",
            "symbol": "OPTX",
            "side": "sell",
            "expires_at": "2026-06-03T00:00:00Z",
        },
    )
    client.post(
        "/api/plans", {"plan_id": "over", "symbol": "LATE", "expires_at": "2026-06-03T00:00:00Z"}
    )
    client.post(
        "/api/executions/batch",
        {
            "executions": [
                fill(
                    symbol=f"OPTX  260717P{strike}",
                    underlying="OPTX",
                    asset_class="option",
                    right="put",
                    strike=strike,
                    expiry_on="2026-07-17",
                    multiplier="100",
                    side=side,
                    quantity="2",
                    price=price,
                    exec_id=strike,
                    plan_id="spread",
                )
                for strike, side, price in (("00100", "sell", "3"), ("00095", "buy", "1"))
            ]
        },
    )
    book(who.workspace)
    import_now(who.charlie.workspace, statement(*fills(("20260602;093001", "STRANGE", "1", "1"), ("20260603;093001", "STRANGE", "-1", "5")), account="U9"))  # fmt: skip
    return who


def ask(query: str, values: object = None) -> list[dict[str, object]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@contextmanager
def acting_as(role: str):
    """As somebody who signed in as this role."""
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {role} TO current_user WITH SET TRUE, INHERIT FALSE")
        cursor.execute(f"SET ROLE {role}")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


@pytest.fixture
def reader(who):
    with scope(workspace=who.workspace):
        grant_role(who.workspace.pk, ROLE)
    return ROLE


def refused(statement: str) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic():
        ask(statement)
    return str(error.value)


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
    text = (Path(__file__).parents[3] / "docs" / "sql.md").read_text()
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


def test_every_view_says_whose_its_rows_are():
    for view in VIEWS[1:]:
        names = {row[0] for row in fetch("SELECT attname::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [view])}  # fmt: skip
        assert {"workspace_id", "workspace", "account_id", "account"} <= names, view


def test_all_views_keep_what_functions_of_the_asker_may_see():
    rows = fetch("SELECT c.oid::regclass::text, reloptions FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE nspname IN ('trading', 'monitoring') AND relkind = 'v'")  # fmt: skip
    assert {name for name, _ in rows} == {*VIEWS, *OF_RECONCILIATION, *OF_LEARNING}
    assert all("security_barrier=true" in (options or []) for _, options in rows)


def test_the_views_are_taken_away_and_made_again_by_their_migration():
    executor = MigrationExecutor(connection)
    before = ("journal", "0002_raw_without_statistics")
    executor.migrate([before])
    views = "SELECT count(*) FROM pg_views WHERE schemaname IN ('trading', 'monitoring')"
    assert fetch(views) == [(0,)]
    executor = MigrationExecutor(connection)
    executor.migrate([("journal", "0002_views_for_sql")])
    assert fetch(views) == [(len(VIEWS),)]


def test_a_reporting_role_sees_its_workspace_and_nothing_of_others(who, reader):
    everything = {view: len(ask(f"SELECT FROM {view}")) for view in VIEWS}
    with acting_as(reader):
        for view in VIEWS[1:]:
            rows = ask(f"SELECT * FROM {view}")
            assert rows, view
            assert {row["workspace_id"] for row in rows} == {who.workspace.pk}, view
        assert [row["name"] for row in ask("SELECT * FROM trading.workspaces")] == [who.workspace.name]  # fmt: skip
        assert len(ask("SELECT FROM trading.trades")) < everything["trading.trades"]
        assert ask("SELECT FROM trading.trades WHERE symbol = 'STRANGE'") == []


def test_a_function_of_the_asker_is_shown_no_foreign_row(who, reader):
    with acting_as(reader), connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION pg_temp.peek(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS "
            "$$ BEGIN IF $1 = 'STRANGE' THEN RAISE 'seen'; END IF; RETURN true; END $$"
        )
        for view in ("trading.trades", "monitoring.trades", "monitoring.orders"):
            cursor.execute(f"SELECT FROM {view} WHERE pg_temp.peek(symbol)")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT FROM journal_trade",
        "SELECT FROM journal_reportingrole",
        "SELECT FROM accounts_user",
        "SELECT FROM accounts_apitoken",
        "SELECT FROM journal_connection",
        "SELECT FROM journal_executionreport",
        "SELECT FROM journal_capturedrecord",
    ],
)
def test_it_reads_no_table(reader, statement):
    with acting_as(reader):
        assert "permission denied" in refused(statement)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE trading.workspaces SET name = 'mine'",
        "DELETE FROM trading.trades",
        "INSERT INTO journal_reportingrole (role_name, workspace_id, created_at) VALUES (current_user, 1, now())",
        "CREATE TABLE trading.mine (id int)",
        "CREATE VIEW monitoring.mine AS SELECT 1",
        "ALTER VIEW trading.trades RESET (security_barrier)",
        "CREATE OR REPLACE VIEW trading.workspaces AS SELECT 1",
        "SET ROLE postgres",
    ],
)
def test_it_writes_nothing_and_becomes_nobody_else(reader, statement):
    with acting_as(reader):
        assert refused(statement)


def test_a_role_that_nobody_granted_anything_sees_nothing(who, reader):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE fillbook_test_other")
        assert "permission denied" in refused_as(
            "fillbook_test_other", "SELECT FROM trading.trades"
        )
        # Even with the right to the views, it is in no workspace.
        cursor.execute("GRANT USAGE ON SCHEMA trading TO fillbook_test_other")
        cursor.execute("GRANT SELECT ON ALL TABLES IN SCHEMA trading TO fillbook_test_other")
    with acting_as("fillbook_test_other"):
        assert ask("SELECT FROM trading.trades") == []


def refused_as(role: str, statement: str) -> str:
    with acting_as(role):
        return refused(statement)


def test_it_is_limited_in_time_and_to_reading(reader):
    (row,) = fetch("SELECT setconfig FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = setrole WHERE rolname = %s", [reader])  # fmt: skip
    assert {"default_transaction_read_only=on", "statement_timeout=60s"} <= set(row[0])
    (row,) = fetch("SELECT rolcanlogin, rolsuper, rolcreaterole FROM pg_roles WHERE rolname = %s", [reader])  # fmt: skip
    assert row == (False, False, False)


def test_taken_back_it_sees_nothing(who, reader):
    with scope(workspace=who.workspace):
        assert revoke_role(who.workspace.pk, reader)
        assert not revoke_role(who.workspace.pk, reader)
        assert not ReportingRole.objects.exists()
    assert "permission denied" in refused_as(reader, "SELECT FROM trading.trades")


def test_one_role_may_read_two_workspaces_and_lose_one(who, reader):
    other = who.charlie.workspace
    with scope(workspace=other):
        grant_role(other.pk, reader)
    with acting_as(reader):
        assert len(ask("SELECT FROM trading.workspaces")) == 2
    with scope(workspace=who.workspace):
        revoke_role(who.workspace.pk, reader)
    with acting_as(reader):
        assert {row["symbol"] for row in ask("SELECT symbol FROM trading.trades")} == {"STRANGE"}


@pytest.mark.parametrize(
    "name", ["", "Reader", "1st", "pg_reader", 'a"; DROP ROLE x; --', "a" * 64]
)
def test_a_name_that_is_none(who, name):
    with scope(workspace=who.workspace), pytest.raises(Rejected) as error:
        grant_role(who.workspace.pk, name)
    assert error.value.code == "role_name_invalid"


def test_a_role_that_may_read_the_tables_is_refused(who):
    (row,) = fetch("SELECT current_user::text")
    for name in (row[0], "postgres"):
        with scope(workspace=who.workspace), pytest.raises(Rejected) as error:
            grant_role(who.workspace.pk, name)
        assert error.value.code == "role_too_powerful"


def test_the_command_grants_with_a_password_that_is_kept_hashed_and_revokes(who, capsys, monkeypatch):  # fmt: skip
    monkeypatch.setenv("READER_PASSWORD", "correct horse")
    options = {"workspace": who.workspace.name, "name": ROLE}
    call_command("reporting_role", **options, password_env="READER_PASSWORD")
    assert f"{ROLE} was made and reads" in capsys.readouterr().out
    (row,) = fetch("SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [ROLE])
    assert row == (True,)
    call_command("reporting_role", **options, revoke=True)
    with pytest.raises(CommandError, match="does not read"):
        call_command("reporting_role", **options, revoke=True)
    with pytest.raises(CommandError, match="not set or empty"):
        call_command("reporting_role", **options, password_env="NOT_THERE")


def test_where_nobody_may_make_roles_an_administrator_is_asked(who):
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE fillbook_test_poor")
        cursor.execute("GRANT fillbook_test_poor TO current_user WITH SET TRUE, INHERIT FALSE")
        cursor.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO fillbook_test_poor")
        cursor.execute("SET ROLE fillbook_test_poor")
    try:
        with scope(workspace=who.workspace), pytest.raises(Rejected) as error:
            grant_role(who.workspace.pk, ROLE)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
    assert "CREATE ROLE" in error.value.message


@pytest.mark.django_db(transaction=True)
def test_somebody_signs_in_with_the_password_and_can_only_read(monkeypatch):
    who = people.everybody()
    import_small(who.workspace)
    monkeypatch.setenv("READER_PASSWORD", "correct horse")
    call_command("reporting_role", workspace=who.workspace.name, name=ROLE, password_env="READER_PASSWORD", timeout=2)  # fmt: skip
    here = connection.settings_dict
    place = {"host": here["HOST"], "port": here["PORT"] or None, "dbname": here["NAME"]}
    try:
        with psycopg.connect(
            **place, user=ROLE, password="correct horse", autocommit=True
        ) as theirs:
            (pnl,) = theirs.execute("SELECT total_pnl FROM trading.performance_metrics").fetchone()
            assert pnl == Decimal("8.6")
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
                theirs.execute("CREATE TEMPORARY TABLE mine AS SELECT 1")
            with pytest.raises(psycopg.errors.QueryCanceled):
                theirs.execute("SELECT pg_sleep(30)")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(**place, user=ROLE, password="wrong")
    finally:
        call_command("reporting_role", workspace=who.workspace.name, name=ROLE, revoke=True)
        with connection.cursor() as cursor:
            # Nothing of it is left that would keep it.
            cursor.execute(f"DROP ROLE {ROLE}")
