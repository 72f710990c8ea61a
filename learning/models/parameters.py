"""What scanners are told: versions of thresholds, who was told which, and how each symbol stands."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned
from learning.models.runs import LearningRun
from learning.models.settings import ParameterPolicy


class VersionCause(models.TextChoices):
    """Why a version is another one than that before it."""

    START = "start", _("The scanner's own settings")
    EVIDENCE = "evidence", _("Evidence")
    REVIEW = "review", _("Review of an earlier step")
    SIMPLE = "seed", _("Simple rules")
    SYMBOLS = "symbols", _("Symbols")
    POLICY = "policy", _("Policy")
    PERSON = "person", _("A person")


class VersionStatus(models.TextChoices):
    IN_FORCE = "in_force", _("In force")
    WAITING = "waiting", _("Waits for approval")
    APPROVED = "approved", _("Approved")
    REFUSED = "refused", _("Refused")
    LAPSED = "lapsed", _("Overtaken")


class ParameterVersion(Owned):
    """One answer to scanners, from `as_of` until the next one. `number` counts up; a proposal that waits for approval,
    was refused or overtaken has none, and what is approved comes into force as a version of its own.

    `effective` are thresholds by name, and lists of symbols (blacklist, favoured, half_size). `state` is what the
    policy `evidence` stands at (`learning.domain.parameters.codec`), whichever policy is in force. `changed` maps a
    name to its value before and after.
    """

    number = models.IntegerField(null=True)
    status = models.CharField(
        max_length=8, choices=VersionStatus.choices, default=VersionStatus.IN_FORCE
    )
    policy = models.CharField(max_length=8, choices=ParameterPolicy.choices)
    cause = models.CharField(max_length=8, choices=VersionCause.choices)
    effective = models.JSONField()
    state = models.JSONField()
    changed = models.JSONField(default=dict)
    as_of = models.DateTimeField()
    run = models.ForeignKey(LearningRun, null=True, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)
    # When a proposal was approved or refused.
    decided_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        ordering = ["-as_of", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "number"], name="parameter_version_number")
        ]
        indexes = [
            models.Index(
                fields=["workspace", "status", "-as_of", "-id"], name="parameter_version_newest"
            )
        ]

    def __str__(self) -> str:
        return f"version {self.number}" if self.number else f"proposal {self.pk}"


class ParameterAnswer(Owned):
    """That somebody asked and was told a version: once for as long as the same one was told to the same asker.

    `score` is how it fared, written by the run that could tell (`learning.domain.parameters.scoring`).
    """

    version = models.ForeignKey(ParameterVersion, on_delete=models.CASCADE, related_name="answers")
    # "token:7", "person:3", and how it was called.
    asker = models.CharField(max_length=40)
    name = models.CharField(max_length=120, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    times = models.IntegerField(default=1)
    score = models.JSONField(null=True)

    class Meta:
        ordering = ["-first_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "asker", "version"], name="parameter_answer_once"
            )
        ]
        indexes = [
            models.Index(fields=["workspace", "-first_at", "-id"], name="parameter_answer_newest")
        ]

    def __str__(self) -> str:
        return f"{self.asker}: version {self.version_id}"


class SymbolState(models.TextChoices):
    NORMAL = "normal", _("Normal")
    FAVOURED = "favoured", _("Favoured")
    WATCH = "watch", _("Watched")
    REDUCED = "reduced", _("Half size")
    PAPER_ONLY = "paper_only", _("Paper only")


class SymbolStanding(Owned):
    """How a symbol stands now, by the latest run or the person who said so since. `evidence` is what that run saw:
    mean, raw and below_zero, with n, won, lost, weeks, on_paper."""

    symbol = models.CharField(max_length=64)
    standing = models.CharField(max_length=12, choices=SymbolState.choices)
    since = models.DateTimeField()
    as_of = models.DateTimeField()
    n = models.IntegerField(default=0)
    evidence = models.JSONField(default=dict)
    run = models.ForeignKey(LearningRun, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "symbol"], name="symbol_standing_once")
        ]

    def __str__(self) -> str:
        return f"{self.symbol}: {self.standing}"


class SymbolChange(Owned):
    """One step of a symbol, from `at` on. Append-only: what a run as of a moment finds is the last one before it."""

    symbol = models.CharField(max_length=64)
    before = models.CharField(max_length=12, choices=SymbolState.choices)
    after = models.CharField(max_length=12, choices=SymbolState.choices)
    at = models.DateTimeField()
    n = models.IntegerField(default=0)
    evidence = models.JSONField(default=dict)
    run = models.ForeignKey(LearningRun, null=True, on_delete=models.SET_NULL, related_name="+")
    made_at = models.DateTimeField(auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    reason = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["workspace", "symbol", "-at", "-id"], name="symbol_change_newest")
        ]

    def __str__(self) -> str:
        return f"{self.symbol}: {self.before} to {self.after}"
