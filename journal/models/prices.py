"""Prices of markets, from whoever has them: files of people, exchanges, bots.

They are no evidence of an account: a bar that comes again replaces the one that was there, and what is computed from
bars is computed when it is looked at.
"""

from __future__ import annotations

from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.fields import NumericField
from common.models import Owned
from journal.domain.bars import interval_name


class PriceBasis(models.TextChoices):
    """Whether each bar stands in the units of its own time, or all of them in those after the last split."""

    RAW = "raw", "As traded"
    ADJUSTED = "adjusted", "Adjusted for splits"


class PriceSeries(Owned):
    """Bars of one market and one length, from one source. `key` is what the names of a market have in common.

    `zone` is that in which a bar of a day begins and ends. `adjusted_at` is until when adjusted bars are adjusted.
    `asked` holds spans (ISO, from and until) for which the source was asked, whatever it had.
    """

    symbol = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    source = models.CharField(max_length=48)
    seconds = models.PositiveIntegerField()
    basis = models.CharField(max_length=8, choices=PriceBasis.choices, default=PriceBasis.RAW)
    adjusted_at = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64, default="UTC")
    bars = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True)
    last_at = models.DateTimeField(null=True)
    asked = models.JSONField(default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name_plural = "price series"
        ordering = ["key", "seconds", "source", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key", "seconds", "source", "basis"],
                name="price_series_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(seconds__gt=0, seconds__lte=86_400), name="price_series_length"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.interval} ({self.source})"

    @property
    def interval(self) -> str:
        return interval_name(self.seconds)

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


class PriceBar(Owned):
    """One bar. There are millions, found by series and time alone: hence no id, and no other index."""

    pk = models.CompositePrimaryKey("series_id", "opened_at")
    workspace = models.ForeignKey(
        "accounts.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    series = models.ForeignKey(
        PriceSeries, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    opened_at = models.DateTimeField()
    open = NumericField()
    high = NumericField()
    low = NumericField()
    close = NumericField()
    volume = NumericField(null=True)

    def __str__(self) -> str:
        return f"{self.opened_at:%Y-%m-%d %H:%M} {self.close}"


class PriceSplit(Owned):
    """A split that a source of prices tells of: from `at` on, `new` units are what `old` were."""

    symbol = models.CharField(max_length=64)
    key = models.CharField(max_length=64)
    source = models.CharField(max_length=48)
    at = models.DateTimeField()
    new = NumericField()
    old = NumericField()

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "key", "source", "at"], name="price_split_unique"
            ),
            models.CheckConstraint(
                condition=models.Q(new__gt=0, old__gt=0), name="price_split_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.new}:{self.old} on {self.at:%Y-%m-%d}"


class PriceFileState(models.TextChoices):
    WAITING = "waiting", "Waiting"
    DONE = "done", "Read"
    REFUSED = "refused", "Refused"


class PriceFile(Owned):
    """A file of bars that somebody handed in, and what came of it. Its bytes are kept until it is read.

    `expectation` is what they said of it. `problems` are the first rows that could not be read (row, why), `bad_rows`
    how many there were.
    """

    name = models.CharField(max_length=255)
    stored_as = models.CharField(max_length=255, blank=True)
    size_bytes = models.BigIntegerField()
    expectation = models.JSONField(default=dict)
    state = models.CharField(
        max_length=8, choices=PriceFileState.choices, default=PriceFileState.WAITING
    )
    code = models.CharField(max_length=64, blank=True)
    message = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    series = models.ForeignKey(PriceSeries, null=True, on_delete=models.SET_NULL, related_name="+")
    bars = models.BigIntegerField(default=0)
    added = models.BigIntegerField(default=0)
    changed = models.BigIntegerField(default=0)
    bad_rows = models.BigIntegerField(default=0)
    problems = models.JSONField(default=list)
    notes = ArrayField(models.CharField(max_length=255), default=list)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-id"], name="price_file_newest"),
            models.Index(
                fields=["id"], name="price_file_waiting", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return self.name
