"""Reports, to look at."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from learning.models import Report, ReportPicture


@admin.register(Report)
class ReportAdmin(LookOnly):
    list_display = ("id", "workspace", "kind", "since", "until", "as_of", "headline", "trades", "sent_at")  # fmt: skip
    list_filter = ("kind",)
    list_select_related = ("workspace",)


@admin.register(ReportPicture)
class ReportPictureAdmin(LookOnly):
    list_display = ("id", "report", "name", "says")
    list_select_related = ("report",)
    fields = ("report", "name", "says")
