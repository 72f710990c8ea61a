"""The lives of orders from what the API says of them: open orders, their status, completed orders, errors.

The API repeats itself and says things in any order; a status may come before its order, a parent after its child. An
order is known by its permanent id; before it has one, by client, number and day.

An `orderRef` is whatever the sender wrote. Many give all orders of a strategy the same one, so it joins an order to
what a bot reports only where a bot has reported an order of that name, and one order alone has it
(`open_references`, `link`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from journal.brokers.ibkr_tws.contracts import contract_fields, is_combo
from journal.brokers.ibkr_tws.lives import Life, envelope
from journal.brokers.ibkr_tws.statuses import Trouble, is_ignored, status_of
from journal.brokers.ibkr_tws.terms import role_of_child, terms
from journal.brokers.ibkr_tws.values import Record, moment, nonzero, positive, word

_REMEMBERED = 20_000
# A bot reports an order a moment after it has placed it, or when it can.
_LINKED_WITHIN = timedelta(minutes=15)
# An error and the status that it explains.
_TOGETHER = timedelta(minutes=1)

Client = tuple[int, int]  # client id, and the number that it gave the order


class Orders:
    """`account`: that of orders which name none, "" where several could be meant."""

    def __init__(self, *, source: str, account: str = "") -> None:
        self.account = account
        self._source = source
        self._lives: OrderedDict[str, Life] = OrderedDict()
        self._by_client: OrderedDict[Client, str] = OrderedDict()
        self._by_permanent: dict[int, str] = {}
        self._early: OrderedDict[Client | int, Any] = OrderedDict()
        self._troubles: OrderedDict[int, tuple[Trouble, datetime]] = OrderedDict()
        self._children: dict[Client, list[str]] = {}

    def name_of(self, order: Any, at: datetime) -> str:
        """How the record ids of this order begin, "" for one that is not captured."""
        account = word(order.account) or self.account
        if getattr(order, "whatIf", False) or not account:
            return ""
        if order.permId:
            return f"tws-{account}-{order.permId}"
        return f"tws-{account}-{self._client_id(order, at)}"

    def needs_recall(self, name: str) -> bool:
        return name not in self._lives

    def recall(self, said: Mapping[str, list[Record]], at: datetime) -> None:
        """What was said of orders that are new here, by their names."""
        for name, payloads in said.items():
            account = name.split("-")[1]
            life = self._lives.setdefault(name, Life(name, envelope(account, self._source)))
            life.seen_at = at
            life.recall(payloads)
        while len(self._lives) > _REMEMBERED:
            self._lives.popitem(last=False)

    def forget(self, name: str) -> None:
        """What was said of it is asked for again when it is heard of next."""
        self._lives.pop(name, None)

    def opened(self, contract: Any, order: Any, state: Any, at: datetime) -> list[Record]:
        """An open order, or one that has just ended."""
        life = self._life(order, at)
        if life is None or is_ignored(state.status):
            return []
        self._learn(life, contract, order, at)
        client = (order.clientId, order.orderId)
        if client[1]:
            self._by_client[client] = life.name
            if len(self._by_client) > _REMEMBERED:
                self._by_client.popitem(last=False)
        records = self._tie(life, order)
        life.warning = word(state.warningText, 255)
        early = self._early.pop(order.permId or client, None)
        if early is None:
            # How it ended, its status tells, with what was filled.
            return [*records, *life.news("placed", at)]
        return [*records, *life.news("placed", at), *self.changed(early, at)]

    def changed(self, status: Any, at: datetime) -> list[Record]:
        """`status`: orderId, clientId, permId, status, filled, avgFillPrice, whyHeld."""
        client = (status.clientId, status.orderId)
        name = self._by_permanent.get(status.permId) or self._by_client.get(client)
        life = self._lives.get(name or "")
        if life is None:
            # Its order comes later, or not at all before all orders are asked for.
            self._early[status.permId or client] = status
            if len(self._early) > _REMEMBERED:
                self._early.popitem(last=False)
            return []
        if is_ignored(status.status):
            return []
        if status.permId:
            self._know(life, status.permId)
        self._fill(life, status.filled, status.avgFillPrice)
        trouble = self._trouble_of(client, status.status, at)
        happened = status_of(status.status, trouble)
        if happened != "placed" and (words := trouble.words if trouble else life.warning):
            life.facts["reason"] = words
        held, life.held = life.held, word(status.whyHeld)
        if happened == "placed" and "trigger" in held and "trigger" not in life.held:
            happened = "triggered"
        return life.news(happened, at)

    def completed(self, contract: Any, order: Any, state: Any, at: datetime) -> list[Record]:
        """An order of the day that is over. The API leaves out which client gave it."""
        life = self._life(order, at)
        if life is None or life.is_over:
            return []
        self._learn(life, contract, order, at)
        self._fill(life, getattr(order, "filledQuantity", None), None)
        self._tie_completed(life, order)
        words = word(state.completedStatus, 255)
        trouble = Trouble.of_completed(words)
        if state.status != "Filled" and words:
            life.facts["reason"] = words
        ended_at = moment(state.completedTime) or at
        return life.news(status_of(state.status, trouble), min(ended_at, at))

    def troubled(self, order_id: int, code: int, text: str, at: datetime) -> list[Record]:
        """An error that names an order, by the number that some client gave it. Its status tells what the order came
        to, a moment before or after."""
        trouble = Trouble.of_error(code, text)
        if trouble is None:
            return []
        for client, name in reversed(self._by_client.items()):
            life = self._lives.get(name)
            if client[1] == order_id and life is not None and life.ended_within(_TOGETHER, at):
                life.facts["reason"] = trouble.words
                return life.news(trouble.kind or life.status, at)
        self._troubles[order_id] = (trouble, at)
        if len(self._troubles) > _REMEMBERED:
            self._troubles.popitem(last=False)
        return []

    def open_references(self, now: datetime) -> dict[tuple[str, str], str]:
        """(account, orderRef) to the name of the only order that has it and could be a bot's."""
        found: dict[tuple[str, str], list[str]] = {}
        for life in self._lives.values():
            if life.order_ref and not life.parent_key:
                account = life.name.split("-")[1]
                found.setdefault((account, life.order_ref), []).append(life.name)
        return {
            key: names[0]
            for key, names in found.items()
            if len(names) == 1 and self._may_link(names[0], now)
        }

    def link(self, name: str, client_order_id: str) -> list[Record]:
        """The order is the one that a bot calls so."""
        life = self._lives[name]
        life.facts["client_order_id"] = client_order_id
        return life.news(life.status, life.seen_at) if life.status and life.seen_at else []

    def _may_link(self, name: str, now: datetime) -> bool:
        life = self._lives[name]
        is_recent = life.seen_at is not None and now - life.seen_at < _LINKED_WITHIN
        return is_recent and "client_order_id" not in life.facts and bool(life.status)

    def _life(self, order: Any, at: datetime) -> Life | None:
        name = self.name_of(order, at)
        if order.permId:
            # It may have been seen before it had a permanent id, or under an account that it did not name.
            name = self._by_permanent.get(order.permId) or name
            former = (
                self._by_client.get((order.clientId, order.orderId), "") if order.orderId else ""
            )
            if name and former in self._lives and "order_id" not in self._lives[former].facts:
                name = former
        if not name:
            return None
        if name not in self._lives:
            self.recall({name: []}, at)
        life = self._lives[name]
        if order.permId:
            self._know(life, order.permId)
        else:
            life.facts["client_order_id"] = self._client_id(order, at)
        return life

    def _know(self, life: Life, permanent: int) -> None:
        life.facts["order_id"] = str(permanent)
        self._by_permanent[permanent] = life.name
        if len(self._by_permanent) > 2 * _REMEMBERED:
            self._by_permanent = {
                key: name for key, name in self._by_permanent.items() if name in self._lives
            }

    def _learn(self, life: Life, contract: Any, order: Any, at: datetime) -> None:
        life.seen_at = at
        life.facts.update(terms(order))
        life.order_ref = word(order.orderRef)
        if is_combo(contract):
            life.combo = word(contract.comboLegsDescrip, 255) or word(contract.symbol)
        else:
            life.contract = contract_fields(contract)

    def _fill(self, life: Life, filled: object, average: object) -> None:
        if quantity := positive(filled):
            life.facts["filled_quantity"] = quantity
        if price := nonzero(average):
            life.facts["average_price"] = price

    def _tie(self, life: Life, order: Any) -> list[Record]:
        """To its parent, and to children that came before it. Gives what becomes known of others."""
        client = (order.clientId, order.orderId)
        records = []
        for child in self._children.pop(client, ()) if client[1] else ():
            records += self._adopt(life, self._lives.get(child))
        if not order.parentId:
            return records
        life.parent_key = (order.clientId, order.parentId)
        if role := role_of_child(order):
            life.facts["role"] = role
        parent = self._lives.get(self._by_client.get(life.parent_key, ""))
        if parent is None:
            waiting = self._children.setdefault(life.parent_key, [])
            if life.name not in waiting:
                waiting.append(life.name)
            return records
        return [*records, *self._adopt(parent, life)]

    def _adopt(self, parent: Life, child: Life | None) -> list[Record]:
        if child is None:
            return []
        child.facts["parent_id"] = parent.facts.get("order_id") or parent.facts["client_order_id"]
        parent.facts.setdefault("role", "entry")
        return [
            record
            for one in (parent, child)
            if one.status and one.seen_at
            for record in one.news(one.status, one.seen_at)
        ]

    def _tie_completed(self, life: Life, order: Any) -> None:
        if parent := nonzero(getattr(order, "parentPermId", 0)):
            life.facts["parent_id"] = parent
            if role := role_of_child(order):
                life.facts.setdefault("role", role)

    def _trouble_of(self, client: Client, status: str, at: datetime) -> Trouble | None:
        """The error of this order, once its status shows that it ended of it."""
        if status_of(status, None) == "placed" or client[1] not in self._troubles:
            return None
        trouble, told_at = self._troubles.pop(client[1])
        return trouble if at - told_at < _TOGETHER else None

    def _client_id(self, order: Any, at: datetime) -> str:
        """Numbers of clients may begin anew; not within a day."""
        return f"tws.{order.clientId}.{order.orderId}.{at:%Y%m%d}"


def named(payload: Record) -> tuple[str, int]:
    """The order's name and the number of a record of it."""
    name, _, number = str(payload["record_id"]).rpartition("-")
    return name, int(number)


def record_ids(name: str, numbers: Iterable[int]) -> list[str]:
    return [f"{name}-{one}" for one in numbers]
