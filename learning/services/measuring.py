"""Facts and figures kept up with the book: after each close, each late fill, each correction and each re-booking.

Whatever changes trades leaves a `BookChange` in its own transaction; `measure` takes what waits, reads those trades
anew, and goes on from where the figures stood. A trade that was known after all others is added to running sums. One
that is now another than it was, or comes in between, has the figures of its parts counted again from the last
checkpoint before it. Run twice it finds nothing to do; killed at any point it has done nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from common.sql import fetch
from journal.models import BrokerAccount
from learning.models import BookChange, MetricState, TradeFact, TradeInsight
from learning.services.counting import count_everything, refresh_states
from learning.services.keeping import refresh_facts
from learning.services.locks import lock_measuring
from learning.services.parts import FORMULAS


class Measured(NamedTuple):
    """How many changes were taken up, facts written or taken away, and parts counted."""

    changes: int = 0
    facts: int = 0
    parts: int = 0


@transaction.atomic
def measure(workspace_id: int) -> Measured:
    """What waits in the workspace. To be called within its scope."""
    lock_measuring(workspace_id)
    changes = list(BookChange.objects.filter(workspace_id=workspace_id).order_by("id"))
    if not changes:
        return Measured()
    wanted: dict[int, set[int] | None] = {}
    for one in changes:
        known = wanted.get(one.account_id, set())
        wanted[one.account_id] = (
            None if known is None or one.trades is None else known | set(one.trades)
        )
    _look_again(wanted)
    accounts = BrokerAccount.objects.in_bulk(list(wanted))
    moves = [move for id_ in sorted(accounts) for move in refresh_facts(accounts[id_], wanted[id_])]
    parts = refresh_states(workspace_id, moves)
    BookChange.objects.filter(pk__in=[one.pk for one in changes]).delete()
    return Measured(len(changes), len(moves), parts)


def _look_again(wanted: Mapping[int, set[int] | None]) -> None:
    """What is said of trades is made anew, for their plans and orders may be others though their facts are not."""
    for account_id, trades in wanted.items():
        told = TradeInsight.objects.filter(account_id=account_id)
        if trades is not None:
            told = told.filter(pk__in=trades)
        told.update(digest="")


@transaction.atomic
def measure_all(workspace_id: int, *, anew: bool = False) -> Measured:
    """Every trade of the workspace looked at again. `anew`: all figures counted from the first trade on, whatever is
    kept of them. What was right already is not written to otherwise."""
    lock_measuring(workspace_id)
    TradeFact.objects.filter(workspace_id=workspace_id).exclude(
        account_id__in=BrokerAccount.objects.filter(workspace_id=workspace_id).values("pk")
    ).delete()
    changes = BookChange.objects.filter(workspace_id=workspace_id)
    taken = list(changes.values_list("pk", flat=True))
    accounts = BrokerAccount.objects.filter(workspace_id=workspace_id).order_by("pk")
    moves = [move for account in accounts for move in refresh_facts(account, None)]
    if anew or _has_other_formulas(workspace_id):
        MetricState.objects.filter(workspace_id=workspace_id).delete()
        parts = count_everything(workspace_id)
    else:
        parts = refresh_states(workspace_id, moves)
    BookChange.objects.filter(pk__in=taken).delete()
    return Measured(len(taken), len(moves), parts)


def _has_other_formulas(workspace_id: int) -> bool:
    states = MetricState.objects.filter(workspace_id=workspace_id)
    return states.exclude(formulas=FORMULAS).exists()


def list_waiting(older_than_seconds: float) -> list[int]:
    """Workspaces in which something waits for so long."""
    rows = fetch(
        "SELECT DISTINCT workspace_id FROM learning_bookchange WHERE made_at < now() - make_interval(secs => %s)",
        [older_than_seconds],
    )
    return [id_ for (id_,) in rows]
