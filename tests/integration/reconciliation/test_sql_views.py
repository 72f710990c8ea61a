"""Differences, worth, log and guards by SQL: what a reporting role of a workspace sees."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django_scopes import scope

from journal.services.reporting import grant_role
from reconciliation.domain.life import State
from tests import people
from tests.integration.journal.sql_views.asking import ROLE, acting_as, ask, refused
from tests.web.reconciliation import rows
from tests.web.reconciliation.whole import one_of_each

pytestmark = pytest.mark.django_db

VIEWS = (
    "trading.divergences", "trading.position_snapshots", "trading.reconciliation_log", "trading.guards",
)  # fmt: skip


@pytest.fixture
def who():
    who = people.everybody()
    for membership, number in ((who.alice, "U1"), (who.charlie, "U9")):
        with scope(workspace=membership.workspace):
            one_of_each(rows.account(membership.workspace, number))
    return who


@pytest.fixture
def reader(who):
    with scope(workspace=who.workspace):
        grant_role(who.workspace.pk, ROLE)
    return ROLE


def test_a_reporting_role_sees_its_workspace_alone(who, reader):
    for view in VIEWS:
        assert len(ask(f"SELECT FROM {view}")) == 2, view
    with acting_as(reader):
        for view in VIEWS:
            (row,) = ask(f"SELECT * FROM {view}")
            assert row["workspace_id"] == who.workspace.pk, view
            assert row["account"] == "U1", view


def test_figures_are_those_of_the_pages(who, reader):
    with acting_as(reader):
        (differs,) = ask("SELECT * FROM trading.divergences")
        assert (differs["class"], differs["state"], differs["is_over"]) == (
            "quantity",
            "open",
            False,
        )
        sides = [json.loads(differs[side])["quantity"] for side in ("book", "broker_says")]
        assert sides == ["100", "80"]
        (worth,) = ask("SELECT * FROM trading.position_snapshots")
        assert (worth["equity"], worth["drawdown_percent"]) == (Decimal(100_000), Decimal("3.846"))
        (guard,) = ask("SELECT * FROM trading.guards")
        assert (guard["used"], guard["last_outcome"]) == (Decimal("0.44995"), "flat")
        assert guard["is_of_installation"] is False
        (entry,) = ask("SELECT event, status FROM trading.reconciliation_log")
        assert entry == {"event": "sync", "status": "success"}


def test_what_nobody_was_told_of_is_in_no_view(who):
    with scope(workspace=who.workspace):
        rows.divergence(rows.account(who.workspace, "U2"), state=State.SEEN)
    assert ask("SELECT FROM trading.divergences WHERE account = 'U2'") == []


@pytest.mark.parametrize(
    "table", ["divergence", "guard", "snapshot", "reconciliationlog", "positionsnapshot"]
)
def test_the_tables_themselves_stay_closed(reader, table):
    with acting_as(reader):
        assert "permission denied" in refused(f"SELECT FROM reconciliation_{table}")
