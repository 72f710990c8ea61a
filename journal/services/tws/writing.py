"""What TWS said, into captured records. Each event is written once or not at all, also when the database goes away
in between: a record that was stored is known by its id."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

import orjson
from django.db import transaction
from django.utils import timezone
from django_scopes import scope

from journal.brokers.ibkr_tws.executions import Fills, Unclear
from journal.brokers.ibkr_tws.orders import Orders, named, record_ids
from journal.brokers.ibkr_tws.values import BROKER, Record
from journal.models import CapturedKind, CapturedRecord, Connection, OrderReport
from journal.services.captures.receiving import RECORDS_MAX, Receipt, Sender, receive_records
from journal.services.erased import number_hash
from journal.services.tws.connecting import read_wanted
from journal.services.tws.inbox import Event, Said

logger = logging.getLogger(__name__)

# As many reports of one order are looked for at once.
_LOOKED_FOR = 16
_REUSED = "record_id_reused"
_GOING = "account_being_erased"


class Refused(NamedTuple):
    """A fill that the book cannot take, and why."""

    exec_id: str
    executed_at: datetime
    why: str


class Writer:
    """Of one connection. Not safe for several threads at once."""

    def __init__(self, workspace_id: int, connection_id: int, *, source: str) -> None:
        self._workspace_id = workspace_id
        self._connection_id = connection_id
        self._fills = Fills(source=source)
        self._orders = Orders(source=source)
        # Read from events and not stored yet: fills, then orders.
        self._unstored: dict[CapturedKind, list[Record]] = defaultdict(list)
        self.refused: dict[str, Refused] = {}

    @property
    def waiting(self) -> int:
        return sum(map(len, self._unstored.values()))

    def know_accounts(self, numbers: Sequence[str]) -> None:
        """Those that TWS is signed in to. An order that names none is of the only one."""
        self._orders.account = numbers[0] if len(numbers) == 1 else ""

    def read(self, events: Sequence[Event]) -> None:
        """Into records that wait for `store`. Raises DatabaseError: then none of the events was taken."""
        with scope(workspace=self._workspace_id):
            self._recall(events)
            for event in events:
                self._take(event)

    def store(self) -> int:
        """What waits; says how much of it is new. Raises Halted and DatabaseError: then it goes on waiting."""
        with scope(workspace=self._workspace_id):
            return self._store(read_wanted(self._connection_id))

    def link(self) -> int:
        """Joins orders to those of the same name that bots have reported. Raises as `store` does."""
        with scope(workspace=self._workspace_id):
            connection = read_wanted(self._connection_id)
            references = self._orders.open_references(timezone.now())
            known = OrderReport.objects.filter(
                account__broker=BROKER,
                account__broker_id__in={account for account, _ in references},
                client_order_id__in={reference for _, reference in references},
            ) if references else OrderReport.objects.none()  # fmt: skip
            for account, reference in known.values_list(
                "account__broker_id", "client_order_id"
            ).distinct():
                name = references.get((account, reference))
                if name:
                    self._unstored[CapturedKind.ORDER] += self._orders.link(name, reference)
            return self._store(connection)

    def _recall(self, events: Sequence[Event]) -> None:
        names = {
            name
            for event in events
            if event.said in (Said.OPENED, Said.COMPLETED)
            and (name := self._orders.name_of(event.what[1], event.at))
            and self._orders.needs_recall(name)
        }
        if names:
            self._orders.recall(_said_before(self._workspace_id, names), timezone.now())

    def _take(self, event: Event) -> None:
        takers: dict[Said, Callable[..., list[Record]]] = {
            Said.FILLED: self._fills.take,
            Said.CHARGED: self._fills.charge,
            Said.OPENED: partial(self._orders.opened, at=event.at),
            Said.CHANGED: partial(self._orders.changed, at=event.at),
            Said.COMPLETED: partial(self._orders.completed, at=event.at),
            Said.TROUBLED: partial(self._orders.troubled, at=event.at),
        }
        is_fill = event.said in (Said.FILLED, Said.CHARGED)
        kind = CapturedKind.EXECUTION if is_fill else CapturedKind.ORDER
        try:
            self._unstored[kind] += takers[event.said](*event.what)
        except Unclear as unclear:
            refused = Refused(unclear.exec_id, unclear.executed_at, str(unclear))
            self.refused.setdefault(unclear.exec_id, refused)
        except Exception:
            # A fault of ours must not keep what comes after it out of the book.
            logger.exception("What TWS said cannot be read: %s", event.said)
            if is_fill:
                why = "it cannot be read; the log of the service says more."
                self.refused.setdefault(f"{event.what[0]}", Refused("", event.at, why))

    def _store(self, connection: Connection) -> int:
        wanted, erased = set(connection.account_numbers), set(connection.erased)
        sender = Sender(self._workspace_id, None)
        created = 0
        for kind in (CapturedKind.EXECUTION, CapturedKind.ORDER):
            records = [
                one for one in self._unstored[kind] if _may_come(one["account"], wanted, erased)
            ]
            with transaction.atomic():
                receipts = [
                    receipt
                    for at in range(0, len(records), RECORDS_MAX)
                    for receipt in receive_records(sender, kind, records[at : at + RECORDS_MAX])
                ]
            self._unstored[kind].clear()
            created += sum(one.status == "created" for one in receipts)
            for record, receipt in zip(records, receipts, strict=True):
                if not receipt.is_taken:
                    self._refuse(kind, record, receipt)
                elif kind == CapturedKind.EXECUTION:
                    self.refused.pop(record["exec_id"], None)
        return created

    def _refuse(self, kind: CapturedKind, record: Record, receipt: Receipt) -> None:
        if receipt.code == _GOING:
            return
        if kind == CapturedKind.ORDER and receipt.code == _REUSED:
            # Somebody else reports this order too: from now on what was said by both counts.
            self._orders.forget(named(record)[0])
            return
        if record.get("exec_id") not in self.refused:
            logger.error("The book cannot take this %s: %s", kind, receipt.message)
        if kind == CapturedKind.EXECUTION:
            exec_id, at = record["exec_id"], datetime.fromisoformat(record["executed_at"])
            self.refused[exec_id] = Refused(exec_id, at, receipt.message)
            self._fills.forget(exec_id)


def _may_come(number: str, wanted: set[str], erased: set[str]) -> bool:
    return (not wanted or number in wanted) and number_hash(BROKER, number) not in erased


def _said_before(workspace_id: int, names: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The records of these orders, by the orders' names, in their order."""
    found: dict[str, list[dict[str, Any]]] = {name: [] for name in names}
    wanted, first = list(found), 1
    while wanted:
        numbers = range(first, first + _LOOKED_FOR)
        records = CapturedRecord.objects.filter(
            workspace_id=workspace_id,
            kind=CapturedKind.ORDER,
            record_id__in=[one for name in wanted for one in record_ids(name, numbers)],
        )
        for payload in records.values_list("payload", flat=True):
            said = orjson.loads(payload)
            found[named(said)[0]].append(said)
        first += _LOOKED_FOR
        wanted = [name for name in wanted if len(found[name]) == first - 1]
    for said_of in found.values():
        said_of.sort(key=lambda said: named(said)[1])
    return found
