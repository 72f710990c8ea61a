"""What is said of one closed trade. Follows from the book as of its close."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from journal.models.book import Derived


class ProcessGrade(models.TextChoices):
    FOLLOWED = "followed", _("Plan followed")
    BROKEN = "broken", _("Rules broken")
    UNPLANNED = "unplanned", _("No plan")
    UNKNOWN = "unknown", _("Nothing to check")


class Quadrant(models.TextChoices):
    DESERVED_WIN = "deserved_win", _("Good decision, good outcome")
    UNLUCKY_GOOD_TRADE = "unlucky_good_trade", _("Unlucky good trade")
    LUCKY_BREACH = "lucky_breach", _("Lucky breach")
    DESERVED_LOSS = "deserved_loss", _("Bad decision, bad outcome")


class TradeInsight(Derived):
    """The four blocks of a closed trade (`learning.domain.insights`). `id` is the trade's.

    `told` is `Insight.as_json`, with the figures that its sentences were made from; `checks` map a rule to whether it
    was kept, null where not known. `percentile` is the place of its R among those of trades like it. `digest` is that
    of the fact which it was made from: where that is another, it is made anew, and by other `formulas` too.
    `classic_text` are the sentences of the specification.
    """

    id = models.BigIntegerField(primary_key=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    known_at = models.DateTimeField()
    grade = models.CharField(max_length=9, choices=ProcessGrade.choices)
    adherence = models.FloatField(null=True)
    quadrant = models.CharField(max_length=18, blank=True, choices=Quadrant.choices)
    percentile = models.FloatField(null=True)
    checks = models.JSONField(default=dict)
    told = models.JSONField()
    classic_text = ArrayField(models.TextField(), default=list)
    digest = models.CharField(max_length=32)
    formulas = models.CharField(max_length=16)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-closed_at", "-id"], name="insight_newest"),
            models.Index(fields=["account", "-closed_at", "-id"], name="insight_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.grade}"
