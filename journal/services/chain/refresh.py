"""The chain of trades derived anew: from what their orders and fills name, and from what people said.

`refresh_chain` is called within the transaction of whatever changed a trade, an order, a plan or a person's word, with
the book locked. An unchanged chain is not written to, and where nobody ever named anything next to nothing is read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import Q

from common.sql import fetch
from journal.domain.chain.close_reason import CloseReason, ReasonBy, why_closed
from journal.domain.chain.links import Known, link_trade
from journal.models import (
    BrokerAccount,
    CloseReasonNote,
    ConfirmedLink,
    LinkVerdict,
    NamedFill,
    Order,
    Plan,
    Trade,
    TradeChain,
)
from journal.selectors.chain_facts import (
    Facts,
    read_facts,
    read_known_plans,
    trades_of_keys,
    trades_of_orders,
    trades_told_by_kind,
)
from journal.selectors.plan_trades import exits_of
from journal.selectors.prelogged import find_prelogged, trades_for_orders
from journal.selectors.trade_paths import resized_among
from journal.services.booking.regroup import regroup_trades
from journal.services.locks import lock_book
from journal.services.plans.settling import settle_plans
from journal.services.recommendations.standing import refresh_standings
from journal.signals import tell_changed

# About a kilobyte each.
_TRADES_AT_ONCE = 2_000
_TRADE_FIELDS = ("pk", "direction", "closed_at", "symbol", "average_open", "leg_count")
_VALUES = (
    "plan_id", "plan_by", "other_plans", "recommendation_id", "close_reason", "reason_by", "is_mixed",
)  # fmt: skip


def refresh_chain(account: BrokerAccount, trade_ids: Collection[int] | None) -> int:
    """Of these trades, those that are gone included; of all of the account's where None. Says how many changed."""
    wanted = None if trade_ids is None else set(trade_ids)
    if wanted is not None and not wanted:
        return 0
    known, plans = read_known_plans(account.workspace_id, account.pk)
    if wanted is None or len(wanted) >= _TRADES_AT_ONCE:
        # Most trades of a statement name nothing: which do is asked once, not of each.
        told = _told_of(account.pk, known)
        wanted = told if wanted is None else told & wanted
    else:
        # Of two trades that an order may be of, neither is its own: so the other one changes too.
        wanted |= find_prelogged(account.pk, wanted).involved
    changed, touched = 0, set[int]()
    for some in _in_parts(sorted(wanted)):
        number, settled = _refresh(account, some, known, plans)
        changed += number
        touched |= settled
    settle_plans(touched)
    return changed


def refresh_after_orders(account: BrokerAccount, ids: Collection[tuple[str, str]]) -> None:
    """The trades whose fills name an order with one of these ids (the sender's, the broker's), or one that it
    protects."""
    _refresh_named(account, trades_of_order_ids(account, ids))


def trades_of_order_ids(account: BrokerAccount, ids: Collection[tuple[str, str]]) -> set[int]:
    words = {word for pair in ids for word in pair} - {""}
    if not words:
        return set()
    words |= _parents(account.pk, words)
    return trades_of_orders(account.pk, words) | trades_for_orders(account.pk, words)


def refresh_after_fills(account: BrokerAccount, keys: Collection[str]) -> None:
    """The trades of fills that were reported under these keys."""
    _refresh_named(account, trades_of_keys(account.pk, keys))


def _refresh_named(account: BrokerAccount, trade_ids: Collection[int]) -> None:
    """What names the same plan may be one trade."""
    refresh_chain(account, {*trade_ids} | regroup_trades(account, trade_ids))


def follow_plan(plan: Plan) -> None:
    """Links the trades that name a plan which was made or changed, and those that it had. Safe to run again."""
    asked_at = plan.follow_asked_at
    for account_id, trade_ids in _named_by(plan).items():
        with transaction.atomic():
            lock_book(account_id)
            account = BrokerAccount.objects.filter(pk=account_id).first()
            if account is not None:
                refresh_chain(account, trade_ids)
    Plan.objects.filter(pk=plan.pk, follow_asked_at=asked_at).update(follow_asked_at=None)


def differing_chains(account: BrokerAccount) -> list[int]:
    """Trades whose chain a rebuild would change."""
    known, plans = read_known_plans(account.workspace_id, account.pk)
    found = []
    for some in _in_parts(sorted(_all(account.pk))):
        fresh = _derive(account, some, known, plans)
        stored = _stored(some)
        found += [
            id_
            for id_ in fresh.keys() | stored.keys()
            if _values(fresh.get(id_)) != _values(stored.get(id_))
        ]
    return sorted(found)


