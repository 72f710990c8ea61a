"""Who may ask the database itself."""

from __future__ import annotations

from django.db import models

from common.models import Owned


class ReportingRole(Owned):
    """A role of the database that sees one workspace through the views of the schemas `trading` and `monitoring`.

    The views read this table with their owner's rights: a role that is not in it sees no rows.
    """

    role_name = models.CharField(max_length=63)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role_name", "workspace"], name="reporting_role_unique")
        ]

    def __str__(self) -> str:
        return self.role_name
