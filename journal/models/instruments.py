"""The full contract behind a symbol."""

from __future__ import annotations

import pghistory
from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.values import ONE, AssetClass, Contract, Right


@pghistory.track(
    pghistory.UpdateEvent(
        condition=pghistory.AnyChange(
            "multiplier", "currency", "asset_class", "is_inverse", "tick_size"
        )
    ),
)
class Instrument(Owned):
    """Owned by a workspace, so that one trader's correction of a multiplier is nobody else's P&L.

    `key` is the contract in words (`journal.services.instruments.contract_key`); two contracts of a broker
    that read the same (a symbol used again after an ISIN change) get the broker's id appended.
    """

    key = models.CharField(max_length=200)
    asset_class = models.CharField(max_length=16, choices=enum_choices(AssetClass))
    symbol = models.CharField(max_length=64)
    underlying_symbol = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=255, blank=True)
    currency = models.CharField(max_length=12)
    multiplier = NumericField(default=ONE)
    tick_size = NumericField(null=True, blank=True)
    expiry_on = models.DateField(null=True, blank=True)
    strike = NumericField(null=True, blank=True)
    right = models.CharField(max_length=4, blank=True, choices=enum_choices(Right))
    exchange = models.CharField(max_length=32, blank=True)
    isin = models.CharField(max_length=12, blank=True)
    cusip = models.CharField(max_length=12, blank=True)
    figi = models.CharField(max_length=12, blank=True)
    is_inverse = models.BooleanField(default=False)

    class Meta:
        ordering = ["symbol", "id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "key"], name="instrument_key_unique"),
            models.CheckConstraint(
                condition=models.Q(multiplier__gt=0), name="instrument_multiplier_positive"
            ),
        ]
        indexes = [models.Index(fields=["workspace", "symbol", "id"], name="instrument_by_symbol")]

    def __str__(self) -> str:
        return self.symbol

    @property
    def contract(self) -> Contract:
        return Contract(
            instrument_id=self.pk,
            asset_class=AssetClass(self.asset_class),
            currency=self.currency,
            multiplier=self.multiplier,
            inverse=self.is_inverse,
        )


class BrokerInstrument(Owned):
    """What a broker calls an instrument. IBKR's conid changes through corporate actions, so: several each."""

    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="broker_instruments"
    )
    broker = models.SlugField(max_length=32)
    broker_id = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "broker", "broker_id"], name="broker_instrument_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.broker}:{self.broker_id}"
