"""A reporting role sees the rows of its workspace alone, and changes nothing."""

from __future__ import annotations

import pytest
from django.db import connection

from tests.integration.journal.sql_views.asking import VIEWS, acting_as, ask, refused, refused_as

pytestmark = pytest.mark.django_db


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
