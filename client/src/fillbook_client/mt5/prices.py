"""Bars of positions that were closed, so that the journal can say how far they went. Best effort: what cannot be had
or delivered now is tried again while the bridge runs, and no deal ever waits for it."""

from __future__ import annotations

import json
import logging
from collections.abc import Sequence

from fillbook_client.mt5.delivery import Journal
from fillbook_client.mt5.reader import Look
from fillbook_client.mt5.terminal import Row, Terminal, Unreadable

logger = logging.getLogger("fillbook.mt5")

PATH = "/api/mt5/bars"
KIND = "mt5 bars"
_DAY = 86_400
# Of older positions the terminal itself has few bars.
_AGE_MAX = 30 * _DAY
_AT_ONCE = 3
_TRIES_MAX = 5
_AROUND = 15
# How long a position may be for bars of which length: some thousand at most.
_LENGTHS = ((_DAY, 60), (7 * _DAY, 300), (90 * _DAY, 3_600))
_OUT = (1, 2, 3)


class Prices:
    """Remembers what it sent only while it runs: the same bars again do no harm."""

    def __init__(self, terminal: Terminal, journal: Journal, connection: str) -> None:
        self._terminal = terminal
        self._journal = journal
        self._connection = connection
        self._done: set[tuple[str, int]] = set()
        self._tries: dict[tuple[str, int], int] = {}

    def send(self, look: Look) -> int:
        """How many positions' bars were taken: some of the newest that have none yet."""
        sent = 0
        for position in self._waiting(look)[:_AT_ONCE]:
            name = (look.key, position)
            self._tries[name] = self._tries.get(name, 0) + 1
            try:
                is_over = self._send_one(look, position)
            except Unreadable as error:
                logger.info("No bars of position %s: %s", position, error)
                is_over = False
            if is_over or self._tries[name] >= _TRIES_MAX:
                self._done.add(name)
            sent += is_over
        return sent

    def _waiting(self, look: Look) -> list[int]:
        """Positions that something was closed of lately, the latest first."""
        closed: dict[int, int] = {}
        for deal in look.deals or []:
            if deal.get("position_id") and deal.get("entry") in _OUT:
                closed[deal["position_id"]] = deal["time"]
        held = {one.get("ticket") for one in look.positions or []}
        held |= {one.get("identifier") for one in look.positions or []}
        recent = [
            position
            for position, at in sorted(closed.items(), key=lambda item: -item[1])
            if at > look.server_now - _AGE_MAX
        ]
        return [one for one in recent if one not in held and (look.key, one) not in self._done]

    def _send_one(self, look: Look, position: int) -> bool:
        deals = self._terminal.deals_of_position(position)
        bars = [self._bars(look, symbol, own) for symbol, own in _by_symbol(deals).items()]
        told = [one for one in bars if one["rows"]]
        if not told:
            return False
        body = {
            "kind": KIND,
            "connection": self._connection,
            "account": {name: look.account[name] for name in ("login", "server")},
            "bars": told,
        }
        text = json.dumps(body, separators=(",", ":"), allow_nan=False)
        reply = self._journal.send(text, "", path=PATH)
        return 200 <= reply.status < 300

    def _bars(self, look: Look, symbol: str, deals: Sequence[Row]) -> Row:
        opened, closed = deals[0]["time"], deals[-1]["time"]
        lengths = (one for limit, one in _LENGTHS if closed - opened <= limit)
        seconds = next(lengths, _DAY)
        around = _AROUND * seconds
        until = min(closed + around, look.server_now)
        rows = self._terminal.bars(symbol, seconds, opened - around, until)
        return {"symbol": symbol, "seconds": seconds, "rows": rows}


def _by_symbol(deals: Sequence[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for deal in sorted(deals, key=lambda one: one["time"]):
        if deal.get("symbol"):
            found.setdefault(deal["symbol"], []).append(deal)
    return found
