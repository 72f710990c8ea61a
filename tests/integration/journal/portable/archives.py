"""A workspace written and read, and what can be asked of it before and after."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from zipfile import ZIP_DEFLATED, ZipFile

from django.apps import apps
from django_scopes import scope, scopes_disabled

from accounts.models import Workspace
from common.sql import fetch
from journal.selectors.performance import Slice, Unit, View
from journal.selectors.summaries import build_performance
from journal.services.portable.reading import read_archive
from journal.services.portable.tables import moved
from journal.services.portable.writing import write_archive
from learning.services import measuring

SECRET = "Sesame-4711"
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def written(who) -> io.BytesIO:
    stream = io.BytesIO()
    with ZipFile(stream, "w", ZIP_DEFLATED) as archive, scope(workspace=who.workspace):
        write_archive(who.workspace, archive, now=NOW)
    return stream


def read(stream: io.BytesIO, owner) -> Workspace:
    with ZipFile(stream) as archive:
        return read_archive(archive, owner=owner)


def figures_of(workspace: Workspace) -> list:
    with scope(workspace=workspace):
        return [
            (one.currency, one.summary, one.equity if hasattr(one, "equity") else None)
            for one in build_performance(Slice(workspace.pk), View(Unit.CURRENCY))
        ]


def by_sql(workspace: Workspace) -> list:
    """The figures of the views, without our own numbers."""
    rows = fetch("SELECT to_jsonb(p) - 'workspace_id' - 'workspace' - 'account_id' FROM trading.performance_metrics p WHERE workspace_id = %s ORDER BY account, currency", [workspace.pk])  # fmt: skip
    return [row for (row,) in rows]


def learnt_of(workspace: Workspace) -> list:
    with scope(workspace=workspace):
        measuring.measure_all(workspace.pk)
    rows = fetch("SELECT part, currency, metric, value, n, low, high, reason FROM trading.metrics WHERE workspace_id = %s AND part <> 'account' ORDER BY part, key, currency, metric", [workspace.pk])  # fmt: skip
    return list(rows)


def rows_of(workspace: Workspace) -> dict[str, int]:
    found = {}
    with scopes_disabled():
        for one in moved():
            rows = one.model._base_manager.filter(workspace_id=workspace.pk)
            found[one.name] = rows.count()
        for name in (
            "Execution",
            "Trade",
            "Leg",
            "Order",
            "TradeChain",
            "Structure",
            "RecommendationStanding",
        ):
            found[name] = apps.get_model("journal", name)._base_manager.filter(workspace_id=workspace.pk).count()  # fmt: skip
    return found


def changed(stream: io.BytesIO, name: str, content: bytes | None) -> io.BytesIO:
    """The same archive with another file of that name, or without it."""
    target = io.BytesIO()
    with ZipFile(stream) as source, ZipFile(target, "w") as archive:
        for one in source.namelist():
            told = content if one == name else source.read(one)
            if told is not None:
                archive.writestr(one, told)
    return target