def _told_of(account_id: int, known: Known) -> set[int]:
    """All trades of the account of which anything may be known beyond their fills."""
    orders = Order.objects.filter(account_id=account_id)
    words = {word for pair in orders.values_list("client_order_id", "order_id") for word in pair}
    named = NamedFill.objects.filter(account_id=account_id).values_list("key", flat=True)
    told = trades_told_by_kind(account_id) | trades_of_keys(account_id, set(named))
    told |= trades_of_orders(account_id, words | known.by_plan_id.keys())
    told |= trades_for_orders(account_id, words)
    told.update(TradeChain.objects.filter(account_id=account_id).values_list("pk", flat=True))
    for model in (ConfirmedLink, CloseReasonNote):
        said = model.objects.filter(account_id=account_id, trade_id__isnull=False)
        told.update(id_ for id_ in said.values_list("trade_id", flat=True) if id_ is not None)
    return told


def _all(account_id: int) -> set[int]:
    rows = fetch(
        "SELECT id FROM journal_trade WHERE account_id = %(account)s "
        "UNION SELECT id FROM journal_tradechain WHERE account_id = %(account)s",
        {"account": account_id},
    )
    return {id_ for (id_,) in rows}


def _in_parts(ids: Iterable[int]) -> Iterator[list[int]]:
    waiting = iter(ids)
    while part := list(islice(waiting, _TRADES_AT_ONCE)):
        yield part


def _refresh(
    account: BrokerAccount, trade_ids: list[int], known: Known, plans: dict[int, Plan]
) -> tuple[int, set[int]]:
    """Writes what differs; how many trades that were, and the plans that may have another outcome now."""
    fresh = _derive(account, trade_ids, known, plans)
    stored = _stored(trade_ids)
    stale = [id_ for id_, one in stored.items() if _values(one) != _values(fresh.get(id_))]
    if stale:
        TradeChain.objects.filter(pk__in=stale).delete()
    new = [one for id_, one in fresh.items() if _values(one) != _values(stored.get(id_))]
    TradeChain.objects.bulk_create(new, batch_size=1_000)
    tell_changed(account.workspace_id, account.pk, {*stale, *(one.pk for one in new)})
    refresh_standings(
        account.workspace_id, _followed_by([*new, *(stored[id_] for id_ in stale)], plans)
    )
    touched = {one.plan_id for one in (*stored.values(), *fresh.values()) if one.plan_id}
    return len({*stale, *(one.pk for one in new)}), touched


def _followed_by(chains: Iterable[TradeChain], plans: dict[int, Plan]) -> set[str]:
    """The recommendations of these chains and of their plans."""
    chains = list(chains)
    named = {plans[one.plan_id].recommendation_id for one in chains if one.plan_id in plans}
    return (named | {one.recommendation_id for one in chains}) - {""}


def _stored(trade_ids: list[int]) -> dict[int, TradeChain]:
    return TradeChain.objects.in_bulk(trade_ids)


def _values(chain: TradeChain | None) -> tuple[Any, ...] | None:
    return None if chain is None else tuple(getattr(chain, name) for name in _VALUES)


def _derive(
    account: BrokerAccount, trade_ids: list[int], known: Known, plans: dict[int, Plan]
) -> dict[int, TradeChain]:
    own = Trade.objects.filter(account_id=account.pk, pk__in=trade_ids).only(*_TRADE_FIELDS)
    trades = {trade.pk: trade for trade in own}
    facts = read_facts(account.pk, trades, known.by_plan_id.keys())
    words = _Words(trades)
    chains = (_chain(account, trades[id_], facts, (known, plans), words) for id_ in sorted(trades))
    return {one.pk: one for one in chains if one is not None}


class _Words:
    """What people said of these trades, and which of them a corporate action changed."""

    def __init__(self, trade_ids: Collection[int]) -> None:
        ids = list(trade_ids)
        self.plans: dict[tuple[int, str], list[int]] = defaultdict(list)
        links = ConfirmedLink.objects.filter(trade_id__in=ids).order_by("id")
        for trade_id, verdict, plan in links.values_list("trade_id", "verdict", "plan_id"):
            if trade_id is not None:
                self.plans[trade_id, verdict].append(plan)
        notes = CloseReasonNote.objects.filter(trade_id__in=ids).order_by("id")
        self.reasons = dict(notes.values_list("trade_id", "close_reason"))
        self.resized = resized_among(ids)


