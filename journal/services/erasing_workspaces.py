"""Erasing a workspace: whatever is in any table for it, with the files, for good. Nothing of others is touched.

In two steps, so that a crash leaves nothing behind that nobody knows of: first all rows but the workspace itself and
its members, with a note of every file; then the files, and what is left. Begun again, it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pghistory
import pgtrigger
from django.apps import apps
from django.db import connection, transaction
from django_scopes import scope

from accounts.models import Membership, Workspace
from common.errors import Conflict, Rejected
from journal.models import BrokerAccount, FileRemoval, ImportBatch, PriceFile, StatementFile
from journal.services.erasure import UNDER_WAY, remove_file, require_free
from journal.services.locks import lock_book, lock_imports

_LAST = (FileRemoval, Membership)


def erase_workspace(workspace: Workspace, *, confirm: str, reason: str) -> dict[str, int]:
    """How many rows went, by table. Raises Rejected unless its slug was typed, and Conflict while an import is under
    way or something else holds one of its accounts (a guard that closes it)."""
    if confirm.strip() != workspace.slug:
        raise Rejected("erasure_not_confirmed", f"Type {workspace.slug} to erase {workspace.name}.")
    with scope(workspace=workspace.pk):
        counts = _erase_rows(workspace)
        for removal in FileRemoval.objects.order_by("pk"):
            remove_file(removal)
        _erase_rest(workspace, reason)
    return counts


@transaction.atomic
def _erase_rows(workspace: Workspace) -> dict[str, int]:
    _require_idle(workspace)
    files = [
        *StatementFile.objects.values_list("stored_as", flat=True),
        *PriceFile.objects.exclude(stored_as="").values_list("stored_as", flat=True),
    ]
    FileRemoval.objects.bulk_create(FileRemoval(workspace=workspace, stored_as=name) for name in files)  # fmt: skip
    batches = list(ImportBatch.objects.values_list("pk", flat=True))
    models = [model for model in owned_models() if model not in _LAST]
    with pgtrigger.ignore(*_protections(models)):
        found = {model._meta.label: _delete(model, "workspace_id", [workspace.pk]) for model in models}  # fmt: skip
    # The trail of those says only which import it is of.
    for model in trails_without_workspace():
        if model.pgh_tracked_model is ImportBatch:
            _delete(model, "pgh_obj_id", batches)
    # What was deleted just now left an entry each in the trail.
    for model in models:
        if hasattr(model, "pgh_tracked_model"):
            _delete(model, "workspace_id", [workspace.pk])
    return {name: count for name, count in found.items() if count}


def _require_idle(workspace: Workspace) -> None:
    lock_imports(workspace.pk)
    accounts = list(BrokerAccount.objects.order_by("pk"))
    for account in accounts:
        lock_book(account.pk)
    if ImportBatch.objects.filter(state__in=UNDER_WAY).exists():
        raise Conflict("import_under_way", "An import is under way. Wait until it is done.")
    for account in accounts:
        require_free(account)


@transaction.atomic
def _erase_rest(workspace: Workspace, reason: str) -> None:
    """Who works on it at this moment, in a process that began before, may have written something since."""
    models = [model for model in owned_models() if model is not Membership]
    with pgtrigger.ignore(*_protections(models)):
        for model in models:
            _delete(model, "workspace_id", [workspace.pk])
    key = workspace.pk
    with pghistory.context(reason=reason):
        _delete(Membership, "workspace_id", [key])
        _delete(Workspace, "id", [key])
    for model in models:
        if hasattr(model, "pgh_tracked_model"):
            _delete(model, "workspace_id", [key])
    _leave_entry(key)


def _leave_entry(key: int) -> None:
    """That there was a workspace, when and why it was erased: without its name."""
    trail: Any = apps.get_model("accounts", "WorkspaceEvent")
    rows = trail.objects.filter(pgh_obj_id=key)
    newest = rows.order_by("-pgh_id").values_list("pgh_id", flat=True).first()
    rows.exclude(pgh_id=newest).delete()
    rows.update(name="", slug="")


def owned_models() -> Iterator[Any]:
    """Every table whose rows say to which workspace they belong, those of the audit trail included."""
    for model in apps.get_models(include_auto_created=True):
        if any(field.column == "workspace_id" for field in model._meta.concrete_fields):
            yield model


def trails_without_workspace() -> Iterator[Any]:
    for model in apps.get_models():
        columns = {field.column for field in model._meta.concrete_fields}
        if hasattr(model, "pgh_tracked_model") and "workspace_id" not in columns:
            yield model


def _protections(models: list[Any]) -> list[str]:
    return [
        f"{model._meta.label}:append_only"
        for model in models
        if any(trigger.name == "append_only" for trigger in getattr(model._meta, "triggers", ()))
    ]


def _delete(model: Any, column: str, keys: list[int]) -> int:
    """In any order: foreign keys are looked at when the transaction is over."""
    with connection.cursor() as cursor:
        cursor.execute(f'DELETE FROM "{model._meta.db_table}" WHERE "{column}" = ANY(%s)', [keys])
        return int(cursor.rowcount)
