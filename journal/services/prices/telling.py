"""How far a trade went, as it is known now, for whoever asks by program."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from journal.models import Trade
from journal.selectors.excursions import excursions_of, told_figures


def tell_excursions(trade: Trade) -> dict[str, Any]:
    """`journal.selectors.excursions.told_figures` of the trade."""
    return told_figures(trade, excursions_of(trade, now=timezone.now()))
