"""P&L in the account's base currency: at the rate of the closing fill, when it was realised."""

from __future__ import annotations

from decimal import Decimal

from journal.domain.values import Match


def gross_base(match: Match) -> Decimal | None:
    return in_base(match.gross_pnl, match.close_fx_rate)


def net_base(match: Match) -> Decimal | None:
    return in_base(match.net_pnl, match.close_fx_rate)


def in_base(money: Decimal | None, rate: Decimal | None) -> Decimal | None:
    """None where the money or the rate is unknown. Multiply inside `exact_sums` to keep every digit."""
    return None if money is None or rate is None else money * rate
