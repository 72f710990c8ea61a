"""From a ticket to the one trade that it means."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from journal.models import Trade
from journal.selectors.tickets import find_by_ticket, find_unfilled
from journal.tools.answers import moment
from journal.tools.problems import TicketAmbiguous, TicketUnfilled, TicketUnknown
from journal.tools.registry import Call

_MATCHES_MAX = 10

Ticket = Annotated[
    str,
    Field(
        min_length=1,
        max_length=128,
        coerce_numbers_to_str=True,
        description="What the broker, a bot or this journal calls it: an MT5 position, deal or order, an IBKR order or "
        "execution id, a client order id or plan id, the id of a trade or execution here. trade:12 means our number.",
    ),
]


def trade_of(call: Call, ticket: str) -> Trade:
    """Raises TicketUnknown, TicketUnfilled and TicketAmbiguous."""
    found = find_by_ticket(ticket, account_id=call.account_id)
    trades = list(Trade.objects.select_related("account").filter(pk__in=found).order_by("pk"))
    if len(trades) == 1:
        return trades[0]
    if trades:
        raise TicketAmbiguous(
            ticket, [_match(trade, found[trade.pk]) for trade in trades[:_MATCHES_MAX]]
        )
    order = find_unfilled(ticket, account_id=call.account_id)
    if order is not None:
        raise TicketUnfilled(ticket, order.get_status_display().lower())
    raise TicketUnknown(ticket)


def _match(trade: Trade, words: list[str]) -> dict[str, str | None]:
    return {
        "ticket": f"trade:{trade.pk}",
        "found_as": ", ".join(words),
        "symbol": trade.symbol,
        "side": trade.direction,
        "opened_at": moment(trade.opened_at),
        "closed_at": moment(trade.closed_at),
        "account": f"{trade.account.broker} {trade.account.broker_id}",
    }
