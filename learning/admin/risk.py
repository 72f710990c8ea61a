"""Models of the probability to win, and what was open."""

from __future__ import annotations

from django.contrib import admin

from journal.admin.base import LookOnly
from learning.models import ExposureReading, Prediction, ProbabilityModel


@admin.register(ProbabilityModel)
class ProbabilityModelAdmin(LookOnly):
    list_display = (
        "id", "workspace", "as_of", "expires_at", "retired_at", "rung", "candidate", "is_deployed", "n",
    )  # fmt: skip
    list_filter = ("is_deployed", "rung")
    list_select_related = ("workspace",)


@admin.register(Prediction)
class PredictionAdmin(LookOnly):
    list_display = (
        "id", "workspace", "record_id", "opened_at", "p", "base", "model_id", "told_as_of",
    )  # fmt: skip
    list_select_related = ("workspace",)
    search_fields = ("=record_id",)


@admin.register(ExposureReading)
class ExposureReadingAdmin(LookOnly):
    list_display = ("id", "workspace", "on", "taken_at", "positions")
    list_select_related = ("workspace",)
