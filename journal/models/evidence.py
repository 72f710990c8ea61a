"""What somebody reported. Append-only: triggers refuse every UPDATE and DELETE.

A row counts while its batch is not withdrawn. Foreign keys to the workspace carry no database constraint: the
account's own says the same, and evidence arrives by the hundred thousand.
"""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.fields import NumericField, VerbatimField
from common.models import Owned
from journal.brokers.base import HAND_AUTHORITY, CashKind, OptionEventKind, ReportKind
from journal.domain.corporate import ActionKind
from journal.domain.values import ExecutionKind, PositionEffect, Side


class Source(models.TextChoices):
    """Where a report came from: whose word it is, and by whom an order was given."""

    STATEMENT = "statement", _("Statement")
    BROKER_API = "broker_api", _("Broker API")
    BOT = "bot", _("Bot")
    ORCHESTRATOR = "orchestrator", _("Orchestrator")
    SCANNER = "scanner", _("Scanner")
    CHAT = "chat", _("Chat")
    BUTTON = "button", _("Manual button")
    MANUAL = "manual", _("Entered by hand")


# Who acted, and not only reports: a statement that says the same later does not change by whom an order was given.
ACTORS = frozenset(
    {Source.BOT, Source.ORCHESTRATOR, Source.SCANNER, Source.CHAT, Source.BUTTON, Source.MANUAL}
)


class Evidence(Owned):
    workspace = models.ForeignKey(
        "accounts.Workspace",
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    batch = models.ForeignKey("journal.ImportBatch", on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    row = models.IntegerField(help_text="Element or line of the file, from 1.")
    raw = VerbatimField(help_text="The row as it was written.")
    event_key = models.CharField(
        max_length=96, help_text="The same for the same event, whichever file says it."
    )

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
        ]

    def __str__(self) -> str:
        return f"row {self.row} of import {self.batch_id}"


def instrument_key(
    *, null: bool = False, db_constraint: bool = True
) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        "journal.Instrument",
        on_delete=models.PROTECT,
        related_name="+",
        null=null,
        db_index=False,
        db_constraint=db_constraint,
    )


# Foreign keys are checked row by row, which takes a third of writing a hundred thousand executions. This checks the
# same once per statement, with the same locks, and also that all of it is the workspace's own. The rows are wide, and
# gone through once: what they name is little.
_REFERENCES = """
    SELECT array_agg(workspace_id), array_agg(batch_id), array_agg(account_id), array_agg(instrument_id)
        INTO workspaces, batches, accounts, instruments
        FROM (SELECT DISTINCT workspace_id, batch_id, account_id, instrument_id FROM fresh) AS named;
    PERFORM FROM journal_importbatch WHERE id = ANY(batches) FOR KEY SHARE;
    PERFORM FROM journal_brokeraccount WHERE id = ANY(accounts) FOR KEY SHARE;
    PERFORM FROM journal_instrument WHERE id = ANY(instruments) FOR KEY SHARE;
    IF EXISTS (
        SELECT FROM unnest(workspaces, batches, accounts, instruments)
            AS named (workspace_id, batch_id, account_id, instrument_id)
        LEFT JOIN journal_importbatch b
            ON b.id = named.batch_id AND b.workspace_id = named.workspace_id
        LEFT JOIN journal_brokeraccount a
            ON a.id = named.account_id AND a.workspace_id = named.workspace_id
        LEFT JOIN journal_instrument i
            ON i.id = named.instrument_id AND i.workspace_id = named.workspace_id
        WHERE b.id IS NULL OR a.id IS NULL OR i.id IS NULL
    ) THEN
        RAISE foreign_key_violation USING MESSAGE =
            'an execution report names an import, account or instrument that its workspace does not have';
    END IF;
    RETURN NULL;
"""
_NAMED = [(name, "bigint[]") for name in ("workspaces", "batches", "accounts", "instruments")]


