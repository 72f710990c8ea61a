"""What follows from the evidence. Everything here can be rebuilt by `manage.py rebook`.

Foreign keys among derived rows carry no database constraint: one service writes them all in one transaction, and
`verify_books` checks what they must agree on.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.values import (
    AssetClass,
    Direction,
    ExecutionKind,
    PositionEffect,
    Severity,
    Side,
)
from journal.models.evidence import Source


def derived_key(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        to,
        on_delete=models.DO_NOTHING,
        related_name=options.pop("related_name", "+"),
        db_constraint=False,
        **options,
    )


class Derived(Owned):
    workspace = derived_key("accounts.Workspace", db_index=False)
    account = derived_key("journal.BrokerAccount", db_index=False)

    class Meta:
        abstract = True


class Execution(Derived):
    """The effective fill: one row however many sources reported it.

    `gross_pnl` and `net_pnl` are what it realised (0 for a fill that only opens, null where the basis is
    unknown); net is after its own fees and its share of the opening fees. `fee` and `tax` are in
    `fee_currency`; `fee_quoted` is their sum in the instrument's currency. A fill through zero is in
    `leg` (which it opens) and in `closed_leg` (which it closes). A corporate action's book entry has no `report`.
    `source` is by whom it came about, where a bot or a person reported it too; `report` is whose figures count.
    """

    instrument = derived_key("journal.Instrument", db_index=False)
    report = derived_key("journal.ExecutionReport", null=True, db_index=False)
    leg = derived_key("journal.Leg", null=True, related_name="executions")
    closed_leg = models.BigIntegerField(null=True)
    fill_key = models.CharField(max_length=96)
    broker_id = models.CharField(max_length=64, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices)
    kind = models.CharField(max_length=20, choices=enum_choices(ExecutionKind))
    side = models.CharField(max_length=4, choices=enum_choices(Side))
    quantity = NumericField()
    price = NumericField()
    executed_at = models.DateTimeField()
    sequence = models.BigIntegerField()
    trading_day = models.DateField()
    effect = models.CharField(max_length=10, choices=enum_choices(PositionEffect))
    fee = NumericField()
    tax = NumericField()
    fee_currency = models.CharField(max_length=12)
    fee_quoted = NumericField(null=True)
    fx_rate = NumericField(null=True)
    gross_pnl = NumericField(null=True)
    net_pnl = NumericField(null=True)
    uses_rates = models.BooleanField(
        help_text="Its base or fee was converted by a rate of the day, not by one of its own."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fill_key"], name="execution_fill_once")
        ]
        indexes = [
            models.Index(fields=["workspace", "-executed_at", "-id"], name="execution_newest"),
            models.Index(fields=["account", "instrument", "executed_at"], name="execution_in_time"),
            models.Index(
                fields=["closed_leg"],
                name="execution_by_closed_leg",
                condition=models.Q(closed_leg__isnull=False),
            ),
            models.Index(fields=["account", "trading_day"], name="execution_by_day"),
            # What has to be booked again when rates arrive.
            models.Index(
                fields=["account", "executed_at"],
                name="execution_by_rates",
                condition=models.Q(uses_rates=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.side} {self.quantity} @ {self.price}"

    @property
    def known_price(self) -> Decimal | None:
        """What was held before the first statement came at a price that nobody states."""
        return None if self.kind == ExecutionKind.OPENING else self.price


class JoinedFill(Derived):
    """Reports under `key` are of the fill that the book knows by `fill_key`: no id says so, but what they say.

    A fill keeps the key that it was first booked by, also when nobody reports it under that any more.
    """

    instrument = derived_key("journal.Instrument", db_index=False)
    key = models.CharField(max_length=96)
    fill_key = models.CharField(max_length=96)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="joined_fill_once")]
        indexes = [
            models.Index(fields=["account", "fill_key"], name="joined_fill_by_fill"),
            models.Index(fields=["account", "instrument"], name="joined_fill_by_instrument"),
        ]

    def __str__(self) -> str:
        return f"{self.key} is {self.fill_key}"


class LotMatch(Derived):
    """A closing fill against one lot, with the realised P&L that every screen sums."""

    instrument = derived_key("journal.Instrument", db_index=False)
    leg = derived_key("journal.Leg", related_name="matches")
    closing = derived_key("journal.Execution", related_name="matches")
    opening = derived_key("journal.Execution", null=True, db_index=False)
    ordinal = models.IntegerField()
    direction = models.CharField(max_length=5, choices=enum_choices(Direction))
    currency = models.CharField(max_length=12)
    asset_class = models.CharField(max_length=16, choices=enum_choices(AssetClass))
    quantity = NumericField()
    open_price = NumericField(null=True)
    close_price = NumericField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    closed_on = models.DateField()
    open_fee = NumericField()
    close_fee = NumericField()
    gross_pnl = NumericField(null=True)
    net_pnl = NumericField(null=True)
    gross_base = NumericField(null=True)
    net_base = NumericField(null=True)
    open_fx_rate = NumericField(null=True)
    close_fx_rate = NumericField(null=True)

    class Meta:
        verbose_name_plural = "lot matches"
        indexes = [models.Index(fields=["account", "closed_on"], name="lot_match_by_day")]

    def __str__(self) -> str:
        return f"{self.quantity}: {self.open_price} > {self.close_price}"


class OpenLot(Derived):
    instrument = derived_key("journal.Instrument", db_index=False)
    leg = derived_key("journal.Leg", related_name="open_lots")
    opening = derived_key("journal.Execution", null=True, db_index=False)
    signed_quantity = NumericField()
    price = NumericField(null=True)
    fee = NumericField()
    opened_at = models.DateTimeField()
    cost_known = models.BooleanField()
    fx_rate = NumericField(null=True)

    class Meta:
        indexes = [models.Index(fields=["account", "instrument"], name="open_lot_by_instrument")]

    def __str__(self) -> str:
        return f"{self.signed_quantity} @ {self.price}"


class RoundTrip(Derived):
    """What a leg and a trade have in common. `id` is the id of the execution that opened it.

    `cost` is the money that opening it took (|average_open x opened_quantity x multiplier|): the
    denominator of a percent return. `*_base` is in the account's base currency, null where a rate is missing.
    """

    id = models.BigIntegerField(primary_key=True)
    direction = models.CharField(max_length=5, choices=enum_choices(Direction))
    currency = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    opened_on = models.DateField()
    closed_at = models.DateTimeField(null=True)
    closed_on = models.DateField(null=True)
    quantity = NumericField(help_text="The most that was open at once.")
    average_open = NumericField(null=True)
    average_close = NumericField(null=True)
    cost = NumericField(null=True)
    gross_pnl = NumericField()
    net_pnl = NumericField()
    fees = NumericField()
    gross_base = NumericField(null=True)
    net_base = NumericField(null=True)
    fees_base = NumericField(null=True)
    cost_base = NumericField(null=True)
    cost_known = models.BooleanField()
    execution_count = models.IntegerField()

    class Meta:
        abstract = True


class Leg(RoundTrip):
    """One instrument's way from flat to flat. `digest` tells whether a re-booking changed it."""

    instrument = derived_key("journal.Instrument", db_index=False)
    trade = derived_key("journal.Trade", related_name="legs")
    closed_quantity = NumericField()
    opened_quantity = NumericField()
    digest = models.CharField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["account", "instrument", "opened_at"], name="leg_in_time"),
        ]

    def __str__(self) -> str:
        return f"leg {self.pk}"


