"""Which trades could be one with this one, for a person who puts them together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db.models import Q, QuerySet

from journal.domain.structures.grouping import Tie, group_legs
from journal.domain.structures.proposals import OpenedLeg, Proposal, propose
from journal.domain.structures.values import Terms
from journal.domain.values import AssetClass, Direction, Right
from journal.models import DataIssue, Leg, LegGrouping, Structure, Trade
from journal.selectors.ties import list_delivered, list_spoken_legs, list_tied_legs

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
    found = later[:_SHOWN_MAX].union(earlier[:_SHOWN_MAX], all=True)
    return sorted(found, key=lambda one: (abs(one.opened_at - trade.opened_at), one.pk))[
        :_SHOWN_MAX
    ]


def _alike(trade: Trade) -> QuerySet[Trade]:
    return Trade.objects.filter(
        account_id=trade.account_id, underlying=trade.underlying, currency=trade.currency
    ).exclude(pk=trade.pk)


def names_of_structures(trades: Iterable[Trade]) -> dict[int, str]:
    """Of the trades of several legs, by id."""
    several = [trade.pk for trade in trades if trade.leg_count > 1]
    if not several:
        return {}
    return dict(Structure.objects.filter(pk__in=several).values_list("pk", "name"))


def is_grouped_by_hand(trade: Trade) -> bool:
    return LegGrouping.objects.filter(account_id=trade.account_id, trade_id=trade.pk).exists()


def list_claimants(trade: Trade) -> list[Trade]:
    """The trades, kept apart by a person, that what this one's orders or fills name would put it into."""
    own = trade.legs.values_list("pk", flat=True)
    told = DataIssue.objects.filter(account_id=trade.account_id, batch=None, code="leg_contested")
    if not told.filter(execution_id__in=own).exists():
        return []
    found = group_legs(list_tied_legs(trade.account_id, list(own))).contested
    ids = {id_ for one in found if one.trade_id == trade.pk for id_ in one.claimed_by}
    return list(Trade.objects.filter(pk__in=ids).order_by("opened_at", "id"))


def list_proposals(
    trade: Trade, companions: Sequence[Trade]
) -> tuple[list[Proposal], dict[int, Leg]]:
    """What of its companions is probably one trade with this one, and the legs that it speaks of. Nothing that a person
    spoke of."""
    if not companions:
        return [], {}
    own_legs = trade.legs.values_list("pk", flat=True)
    delivered = list_delivered(trade.account_id, own_legs)
    legs = _legs_of([trade, *companions], delivered)
    spoken = set(list_spoken_legs(trade.account_id))
    by_id = {leg.pk: leg for leg in legs if leg.pk not in spoken}
    opened = (_opened(leg, delivered.get(leg.pk, ())) for leg in by_id.values())
    proposals = propose(opened).proposals
    own = {id_ for id_, leg in by_id.items() if leg.trade_id == trade.pk}
    return [one for one in proposals if own.intersection(one.leg_ids)][:_SHOWN_MAX], by_id


def _legs_of(trades: Iterable[Trade], also: Iterable[int]) -> list[Leg]:
    """`also` are legs that shares were delivered to or from, however long ago they were opened."""
    legs = Leg.objects.filter(
        Q(trade_id__in=[one.pk for one in trades]) | Q(pk__in=list(also))
    ).select_related("instrument")
    return list(legs.order_by("opened_at", "id"))


def _opened(leg: Leg, delivered: Iterable[Tie]) -> OpenedLeg:
    instrument = leg.instrument
    terms = Terms(
        instrument.pk,
        AssetClass(instrument.asset_class),
        leg.currency,
        instrument.multiplier,
        Right(instrument.right) if instrument.right else None,
        instrument.strike,
        instrument.expiry_on,
        instrument.is_inverse,
    )
    sign = 1 if leg.direction == Direction.LONG else -1
    return OpenedLeg(
        leg.pk, leg.trade_id, instrument.underlying_name, terms, sign * leg.quantity, leg.opened_at, leg.closed_at,
        delivered=frozenset(delivered),
    )  # fmt: skip
