"""What assistants changed, and what they were refused: who, which tool, why."""

from __future__ import annotations

import pgtrigger
from django.db import models

from common.models import Owned


class ToolOutcome(models.TextChoices):
    DONE = "done", "Done"
    REFUSED = "refused", "Refused"


class ToolCall(Owned):
    """One call of a tool that writes, or one that was refused for what the caller may not do. Append-only.

    `who` names the token, assistant or person ("token 12"); `code` says why it was refused.
    """

    user = models.BigIntegerField()
    who = models.CharField(max_length=64)
    door = models.CharField(max_length=8)
    tool = models.CharField(max_length=64)
    outcome = models.CharField(max_length=8, choices=ToolOutcome.choices)
    code = models.CharField(max_length=64, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    trade_id = models.BigIntegerField(null=True)
    called_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["workspace", "-id"], name="tool_call_newest")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"{self.tool} by {self.who}: {self.outcome}"
