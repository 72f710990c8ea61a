"""What became of recommendations: decisions and outcomes, which are evidence, and how they stand, derived from those.

Decisions and outcomes hang on `record_id`, the sender's name of a recommendation, which is one in a workspace for good:
so they hold when the recommendation is undone and brought back.
"""

from __future__ import annotations

import pghistory
import pgtrigger
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common.choices import enum_choices
from common.fields import NumericField
from common.models import Owned
from journal.brokers.capture.outcomes import MarkQuality
from journal.domain.standing import Standing
from journal.models.book import Derived, derived_key

STANDINGS = enum_choices(Standing)
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


class DecidedVia(models.TextChoices):
    PAGE = "page", _("Page")
    API = "api", _("API")
    LINK = "link", _("Link in an alert")
    RULE = "rule", _("Rule")


class AboutRecommendation(Owned):
    """Who said it: `user` and `token` are ids, None for a rule; `actor` is what they were called then."""

    # Only for erasing: that of the recommendation.
    account = models.ForeignKey(
        "journal.BrokerAccount", null=True, on_delete=models.PROTECT, related_name="+"
    )
    record_id = models.CharField(max_length=64)
    user = models.BigIntegerField(null=True)
    token = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=160)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Decision(AboutRecommendation):
    """One change of a recommendation's standing. `decided_at` is when it took effect: a rule that ran late says when it
    held. A `verdict` of RECOMMENDED takes the one before it back.
    """

    verdict = models.CharField(max_length=11, choices=STANDINGS)
    via = models.CharField(max_length=4, choices=DecidedVia.choices)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["workspace", "record_id", "id"], name="decision_log")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.verdict} by {self.actor}"


class OutcomeSource(models.TextChoices):
    SCANNER = "scanner", _("Told by who proposed it")
    REPLAY = "replay", _("Replayed from prices")


class RecommendationOutcome(AboutRecommendation):
    """What a proposal came to, or would have come to, had somebody followed it. The newest one counts.

    `result_per_unit` is in the price of one unit (a spread's credit less its debit), `result` in money of `currency`
    for the recommended size, `r_multiple` in units of the risk. `known_at` is from when on this could be known.
    """

    source = models.CharField(max_length=8, choices=OutcomeSource.choices)
    result_per_unit = NumericField(null=True)
    result = NumericField(null=True)
    currency = models.CharField(max_length=12, blank=True)
    r_multiple = NumericField(null=True)
    entry_price = NumericField(null=True)
    exit_price = NumericField(null=True)
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=64, blank=True)
    note = models.TextField(blank=True)
    mark_quality = models.CharField(max_length=14, choices=enum_choices(MarkQuality))
    known_at = models.DateTimeField()
    digest = models.CharField(max_length=40)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["workspace", "record_id", "-id"], name="outcome_newest")]
        triggers = [APPEND_ONLY]

    def __str__(self) -> str:
        return f"{self.source} {self.record_id}"


class RecommendationStanding(Derived):
    """How a recommendation stands by its decisions, and what time makes of that: `lapses_to` from `lapses_at` on.

    `waits`: it was shown, and somebody should decide before it lapses.
    `trade_id` is the trade that follows it, where one is known. `decided_by` is the actor of the latest decision.
    """

    recommendation = models.OneToOneField(
        "journal.Recommendation",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="standing",
    )
    account = derived_key("journal.BrokerAccount", null=True, db_index=False)
    status = models.CharField(max_length=11, choices=STANDINGS)
    waits = models.BooleanField(default=False)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=160, blank=True)
    lapses_at = models.DateTimeField(null=True)
    lapses_to = models.CharField(max_length=11, blank=True, choices=STANDINGS)
    trade_id = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["lapses_at"],
                name="standing_lapses",
                condition=models.Q(lapses_at__isnull=False),
            ),
            models.Index(fields=["workspace", "status"], name="standing_by_status"),
            models.Index(
                fields=["workspace", "lapses_at"],
                name="standing_waits",
                condition=models.Q(waits=True),
            ),
            models.Index(
                fields=["workspace", "trade_id"],
                name="standing_by_trade",
                condition=models.Q(trade_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.status}"


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent())
class DecisionRules(Owned):
    """How a workspace decides. Without a row the defaults hold.

    A shown proposal that nobody decided within `ignored_after_hours` counts as ignored; None is never. A link in an
    alert can be used for `link_hours`.
    """

    ignored_after_hours = models.PositiveIntegerField(null=True, blank=True, default=168)
    link_hours = models.PositiveIntegerField(default=24)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace"], name="decision_rules_once")]

    def __str__(self) -> str:
        return f"{self.ignored_after_hours} h"
