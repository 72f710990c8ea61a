"""The columns of lists: on the page and in the file that people take away."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from journal.models import Trade, TradeChain
from journal.selectors.trades import close_reason_of

TRADE_COLUMNS: tuple[dict[str, Any], ...] = (
    {"key": "symbol", "label": "Symbol", "sortable": True},
    {"key": "side", "label": "Side"},
    {"key": "quantity", "label": "Quantity", "number": True, "optional": True,
     "title": "The most that was open at once"},
    {"key": "average_open", "label": "Opened at", "number": True, "optional": True},
    {"key": "average_close", "label": "Closed at", "number": True, "optional": True},
    {"key": "opened_at", "label": "Opened", "sortable": True, "optional": True},
    {"key": "last_at", "label": "Latest fill", "sortable": True},
    {"key": "tags", "label": "Tags", "optional": True},
    {"key": "fees", "label": "Fees", "number": True, "optional": True},
    {"key": "net_base", "label": "P&L", "number": True, "sortable": True,
     "title": "Sorted by net P&L in base currency"},
)  # fmt: skip

EXPORT_COLUMNS = (
    "id", "account", "symbol", "underlying", "asset_class", "direction", "result", "opened_at",
    "closed_at", "opened_on", "closed_on", "quantity", "average_open", "average_close", "currency",
    "gross_pnl", "net_pnl", "fees", "cost", "base_currency", "gross_base", "net_base", "fees_base",
    "executions", "tags", "source", "plan_id", "close_reason",
)  # fmt: skip

# A spreadsheet runs a cell that starts like this as a formula.
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def export_rows(
    trades: Iterable[Trade], tags: Mapping[int, list[str]], chains: Mapping[int, TradeChain]
) -> Iterator[list[str]]:
    """Exact figures, times in UTC. What is not known is empty."""
    for trade in trades:
        account = trade.account
        known = trade.cost_known
        chain = chains.get(trade.pk)
        yield [
            _text(value)
            for value in (
                trade.pk, str(account), trade.symbol, trade.underlying, trade.asset_class,
                trade.direction, trade.result or "open", trade.opened_at, trade.closed_at,
                trade.opened_on, trade.closed_on, trade.quantity, trade.average_open,
                trade.average_close, trade.currency, trade.gross_pnl if known else None,
                trade.net_pnl if known else None, trade.fees, trade.cost, account.base_currency,
                trade.gross_base, trade.net_base, trade.fees_base, trade.execution_count,
                "; ".join(tags.get(trade.pk, ())), trade.source,
                chain.plan.plan_id if chain is not None and chain.plan is not None else "",
                close_reason_of(trade, chain),
            )
        ]  # fmt: skip


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime | date):
        return value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text
