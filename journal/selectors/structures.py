"""Which trades could be one with this one, for a person who puts them together."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet

from journal.models import LegGrouping, Trade

# What is opened this long after the end of something else is hardly one with it.
_APART = timedelta(days=3)
_SHOWN_MAX = 12


def list_companions(trade: Trade) -> list[Trade]:
    """Other trades in the same underlying that were open at the same time, or nearly so: the nearest first."""
    near = _alike(trade).filter(
        Q(closed_at=None) | Q(closed_at__gte=trade.opened_at - _APART),
    )
    if trade.closed_at is not None:
        near = near.filter(opened_at__lte=trade.closed_at + _APART)
    later = near.filter(opened_at__gte=trade.opened_at).order_by("opened_at", "id")
    earlier = near.filter(opened_at__lt=trade.opened_at).order_by("-opened_at", "-id")
    found = [*later[:_SHOWN_MAX], *earlier[:_SHOWN_MAX]]
    return sorted(found, key=lambda one: (abs(one.opened_at - trade.opened_at), one.pk))[
        :_SHOWN_MAX
    ]


def _alike(trade: Trade) -> QuerySet[Trade]:
    return Trade.objects.filter(
        account_id=trade.account_id, underlying=trade.underlying, currency=trade.currency
    ).exclude(pk=trade.pk)


def is_grouped_by_hand(trade: Trade) -> bool:
    return LegGrouping.objects.filter(account_id=trade.account_id, trade_id=trade.pk).exists()
