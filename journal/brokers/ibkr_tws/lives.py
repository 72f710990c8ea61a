"""One order of the API: what is known of it, what was said of it, and what of that is news.

Reports are numbered for each order, and every number is a record id: whoever knows what was said of an order goes on
where the last process stopped, and says nothing twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from journal.brokers.ibkr_tws.values import BROKER, Record

# What may change while an order lives; a change of it is a move that is kept.
_TERMS = ("quantity", "limit_price", "stop_price")
# What ties it to others. It may become known late, and is then said again as of the last moment.
_TIES = (
    "client_order_id",
    "order_id",
    "parent_id",
    "group_id",
    "role",
    "order_type",
    "time_in_force",
    "reason",
)
# Of two ends the later one here counts: a cancel that turns out to be a rejection, a fill after either.
_ENDS = ("cancelled", "expired", "rejected", "filled")


class Life:
    """`name` is the part of the record ids that is the order's own. `facts` are the fields of captured orders."""

    def __init__(self, name: str, envelope: Record) -> None:
        self.name = name
        self.facts: Record = {}
        self.contract: Record = {}
        self.combo = ""
        self.is_recalled = False
        self.order_ref = ""
        self.parent_key: tuple[int, int] | None = None
        self.held = ""
        self.warning = ""
        self.seen_at: datetime | None = None
        self._envelope = envelope
        self._said: Record = {}
        self._count = 0

    @property
    def status(self) -> str:
        return str(self._said.get("status", ""))

    @property
    def is_over(self) -> bool:
        return self.status in _ENDS

    def ended_within(self, time: timedelta, now: datetime) -> bool:
        return self.is_over and now - datetime.fromisoformat(self._said["at"]) < time

    def recall(self, payloads: Iterable[Record]) -> None:
        """What was said before, in its order."""
        self.is_recalled = True
        for said in payloads:
            self._count += 1
            self._keep(said)

    def news(self, status: str, at: datetime) -> list[Record]:
        """What has to be said now that the order stands like this: at most a move and what happened."""
        if not self._said:
            return self._first(status, at)
        records = []
        if not self.is_over and (moved := self._changed(_TERMS)):
            records.append(self._say("modified", at.isoformat(), moved))
        filled = self._grown()
        if status in _ENDS and _rank(status) > _rank(self.status):
            records.append(self._say(status, at.isoformat(), {**filled, **self._changed(_TIES)}))
        elif filled:
            step = self.status if self.is_over else "partially_filled"
            records.append(self._say(step, at.isoformat(), filled))
        elif status == "triggered" and self.status in ("placed", "modified"):
            records.append(self._say(status, at.isoformat(), {}))
        if tied := self._changed(_TIES):
            records.append(self._say(self.status, str(self._said["at"]), tied))
        return records

    def _first(self, status: str, at: datetime) -> list[Record]:
        # When one that is found filled in part was placed is not known.
        begun = "partially_filled" if self._grown() and status not in _ENDS else status
        facts = {**self.contract, **self.facts}
        if self.combo:
            facts["extra"] = {"combo": self.combo}
        return [self._say(begun, at.isoformat(), facts)]

    def _changed(self, names: Iterable[str]) -> Record:
        return {
            name: self.facts[name]
            for name in names
            if name in self.facts and self.facts[name] != self._said.get(name)
        }

    def _grown(self) -> Record:
        """What was filled, where it is more than was said."""
        now = Decimal(self.facts.get("filled_quantity") or 0)
        if now <= Decimal(self._said.get("filled_quantity") or 0):
            return {}
        names = ("filled_quantity", "average_price")
        return {name: self.facts[name] for name in names if name in self.facts}

    def _say(self, status: str, at: str, facts: Record) -> Record:
        self._count += 1
        record = dict(self._envelope)
        record["record_id"] = f"{self.name}-{self._count}"
        ids = [one for one in ("client_order_id", "order_id") if one in self.facts]
        record.update({one: self.facts[one] for one in ids})
        record.update(facts)
        record.update(status=status, at=at)
        self._keep(record)
        return record

    def _keep(self, record: Record) -> None:
        self._said.update(record)


def _rank(status: str) -> int:
    return _ENDS.index(status) if status in _ENDS else -1


def envelope(account: str, source: str) -> Record:
    return {"broker": BROKER, "account": account, "source": source}
