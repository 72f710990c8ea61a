"""Orders: the reports of their lives, which are evidence, and how they stand, derived from those."""

from __future__ import annotations

from django.db import models

from common.choices import enum_choices
from common.fields import NumericField
from journal.brokers.base import OrderRole, OrderStatus
from journal.domain.values import Side
from journal.models.book import Derived, derived_key
from journal.models.evidence import Evidence, Source, instrument_key


class OrderTerms(models.Model):
    """What can be said of an order, in one of its reports or of all of them together."""

    client_order_id = models.CharField(max_length=64, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    parent_id = models.CharField(max_length=64, blank=True)
    group_id = models.CharField(max_length=64, blank=True)
    role = models.CharField(max_length=12, blank=True, choices=enum_choices(OrderRole))
    side = models.CharField(max_length=4, blank=True, choices=enum_choices(Side))
    order_type = models.CharField(max_length=32, blank=True)
    time_in_force = models.CharField(max_length=16, blank=True)
    quantity = NumericField(null=True)
    limit_price = NumericField(null=True)
    stop_price = NumericField(null=True)
    status = models.CharField(max_length=18, choices=enum_choices(OrderStatus))
    filled_quantity = NumericField(null=True)
    average_price = NumericField(null=True)
    fee = NumericField(null=True)
    fee_currency = models.CharField(max_length=12, blank=True)
    reason = models.CharField(max_length=255, blank=True)
    position_id = models.CharField(max_length=64, blank=True)
    plan_id = models.CharField(max_length=64, blank=True)
    recommendation_id = models.CharField(max_length=64, blank=True)
    strategy = models.CharField(max_length=64, blank=True)

    class Meta:
        abstract = True


class OrderReport(Evidence, OrderTerms):
    """One moment in the life of an order, as somebody reported it. What it leaves open is as the reports before it
    have it; `journal.domain.order_life` puts them together.
    """

    instrument = instrument_key(null=True)
    happened_at = models.DateTimeField()

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(fields=["account", "event_key"], name="order_report_by_key"),
            models.Index(
                fields=["account", "client_order_id"],
                name="order_report_by_client",
                condition=~models.Q(client_order_id=""),
            ),
            models.Index(
                fields=["account", "order_id"],
                name="order_report_by_order",
                condition=~models.Q(order_id=""),
            ),
        ]


class Order(Derived, OrderTerms):
    """One order: what its reports say, put together. `id` is that of its first report.

    `status` is what happened last; `closed_at` is set once nothing can fill any more. `changes` counts the reports that
    moved a price or the quantity. `filled_quantity` and `average_price` are what was reported of the order itself: its
    executions are found by their order ids (`journal.selectors.orders`).
    """

    id = models.BigIntegerField(primary_key=True)
    instrument = derived_key("journal.Instrument", null=True, db_index=False)
    source = models.CharField(max_length=12, choices=Source.choices)
    changes = models.IntegerField()
    placed_at = models.DateTimeField()
    last_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["workspace", "-last_at", "-id"], name="order_newest"),
            models.Index(fields=["account", "-last_at", "-id"], name="order_newest_by_account"),
            models.Index(
                fields=["instrument", "-last_at", "-id"], name="order_newest_by_instrument"
            ),
            models.Index(
                fields=["workspace", "-last_at", "-id"],
                name="order_open",
                condition=models.Q(closed_at=None),
            ),
            models.Index(
                fields=["account", "client_order_id"],
                name="order_by_client",
                condition=~models.Q(client_order_id=""),
            ),
            models.Index(
                fields=["account", "order_id"],
                name="order_by_broker",
                condition=~models.Q(order_id=""),
            ),
            models.Index(
                fields=["account", "parent_id"],
                name="order_by_parent",
                condition=~models.Q(parent_id=""),
            ),
            models.Index(
                fields=["account", "group_id"],
                name="order_by_group",
                condition=~models.Q(group_id=""),
            ),
            # Which trades follow from a plan or a recommendation; few orders name either.
            models.Index(
                fields=["workspace", "plan_id"],
                name="order_by_plan",
                condition=~models.Q(plan_id=""),
            ),
            models.Index(
                fields=["workspace", "recommendation_id"],
                name="order_by_recommendation",
                condition=~models.Q(recommendation_id=""),
            ),
        ]

    def __str__(self) -> str:
        return self.client_order_id or self.order_id
