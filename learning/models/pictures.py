"""Drawings of reports, for mails."""

from __future__ import annotations

from django.db import models

from common.models import Owned
from learning.models.reports import Report


class ReportPicture(Owned):
    """A chart of a report as PNG, drawn when it is first mailed; `says` is its sentence."""

    report = models.ForeignKey(Report, on_delete=models.CASCADE, related_name="pictures")
    name = models.CharField(max_length=32)
    says = models.CharField(max_length=255)
    png = models.BinaryField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["report", "name"], name="report_picture_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.report_id}"
