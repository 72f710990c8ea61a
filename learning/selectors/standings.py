"""How open trades stand at the newest prices: what each would bring if it were closed, and of the most that it could.

Of the trades of which all of it is known: cost and price of every leg. What is unknown is left out and never 0.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from journal.domain.structures.risk import percent_of_maximum
from journal.models import Trade
from journal.selectors.lives import read_lives
from learning.selectors.holdings import Held


class Standing(NamedTuple):
    """`profit` after fees in the account's base currency; `of_maximum` is the share of the most that it could make
    since it was last adjusted, None where that is not limited or not known."""

    trade: int
    symbol: str
    profit: Decimal
    of_maximum: float | None


def standings_of(held: Sequence[Held]) -> list[Standing]:
    """In the order of trades."""
    legs: dict[int, list[Held]] = defaultdict(list)
    for one in held:
        if one.position.trade_id is not None:
            legs[one.position.trade_id].append(one)
    marked = {id_: gain for id_, of in legs.items() if (gain := _gain(of)) is not None}
    trades = Trade.objects.filter(pk__in=marked, closed_at=None, cost_known=True).order_by("pk")
    lives = read_lives(list(marked))
    found = []
    for trade in trades:
        rate = legs[trade.pk][0].position.fx_rate
        if rate is None:
            continue
        profit = trade.gross_pnl + marked[trade.pk] - trade.fees
        life = lives.get(trade.pk)
        share = None if life is None else percent_of_maximum(profit, life.max_profit).value
        of_maximum = None if share is None else float(share) / 100
        found.append(Standing(trade.pk, trade.symbol, profit * rate, of_maximum))
    return found


def _gain(legs: Sequence[Held]) -> Decimal | None:
    """What closing all that is left of them would bring beyond its cost, before fees, in the trade's currency."""
    total = Decimal(0)
    for one in legs:
        position = one.position
        if one.mark is None or position.weighted is None or position.is_inverse:
            return None
        worth = one.mark.value * position.signed_quantity
        total += (worth - position.weighted) * position.multiplier
    return total