class ExecutionReport(Evidence):
    """One source's word on one fill. `fill_key` is what reports of the same fill share, `event_key` what is
    the same when a source repeats itself.

    `sequence` orders fills of the same instant and follows from the row alone, so that files may come in
    any order. `fee` and `tax` are positive when they cost, and NULL where the source does not state them; a
    `fee_currency` that it does not state is the instrument's. `stated_at` is when the source made the statement that
    the row is in, NULL where it does not say: then the time of import counts.
    """

    batch = models.ForeignKey(
        "journal.ImportBatch", on_delete=models.PROTECT, related_name="+", db_constraint=False
    )
    account = models.ForeignKey(
        "journal.BrokerAccount",
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    instrument = instrument_key(db_constraint=False)
    source = models.CharField(max_length=12, choices=Source.choices, default=Source.STATEMENT)
    report = models.CharField(max_length=8, choices=enum_choices(ReportKind))
    kind = models.CharField(max_length=20, choices=enum_choices(ExecutionKind))
    authority = models.SmallIntegerField()
    fill_key = models.CharField(max_length=96)
    broker_id = models.CharField(max_length=64, blank=True)
    exec_id = models.CharField(max_length=64, blank=True)
    trade_id = models.CharField(max_length=64, blank=True)
    order_id = models.CharField(max_length=64, blank=True)
    order_reference = models.CharField(max_length=128, blank=True)
    original_ids = ArrayField(models.CharField(max_length=64), default=list)
    side = models.CharField(max_length=4, choices=enum_choices(Side))
    quantity = NumericField()
    price = NumericField()
    executed_at = models.DateTimeField()
    zone = models.CharField(max_length=64)
    sequence = models.BigIntegerField()
    reported_on = models.DateField(null=True)
    settled_on = models.DateField(null=True)
    fee = NumericField(null=True)
    tax = NumericField(null=True)
    fee_currency = models.CharField(max_length=12, blank=True)
    fx_rate = NumericField(null=True)
    effect = models.CharField(max_length=10, choices=enum_choices(PositionEffect))
    proceeds = NumericField(null=True)
    net_cash = NumericField(null=True)
    stated_cost = NumericField(null=True)
    stated_pnl = NumericField(null=True)
    order_type = models.CharField(max_length=32, blank=True)
    ordered_at = models.DateTimeField(null=True)
    exchange = models.CharField(max_length=32, blank=True)
    notes = ArrayField(models.CharField(max_length=16), default=list)
    stated_at = models.DateTimeField(null=True)

    class Meta(Evidence.Meta):
        triggers = [
            *Evidence.Meta.triggers,
            pgtrigger.Trigger(
                name="references",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="fresh"),  # type: ignore[no-untyped-call]
                declare=_NAMED,
                func=_REFERENCES,
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(side__in=list(Side)), name="execution_report_side"
            ),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=0), name="execution_report_quantity"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "fill_key"], name="execution_report_by_fill"),
            # Re-booking reads one instrument of one account in time order.
            models.Index(
                fields=["account", "instrument", "executed_at"], name="execution_report_in_time"
            ),
            models.Index(
                fields=["account", "exec_id"],
                name="execution_report_by_exec",
                condition=~models.Q(exec_id=""),
            ),
            # Entries by hand are few, and asked for whenever fills of their instrument come.
            models.Index(
                fields=["account", "instrument"],
                name="execution_report_by_hand",
                condition=models.Q(authority=HAND_AUTHORITY),
            ),
            # What an order was filled by, where its sender named it; statements name few.
            models.Index(
                fields=["account", "order_reference"],
                name="execution_report_by_reference",
                condition=~models.Q(order_reference=""),
            ),
            # Cancels, corrections and whole orders (authority 20) reach fills of any time; there are few of them.
            models.Index(
                fields=["account", "instrument"],
                name="execution_report_uncuttable",
                condition=~models.Q(report="fill") | models.Q(authority__lte=20),
            ),
            # Exercises and assignments tie an option to its underlying; there are few of them.
            models.Index(
                fields=["account", "executed_at"],
                name="execution_report_delivery",
                condition=models.Q(kind__in=["assignment", "exercise"]),
            ),
        ]


class ClosedLotReport(Evidence):
    """The broker's own match of a closing fill with a lot."""

    instrument = instrument_key()
    closing_broker_id = models.CharField(max_length=64, blank=True)
    opening_broker_id = models.CharField(max_length=64, blank=True)
    quantity = NumericField()
    open_price = NumericField()
    opened_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    cost = NumericField(null=True)
    realized_pnl = NumericField(null=True)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(
                fields=["account", "instrument", "closing_broker_id"],
                name="closed_lot_report_by_fill",
            ),
            models.Index(fields=["account", "event_key"], name="closed_lot_report_by_key"),
        ]


class CashReport(Evidence):
    """A movement of cash. `amount` is positive when it reaches the account."""

    instrument = instrument_key(null=True)
    broker_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=24, choices=enum_choices(CashKind))
    amount = NumericField()
    currency = models.CharField(max_length=12)
    fx_rate = NumericField(null=True)
    occurred_at = models.DateTimeField()
    occurred_on = models.DateField()
    reported_on = models.DateField(null=True)
    description = models.CharField(max_length=512, blank=True)
    trade_id = models.CharField(max_length=64, blank=True)
    is_reversal = models.BooleanField(default=False)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(fields=["account", "event_key"], name="cash_report_by_key"),
            models.Index(fields=["workspace", "-occurred_at", "-id"], name="cash_report_in_time"),
            models.Index(fields=["account", "occurred_on"], name="cash_report_by_day"),
        ]


