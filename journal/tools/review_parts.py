"""What apps above add to the review of a closed trade."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from journal.models import Trade

Teller = Callable[[Trade, int | None], Any]
_parts: dict[str, Teller] = {}


def offer_review(name: str, teller: Teller) -> None:
    """`teller` is given the trade and the one account that the caller is limited to, if any, and tells in JSON what
    stands under `name`, None where there is nothing. Called once, by the app that has it, when it is ready."""
    known = _parts.setdefault(name, teller)
    assert known == teller, f"two parts of a review are called {name}"


def parts_of(trade: Trade, account_id: int | None) -> dict[str, Any]:
    return {name: teller(trade, account_id) for name, teller in _parts.items()}
