"""Which orders only repeat their single fills."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.orders import OrderLine, find_repeated
from journal.domain.values import Side


def lines(text: str) -> list[OrderLine]:
    """`o7:60@10/2` is an order row of order 7, 60 at 10 on day 2; `f` a fill, a minus a sale; no number, no id."""
    found = []
    for number, word in enumerate(text.split()):
        head, rest = word.split(":")
        amount, at = rest.split("@")
        price, _, day = at.partition("/")
        found.append(
            OrderLine(
                f"{head}.{number}",
                head[0] == "o",
                head[1:],
                Side.SELL if amount.startswith("-") else Side.BUY,
                date(2026, 6, int(day or 1)),
                abs(Decimal(amount)),
                Decimal(price),
            )
        )
    return found


@pytest.mark.parametrize(
    ("text", "repeated"),
    [
        ("o7:100@10 f7:60@10 f7:40@10", "o7.0"),
        ("o7:60@10/1 f7:40@10/2", ""),
        ("o7:60@10/1 o7:40@10/2 f7:40@10/2", "o7.1"),
        ("o7:100@10/2 f7:60@10/1 f7:40@10/2", "o7.0"),
        ("o7:100@10/3 f7:60@10/1 f7:40@10/2", "o7.0"),
        ("o7:100@10 f8:100@10", ""),
        ("o7:100@10 f7:-100@10", ""),
        ("o:100@10 f:60@10 f:40@10", "o.0"),
        ("o:100@10 f8:60@10 f8:40@10", "o.0"),
        ("o:100@10 f8:60@10 f9:40@10", ""),
        ("o:100@10 f:60@10", ""),
        ("o:100@10 f:100@10/2", ""),
        ("o:100@10 f:-100@10", ""),
        ("o:100@10 f:100@12", ""),
        ("o:100@10.5 f:50@10 f:70@10.7 f:50@11", "o.0"),
        ("o:100@10 f:100@12 f:100@10", "o.0"),
        ("o:50@10 o:50@10 f:50@10", "o.1"),
        ("o:50@10 o7:50@10 f7:50@10", "o7.1"),
        # The larger order could take fills of both others into its average, but they are theirs.
        ("o:10@11 o:9@10 f:3@10 f:6@10 o:2@12 f:2@12", "o.1 o.4"),
        ("o:9@10 f:8@10 o:8@10", "o.2"),
    ],
)
def test_an_order_gives_way_to_what_can_be_its_own(text, repeated):
    found = {key.split(".")[0] for key in find_repeated(lines(text)).keys}
    assert len(find_repeated(lines(text)).keys) == len(repeated.split())
    assert found == {one.split(".")[0] for one in repeated.split()}


def test_an_order_whose_fills_are_too_few_is_told():
    ((order, known),) = find_repeated(lines("o7:100@10 f7:60@10")).incomplete
    assert (order.quantity, known) == (100, 60)


QUANTITIES = st.lists(st.integers(1, 50), min_size=1, max_size=8)


@given(orders=st.lists(QUANTITIES, min_size=1, max_size=4), kept=st.sets(st.integers(0, 3)))
def test_what_is_booked_is_what_was_filled(orders, kept):
    """Every order has a row, and of some the fills are known too: together they count once."""
    text = []
    for number, parts in enumerate(orders):
        text.append(f"o{number}:{sum(parts)}@1{number}")
        if number in kept:
            text += [f"f{number}:{part}@1{number}" for part in parts]
    given_lines = lines(" ".join(text))
    repeated = find_repeated(given_lines)
    booked = sum(one.quantity for one in given_lines if one.key not in repeated.keys)
    assert booked == sum(map(sum, orders))
    nameless = [one._replace(order_id="") for one in given_lines]
    repeated = find_repeated(nameless)
    booked = sum(one.quantity for one in nameless if one.key not in repeated.keys)
    assert booked == sum(map(sum, orders))
