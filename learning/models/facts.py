"""Closed trades as the learner reads them, and what has yet to be read of them. All of it follows from the book."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.domain.structures.risk import RiskBasis
from journal.domain.values import AssetClass, Direction
from journal.models.book import Derived, derived_key

TAG = "tag:"
WITH, WITHOUT = "yes", "no"
"""So begins the column of a tag."""


class Outcome(models.IntegerChoices):
    LOSS = -1, "Loss"
    SCRATCH = 0, "Scratch"
    WIN = 1, "Win"


class TradeFact(Derived):
    """One closed trade of known result. `id` is the trade's.

    `known_at` is from when on the book could tell all of this: its end, or later, when the last fill or correction of
    it came. What was over before the account came into the book is taken as known when it ended. `pnl` is net of fees
    in `currency`, the account's base currency. `risk` was fixed when it was opened, in the trade's currency, and `r` is
    its net result over that; both are null where no risk was stated. `result` leaves out what costs and a tick explain.
    `features` are numbers and `labels` words that were known at the opening; `late` names what was stated as known
    then and was not, and the tags ("tag:fomo") that were put on it after its end. `digest` tells whether anything of it
    changed.
    """

    id = models.BigIntegerField(primary_key=True)
    currency = models.CharField(max_length=12)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    known_at = models.DateTimeField()
    pnl = NumericField()
    risk = NumericField(null=True)
    risk_basis = models.CharField(max_length=12, blank=True, choices=enum_choices(RiskBasis))
    r = models.FloatField(null=True)
    result = models.SmallIntegerField(choices=Outcome.choices)
    symbol = models.CharField(max_length=64)
    asset_class = models.CharField(max_length=16, choices=enum_choices(AssetClass))
    direction = models.CharField(max_length=5, choices=enum_choices(Direction))
    strategy = models.CharField(max_length=64, blank=True)
    structure = models.CharField(max_length=32, blank=True)
    close_reason = models.CharField(max_length=16, blank=True)
    source = models.CharField(max_length=12)
    bot = models.CharField(max_length=80, blank=True)
    version = models.CharField(max_length=140, blank=True)
    tags = ArrayField(models.CharField(max_length=48), default=list)
    plan = derived_key("journal.Plan", null=True, db_index=False)
    recommendation_id = models.CharField(max_length=64, blank=True)
    features = models.JSONField(default=dict)
    labels = models.JSONField(default=dict)
    late = ArrayField(models.CharField(max_length=64), default=list)
    digest = models.CharField(max_length=32)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "known_at", "id"], name="trade_fact_known"),
            models.Index(fields=["account", "known_at", "id"], name="trade_fact_of_account"),
        ]

    def __str__(self) -> str:
        return f"{self.symbol} {self.closed_at:%Y-%m-%d}"


class BookChange(Owned):
    """Trades of an account that are to be looked at again; `trades` is null for all of them. Written in the transaction
    that changed the book, gone with the one that measured it."""

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    trades = ArrayField(models.BigIntegerField(), null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["workspace", "id"], name="book_change_waiting")]

    def __str__(self) -> str:
        return f"account {self.account_id}"