def _chain(
    account: BrokerAccount,
    trade: Trade,
    facts: Facts,
    known: tuple[Known, dict[int, Plan]],
    words: _Words,
) -> TradeChain | None:
    """None where nothing is known of the trade beyond its fills."""
    trade_id = trade.pk
    link = link_trade(
        facts.named.get(trade_id, ()),
        known[0],
        confirmed=words.plans.get((trade_id, LinkVerdict.CONFIRMED), ()),
        refused=words.plans.get((trade_id, LinkVerdict.REFUSED), ()),
    )
    plan = known[1].get(link.plan) if link.plan is not None else None
    chain = TradeChain(
        id=trade_id,
        workspace_id=account.workspace_id,
        account_id=account.pk,
        plan_id=link.plan,
        plan_by=link.by or "",
        other_plans=list(link.others),
        recommendation_id=link.recommendation_id,
    )
    if trade.closed_at is not None:
        # A plan's prices say nothing of what was closed after a split.
        exits = None if trade_id in words.resized else exits_of(plan, trade)
        closed = why_closed(facts.closings.get(trade_id, ()), exits)
        chain.close_reason, chain.reason_by, chain.is_mixed = closed
        if trade_id in words.reasons:
            chain.close_reason, chain.reason_by = words.reasons[trade_id], ReasonBy.PERSON
    return chain if _says_anything(chain) else None


def _says_anything(chain: TradeChain) -> bool:
    return bool(
        chain.plan_id
        or chain.other_plans
        or chain.recommendation_id
        or chain.is_mixed
        or chain.close_reason not in ("", CloseReason.UNKNOWN)
    )


def _parents(account_id: int, words: Collection[str]) -> set[str]:
    """What the orders with these ids protect: their own plan may be named by what protects them only."""
    rows = fetch(
        "SELECT DISTINCT parent_id FROM journal_order WHERE account_id = %(account)s AND parent_id <> '' "
        "AND ((client_order_id <> '' AND client_order_id = ANY(%(words)s)) "
        "OR (order_id <> '' AND order_id = ANY(%(words)s)))",
        {"account": account_id, "words": list(words)},
    )
    return {parent for (parent,) in rows}


def _named_by(plan: Plan) -> dict[int, set[int]]:
    """By account the trades that are linked to the plan now, or name it."""
    found: dict[int, set[int]] = defaultdict(set)
    linked = TradeChain.objects.filter(plan_id=plan.pk) | TradeChain.objects.filter(
        workspace_id=plan.workspace_id, other_plans__contains=[plan.pk]
    )
    for account_id, id_ in linked.values_list("account_id", "pk"):
        found[account_id].add(id_)
    for account_id, words in _orders_naming(plan).items():
        found[account_id] |= trades_of_orders(account_id, words | _parents(account_id, words))
    for account_id, keys in _fills_naming(plan).items():
        found[account_id] |= trades_of_keys(account_id, keys)
    return {id_: ids for id_, ids in found.items() if plan.account_id in (None, id_) or ids}


def _names(plan: Plan) -> Q:
    """What names the plan, or a recommendation that it followed in any of its versions."""
    followed = {
        terms.get("recommendation_id") for terms in plan.versions.values_list("terms", flat=True)
    }
    return Q(plan_id=plan.plan_id) | Q(recommendation_id__in=followed - {None, ""})


def _orders_naming(plan: Plan) -> dict[int, set[str]]:
    named = Order.objects.filter(_names(plan), workspace_id=plan.workspace_id)
    found: dict[int, set[str]] = defaultdict(set)
    for account_id, client, order in named.values_list("account_id", "client_order_id", "order_id"):
        found[account_id] |= {client, order} - {""}
    # An order may go by the plan's own id.
    accounts = BrokerAccount.objects.filter(workspace_id=plan.workspace_id)
    if plan.account_id is not None:
        accounts = accounts.filter(pk=plan.account_id)
    for account_id in accounts.values_list("pk", flat=True):
        found[account_id].add(plan.plan_id)
    return found


def _fills_naming(plan: Plan) -> dict[int, set[str]]:
    named = NamedFill.objects.filter(_names(plan), workspace_id=plan.workspace_id)
    found: dict[int, set[str]] = defaultdict(set)
    for account_id, key in named.values_list("account_id", "key"):
        found[account_id].add(key)
    return found
