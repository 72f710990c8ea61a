"""What closed trades come to, per part of the book and after each close. Follows from the facts."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned
from journal.models.book import derived_key


class Part(models.TextChoices):
    """Of what the figures are. Version is that of the parameters which the scanner went by."""

    ALL = "all", _("Everything")
    ACCOUNT = "account", _("Account")
    STRATEGY = "strategy", _("Strategy")
    SYMBOL = "symbol", _("Symbol")
    TAG = "tag", _("Tag")
    BOT = "bot", _("Bot")
    VERSION = "version", _("Parameter version")


class MetricState(Owned):
    """The figures of one part of the book as of its latest close, and what it takes to go on from there.

    `key` says which part: the account's id, the strategy …, "" for everything. Money is in `currency`; trades of
    accounts in other currencies have figures of their own, for money of two currencies does not add up. `figures` map
    a metric (`learning.domain.metrics.METRICS`) to `Figure.as_json`. `state` is that of the running sums after the
    trade `last_id`, known at `last_at` (`Running.as_bytes`); `data_version` is a hash of all trades up to it, and
    `formulas` names the rules by which they were counted.
    """

    workspace = derived_key("accounts.Workspace", db_index=False)
    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    part = models.CharField(max_length=8, choices=Part.choices)
    key = models.CharField(max_length=140, blank=True)
    currency = models.CharField(max_length=12)
    n = models.IntegerField()
    last_at = models.DateTimeField()
    last_id = models.BigIntegerField()
    figures = models.JSONField()
    state = models.BinaryField()
    data_version = models.CharField(max_length=32)
    formulas = models.CharField(max_length=32)
    measured_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "part", "key", "currency"], name="metric_state_once"
            )
        ]
        indexes = [models.Index(fields=["account"], name="metric_state_of_account")]

    def __str__(self) -> str:
        return f"{self.part} {self.key} {self.currency}".replace("  ", " ")


class MetricPoint(Owned):
    """The figures of a part right after one of its trades was known: the `n`th. `values` map a metric to its value and
    leave out what had none; `checkpoint` is the state here, for every so many points."""

    workspace = derived_key("accounts.Workspace", db_index=False)
    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    of = models.ForeignKey(
        MetricState, on_delete=models.CASCADE, related_name="points", db_index=False
    )
    n = models.IntegerField()
    trade_id = models.BigIntegerField()
    known_at = models.DateTimeField()
    closed_at = models.DateTimeField()
    values = models.JSONField()
    checkpoint = models.BinaryField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "n"], name="metric_point_once")]
        indexes = [
            models.Index(
                fields=["account"],
                name="metric_point_of_account",
                condition=models.Q(account__isnull=False),
            ),
            models.Index(
                fields=["of", "n"],
                name="metric_point_checkpoint",
                condition=models.Q(checkpoint__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.n} of {self.of_id}"


class ReturnBasis(models.TextChoices):
    MARKED = "marked", _("What accounts were worth, open positions at their marks")
    REALISED = (
        "realised",
        _("What was closed in each week, over what accounts were worth before it"),
    )


class ReturnState(Owned):
    """The figures of a part over time, as of `as_of`: of the returns per day or week, idle ones included.

    Everything and accounts go by what brokers said they are worth (`marked`); any other part by what it realised per
    week over the worth of all accounts of its currency. `per_year` periods make a year; 0 where there are none, and
    each figure says why. `data_version` is a hash of the series.
    """

    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    part = models.CharField(max_length=8, choices=Part.choices)
    key = models.CharField(max_length=140, blank=True)
    currency = models.CharField(max_length=12)
    basis = models.CharField(max_length=8, choices=ReturnBasis.choices)
    n = models.IntegerField()
    per_year = models.FloatField()
    unknown = models.IntegerField(default=0)
    figures = models.JSONField()
    data_version = models.CharField(max_length=32)
    as_of = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "part", "key", "currency"], name="return_state_once"
            )
        ]
        indexes = [models.Index(fields=["account"], name="return_state_of_account")]

    def __str__(self) -> str:
        return f"returns of {self.part} {self.key} {self.currency}"


class ReturnPoint(Owned):
    """The figures of a part at the end of a week (`on` is the last day of it that counts)."""

    workspace = derived_key("accounts.Workspace", db_index=False)
    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    of = models.ForeignKey(
        ReturnState, on_delete=models.CASCADE, related_name="points", db_index=False
    )
    on = models.DateField()
    n = models.IntegerField()
    values = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["of", "on"], name="return_point_once")]
        indexes = [
            models.Index(
                fields=["account"],
                name="return_point_of_account",
                condition=models.Q(account__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} of {self.of_id}"
