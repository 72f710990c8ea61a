"""The audit trail: every change of what people decide, with who made it, why, and where."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib import admin
from pghistory.models import Event

from accounts.models import User
from journal.admin.base import LookOnly
from journal.models import ToolCall


class EventAdmin(LookOnly):
    list_display = ("pgh_created_at", "pgh_label", "pgh_obj_id", "who", "why", "where")
    list_filter = ("pgh_label", "pgh_created_at")
    list_select_related = ("pgh_context",)
    ordering = ("-pgh_id",)

    @admin.display(description="Who")
    def who(self, event: Any) -> str:
        person = self._said(event, "user")
        if not person:
            return "–"
        found = User.objects.filter(pk=person).values_list("email", flat=True).first()
        return found or f"person {person}, who is gone"

    @admin.display(description="Why")
    def why(self, event: Any) -> str:
        return str(self._said(event, "reason") or "–")

    @admin.display(description="Where")
    def where(self, event: Any) -> str:
        return str(self._said(event, "url") or "–")

    def _said(self, event: Any, name: str) -> Any:
        context = event.pgh_context
        return context.metadata.get(name) if context is not None else None


for model in apps.get_models():
    if issubclass(model, Event) and model._meta.app_label in ("journal", "accounts"):
        admin.site.register(model, EventAdmin)


@admin.register(ToolCall)
class ToolCallAdmin(LookOnly):
    """What assistants changed through tools, and what they were refused."""

    list_display = (
        "called_at", "workspace", "who", "door", "tool", "outcome", "code", "trade_id", "reason",
    )  # fmt: skip
    list_filter = ("outcome", "door", "tool")
    list_select_related = ("workspace",)
