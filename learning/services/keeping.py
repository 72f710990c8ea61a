"""Facts as the book has them now: written where they differ, and told of by who counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from journal.models import BrokerAccount
from learning.models import TradeFact
from learning.selectors.book import closed_ids, facts_of, gone_into
from learning.services.parts import Known

_AT_ONCE = 2_000


class Move(NamedTuple):
    """A fact as it was and as it is; None where it was or is none."""

    before: Known | None
    after: Known | None


def refresh_facts(account: BrokerAccount, trade_ids: Collection[int] | None) -> list[Move]:
    """Writes the facts that differ from the book; None: of all of the account."""
    own = TradeFact.objects.filter(account_id=account.pk)
    if trade_ids is None:
        wanted = closed_ids(account.pk)
        stored = own.only(*Known._fields)
    else:
        # What was put into another trade is not told of.
        wanted = sorted(trade_ids)
        stored = own.filter(pk__in={*wanted, *gone_into(account.pk, wanted)}).only(*Known._fields)
    before = {one.pk: Known.of(one) for one in stored}
    fresh = {one.pk: one for one in facts_of(account, wanted)}
    moves = [
        Move(before.get(id_), Known.of(fresh[id_]) if id_ in fresh else None)
        for id_ in sorted({*before, *fresh})
        if id_ not in before or id_ not in fresh or before[id_].digest != fresh[id_].digest
    ]
    stale = [move.before.id for move in moves if move.before is not None]
    if stale:
        TradeFact.objects.filter(pk__in=stale).delete()
    TradeFact.objects.bulk_create(
        [fresh[move.after.id] for move in moves if move.after is not None], batch_size=_AT_ONCE
    )
    return moves