class Result(models.TextChoices):
    WIN = "win", "Win"
    LOSS = "loss", "Loss"
    FLAT = "flat", "Break-even"
    UNKNOWN = "unknown", "Unknown"


class Trade(RoundTrip):
    """What the trader calls a trade: one leg, or the legs of one structure.

    `result` is by net P&L, "" while the trade is open. `last_at` is its latest execution: the order of the list.
    `source` is that of the execution that opened it.
    """

    symbol = models.CharField(max_length=64)
    underlying = models.CharField(max_length=64)
    asset_class = models.CharField(max_length=16, choices=enum_choices(AssetClass))
    leg_count = models.SmallIntegerField(default=1)
    result = models.CharField(max_length=7, choices=Result.choices, blank=True)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.STATEMENT)
    last_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-last_at", "-id"], name="trade_newest"),
            models.Index(fields=["account", "-last_at", "-id"], name="trade_newest_by_account"),
            models.Index(
                fields=["workspace", "symbol", "-last_at", "-id"], name="trade_newest_by_symbol"
            ),
            models.Index(
                fields=["workspace", "underlying", "-last_at"], name="trade_newest_by_underlying"
            ),
            models.Index(fields=["workspace", "-net_base", "-id"], name="trade_by_net"),
            models.Index(fields=["workspace", "-opened_at", "-id"], name="trade_by_opening"),
            models.Index(fields=["account", "closed_on"], name="trade_by_closing_day"),
            models.Index(
                fields=["workspace", "-last_at"],
                name="trade_open",
                condition=models.Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["account"],
                name="trade_of_several",
                condition=models.Q(leg_count__gt=1),
            ),
            # What somebody acted in; statements alone hold most, and are found by their age.
            models.Index(
                fields=["account", "source", "-last_at", "-id"],
                name="trade_by_actor",
                condition=~models.Q(source=Source.STATEMENT),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.opened_on}"


