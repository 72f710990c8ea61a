"""Differences between book and broker, and every step of their lives."""

from __future__ import annotations

import json

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.models import Owned
from journal.domain.identity import digest
from reconciliation.domain.classes import DivergenceClass, Severity
from reconciliation.domain.life import OVER, State
from reconciliation.models.runs import APPEND_ONLY

_OVER = sorted(OVER)


class Resolution(models.TextChoices):
    """How one that is over came to its end."""

    IMPORTED = "imported", _("The missing evidence was imported")
    ADJUSTED = "adjusted", _("An adjustment was booked")
    BROKER_RIGHT = "broker_right", _("The broker's figure was taken over")
    BOOK_RIGHT = "book_right", _("The book is right")
    REVERSED = "reversed", _("What was taken back was reversed")
    MAPPED = "mapped", _("The market was mapped")
    CLOSED_BY = "closed_by", _("The close was booked, with who made it")
    STEP_ADDED = "step_added", _("The change of the order was noted")
    NOT_REAL = "not_real", _("There was no difference")
    CLEARED = "cleared", _("It went away by itself")


class Divergence(Owned):
    """One difference, from the first time it was seen (`reconciliation.domain.life`).

    `fingerprint` is the same for the same difference in every run: at most one that is not over has it. `expected` is
    what the book has and `actual` what the broker has, numbers as text; `evidence` names rows of both sides.
    `proposal` is what would be done about it, {"code", "words", …}, empty where a person has to find out. One in the
    state SEEN was not seen often enough yet to be told of: pages leave it out.
    """

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=24, choices=enum_choices(DivergenceClass))
    key = models.CharField(max_length=160)
    fingerprint = models.CharField(max_length=64)
    severity = models.CharField(max_length=8, choices=enum_choices(Severity))
    state = models.CharField(max_length=13, choices=enum_choices(State))
    instrument = models.ForeignKey(
        "journal.Instrument",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    symbol = models.CharField(max_length=64, blank=True)
    expected = models.JSONField(default=dict)
    actual = models.JSONField(default=dict)
    evidence = ArrayField(models.CharField(max_length=160), default=list)
    proposal = models.JSONField(default=dict)
    seen = models.IntegerField(default=0)
    unseen = models.IntegerField(default=0)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True)
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    resolution = models.CharField(max_length=12, choices=Resolution.choices, blank=True)
    last_run = models.ForeignKey(
        "reconciliation.ReconciliationRun",
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
        # Written in the transaction of the run, before it.
        db_constraint=False,
    )

    class Meta:
        ordering = ["-last_seen_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["account", "fingerprint"],
                condition=~models.Q(state__in=_OVER),
                name="divergence_once",
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "state", "-last_seen_at"], name="divergence_board"),
            models.Index(fields=["account", "state"], name="divergence_of_account"),
            # Whether a difference that is seen was decided on before.
            models.Index(fields=["account", "fingerprint"], name="divergence_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.symbol}".strip()

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    @property
    def proposal_mark(self) -> str:
        """Another one as soon as another thing is proposed, or by somebody else: whoever agrees says to which."""
        said = json.dumps(self.proposal, sort_keys=True, default=str)
        return digest("proposal", said, self.proposed_by_id)


class DivergenceStep(Owned):
    """One change of one divergence, by a person (`user` is their id, `actor` what they were called) or by a rule.
    Append-only."""

    account = models.ForeignKey(
        "journal.BrokerAccount", on_delete=models.CASCADE, related_name="+", db_index=False
    )
    divergence = models.ForeignKey(Divergence, on_delete=models.CASCADE, related_name="steps")
    from_state = models.CharField(max_length=13, choices=enum_choices(State), blank=True)
    to_state = models.CharField(max_length=13, choices=enum_choices(State))
    user = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=160, blank=True)
    reason = models.TextField(blank=True)
    facts = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.from_state} → {self.to_state}"


class ToleranceVersion(Owned):
    """By how much figures of one class of instruments may differ and still be one, from `created_at` on; the latest
    counts. `values` are fields of `reconciliation.domain.tolerances.Tolerance` as text. Append-only."""

    asset_class = models.CharField(max_length=16)
    number = models.PositiveIntegerField()
    values = models.JSONField()
    user = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=160, blank=True)
    reason = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["asset_class", "-number"]
        triggers = [APPEND_ONLY]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "asset_class", "number"], name="tolerance_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.asset_class}, version {self.number}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class ReconciliationRules(Owned):
    """How a workspace wants differences handled. `four_eyes`: nobody approves what they proposed. `resolves_by_rule`:
    the safe ones need nobody.

    `off_…`: that four eyes are to be two, which waits for another owner, or where there is none until
    `off_applies_at`.
    """

    four_eyes = models.BooleanField(default=False)
    resolves_by_rule = models.BooleanField(default=True)
    off_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    off_asked_at = models.DateTimeField(null=True)
    off_applies_at = models.DateTimeField(null=True)
    off_reason = models.TextField(blank=True)

    class Meta:
        verbose_name_plural = "reconciliation rules"
        constraints = [
            models.UniqueConstraint(fields=["workspace"], name="reconciliation_rules_once")
        ]

    def __str__(self) -> str:
        return "four eyes" if self.four_eyes else "two eyes"
