"""What apps above add to the review of a closed trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journal.models import Trade

Teller = Callable[[Trade], Any]
_parts: dict[str, Teller] = {}


def offer_review(name: str, teller: Teller) -> None:
    """`teller` tells in JSON what stands under `name`, None where there is nothing. Called once, by the app that has
    it, when it is ready."""
    known = _parts.setdefault(name, teller)
    assert known == teller, f"two parts of a review are called {name}"


def parts_of(trade: Trade) -> dict[str, Any]:
    return {name: teller(trade) for name, teller in _parts.items()}
