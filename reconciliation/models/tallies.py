"""Counters of `/metrics`: kept in the database, so that every process counts in one place and none forgets."""

from __future__ import annotations

from django.db import models


class Tally(models.Model):
    """Of the installation, not of a workspace. `label` is the value of the metric's one label, "" where it has none;
    of a histogram the bucket's bound, "sum" or "count"."""

    name = models.CharField(max_length=64)
    label = models.CharField(max_length=64, blank=True)
    value = models.FloatField(default=0)

    class Meta:
        verbose_name_plural = "tallies"
        constraints = [models.UniqueConstraint(fields=["name", "label"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name}{{{self.label}}} {self.value}"
