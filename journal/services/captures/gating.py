"""Orders that may not be announced while trading is locked.

Refused is only a new order that its broker does not know yet and that could open or enlarge a position: without the
broker's id, alive, nothing filled, no protection and no way out of a position, placed after the lock began, and of
which nothing was ever reported. Everything else has happened and is taken; a new order among it with a warning, so that
its bot hears of the lock.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Sum

from journal.brokers.base import InstrumentRow, OrderRole, OrderStatus
from journal.brokers.capture.contracts import read_contract
from journal.brokers.capture.executions import SIDES
from journal.brokers.capture.fields import Fields
from journal.brokers.capture.orders import ROLES, STATUSES
from journal.brokers.text.contracts import read_option
from journal.domain.names import name_key
from journal.domain.values import ZERO, Side
from journal.models import CapturedKind, CapturedRecord, OpenLot, Order
from journal.services.gates import Closed, closed_gates

_WAYS_OUT = {OrderRole.EXIT, OrderRole.STOP_LOSS, OrderRole.TAKE_PROFIT}
# Account, name, expiry, strike, right.
Held = tuple[Any, ...]


class Announced(NamedTuple):
    record_id: str
    account_id: int | None
    record: Mapping[str, Any]

    @property
    def contract(self) -> InstrumentRow | None:
        """Its money does not matter here: any stands for what the record leaves to its account."""
        if not isinstance(self.record.get("symbol"), str):
            return None
        return read_contract(Fields(self.record), "USD", "")

    @property
    def names(self) -> list[str]:
        """Of its market, and of what that is derived from."""
        stated = [self.record.get("symbol"), self.record.get("underlying")]
        names = [one for one in stated if isinstance(one, str)]
        if (contract := self.contract) is not None:
            names += [contract.symbol, contract.underlying_symbol]
        elif names and "/" in names[0]:
            # A contract of coins that does not say its size.
            names.append(names[0].partition("/")[0])
        return names

    @property
    def client_order_id(self) -> str:
        return str(self.record.get("client_order_id") or "")


class Gated(NamedTuple):
    """By record id: the lock that keeps it out, and the lock that it is told of."""

    refused: Mapping[str, Closed]
    warned: Mapping[str, Closed]


OPEN = Gated({}, {})


def gate_orders(workspace_id: int, orders: Sequence[Announced]) -> Gated:
    """One question while nothing is locked, a handful else, however many orders there are."""
    gates = closed_gates(workspace_id)
    if not gates:
        return OPEN
    under = {one.record_id: closed for one in orders if (closed := _held_by(one, gates))}
    new = [one for one in orders if one.record_id in under]
    known = _known(workspace_id, new)
    held = _open(new)
    new = [one for one in new if one.record_id not in known and not _reduces(one, held)]
    refused = {one.record_id for one in new if not one.record.get("order_id")}
    return Gated(
        {one.record_id: under[one.record_id] for one in new if one.record_id in refused},
        {one.record_id: under[one.record_id] for one in new if one.record_id not in refused},
    )


def _held_by(order: Announced, gates: Sequence[Closed]) -> Closed | None:
    fields = Fields(order.record)
    if fields.choice("status", STATUSES) is not OrderStatus.PLACED:
        return None
    protects = fields.choice("role", ROLES) in _WAYS_OUT or fields.text("parent_id")
    if protects or fields.text("position_id") or fields.number("filled_quantity"):
        return None
    at = fields.moment("at")
    for closed in gates:
        # What was placed before the lock and is told late has happened.
        if closed.holds(order.account_id, *order.names) and not (at and at < closed.since):
            return closed
    return None


def _known(workspace_id: int, orders: Sequence[Announced]) -> set[str]:
    """Those of which something was reported before."""
    if not orders:
        return set()
    rows = CapturedRecord.objects.filter(workspace_id=workspace_id, kind=CapturedKind.ORDER)
    sent = rows.filter(record_id__in=[one.record_id for one in orders])
    known = set(sent.values_list("record_id", flat=True))
    ids = {one.client_order_id for one in orders} - {""}
    accounts = {one.account_id for one in orders}
    booked = Order.objects.filter(account_id__in=accounts, client_order_id__in=ids)
    named = set(booked.values_list("account_id", "client_order_id"))
    for account_id, payload in rows.filter(batch=None).values_list("account_id", "payload"):
        named.add((account_id, str(json.loads(payload).get("client_order_id") or "")))
    return known | {
        one.record_id
        for one in orders
        if one.client_order_id and (one.account_id, one.client_order_id) in named
    }


def _open(orders: Sequence[Announced]) -> dict[Held, Decimal]:
    """What is open in the book, by account and contract."""
    lots = OpenLot.objects.filter(account_id__in={one.account_id for one in orders})
    rows = lots.values_list(
        "account_id", "instrument__symbol", "instrument__expiry_on", "instrument__strike", "instrument__right"
    )  # fmt: skip
    held: dict[Held, Decimal] = {}
    for account_id, symbol, *terms, quantity in rows.annotate(Sum("signed_quantity")):
        key = _held(account_id, symbol, terms)
        held[key] = held.get(key, ZERO) + quantity
    return held


def _held(account_id: int | None, symbol: str, terms: Sequence[object]) -> Held:
    """An option goes by the name of its root, however the rest is written."""
    stated = [one or None for one in terms]
    option = read_option(symbol) if stated[-1] else None
    return account_id, name_key(option.underlying if option else symbol), *stated


def _reduces(order: Announced, held: dict[Held, Decimal]) -> bool:
    """Whether it makes what is open less, and no more than that: what is left of it is for the orders after it."""
    fields, contract = Fields(order.record), order.contract
    side = fields.choice("side", SIDES)
    if side is None or contract is None:
        return False
    terms = (contract.expiry_on, contract.strike, contract.right)
    key = _held(order.account_id, contract.symbol, terms)
    room = -held.get(key, ZERO) if side is Side.BUY else held.get(key, ZERO)
    quantity = fields.positive("quantity") or ZERO
    if room <= 0 or quantity > room:
        return False
    held[key] += quantity if side is Side.BUY else -quantity
    return True
