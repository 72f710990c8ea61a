"""Rows of pages: stored figures through a lens, ready to be written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from journal.models import Trade
from journal.selectors.performance import Sums
from journal.selectors.structures import names_of_structures
from journal.views.lens import Lens, SeenFigure, trade_figure


@dataclass(frozen=True, slots=True)
class TradeRow:
    trade: Trade
    pnl: SeenFigure
    tags: Sequence[str] = ()
    structure: str = ""


def trade_rows(
    lens: Lens, trades: Iterable[Trade], tags: dict[int, list[str]] | None = None
) -> list[TradeRow]:
    """The trades come with their accounts."""
    trades = list(trades)
    structures = names_of_structures(trades)
    return [
        TradeRow(
            trade=trade,
            pnl=trade_figure(lens, trade, trade.account.base_currency),
            tags=(tags or {}).get(trade.pk, ()),
            structure=structures.get(trade.pk, ""),
        )
        for trade in trades
    ]


def is_active(sums: Sums) -> bool:
    """Something was realised; a day on which positions were only opened has fills and no result."""
    return bool(sums.trades or sums.net or sums.gross or sums.unknown)


def large_day(amounts: Iterable[Decimal | None]) -> Decimal:
    """What counts as a large day for the shades of a calendar: the ninth of ten, by size."""
    sizes = sorted(abs(amount) for amount in amounts if amount)
    return sizes[len(sizes) * 9 // 10] if sizes else Decimal(0)
