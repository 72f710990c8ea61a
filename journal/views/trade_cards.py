"""Cards that apps above put on the page of a trade."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from journal.models import Trade


@dataclass(frozen=True, slots=True)
class TradeCard:
    """`template` is drawn with `told`, and with all that the page knows."""

    template: str
    told: Any


Teller = Callable[[Trade], Any]
_cards: list[tuple[str, Teller]] = []


def offer_card(template: str, teller: Teller) -> None:
    """`teller` tells what the card shows of a trade, None where it has nothing to say. Called once, by the app that has
    it, when it is ready."""
    if (template, teller) not in _cards:
        _cards.append((template, teller))


def cards_of(trade: Trade) -> list[TradeCard]:
    told = [(template, teller(trade)) for template, teller in _cards]
    return [TradeCard(template, one) for template, one in told if one is not None]
