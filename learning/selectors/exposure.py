"""Readings of what was open."""

from __future__ import annotations

from journal.models import OpenLot
from learning.models import ExposureReading


def newest_reading() -> ExposureReading | None:
    """Of the open workspace; the last look, whichever day its zone then called it."""
    return ExposureReading.objects.order_by("-taken_at").first()


def list_readings(limit: int = 120) -> list[ExposureReading]:
    """The newest days, the oldest of them first."""
    return list(ExposureReading.objects.order_by("-taken_at")[:limit])[::-1]


def list_to_expose() -> list[int]:
    """Workspaces that hold something, or whose newest reading says that they do."""
    holding = OpenLot.objects.values_list("workspace_id", flat=True).distinct()
    newest = ExposureReading.objects.order_by("workspace_id", "-taken_at").distinct("workspace_id")
    told = [one.workspace_id for one in newest.only("workspace_id", "positions") if one.positions]
    return sorted({*holding, *told})
