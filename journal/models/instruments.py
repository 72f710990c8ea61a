"""The full contract behind a symbol."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
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

    Symbol, underlying symbol and description are those of the newest evidence, whichever file came first
    (`journal.services.naming`); `former_symbols` are what else it was called. `underlying` is the instrument that
    the broker's id of the underlying means, once any file has named it.
    """

    key = models.CharField(max_length=200)
    asset_class = models.CharField(max_length=16, choices=enum_choices(AssetClass))
    symbol = models.CharField(max_length=64)
    former_symbols = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    underlying_symbol = models.CharField(max_length=64, blank=True)
    underlying = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="derivatives"
    )
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
        indexes = [
            models.Index(fields=["workspace", "symbol", "id"], name="instrument_by_symbol"),
            # Who looks for an old name: few instruments have one.
            models.Index(
                fields=["workspace"],
                name="instrument_renamed",
                condition=~models.Q(former_symbols=[]),
            ),
        ]

    def __str__(self) -> str:
        return self.symbol

    @property
    def underlying_name(self) -> str:
        """The underlying's own symbol where it is known, else what the broker calls it, else the own symbol."""
        if self.underlying is not None:
            return self.underlying.symbol
        return self.underlying_symbol or self.symbol

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
    """What a broker calls an instrument. IBKR's conid changes through corporate actions, so: several each.

    `underlying_broker_id` is the same broker's id of the underlying; no file need have named that one yet.
    """

    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="broker_instruments"
    )
    broker = models.SlugField(max_length=32)
    broker_id = models.CharField(max_length=64)
    underlying_broker_id = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "broker", "broker_id"], name="broker_instrument_unique"
            )
        ]
        indexes = [
            # An underlying that arrives after its options.
            models.Index(
                fields=["workspace", "broker", "underlying_broker_id"],
                name="broker_instrument_underlying",
                condition=~models.Q(underlying_broker_id=""),
            )
        ]

    def __str__(self) -> str:
        return f"{self.broker}:{self.broker_id}"


class InstrumentName(Owned):
    """What one import calls an instrument, in what it says of one account, and when last.

    `is_traded`: said by a fill or a position; other rows may use an old name. `stated_at` is when the file says
    that it was made. It counts while its import is not undone.
    """

    workspace = models.ForeignKey(
        "accounts.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    batch = models.ForeignKey("journal.ImportBatch", on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    instrument = models.ForeignKey(
        Instrument, on_delete=models.CASCADE, related_name="names", db_index=False
    )
    symbol = models.CharField(max_length=64)
    underlying_symbol = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=255, blank=True)
    is_traded = models.BooleanField()
    named_at = models.DateTimeField()
    stated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument", "batch", "account", "symbol"], name="instrument_name_unique"
            )
        ]

    def __str__(self) -> str:
        return self.symbol
