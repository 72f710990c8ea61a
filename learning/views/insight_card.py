"""What is said of a closed trade, on its page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from common.numbers import UNKNOWN
from journal.models import Trade
from learning.domain.words.numbers import signed
from learning.models import TradeInsight
from learning.selectors.insights import insight_of

_TONES = {
    "deserved_win": "badge--profit",
    "unlucky_good_trade": "badge--accent",
    "lucky_breach": "badge--warning",
    "deserved_loss": "badge--loss",
}
_BETS = {"good": ("A good bet", "badge--profit"), "bad": ("A bad bet", "badge--loss")}
_UNSURE = ("Can't tell", "badge--outline")


@dataclass(frozen=True, slots=True)
class InsightCard:
    """`checks` are {rule, kept, words, controllable}; `place` is where the result lies among its like, 0 to 100."""

    of: TradeInsight
    told: dict[str, Any]
    quadrant: str
    tone: str
    bet_word: str
    bet_tone: str
    place: int | None
    beliefs: list[dict[str, Any]]


def insight_card(trade: Trade) -> InsightCard | None:
    found = insight_of(trade.pk) if trade.closed_at is not None else None
    if found is None:
        return None
    word, tone = _BETS.get(found.told["bet"]["quality"], _UNSURE)
    return InsightCard(
        of=found,
        told=found.told,
        quadrant=found.get_quadrant_display() if found.quadrant else "",
        tone=_TONES.get(found.quadrant, ""),
        bet_word=word,
        bet_tone=tone,
        place=None if found.percentile is None else round(found.percentile * 100),
        beliefs=[_belief(one) for one in found.told["taught"]["beliefs"]],
    )


def _belief(told: dict[str, Any]) -> dict[str, Any]:
    before, after = told["before"]["value"], told["after"]["value"]
    return {
        "about": told["about"],
        "before": UNKNOWN if before is None else f"{signed(before, 3)}R",
        "after": UNKNOWN if after is None else f"{signed(after, 3)}R",
        "n": told["after"]["n"],
    }
