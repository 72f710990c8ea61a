"""How a workspace wants the learner to go about it, and what of it does not work at the moment."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Owned
from learning.models.runs import RunKind


class ParameterPolicy(models.TextChoices):
    EVIDENCE = "evidence", _("Evidence")
    SEED = "seed", _("Simple rules")
    OFF = "off", _("Off")


class LearningSettings(Owned):
    """Of one workspace. `policy` is "" for what the installation says (LEARNING_POLICY); `zone` is "" for that of most
    of its accounts. `start` are the scanner's own thresholds, by name of the parameter."""

    policy = models.CharField(max_length=8, blank=True, choices=ParameterPolicy.choices)
    needs_approval = models.BooleanField(default=False)
    zone = models.CharField(max_length=64, blank=True)
    start = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="learning_settings_once")]

    def __str__(self) -> str:
        return f"workspace {self.workspace_id}"


class StepFailure(Owned):
    """A step of the learner that did not work when it was last tried. Gone when it works again."""

    kind = models.CharField(max_length=16, choices=RunKind.choices)
    as_of = models.DateTimeField()
    words = models.CharField(max_length=500)
    failed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind"], name="step_failure_once")
        ]

    def __str__(self) -> str:
        return f"{self.kind}: {self.words}"
