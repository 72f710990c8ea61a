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

    Money is in the trade's currency, for the whole of it, fees included: `net_premium` is what its options brought
    (positive, a credit) or cost when it was opened, without fees; `max_profit` is what it could bring and `max_loss`
    what it could lose as it was opened, `max_profit_since_adjusted` what it could bring after its latest roll or
    assignment, `risk` the most that it could lose over its life: the denominator of R. Each is null where it has no
    bound or cannot be known, and `reasons` says why (journal.domain.structures.values.Unknown). `units` is how many of
    the structure. `joined_by` says why the legs are one trade: kinds of ties, or "hand".
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=32)
    name = models.CharField(max_length=64)
    units = NumericField()
    net_premium = NumericField(null=True)
    max_profit = NumericField(null=True)
    max_profit_since_adjusted = NumericField(null=True)
    max_loss = NumericField(null=True)
    risk = NumericField(null=True)
    break_evens = ArrayField(NumericField(), default=list)
    reasons = models.JSONField(default=dict)
    was_rolled = models.BooleanField(default=False)
    joined_by = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "kind", "id"], name="structure_by_kind"),
            models.Index(fields=["account"], name="structure_by_account"),
        ]

    def __str__(self) -> str:
        return self.name


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
