"""Times that the learner ran: what it read, by which rules, and what came of it, so that anybody can do it again."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned

# As `services.running.canonical` writes it.
ALARM = '"is_alarm":true'


class RunKind(models.TextChoices):
    WHAT_WORKS = "what_works", _("What works")
    PARAMETERS = "parameters", _("Parameters")
    SYMBOLS = "symbols", _("Symbols")
    PROBABILITY = "probability", _("Probability model")
    SIZING = "sizing", _("Sizing")
    BEHAVIOUR = "behaviour", _("Behaviour")
    REGIME = "regime", _("Regime")
    EXITS = "exits", _("Exits")
    OVERVIEW = "overview", _("Overview")
    WEEKLY = "weekly", _("Weekly report")
    MONTHLY = "monthly", _("Monthly report")


class LearningRun(Owned):
    """One result of the learner, a function of `as_of`, `data_version`, `config` and `seed` alone.

    `result` is JSON as text, byte for byte what was computed; `sha256` is of its UTF-8. The same four again are the
    same run: where the bytes are others, something read what it should not have (`services.running.Drift`).
    """

    # None: of the whole workspace.
    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.CASCADE, related_name="+"
    )
    kind = models.CharField(max_length=16, choices=RunKind.choices)
    as_of = models.DateTimeField()
    data_version = models.CharField(max_length=32)
    config = models.JSONField(default=dict)
    config_hash = models.CharField(max_length=32)
    seed = models.BigIntegerField()
    result = models.TextField()
    sha256 = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    took = models.DurationField(default=timedelta)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "account", "kind", "as_of", "data_version", "config_hash", "seed"],
                name="learning_run_once",
                nulls_distinct=False,
            )
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["workspace", "kind", "-as_of", "-id"], name="learning_run_newest"),
            # Few runs found a change, and every run asks for the last that did.
            models.Index(
                fields=["workspace", "-as_of", "-id"],
                name="learning_run_alarm",
                condition=models.Q(account=None, kind="regime", result__contains=ALARM),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} as of {self.as_of:%Y-%m-%d}"