class CorporateActionReport(Evidence):
    instrument = instrument_key()
    broker_id = models.CharField(max_length=64, blank=True)
    action_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=16, choices=enum_choices(ActionKind))
    code = models.CharField(max_length=16, blank=True)
    signed_quantity = NumericField()
    cash = NumericField()
    value = NumericField(null=True)
    stated_pnl = NumericField(null=True)
    effective_at = models.DateTimeField()
    reported_on = models.DateField(null=True)
    fx_rate = NumericField(null=True)
    description = models.CharField(max_length=512, blank=True)
    ratio = NumericField(null=True)
    other_isin = models.CharField(max_length=12, blank=True)
    other_symbol = models.CharField(max_length=64, blank=True)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(fields=["account", "event_key"], name="corporate_report_by_key"),
            models.Index(fields=["account", "instrument"], name="corporate_report_by_inst"),
        ]


class OptionEventReport(Evidence):
    instrument = instrument_key()
    kind = models.CharField(max_length=16, choices=enum_choices(OptionEventKind))
    signed_quantity = NumericField()
    price = NumericField()
    happened_on = models.DateField()
    trade_id = models.CharField(max_length=64, blank=True)
    proceeds = NumericField(null=True)
    fee = NumericField()
    stated_cost = NumericField(null=True)
    stated_pnl = NumericField(null=True)
    fx_rate = NumericField(null=True)
    # False: the source does not say whether long or short ended, and signed_quantity is only the number.
    is_directed = models.BooleanField(default=True)

    class Meta(Evidence.Meta):
        indexes = [models.Index(fields=["account", "event_key"], name="option_event_by_key")]


class TransferReport(Evidence):
    instrument = instrument_key(null=True)
    broker_id = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=32)
    signed_quantity = NumericField()
    price = NumericField(null=True)
    cash = NumericField()
    currency = models.CharField(max_length=12)
    fx_rate = NumericField(null=True)
    occurred_at = models.DateTimeField()
    reported_on = models.DateField(null=True)
    counterparty = models.CharField(max_length=128, blank=True)
    stated_cost = NumericField(null=True)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(fields=["account", "event_key"], name="transfer_report_by_key"),
            models.Index(fields=["account", "instrument"], name="transfer_report_by_inst"),
        ]


class PositionReport(Evidence):
    """What the broker says was open at the end of a statement."""

    instrument = instrument_key()
    signed_quantity = NumericField()
    mark_price = NumericField(null=True)
    value = NumericField(null=True)
    cost = NumericField(null=True)
    unrealized_pnl = NumericField(null=True)
    fx_rate = NumericField(null=True)
    reported_on = models.DateField(null=True)
    is_lot = models.BooleanField(default=False)
    opened_at = models.DateTimeField(null=True)
    opening_broker_id = models.CharField(max_length=64, blank=True)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(
                fields=["account", "instrument", "-reported_on", "-id"],
                name="position_report_latest",
                condition=models.Q(is_lot=False),
            ),
            # On which days the account's positions are stated.
            models.Index(
                fields=["account", "reported_on"],
                name="position_report_by_day",
                condition=models.Q(is_lot=False),
            ),
            models.Index(
                fields=["account", "reported_on"],
                name="position_lot_by_day",
                condition=models.Q(is_lot=True),
            ),
            models.Index(fields=["account", "event_key"], name="position_report_by_key"),
        ]


class CashBalanceReport(Evidence):
    currency = models.CharField(max_length=12)
    is_base = models.BooleanField()
    ending_cash = NumericField(null=True)
    ending_settled_cash = NumericField(null=True)
    reported_on = models.DateField(null=True)

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(
                fields=["account", "currency", "-reported_on"], name="cash_balance_latest"
            ),
            models.Index(fields=["account", "event_key"], name="cash_balance_by_key"),
        ]


class NavReport(Evidence):
    reported_on = models.DateField()
    total = NumericField()

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(fields=["account", "reported_on"], name="nav_report_by_day"),
            models.Index(fields=["account", "event_key"], name="nav_report_by_key"),
        ]


class ConversionRate(Evidence):
    """One unit of `from_currency` in `to_currency`."""

    raw = None
    from_currency = models.CharField(max_length=12)
    to_currency = models.CharField(max_length=12)
    reported_on = models.DateField()
    rate = NumericField()

    class Meta(Evidence.Meta):
        indexes = [
            models.Index(
                fields=["account", "from_currency", "to_currency", "reported_on"],
                name="conversion_rate_by_day",
            ),
            models.Index(fields=["account", "event_key"], name="conversion_rate_by_key"),
        ]
