"""A paper account by hand: trade at it, move its market, and let its broker go away."""

from __future__ import annotations

import re
import uuid
from argparse import ArgumentParser
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django_scopes import scope

from common.errors import AppError
from journal.brokers.paper.fetcher import Paper
from journal.domain.values import Side
from journal.management.workspaces import workspace_named
from journal.models import Connection
from journal.selectors.connections import list_connections
from journal.services.paper import trading

_SPAN = re.compile(r"(\d+)([smh])")
_SECONDS = {"s": 1, "m": 60, "h": 3600}


class Command(BaseCommand):
    help = (
        "Trade at a paper account, and decide what its market and its broker do next: buy|sell SYMBOL QUANTITY, "
        "cancel ID, pay AMOUNT, move PERCENT, away 5m, back, show."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=sorted(_DEEDS))
        parser.add_argument("words", nargs="*")
        parser.add_argument("--workspace", required=True, help="name or slug")
        parser.add_argument("--connection", default="", help="number or name; needed with several")
        parser.add_argument("--limit", type=_number)
        parser.add_argument("--stop", type=_number)
        parser.add_argument("--reduce-only", action="store_true")
        parser.add_argument("--symbol", default="", help="move: this market alone")
        parser.add_argument("--within", default="0s", help="move: so long does it take, as 30s")

    def handle(self, *args: Any, **options: Any) -> None:
        workspace = workspace_named(options["workspace"])
        with scope(workspace=workspace.pk):
            connection = _chosen(options["connection"])
            try:
                self.stdout.write(_DEEDS[options["what"]](connection, options["words"], options))
            except AppError as error:
                raise CommandError(error.message) from None


def _chosen(named: str) -> Connection:
    papers = [one for one in list_connections() if one.fetcher == Paper.slug]
    found = [one for one in papers if not named or named in (str(one.pk), one.name)]
    if len(found) != 1:
        known = ", ".join(f"{one.pk} ({one})" for one in papers) or "none yet"
        raise CommandError(f"Name one paper account by --connection (known: {known}).")
    return found[0]


def _trade(side: Side) -> Callable[[Connection, list[str], dict[str, Any]], str]:
    def deed(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
        symbol, quantity = _taken(words, 2, "SYMBOL QUANTITY")
        wish = trading.Wish(
            f"hand-{uuid.uuid4().hex[:12]}", symbol, side, _number(quantity), options["limit"], options["stop"],
            options["reduce_only"],
        )  # fmt: skip
        order = trading.place_order(connection, wish)
        if order is None:
            return f"{wish.client_id}: no answer came."
        why = f" ({order.reason})" if order.reason else ""
        return (
            f"{wish.client_id}: {order.state}{why}, filled {order.filled:f} of {order.quantity:f}"
        )

    return deed


def _cancel(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    (client_id,) = _taken(words, 1, "ID")
    is_done = trading.cancel_order(connection, client_id)
    return "Cancelled." if is_done else "Nothing was left to take back."


def _pay(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    (amount,) = _taken(words, 1, "AMOUNT")
    flow = trading.pay(connection, _number(amount), "By hand")
    return f"{flow.id}: {flow.amount:f}"


def _move(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    (percent,) = _taken(words, 1, "PERCENT")
    seconds = _seconds(options["within"])
    change = _number(percent) / 100
    trading.move_market(connection, change, seconds=seconds, symbol=options["symbol"])
    return f"{options['symbol'] or 'The market'} moves by {percent} % within {seconds} s."


def _away(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    (span,) = _taken(words, 1, "TIME")
    trading.go_away(connection, _seconds(span))
    return f"The paper broker gives no answer for {span}."


def _back(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    trading.come_back(connection)
    return "The paper broker answers."


def _show(connection: Connection, words: list[str], options: dict[str, Any]) -> str:
    seen = trading.look(connection)
    lines = [f"{seen.account_id}: equity {seen.equity:f}, balance {seen.balance:f} {seen.currency}"]
    lines += [
        f"  {one.instrument.symbol} {one.signed_quantity:f} at {one.price:f}, {one.open_pnl:f} open"
        for one in seen.holdings
    ]
    lines += [
        f"  {one.client_order_id}: {one.side} {one.quantity:f} {one.instrument.symbol} at work"
        for one in seen.orders
    ]
    return "\n".join(lines)


def _taken(words: list[str], count: int, named: str) -> list[str]:
    if len(words) != count:
        raise CommandError(f"It needs {named}.")
    return words


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite():
        raise CommandError(f"{text} is no number.")
    return value


def _seconds(text: str) -> int:
    found = _SPAN.fullmatch(text)
    if found is None:
        raise CommandError(f"{text} is no time: write 30s, 5m or 1h.")
    return int(found[1]) * _SECONDS[found[2]]


_DEEDS: dict[str, Callable[[Connection, list[str], dict[str, Any]], str]] = {
    "buy": _trade(Side.BUY),
    "sell": _trade(Side.SELL),
    "cancel": _cancel,
    "pay": _pay,
    "move": _move,
    "away": _away,
    "back": _back,
    "show": _show,
}
