"""Executions and their commissions, which come apart and in either order, as captured fills.

The broker corrects a fill by another one whose id differs in its last part only: 0000e0d5.65b8.01.02 is said in place
of 0000e0d5.65b8.01.01. Both are reported, the later as a correction of the former, and the book keeps the one that
holds.

The records have no ids of their own: a fill is known by what it says, so that asking for the day's executions again,
by this process or the next, reports nothing twice.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime
from typing import Any

from journal.brokers.ibkr_tws.contracts import contract_fields, is_bond, is_combo
from journal.brokers.ibkr_tws.values import BROKER, Record, filled, nonzero, number, word

_SIDES = {"BOT": "buy", "SLD": "sell", "BUY": "buy", "SELL": "sell"}
# More than anybody's day.
_REMEMBERED = 100_000


class Unclear(Exception):
    """A fill that is one, and whose size is not certain. The message says why."""

    def __init__(self, exec_id: str, executed_at: datetime) -> None:
        super().__init__("TWS does not say whether it counts bonds by piece or by face value.")
        self.exec_id = exec_id
        self.executed_at = executed_at


class Fills:
    """Remembers what was said, and what is waited for."""

    def __init__(self, *, source: str) -> None:
        self._source = source
        self._said: OrderedDict[str, Record] = OrderedDict()
        self._charged: OrderedDict[str, Any] = OrderedDict()
        self._latest: dict[str, int] = {}

    def knows(self, exec_id: str) -> bool:
        return exec_id in self._said

    def forget(self, exec_id: str) -> None:
        """It is reported again when it is heard of next."""
        self._said.pop(exec_id, None)

    def take(self, contract: Any, execution: Any) -> list[Record]:
        """A fill that is new, with its commission where that came before. Nothing for a combo's own row: its legs
        are the fills. Raises Unclear."""
        exec_id = word(execution.execId)
        if not exec_id or self.knows(exec_id) or is_combo(contract):
            return []
        if is_bond(contract):
            raise Unclear(exec_id, execution.time)
        record = {**self._record(contract, execution), **self._correction(exec_id)}
        self._said[exec_id] = record
        if len(self._said) > _REMEMBERED:
            self._said.popitem(last=False)
        charged = self._charged.pop(exec_id, None)
        return [record] if charged is None else [record, *self.charge(charged)]

    def charge(self, report: Any) -> list[Record]:
        """The fill once more, with what it cost. A report that comes before its fill is kept for it."""
        exec_id = word(report.execId)
        fee, currency = number(report.commission), word(report.currency, 12).upper()
        record = self._said.get(exec_id)
        if record is None:
            self._charged[exec_id] = report
            if len(self._charged) > _REMEMBERED:
                self._charged.popitem(last=False)
            return []
        if fee is None or not currency:
            return []
        charged = {**record, "fee": fee, "fee_currency": currency}
        if charged == record:
            return []
        self._said[exec_id] = charged
        return [charged]

    def _record(self, contract: Any, execution: Any) -> Record:
        at = execution.time.astimezone(UTC)
        return {
            "broker": BROKER,
            "account": word(execution.acctNumber),
            "source": self._source,
            **contract_fields(contract),
            "side": _SIDES.get(word(execution.side).upper(), word(execution.side)),
            "quantity": number(execution.shares),
            "price": number(execution.price),
            "executed_at": at.isoformat(),
            "exec_id": word(execution.execId),
            **filled({"order_id": str(execution.permId) if execution.permId else None}),
            "extra": _extra(execution),
        }

    def _correction(self, exec_id: str) -> Record:
        family, _, last = exec_id.rpartition(".")
        if not family or not last.isdecimal():
            return {}
        place = int(last)
        known = self._latest.get(family, 0)
        self._latest[family] = max(known, place)
        if place < 2:
            return {}
        # One that was missed between is not looked for: what it corrected is corrected by this one.
        former = known if 0 < known < place else place - 1
        return {"report": "correct", "original_exec_id": f"{family}.{former:0{len(last)}d}"}


def _extra(execution: Any) -> Record:
    liquidity = getattr(execution, "lastLiquidity", 0)
    return filled(
        {
            "exchange": word(execution.exchange, 32),
            "order_ref": word(execution.orderRef, 128),
            "client": f"{execution.clientId}:{execution.orderId}",
            "liquidation": nonzero(execution.liquidation),
            "liquidity": {1: "added", 2: "removed", 3: "routed out"}.get(liquidity),
            "price_may_change": True if getattr(execution, "pendingPriceRevision", False) else None,
        }
    )
