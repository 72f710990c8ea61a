"""The demo's account at the paper broker: at the market now, while the invented statements end on their last day."""

from __future__ import annotations

from decimal import Decimal

from common.errors import Conflict
from journal.brokers.paper.fetcher import Paper
from journal.domain.values import Side
from journal.models import BrokerAccount, Connection
from journal.services.paper.trading import Wish, look, place_order
from journal.services.pulls.asking import ask_pull
from journal.services.pulls.clock import SYSTEM, Clock
from journal.services.pulls.connections import create_connection
from journal.services.pulls.run import run_pull

NUMBER = "DEMO-PAPER"
_TERMS = {"account": NUMBER, "money": "100000", "seed": "7", "in_parts": "30"}
_FILLED_AFTER = 2.0
_TRIES = 10
# About nine tenths of the money, and a short position beside.
_POSITIONS = (
    ("ACME", Side.BUY, Decimal(400)),
    ("DELTA", Side.BUY, Decimal(150)),
    ("ZETA", Side.BUY, Decimal(40)),
    ("OMEGA", Side.SELL, Decimal(200)),
)


def open_paper(workspace_id: int, *, user_id: int | None, clock: Clock = SYSTEM) -> Connection:
    """The connection, with positions; the one that is there where it was made before."""
    made = Connection.objects.filter(
        fetcher=Paper.slug, account_numbers=[NUMBER], disconnected_at=None
    ).first()
    connection = made or create_connection(
        workspace_id, Paper(), _TERMS, user_id=user_id, name="Demo paper account", account_numbers=[NUMBER]
    )  # fmt: skip
    hold_positions(connection, clock=clock)
    return connection


def hold_positions(connection: Connection, *, clock: Clock = SYSTEM) -> None:
    """Where it is flat, as at the start and after a crash, it buys anew."""
    if look(connection, clock=clock).holdings:
        return
    at = f"{clock.now():%Y%m%d%H%M%S}"
    for symbol, side, quantity in _POSITIONS:
        place_order(connection, Wish(f"demo-{at}-{symbol}", symbol, side, quantity), clock=clock)
    # Some are filled in two parts.
    clock.sleep(_FILLED_AFTER)


def pull_paper(connection: Connection, *, clock: Clock = SYSTEM) -> BrokerAccount:
    """The account in the book, with all that has happened. Raises Conflict where workers pull it without end."""
    for left in reversed(range(_TRIES)):
        connection.refresh_from_db()
        try:
            run_pull(ask_pull(connection, source="demo"), clock=clock)
            break
        except Conflict:
            # A worker is at it, and may have begun before the latest fill.
            if not left:
                raise
            clock.sleep(_FILLED_AFTER)
    return BrokerAccount.objects.get(broker=Paper.broker, broker_id=NUMBER)
