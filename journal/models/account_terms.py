"""What statements say of an account itself."""

from __future__ import annotations

from django.db import models

from common.choices import enum_choices
from journal.domain.account_terms import Terms
from journal.domain.values import LotMethod
from journal.models.accounts import validate_zone
from journal.models.evidence import Evidence


class AccountTermsReport(Evidence):
    """How the broker itself counts, and for brokers that no reader knows where the trading day is; NULL and "" where
    the statement does not say. `stated_at` is when it was made, NULL where it does not say that."""

    stated_at = models.DateTimeField(null=True)
    is_hedging = models.BooleanField(null=True)
    lot_method = models.CharField(max_length=8, blank=True, choices=enum_choices(LotMethod))
    zone = models.CharField(max_length=64, blank=True, validators=[validate_zone])

    class Meta(Evidence.Meta):
        constraints = [
            # A file that is read again says nothing new.
            models.UniqueConstraint(
                fields=["account", "batch", "event_key"], name="account_terms_once"
            ),
        ]

    @property
    def terms(self) -> Terms:
        method = LotMethod(self.lot_method) if self.lot_method else None
        return Terms(self.stated_at, self.is_hedging, method, self.zone)
