"""What holds for every view, and which there are."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from common.sql import fetch
from tests.integration.journal.sql_views.asking import VIEWS

pytestmark = pytest.mark.django_db
# Tested where they are made.
OF_RECONCILIATION = (
    "trading.divergences", "trading.position_snapshots", "trading.reconciliation_log", "trading.guards",
)  # fmt: skip
OF_LEARNING = (
    "trading.trade_facts", "trading.metrics", "trading.metric_history", "trading.learning_runs", "trading.claims",
    "trading.claim_history", "trading.parameter_versions", "trading.parameter_answers", "trading.predictions",
    "trading.symbol_standings", "trading.symbol_changes", "trading.exposure",
)  # fmt: skip


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
