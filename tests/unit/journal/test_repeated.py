"""One account's fills, orders and round trips together: whatever was exported of them, every unit counts once."""

from __future__ import annotations

from collections import deque
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace

from hypothesis import given
from hypothesis import strategies as st

from journal.brokers.base import ORDER_AUTHORITY, PART_AUTHORITY
from journal.domain.values import TradingDay
from journal.selectors.evidence import Report
from journal.services.booking.repeated import without_repeats

START = datetime(2026, 6, 1, 14, tzinfo=UTC)
ACCOUNT = SimpleNamespace(trading_day=TradingDay("UTC"))
BLANK = dict.fromkeys(Report._fields, "") | {"report": "fill", "kind": "trade", "instrument_id": 1}


def report(key, authority, side, quantity, price, at, **more):
    values = BLANK | {
        "fill_key": f"b:{key}", "authority": authority, "side": side, "quantity": Decimal(quantity),
        "price": Decimal(price), "executed_at": at,
    }  # fmt: skip
    return Report(**(values | more))


def round_trips(fills):
    """Parts of fills (number, side, quantity, price, at), first in, first out."""
    held, parts = deque(), []
    for number, side, quantity, price, at in fills:
        left = quantity
        while left and held and held[0][1] != side:
            number_, side_, have, price_, at_ = held.popleft()
            moved = min(left, have)
            pair = f"{number_}:{number}"
            parts.append((f"{pair}:a", number_, side_, moved, price_, at_))
            parts.append((f"{pair}:b", number, side, moved, price, at))
            left -= moved
            if have > moved:
                held.appendleft((number_, side_, have - moved, price_, at_))
        if left:
            held.append((number, side, left, price, at))
    return parts


ORDERS = st.lists(
    st.tuples(st.sampled_from(["buy", "sell"]), st.integers(1, 4), st.integers(1, 3), st.integers(0, 2)),
    min_size=1, max_size=12,
)  # fmt: skip


@given(orders=ORDERS, known=st.sets(st.integers(0, 11)), is_named=st.booleans())
def test_every_unit_counts_once_whatever_was_exported(orders, known, is_named):
    """All orders and round trips, and the fills of some orders. An order is filled at once, in one to three fills."""
    at, fills, reports = START, [], []
    for number, (side, quantity, pieces, pause) in enumerate(orders):
        at += timedelta(seconds=pause)
        sizes = [quantity // pieces + (place < quantity % pieces) for place in range(pieces)]
        own = [
            (100 * number + place, side, size, 7000 + number, at)
            for place, size in enumerate(sizes)
            if size
        ]
        fills += own
        reports.append(
            report(
                f"order:{number}",
                ORDER_AUTHORITY,
                side,
                quantity,
                7000 + number,
                at,
                order_id=f"{number}",
            )
        )
        if number in known:
            reports += [report(key, 40, *rest, order_id=f"{number}") for key, *rest in own]
    for key, whole, *rest in round_trips(fills):
        trade_id = f"{whole}" if is_named else ""
        reports.append(report(f"part:{key}", PART_AUTHORITY, *rest, trade_id=trade_id))
    left, _ = without_repeats(ACCOUNT, 1, sorted(reports, key=lambda one: one.authority))
    for side in ("buy", "sell"):
        booked = sum(one.quantity for one in left if one.side == side)
        assert booked == sum(quantity for way, quantity, *_ in orders if way == side)
