"""What the admin pages of reconciliation have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from journal.admin.base import LookOnly


class OfAccount(LookOnly):
    """Rows of one account, the newest first. Lists join what they show of it."""

    list_select_related: ClassVar[tuple[str, ...]] = ("workspace", "account")
    list_display_links = ("id",)


class Linked(OfAccount):
    """What is settled on its own page, where the rules of the house hold, and not here."""

    page = ""

    @admin.display(description="Page")
    def on_page(self, row: Any) -> SafeString:
        return format_html('<a href="{}">Open</a>', reverse(self.page, args=[row.pk]))