class Totals(Derived):
    """Sums per trading day. P&L and `fees` by the day it was realised, counts by the day trades closed.

    `*_base` sums what has a rate; `unknown_base` counts the matches that had none. `fees_paid` is by the day of
    the execution, opening fees included. `source` is that of the trade; a fill through zero counts whole with the
    trade that it opens, and what is in no trade with the statements.
    """

    day = models.DateField()
    currency = models.CharField(max_length=12)
    source = models.CharField(max_length=12, choices=Source.choices)
    gross_pnl = NumericField(default=0)
    net_pnl = NumericField(default=0)
    fees = NumericField(default=0)
    gross_base = NumericField(default=0)
    net_base = NumericField(default=0)
    fees_base = NumericField(default=0)
    unknown_base = models.IntegerField(default=0)
    unknown_basis = models.IntegerField(default=0)
    trades = models.IntegerField(default=0)
    wins = models.IntegerField(default=0)
    losses = models.IntegerField(default=0)
    flats = models.IntegerField(default=0)
    win_net = NumericField(default=0)
    loss_net = NumericField(default=0)
    win_net_base = NumericField(default=0)
    loss_net_base = NumericField(default=0)
    gross_wins = models.IntegerField(default=0)
    gross_losses = models.IntegerField(default=0)
    win_gross = NumericField(default=0)
    loss_gross = NumericField(default=0)
    win_gross_base = NumericField(default=0)
    loss_gross_base = NumericField(default=0)
    cost = NumericField(default=0)
    cost_base = NumericField(default=0)

    class Meta:
        abstract = True


class DayRollup(Totals):
    executions = models.IntegerField(default=0)
    fees_paid = NumericField(default=0)
    fees_paid_base = NumericField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "currency", "source"], name="day_rollup_unique"
            )
        ]
        indexes = [models.Index(fields=["workspace", "day"], name="day_rollup_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.currency}"


class SliceRollup(Totals):
    """The same per asset class and direction: for the filters of the trade list."""

    asset_class = models.CharField(max_length=16)
    direction = models.CharField(max_length=5)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "day", "currency", "source", "asset_class", "direction"],
                name="slice_rollup_unique",
            )
        ]
        indexes = [models.Index(fields=["workspace", "day"], name="slice_rollup_by_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.currency} {self.source} {self.asset_class} {self.direction}"


class DataIssue(Derived):
    """Something in the data that a person should know of, with the row that caused it.

    From an import (`batch` set) or from booking (`instrument` set). `fingerprint` is the same when the same
    trouble is found again, so that a dismissal holds.
    """

    batch = derived_key("journal.ImportBatch", null=True, related_name="issues")
    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    instrument = derived_key("journal.Instrument", null=True, db_index=False)
    execution = derived_key("journal.Execution", null=True, db_index=False)
    severity = models.CharField(max_length=8, choices=enum_choices(Severity))
    code = models.CharField(max_length=64)
    message = models.TextField()
    row = models.IntegerField(null=True)
    raw = models.JSONField(null=True)
    fingerprint = models.CharField(max_length=40)
    found_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "severity", "-id"], name="data_issue_newest"),
            models.Index(fields=["account", "instrument"], name="data_issue_by_instrument"),
        ]

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"
