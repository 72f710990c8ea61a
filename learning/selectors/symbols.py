"""How symbols stand, and stood."""

from __future__ import annotations

from datetime import datetime

from learning.models import SymbolChange, SymbolStanding, SymbolState


def last_changes(workspace_id: int, *, before: datetime) -> list[SymbolChange]:
    """Of each symbol that ever moved the last step before a moment, in the order of symbols."""
    rows = SymbolChange.objects.filter(workspace_id=workspace_id, at__lt=before)
    return list(rows.order_by("symbol", "-at", "-id").distinct("symbol"))


def spells_on_paper(
    workspace_id: int, *, before: datetime
) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """Of each symbol that was ever on paper only: from when until when, None where it still is."""
    rows = SymbolChange.objects.filter(workspace_id=workspace_id, at__lt=before)
    found: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for symbol, after, at in rows.order_by("symbol", "at", "id").values_list(
        "symbol", "after", "at"
    ):
        spells = found.setdefault(symbol, [])
        is_open = bool(spells) and spells[-1][1] is None
        if is_open and after != SymbolState.PAPER_ONLY:
            spells[-1] = (spells[-1][0], at)
        elif not is_open and after == SymbolState.PAPER_ONLY:
            spells.append((at, None))
    return {symbol: spells for symbol, spells in found.items() if spells}


def standings_of(workspace_id: int) -> dict[str, str]:
    """As they are now, of every symbol that is not simply normal."""
    rows = SymbolStanding.objects.filter(workspace_id=workspace_id).exclude(standing="normal")
    return dict(rows.order_by("symbol").values_list("symbol", "standing"))
