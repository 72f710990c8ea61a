"""Contracts that the workspace has traded, to be found by whoever enters a fill."""

from __future__ import annotations

from django.db.models import Q

from common.errors import NotFound
from journal.models import Instrument

_FOUND_MAX = 8


def find_contracts(words: str) -> list[Instrument]:
    """By the start of the symbol, of the underlying's or of a former one, else by a part of the name; the shortest
    symbols first."""
    text = words.strip()
    if not text:
        return []
    begins = Q(symbol__istartswith=text) | Q(underlying_symbol__istartswith=text)
    found = Instrument.objects.filter(
        begins | Q(description__icontains=text) | Q(former_symbols__contains=[text.upper()])
    )
    return sorted(found.order_by("-pk")[:200], key=lambda one: _order(one, text))[:_FOUND_MAX]


def _order(instrument: Instrument, text: str) -> tuple[bool, bool, int, str]:
    symbol = instrument.symbol.casefold()
    wanted = text.casefold()
    return symbol != wanted, not symbol.startswith(wanted), len(symbol), symbol


def get_contract(instrument_id: int) -> Instrument:
    """Within the open workspace. Raises NotFound for anybody else's."""
    found = Instrument.objects.filter(pk=instrument_id).first()
    if found is None:
        raise NotFound("instrument_not_found", "There is no such contract in this workspace.")
    return found
