"""Roles of the database for people who ask it themselves: they read the views of one workspace, and nothing else.

What a role may do is decided by what is granted to it: the views, and never a table. The settings that come with it
(read only, a limit of time) are for its own good, since whoever connects may change them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import LiteralString

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from common.errors import Rejected
from common.sql import fetch
from journal.models import ReportingRole

SCHEMAS = ("trading", "monitoring")
TIMEOUT_SECONDS = 60
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}", re.ASCII)


@dataclass(slots=True)
class Granted:
    """What was done. `to_run` are statements that this installation's own role may not run, for whoever may."""

    is_new: bool
    to_run: list[str] = field(default_factory=list)


def grant_role(
    workspace_id: int,
    name: str,
    *,
    password: str | None = None,
    timeout_seconds: int = TIMEOUT_SECONDS,
) -> Granted:
    """Let the role read the workspace's rows; it is made where there is none. Safe to repeat, and to be repeated after
    an upgrade. With a password it can sign in.

    Raises Rejected for a name that is none, for a role that may read more than the views, and where the database lets
    nobody make roles here: then with the statements for an administrator.
    """
    if not _NAME.fullmatch(name) or name.startswith("pg_"):
        raise Rejected(
            "role_name_invalid",
            "A role is named in small letters, digits and _, begins with a letter, and not with pg_.",
        )
    with transaction.atomic():
        is_new = not fetch("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if is_new and not _try(sql.SQL("CREATE ROLE {} NOLOGIN").format(sql.Identifier(name))):
            raise Rejected("role_not_allowed", _ask_administrator(name))
        _require_harmless(name)
        refused = [one for one in _settings(name, password, timeout_seconds) if not _try(one)]
        for statement in _grants(name):
            _run(statement)
        ReportingRole.objects.get_or_create(workspace_id=workspace_id, role_name=name)
    return Granted(is_new, [_hidden(one) for one in refused])


def revoke_role(workspace_id: int, name: str) -> bool:
    """Take the workspace away from the role; without any other it loses the views too. The role itself stays: it may be
    used elsewhere. False where it had none of this workspace."""
    with transaction.atomic():
        own = ReportingRole.objects.filter(workspace_id=workspace_id, role_name=name)
        if not own.delete()[0]:
            return False
        is_left = fetch("SELECT FROM journal_reportingrole WHERE role_name = %s", [name])
        is_there = fetch("SELECT FROM pg_roles WHERE rolname = %s", [name])
        if not is_left and is_there:
            for schema in SCHEMAS:
                for rights in ("ALL ON ALL TABLES IN SCHEMA {}", "ALL ON SCHEMA {}"):
                    statement = sql.SQL("REVOKE " + rights + " FROM {}")
                    _run(statement.format(sql.Identifier(schema), sql.Identifier(name)))
            _try(_connecting("REVOKE {} FROM {}", name))
    return True


def _require_harmless(name: str) -> None:
    """A role that may read the tables sees every workspace."""
    (row,) = fetch(
        "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolreplication "
        "OR has_table_privilege(rolname, 'journal_trade', 'SELECT') "
        "OR pg_has_role(rolname, current_user, 'MEMBER') "
        "OR has_table_privilege(rolname, 'journal_reportingrole', 'INSERT') "
        "FROM pg_roles WHERE rolname = %s",
        [name],
    )
    if row[0]:
        raise Rejected(
            "role_too_powerful",
            f"The role “{name}” may read the tables themselves or make roles, so it would see every workspace. Choose "
            "a name that is not taken yet.",
        )


def _settings(name: str, password: str | None, timeout_seconds: int) -> list[sql.Composed]:
    role = sql.Identifier(name)
    wanted = {
        "default_transaction_read_only": "on",
        "statement_timeout": f"{timeout_seconds}s",
        "idle_in_transaction_session_timeout": f"{timeout_seconds}s",
    }
    statements = [
        sql.SQL("ALTER ROLE {} SET {} = {}").format(role, sql.Identifier(option), value)
        for option, value in wanted.items()
    ]
    # Everybody may connect where nobody has taken that away.
    statements.append(_connecting("GRANT {} TO {}", name))
    if password:
        statements.append(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, _encrypted(name, password))
        )
    return statements


def _connecting(statement: LiteralString, name: str) -> sql.Composed:
    database = sql.Identifier(str(connection.settings_dict["NAME"]))
    right = sql.SQL("CONNECT ON DATABASE {}").format(database)
    return sql.SQL(statement).format(right, sql.Identifier(name))


def _encrypted(name: str, password: str) -> str:
    """As the server keeps it: the password itself goes over no wire and into no log."""
    connection.ensure_connection()
    raw = connection.connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    return str(raw.decode())


def _grants(name: str) -> list[sql.Composed]:
    role = sql.Identifier(name)
    statements: list[sql.Composed] = []
    for schema in map(sql.Identifier, SCHEMAS):
        statements.append(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(schema, role))
        statements.append(
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(schema, role)
        )
    return statements


def _run(statement: sql.Composed) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def _try(statement: sql.Composed) -> bool:
    """False where this installation's role may not."""
    try:
        with transaction.atomic():
            _run(statement)
    except ProgrammingError as error:
        if getattr(error.__cause__, "sqlstate", "") != "42501":
            raise
        return False
    return True


def _hidden(statement: sql.Composed) -> str:
    text = statement.as_string(None)
    return re.sub(r"PASSWORD '.*'", "PASSWORD '…'", text)


def _ask_administrator(name: str) -> str:
    return (
        f"The role of this installation may not make roles. Let an administrator of the database run: "
        f'CREATE ROLE "{name}" LOGIN PASSWORD …; then run this command again without a password.'
    )
