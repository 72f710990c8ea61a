"""A person's word on which legs are one trade. It holds through every re-booking, until it is taken back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import uuid4

from django.db import transaction

from common.errors import NotFound, Rejected
from journal.models import BrokerAccount, Leg, LegGrouping, Trade
from journal.selectors.ties import list_grouping_anchors, list_tied_legs
from journal.services.annotations import anchor_of
from journal.services.booking.regroup import regroup
from journal.services.booking.rollups import refresh_rollups
from journal.services.chain.refresh import refresh_chain
from journal.services.locks import lock_book
from journal.signals import tell_changed

# More legs than any structure has, its rolls included.
LEGS_MAX = 200


@transaction.atomic
def join_trades(trades: Collection[Trade], *, author_id: int | None) -> Trade:
    """Make one trade of several. Raises Rejected where they cannot be one."""
    first = min(trades, key=lambda trade: (trade.opened_at, trade.pk), default=None)
    if first is None or len({trade.pk for trade in trades}) < 2:
        raise Rejected("trades_too_few", "Choose at least two trades to join.")
    account = _lock(first)
    if any(trade.account_id != account.pk for trade in trades):
        raise Rejected("trades_of_accounts", "Trades of different accounts cannot be one.")
    if any(trade.currency != first.currency for trade in trades):
        raise Rejected(
            "trades_of_currencies",
            "Trades in different currencies cannot be one: there would be no sum.",
        )
    legs = list(Leg.objects.filter(trade_id__in=[trade.pk for trade in trades]))
    if len(legs) > LEGS_MAX:
        raise Rejected("trades_too_large", f"A trade has at most {LEGS_MAX} legs.")
    _say(account, [legs], author_id)
    return _trade_of(legs[0])


@transaction.atomic
def split_trade(trade: Trade, *, leg_ids: Collection[int], author_id: int | None) -> Trade:
    """Take these legs out of the trade, together, as a trade of their own; none named: every leg goes its own way.

    Raises Rejected where nothing is left to split. Gives the trade that the first leg is in now.
    """
    account = _lock(trade)
    legs = list(Leg.objects.filter(trade_id=trade.pk).order_by("opened_at", "id"))
    if len(legs) < 2:
        raise Rejected("trade_of_one_leg", "This trade has one leg: there is nothing to split.")
    taken = [leg for leg in legs if leg.pk in set(leg_ids)]
    if len(taken) < len(set(leg_ids)):
        raise NotFound("leg_not_found", "This trade has no such leg.")
    if len(taken) == len(legs):
        raise Rejected("split_of_all", "Choose some of the legs: taking all out changes nothing.")
    rest = [leg for leg in legs if leg not in taken]
    parts: list[list[Leg]] = [taken, rest] if taken else [[leg] for leg in legs]
    _say(account, parts, author_id)
    return _trade_of(legs[0])


@transaction.atomic
def group_by_evidence(trade: Trade) -> Trade:
    """Take back what people said of its legs, and of those tied to them: orders and deliveries decide again."""
    account = _lock(trade)
    legs = list(Leg.objects.filter(trade_id=trade.pk).order_by("opened_at", "id"))
    touched = {leg.id for leg in list_tied_legs(account.pk, [leg.pk for leg in legs], said=False)}
    LegGrouping.objects.filter(
        account=account, pk__in=list_grouping_anchors(account.pk, touched)
    ).delete()
    _refresh(account, touched)
    return _trade_of(legs[0])


def _lock(trade: Trade) -> BrokerAccount:
    lock_book(trade.account_id)
    # It may have been booked anew meanwhile.
    trade.refresh_from_db()
    return BrokerAccount.objects.get(pk=trade.account_id)


def _say(account: BrokerAccount, parts: Iterable[Sequence[Leg]], author_id: int | None) -> None:
    parts = [list(part) for part in parts]
    legs = [leg for part in parts for leg in part]
    LegGrouping.objects.filter(
        account=account, pk__in=list_grouping_anchors(account.pk, [leg.pk for leg in legs])
    ).delete()
    for part in parts:
        group = str(uuid4())
        LegGrouping.objects.bulk_create(
            LegGrouping(
                workspace_id=account.workspace_id, account=account, fill_key=anchor_of(leg.pk).fill_key,
                trade_id=leg.trade_id, author_id=author_id, group=group,
            )
            for leg in part
        )  # fmt: skip
    _refresh(account, {leg.pk for leg in legs})


def _refresh(account: BrokerAccount, leg_ids: Collection[int]) -> None:
    regrouped = regroup(account, leg_ids)
    refresh_chain(account, regrouped.trades)
    refresh_rollups(account.workspace_id, account.pk, regrouped.days)
    # Each of the legs may have been a trade of its own.
    tell_changed(account.workspace_id, account.pk, {*leg_ids, *regrouped.trades})


def _trade_of(leg: Leg) -> Trade:
    return Trade.objects.get(pk=Leg.objects.values_list("trade_id", flat=True).get(pk=leg.pk))
