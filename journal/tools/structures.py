"""What the legs of a trade are together, as its page has it."""

from __future__ import annotations

from typing import Any

from journal.domain.structures.life import Life
from journal.domain.structures.risk import percent_of_maximum
from journal.domain.structures.values import SENTENCES, Figure
from journal.models import Structure, Trade
from journal.selectors.lives import read_lives
from journal.selectors.trade_risks import OPTIONS
from journal.tools.answers import moment, number

STEPS_MAX = 12


def structure_told(trade: Trade) -> dict[str, Any] | None:
    """None for what is one leg of something else than options. Money is in the trade's currency, fees included but for
    `net_premium`; of a figure that is null `unknown_because` says why. `max_profit_since_adjusted` is what a percentage
    of maximum profit is of; without a roll or an assignment it is `max_profit`."""
    life = read_lives([trade.pk]).get(trade.pk)
    if life is None or (trade.leg_count == 1 and trade.asset_class not in OPTIONS):
        return None
    figures = _figures(trade, life)
    unknown = {name: SENTENCES[one.reason] for name, one in figures.items() if one.reason}
    if life.payoff.break_evens_unknown:
        unknown["break_evens"] = SENTENCES[life.payoff.break_evens_unknown]
    joined = Structure.objects.filter(pk=trade.pk).values_list("joined_by", flat=True).first()
    return {
        "kind": life.shape.kind.value,
        "name": life.shape.name,
        "units": number(life.shape.units),
        **{name: number(one.value) for name, one in figures.items()},
        "break_evens": [number(one) for one in life.payoff.break_evens],
        "unknown_because": unknown,
        "was_rolled": life.is_rolled,
        "joined_by": joined,
        "steps": [
            {
                "what": step.kind.value,
                "at": moment(step.at),
                "then_open": step.shape.name,
                "net_premium": number(step.net_premium.value),
                "could_lose": number(step.risk.amount),
            }
            for step in life.steps[:STEPS_MAX]
        ],
        "steps_left_out": max(len(life.steps) - STEPS_MAX, 0),
    }


def _figures(trade: Trade, life: Life) -> dict[str, Figure]:
    figures = {
        "net_premium": life.payoff.net_premium,
        "max_profit": life.payoff.max_profit,
        "max_loss": life.payoff.max_loss,
        "max_profit_since_adjusted": life.max_profit,
    }
    if trade.closed_at is None or not trade.cost_known:
        return {**figures, "percent_of_max_profit": Figure(None)}
    return {**figures, "percent_of_max_profit": percent_of_maximum(trade.net_pnl, life.max_profit)}
