"""Roles are granted, limited, and taken back."""

from __future__ import annotations

from decimal import Decimal

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django_scopes import scope

from common.errors import Rejected
from common.sql import fetch
from journal.models import ReportingRole
from journal.services.reporting import grant_role, revoke_role
from tests import people
from tests.integration.journal.sql_views.asking import ROLE, acting_as, ask, refused_as
from tests.web.journal.books import import_small

pytestmark = pytest.mark.django_db


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
