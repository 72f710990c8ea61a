"""Reports of a week or a month, as they were told."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned
from learning.models.runs import LearningRun


class ReportKind(models.TextChoices):
    """As the kinds of runs."""

    WEEKLY = "weekly", _("Weekly")
    MONTHLY = "monthly", _("Monthly")


class Report(Owned):
    """The days from `since` to `until` in `zone`, as told by `run`, whose result holds all of it: what people read and
    what it was made of. `focus` is {rule, instruction, why} or null. `is_scheduled`: at the end of a week or month, and
    not because somebody asked; `sent_at` is when people were told of it.

    What was told stays: the same moment computed again, of a book that has changed since, is another run and no other
    report."""

    run = models.OneToOneField(LearningRun, on_delete=models.CASCADE, related_name="report")
    kind = models.CharField(max_length=8, choices=ReportKind.choices)
    since = models.DateField()
    until = models.DateField()
    zone = models.CharField(max_length=64)
    as_of = models.DateTimeField()
    headline = models.CharField(max_length=255)
    trades = models.IntegerField()
    focus = models.JSONField(null=True)
    is_scheduled = models.BooleanField()
    sent_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "as_of"], name="report_once")
        ]
        indexes = [
            models.Index(fields=["workspace", "-as_of", "-id"], name="report_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.since} to {self.until}"
