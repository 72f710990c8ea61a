"""Which parts of fills only repeat what whole fills and orders say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.orders import OrderLine, find_repeated
from journal.domain.parts import Part, Whole, find_held, find_made
from journal.domain.values import Side

START = datetime(2026, 6, 1, 14, tzinfo=UTC)


def read(text: str) -> tuple[list[Part], list[Whole]]:
    """`p7:2@10/3` is a part of fill 7, 2 at 10 in second 3; `f` a fill, `o` an order; no number, it names no fill."""
    parts, wholes = [], []
    for number, word in enumerate(text.split()):
        head, rest = word.split(":")
        amount, at = rest.split("@")
        price, _, second = at.partition("/")
        said = (
            Side.SELL if amount.startswith("-") else Side.BUY,
            START + timedelta(seconds=float(second or 0)),
            abs(Decimal(amount)),
            Decimal(price),
        )
        if head[0] == "p":
            parts.append(Part(f"{number}", f"f{head[1:]}" if head[1:] else "", *said))
        else:
            key = head if head[1:] else f"{head}.{number}"
            wholes.append(Whole(key, head[0] == "o", *said))
    return parts, wholes


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("p7:2@10 f7:4@10", "0"),
        ("p7:2@10 p7:2@10 f7:4@10", "0 1"),
        # The fill is known to the thousandth of a second, or was read in another zone.
        ("p7:2@10 f7:4@10/3600.25", "0"),
        ("p7:2@10 f7:-4@10", ""),
        ("p7:2@10 f8:4@10/5", ""),
        ("p:2@10 f8:4@10", "0"),
        ("p:2@10 f8:4@10/0.7", "0"),
        ("p:2@10 f8:4@10.25", ""),
        ("p:-2@10 f8:4@10", ""),
        ("p:5@10 f8:4@10", ""),
        ("p:3@10 p:2@10 f8:4@10", "0"),
        ("p:1@10 p:3@10 f8:3@10 f9:1@10", "0 1"),
        # An order's price is an average.
        ("p:2@10 o:4@10.5", "0"),
        ("p:2@10 o:4@10.5/1", ""),
        # A part of fill 7 leaves that much less of it for others.
        ("p7:1@10 p8:1@10 f7:1@10", "0"),
    ],
)
def test_a_part_gives_way_to_what_can_hold_it(text, held):
    assert find_held(*read(text)) == set(held.split())


QUANTITIES = st.lists(st.integers(1, 9), min_size=1, max_size=5)


@given(
    fills=st.lists(st.tuples(QUANTITIES, st.integers(0, 3)), min_size=1, max_size=6),
    known=st.sets(st.integers(0, 5)),
    is_named=st.booleans(),
)
def test_what_is_booked_is_what_was_filled(fills, known, is_named):
    """Of every fill the parts are known, of some the whole too, at moments that may be the same."""
    text = []
    for number, (quantities, second) in enumerate(fills):
        name = number if is_named else ""
        text += [f"p{name}:{one}@1{number}/{second}" for one in quantities]
        if number in known:
            text.append(f"f{number}:{sum(quantities)}@1{number}/{second}")
    parts, wholes = read(" ".join(text))
    held = find_held(parts, wholes)
    booked = sum(one.quantity for one in parts if one.key not in held)
    booked += sum(one.quantity for one in wholes)
    assert booked == sum(sum(quantities) for quantities, _ in fills)


def test_an_order_gives_way_to_parts_that_make_it_and_holds_them_otherwise():
    day = START.date()
    order = OrderLine("o", True, "77", Side.BUY, day, Decimal(3), Decimal(10))
    parts = [OrderLine(f"p{n}", False, "", Side.BUY, day, Decimal(n), Decimal(10)) for n in (1, 2)]
    assert find_repeated([order, *parts]).keys == {"o"}
    assert find_repeated([order, parts[0]]).keys == set()
    # Fills of another order are not its own.
    others = [one._replace(order_id="78") for one in parts]
    assert find_repeated([order, *others]).keys == set()


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("p:1@10 p:2@10 o7:3@10", {"o7"}),
        ("p:1@10 p:2@11 o7:3@10.67", {"o7"}),
        ("p:1@10 o7:3@10", set()),
        ("p:4@10 o7:3@10", set()),
        ("p:1@10 p:2@10/1 o7:3@10", set()),
        ("p:-3@10 o7:3@10", set()),
        ("p:1@10 p:4@10 o7:3@10 o8:2@10", {"o7", "o8"}),
        ("p:3@10 o7:3@10 p:1@10/9 o8:2@10/9", {"o7"}),
        ("o7:3@10", set()),
    ],
)
def test_orders_give_way_to_parts_of_their_second_that_make_them(text, orders):
    made = find_made(*read(text))
    assert made.orders == orders
    assert bool(made.parts) is bool(orders)
