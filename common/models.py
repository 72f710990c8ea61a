"""Abstract models. Nothing here has a table."""

from __future__ import annotations

from django.db import models
from django_scopes import ScopedManager


class Owned(models.Model):
    """A row that belongs to a workspace. A query outside of `scope(workspace=…)` raises."""

    workspace = models.ForeignKey(
        "accounts.Workspace", on_delete=models.CASCADE, related_name="+", editable=False
    )

    objects = ScopedManager(workspace="workspace")

    class Meta:
        abstract = True
