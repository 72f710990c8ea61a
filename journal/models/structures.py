"""Trades of several legs: what they are, and what people say of which legs belong together."""

from __future__ import annotations

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.fields import NumericField
from journal.models.annotations import Annotation
from journal.models.book import Derived


class Structure(Derived):
    """What the legs of a trade are together. `id` is the trade's.

    Money is in the trade's currency and for the whole of it: `net_premium` is what opening it brought (positive, a
    credit) or cost (negative, a debit), `max_profit` and `max_loss` are at the expiry of what was opened first, null
    where they have no bound or cannot be known. `units` is how many of the structure. `was_rolled`: legs were closed
    and others opened in the same order.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    units = NumericField()
    net_premium = NumericField(null=True)
    max_profit = NumericField(null=True)
    max_loss = NumericField(null=True)
    break_evens = ArrayField(NumericField(), default=list)
    was_rolled = models.BooleanField(default=False)
    joined_by = models.CharField(
        max_length=64, help_text="What says that the legs are one trade: an order, a person."
    )

    class Meta:
        indexes = [models.Index(fields=["workspace", "kind", "id"], name="structure_by_kind")]

    def __str__(self) -> str:
        return self.kind


@pghistory.track()
class LegGrouping(Annotation):
    """A person's word on which trade a leg is in: all legs of one `group` are one trade."""

    group = models.CharField(max_length=36)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "fill_key"], name="leg_grouping_once")
        ]

    def __str__(self) -> str:
        return self.group
