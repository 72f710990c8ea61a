"""Closing at tastytrade: orders that can only close, by a name of ours, each sent once.

The broker does not know an order by a name that came twice. So a name is looked for among the orders before anything is
sent again, and "strict-position-effect-validation" keeps an order that comes too late from opening something.

What a future is bought or sold for, the API does not let one say. So futures are not closed here but by a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx

from journal.brokers.base import InstrumentRow
from journal.brokers.fetching import Link, PullFault
from journal.brokers.live import ClosingOrder
from journal.brokers.tastytrade.row import read_money, words
from journal.brokers.tastytrade_json.cells import raw_of, text_of
from journal.brokers.tastytrade_json.lists import Item
from journal.brokers.tastytrade_json.live import Account, is_at_work, legs_of, quantity_of
from journal.brokers.tastytrade_json.session import Answer, code_of
from journal.brokers.text.numbers import read_number
from journal.domain.exact import divide
from journal.domain.fate import Fate, Reply
from journal.domain.values import ZERO, AssetClass, Side

# An order that was taken is in the list of today's orders at once; this is many times as long.
SETTLES_WITHIN = timedelta(seconds=10)
SOURCE = "Fillbook"
_ACTIONS = {Side.SELL: "Sell to Close", Side.BUY: "Buy to Close"}
_DAY = timedelta(days=1)
# Nothing left this machine.
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def send_close(link: Link, account_id: str, order: ClosingOrder) -> Reply:
    account = Account(link, account_id)
    try:
        body = _body(account, order)
        if isinstance(body, Reply):
            return body
        tried = _ask(account, f"{account.path}/orders/dry-run", body, is_dry=True)
        if tried is not None:
            return tried
    except PullFault as fault:
        # Up to here nothing was sent that is more than a question.
        return Reply(Fate.NEVER, reason=fault.message)
    return _ask(account, f"{account.path}/orders", body, is_dry=False) or Reply(Fate.UNKNOWN)


def find_order(link: Link, account_id: str, client_id: str) -> Reply:
    """Among today's orders first, then among those since yesterday. Raises PullFault."""
    account = Account(link, account_id)
    yesterday = (link.now() - _DAY).date()
    for orders in (account.live, lambda: account.orders_since(yesterday)):
        for item in orders():
            if item.get("external-identifier") == client_id:
                return reply_of(item)
    return Reply(Fate.NOT_FOUND)


def cancel_orders(link: Link, account_id: str, instrument: InstrumentRow) -> bool:
    """Whole orders, also where only one of their legs is of the instrument. Raises PullFault."""
    account = Account(link, account_id)
    found = _at_work(account, instrument)
    for path in sorted({_path(account, one) for one in found}):
        try:
            account.session.send("DELETE", path)
        except httpx.RequestError:
            # Whether it is gone is read.
            continue
    return not found or not _at_work(account, instrument)


def reply_of(item: Item) -> Reply:
    """By its fills, whatever the status says: an order may be called live that is filled."""
    raw = raw_of(item)
    quantity = filled = paid = ZERO
    for leg in item.get("legs") or []:
        quantity += read_number(text_of(raw_of(leg), "quantity")) or ZERO
        for fill in leg.get("fills") or []:
            one = raw_of(fill)
            count = read_number(text_of(one, "quantity")) or ZERO
            filled += count
            paid += count * (read_money(text_of(one, "fill-price")) or ZERO)
    price = divide(paid, filled) if filled and paid else None
    number = text_of(raw, "id")
    if words(text_of(raw, "status")) == "filled" or (quantity and filled >= quantity):
        return Reply(Fate.FILLED, filled or quantity, number, price=price)
    if is_at_work(item):
        return Reply(Fate.WORKING, filled, number, price=price)
    reason = text_of(raw, "reject-reason") or text_of(raw, "status")
    return Reply(Fate.REJECTED, filled, number, reason=reason[:200], price=price)


def _body(account: Account, order: ClosingOrder) -> Answer | Reply:
    """As the broker itself names the position; a refusal where it would not become less of it."""
    for raw in account.positions():
        if account.contract(raw) != order.instrument:
            continue
        held = quantity_of(raw)
        if (held > 0) is not (order.side is Side.SELL) or order.quantity > abs(held):
            return Reply(Fate.REJECTED, reason=f"The position is {held:f} by now.")
        if order.instrument.asset_class is AssetClass.FUTURE:
            return Reply(
                Fate.REJECTED,
                is_final=True,
                reason="tastytrade has no orders for futures that can only close.",
            )
        leg = {
            "instrument-type": text_of(raw, "instrument-type"),
            "symbol": raw["symbol"],
            "action": _ACTIONS[order.side],
            "quantity": _written(order.quantity),
        }
        return {
            "time-in-force": "Day",
            "order-type": "Market",
            "source": SOURCE,
            "external-identifier": order.client_id,
            "legs": [leg],
            "advanced-instructions": {"strict-position-effect-validation": True},
        }
    return Reply(Fate.REJECTED, reason="There is no such position any more.")


def _ask(account: Account, path: str, body: Answer, *, is_dry: bool) -> Reply | None:
    """None of a dry run where the order would be taken."""
    try:
        status, answer = account.session.send("POST", path, body)
    except _NOT_SENT as error:
        return Reply(Fate.NEVER, reason=type(error).__name__)
    except httpx.RequestError as error:
        return Reply(Fate.NEVER if is_dry else Fate.UNKNOWN, reason=type(error).__name__)
    except PullFault as fault:
        return Reply(Fate.NEVER, reason=fault.message)
    return _judge(status, answer, is_dry=is_dry)


def _judge(status: int, answer: Answer | None, *, is_dry: bool) -> Reply | None:
    taken = _order_in(answer)
    if status in (200, 201) and taken is not None:
        return None if is_dry else reply_of(taken)
    if status == 429 or (status == 401 and answer is None):
        # The front server said so, before anybody looked at the order.
        return Reply(Fate.NEVER, reason=f"status {status}")
    if 400 <= status < 500 and status != 408 and answer is not None:
        return Reply(Fate.REJECTED, is_final=status == 403, reason=_reason(status, answer))
    return Reply(Fate.NEVER if is_dry else Fate.UNKNOWN, reason=f"status {status}")


def _order_in(answer: Answer | None) -> Item | None:
    data = (answer or {}).get("data")
    order = data.get("order") if isinstance(data, Mapping) else None
    return order if isinstance(order, dict) else None


def _reason(status: int, answer: Answer) -> str:
    """Codes and sentences of the broker's; 403 is for want of the scope "trade"."""
    error = answer.get("error")
    more = (error.get("errors") or []) if isinstance(error, dict) else []
    rows = [one for one in more if isinstance(one, dict)]
    found = [code_of(answer), *(str(one.get("code") or one.get("reason") or "") for one in rows)]
    told = ", ".join(one[:80] for one in found if one)
    return f"{told} (status {status})" if told else f"status {status}"


def _at_work(account: Account, instrument: InstrumentRow) -> list[Item]:
    return [
        item
        for item in account.live()
        if is_at_work(item) and any(account.contract(leg) == instrument for leg in legs_of(item))
    ]


def _path(account: Account, item: Item) -> str:
    """One of a pair is taken back with the other."""
    raw = raw_of(item)
    several = text_of(raw, "complex-order-id")
    if several:
        return f"{account.path}/complex-orders/{several}"
    return f"{account.path}/orders/{text_of(raw, 'id')}"


def _written(quantity: Decimal) -> Any:
    whole = quantity.to_integral_value()
    return int(whole) if whole == quantity else f"{quantity:f}"
