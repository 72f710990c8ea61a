"""What was open, and what all of it risked together, as of the moments at which somebody looked."""

from __future__ import annotations

from django.db import models

from common.models import Owned


class ExposureReading(Owned):
    """The last look of a day: the book as it stood at `taken_at`, with the newest prices of then.

    `result` has one entry per currency of accounts (`learning.services.exposing`). It is of the present and never of a
    moment in the past, so it is no run of the learner.
    """

    on = models.DateField()
    taken_at = models.DateTimeField()
    positions = models.IntegerField()
    result = models.JSONField()

    class Meta:
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "on"], name="exposure_reading_once")
        ]

    def __str__(self) -> str:
        return f"{self.positions} positions on {self.on}"
