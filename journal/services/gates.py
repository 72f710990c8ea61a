"""Who may keep a new trade from being announced. Apps above the journal know of locks, and offer theirs here.

Only what is announced is kept out: a new order that its broker does not know yet and that could open or enlarge a
position. What has happened is always taken, whatever is locked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from common.errors import Locked
from journal.domain.names import name_key

CODE = "trading_locked"


class Closed(NamedTuple):
    """A lock that holds: in one account or (None) all, in one symbol or ("") all, until a time or (None) somebody
    lifts it."""

    account_id: int | None
    symbol: str
    reason: str
    since: datetime
    until: datetime | None

    def holds(self, account_id: int | None, *symbols: str) -> bool:
        """`symbols` are names of one market, in any spelling: its own and that of what it is derived from."""
        if self.account_id is not None and self.account_id != account_id:
            return False
        return not self.symbol or name_key(self.symbol) in map(name_key, symbols)

    @property
    def words(self) -> str:
        until = (
            f"until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else "until somebody lifts it"
        )
        where = f"in {self.symbol}" if self.symbol else "in all markets"
        return (
            f"Nothing new may be traded {where} {until}: {self.reason} Nothing was recorded. What has happened at the "
            "broker, fills and changes of known orders, is taken as ever."
        )


# Given a workspace: all that holds in it now.
Gate = Callable[[int], Sequence[Closed]]
_gates: list[Gate] = []


def offer_gate(gate: Gate) -> None:
    """Called once, when the app that knows of locks is ready."""
    if gate not in _gates:
        _gates.append(gate)


def closed_gates(workspace_id: int) -> list[Closed]:
    return [closed for gate in _gates for closed in gate(workspace_id)]


def check_entry(workspace_id: int, account_id: int | None, symbol: str) -> None:
    """Raises Locked where nothing new may be traded."""
    for closed in closed_gates(workspace_id):
        if closed.holds(account_id, symbol):
            raise locked(closed)


def locked(closed: Closed) -> Locked:
    return Locked(CODE, closed.words, details={"lock": shown(closed)})


def shown(closed: Closed) -> dict[str, object]:
    """As programs are told."""
    return {
        "account": closed.account_id,
        "symbol": closed.symbol,
        "reason": closed.reason,
        "since": closed.since.isoformat(),
        "until": closed.until.isoformat() if closed.until else None,
    }
