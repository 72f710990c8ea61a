"""Models of the probability to win, and what each said of a proposal before anybody knew how it would end."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from common.models import Owned
from journal.models.book import derived_key


class ProbabilityModel(Owned):
    """What is predicted with from `as_of` on, until `expires_at` or until a change of regime retired it.

    `is_deployed` is false where nothing was better than the base rate: then `model` is the base rate. `model` and
    `base` are `learning.domain.probability.rungs.as_json`; `names` are the features in their order, `strategies` the
    words of the codes that the base rate goes by, and `payoffs` (`learning.domain.probability.payoffs`; null before
    there were enough winners and losers). `figures` map gain, t and skill to `Figure.as_json`, all of them out
    of sample.
    """

    run = models.OneToOneField(
        "learning.LearningRun", on_delete=models.CASCADE, related_name="probability_model"
    )
    as_of = models.DateTimeField()
    expires_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)
    rung = models.CharField(max_length=16)
    candidate = models.CharField(max_length=32, blank=True)
    is_deployed = models.BooleanField()
    n = models.IntegerField()
    names = ArrayField(models.CharField(max_length=64), default=list)
    strategies = ArrayField(models.CharField(max_length=120), default=list)
    model = models.JSONField()
    base = models.JSONField()
    payoffs = models.JSONField(null=True)
    figures = models.JSONField()

    class Meta:
        ordering = ["-as_of", "-id"]
        indexes = [
            models.Index(fields=["workspace", "-as_of", "-id"], name="probability_model_newest")
        ]

    def __str__(self) -> str:
        return f"{self.rung} as of {self.as_of:%Y-%m-%d}"


class Prediction(Owned):
    """What a model said of one proposal that was made after the model: it cannot have known its end.

    `p` is the probability to win, `base` the base rate of the same model. `told_as_of` is the run that wrote it down.
    """

    recommendation = derived_key("journal.Recommendation", db_index=False)
    model = models.ForeignKey(
        ProbabilityModel, on_delete=models.CASCADE, related_name="predictions", db_index=False
    )
    record_id = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    told_as_of = models.DateTimeField()
    p = models.FloatField()
    base = models.FloatField()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["workspace", "recommendation"], name="prediction_once"),
            models.CheckConstraint(
                condition=models.Q(p__gt=0, p__lt=1, base__gt=0, base__lt=1),
                name="prediction_is_a_probability",
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-opened_at", "-id"], name="prediction_newest"),
            models.Index(fields=["model"], name="prediction_of_model"),
        ]

    def __str__(self) -> str:
        return f"{self.record_id}: {self.p:.2f}"
