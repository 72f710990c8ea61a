"""One account at one broker."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models

from common.choices import enum_choices
from common.models import Owned
from journal.domain.values import LotMethod, TradingDay


def validate_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    # A folder of zones, such as America, is an OSError.
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValidationError(
            "“%(zone)s” is not a time zone. Use a name like America/New_York.",
            code="zone_unknown",
            params={"zone": name},
        ) from error


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    # What stays of an erased account: that it was, without its number and name.
    pghistory.ManualEvent("erase"),  # type: ignore[no-untyped-call]
    exclude=["rebook_asked_at", "erasure_asked_at", "erasure_reason", "erasure_author"],
)
class BrokerAccount(Owned):
    """`zone` and `day_rollover_minutes` decide the trading day; `statement_zone` how times in files are read.

    An empty `statement_zone` means the format's own default (IBKR Flex: America/New_York).
    `chosen` names those of `zone`, `lot_method` and `is_hedging` that a person decided; the others are as statements
    say (`journal.services.account_terms`).
    `rebook_asked_at` is set while a change waits for the book to be derived anew, `erasure_asked_at` from the moment
    in which somebody asked for the account to be erased until nothing is left of it.
    """

    broker = models.SlugField(max_length=32)
    broker_id = models.CharField("account number", max_length=64)
    name = models.CharField(max_length=120, blank=True)
    base_currency = models.CharField(max_length=12, blank=True)
    zone = models.CharField(
        "time zone of the trading day",
        max_length=64,
        default="America/New_York",
        validators=[validate_zone],
    )
    statement_zone = models.CharField(
        "time zone of statements", max_length=64, blank=True, validators=[validate_zone]
    )
    day_rollover_minutes = models.PositiveSmallIntegerField(
        default=0, help_text="Minutes after midnight at which a new trading day starts."
    )
    lot_method = models.CharField(
        max_length=8, choices=enum_choices(LotMethod), default=LotMethod.FIFO
    )
    is_hedging = models.BooleanField(default=False)
    chosen = ArrayField(
        models.CharField(max_length=16),
        default=list,
        blank=True,
        editable=False,
        help_text="What of this a person chose; the rest is as statements say.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    archived_at = models.DateTimeField(null=True, blank=True)
    rebook_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    erasure_reason = models.CharField(max_length=255, blank=True, editable=False)
    erasure_author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        editable=False,
    )

    class Meta:
        ordering = ["broker", "broker_id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "broker", "broker_id"],
                name="broker_account_unique",
                violation_error_message="This account is already in the workspace.",
            ),
            models.CheckConstraint(
                condition=models.Q(day_rollover_minutes__lt=1440),
                name="broker_account_rollover_within_day",
            ),
        ]

    def __str__(self) -> str:
        return self.name or self.broker_id

    @property
    def trading_day(self) -> TradingDay:
        return TradingDay(zone=self.zone, rollover_minutes=self.day_rollover_minutes)
