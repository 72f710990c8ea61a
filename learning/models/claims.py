"""What was noticed in closed trades, how it fared on later ones, and how many questions were asked to find it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned


class ClaimState(models.TextChoices):
    """As `learning.domain.claims.life.State`, which brings scipy and is not loaded by pages."""

    RAISED = "raised", _("Being confirmed")
    CONFIRMED = "confirmed", _("Confirmed")
    WEAKENED = "weakened", _("Weakened")
    FADED = "faded", _("Faded")
    RETIRED = "retired", _("Retired")


class ClaimOutcome(models.TextChoices):
    WON = "won", _("Winners against losers")
    R = "r", _("R")


class ClaimGrade(models.TextChoices):
    A = "A", _("A: confirmed on later trades")
    B = "B", _("B: supported, not confirmed yet")
    C = "C", _("C: a hint")
    D = "D", _("D: can't tell")


OVER = (ClaimState.FADED, ClaimState.RETIRED)


class Claim(Owned):
    """One thing that was noticed, from when it was raised (`learning.domain.claims.life`).

    `subject` is what it is about (`feature:iv_rank`, `symbol:SPY`); `direction` +1: better with it, or where it is
    higher. `effect` is what was seen when it was raised, in R, null where no R was known. `new` trades closed since
    count; `next_look` is how many the next look asks for. `sentence` tells it as of `told_at`, `told` has the figures
    that the sentence was made from. At most one claim of a subject is not over.
    """

    subject = models.CharField(max_length=200)
    outcome = models.CharField(max_length=3, choices=ClaimOutcome.choices)
    direction = models.SmallIntegerField()
    effect = models.FloatField(null=True)
    raised_at = models.DateTimeField()
    n_at_raising = models.IntegerField()
    state = models.CharField(max_length=9, choices=ClaimState.choices, default=ClaimState.RAISED)
    since = models.DateTimeField()
    looks = models.SmallIntegerField(default=0)
    looked_at = models.DateTimeField()
    p = models.FloatField(null=True)
    new = models.IntegerField(default=0)
    next_look = models.IntegerField(null=True)
    grade = models.CharField(max_length=1, choices=ClaimGrade.choices, default=ClaimGrade.B)
    sentence = models.TextField()
    told = models.JSONField(default=dict)
    told_at = models.DateTimeField()

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["workspace", "subject", "raised_at"], name="claim_raised_once"
            ),
            models.UniqueConstraint(
                fields=["workspace", "subject"],
                name="claim_not_over_once",
                condition=~models.Q(state__in=["faded", "retired"]),
            ),
        ]
        indexes = [models.Index(fields=["workspace", "-raised_at", "-id"], name="claim_newest")]

    def __str__(self) -> str:
        return f"{self.subject} ({self.state})"


class ClaimEvent(Owned):
    """A step in the life of a claim: raised, a look taken, a change of state. Never changes."""

    claim = models.ForeignKey(Claim, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    state = models.CharField(max_length=9, choices=ClaimState.choices)
    looks = models.SmallIntegerField()
    new = models.IntegerField()
    p = models.FloatField(null=True)
    words = models.CharField(max_length=200)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["claim", "at", "state", "looks"], name="claim_event_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.at:%Y-%m-%d}"


class TrialKind(models.TextChoices):
    TEST = "test", _("Tested by a run")
    SLICE = "slice", _("Looked at by a person")
    SETTING = "setting", _("Setting tried")


class Trial(Owned):
    """The ledger of everything that was tried: `count` hypotheses under one `name`, once, however often it is tried.
    Whoever asks more questions finds more by luck: luck lines and the deflated Sharpe ratio go by it."""

    kind = models.CharField(max_length=8, choices=TrialKind.choices)
    name = models.CharField(max_length=160)
    count = models.IntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind", "name"], name="trial_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"
