"""Entries by hand and the fills that they sum up."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journal.domain.entered import Line, find_parts


def lines(text: str, prefix: str) -> list[Line]:
    """`4@10.04/10:31:12` is 4 at 10.04 at that time, in the order of its letter if one stands before it, `A:4@10/10:31`,
    and of the ticket in brackets, `4@10/10:31[7]`."""
    found = []
    for number, word in enumerate(text.split()):
        match = re.fullmatch(
            r"(?:(\w):)?([\d.]+)@([\d.]+)/(\d+):(\d+)(?::(\d+))?(?:\[(\w)\])?", word
        )
        assert match, word
        order, quantity, price, hour, minute, second, ticket = match.groups()
        at = datetime(2026, 6, 2, int(hour), int(minute), int(second or 0), tzinfo=UTC)
        found.append(
            Line(
                f"{prefix}{number}",
                order or "",
                ticket or "",
                at,
                Decimal(quantity),
                Decimal(price),
            )
        )
    return found


def parts(entries: str, fills: str) -> dict[str, str]:
    found = find_parts(lines(entries, "e"), lines(fills, "f"))
    return {key: " ".join(keys) for key, keys in found.items()}


@pytest.mark.parametrize(
    ("entries", "fills", "expected"),
    [
        pytest.param("10@10.05/10:31", "A:4@10.04/10:31:12 A:6@10.057/10:33:40", {"e0": "f0 f1"}, id="one order"),
        pytest.param("10@10.05/10:31", "4@10.04/10:31:12 6@10.057/10:33:40", {"e0": "f0 f1"}, id="no order"),
        pytest.param("10@10.05/10:31", "A:4@10.04/10:31 B:6@10.057/10:33", {}, id="two orders"),
        pytest.param("10@10.05/10:31", "A:4@10.04/10:31 A:7@10.057/10:33", {}, id="another sum"),
        pytest.param("10@10.05/10:31", "A:4@10.06/10:31 A:6@10.057/10:33", {}, id="a price that is not among theirs"),
        pytest.param("A:10@10.5/10:31", "A:4@10.06/10:31 A:6@10.057/10:33", {"e0": "f0 f1"}, id="the order's own id"),
        pytest.param("B:10@10.05/10:31", "A:4@10.04/10:31 A:6@10.057/10:33", {}, id="another order's id"),
        pytest.param("A:10@10.05/10:31", "4@10.04/10:31 6@10.057/10:33", {"e0": "f0 f1"}, id="an id that no fill has"),
        pytest.param("10@10/10:31", "A:10@10/15:55", {"e0": "f0"}, id="another minute"),
        pytest.param("10@10/10:31", "10@10/15:55 10@10/10:40", {"e0": "f1"}, id="the nearest"),
        pytest.param("10@10/10:31 10@10/15:50", "10@10/15:55 10@10/10:40", {"e0": "f1", "e1": "f0"}, id="each its own"),
        pytest.param("10@10/10:31 10@10/10:32", "10@10/10:40", {"e1": "f0"}, id="one for two entries"),
        pytest.param("5@10.05/10:31 5@10.05/10:32", "A:4@10.04/10:31 A:6@10.057/10:33", {}, id="two for one order"),
        pytest.param(
            "10@10.05/10:31 4@10.04/10:40", "A:4@10.04/10:36 A:6@10.057/10:37 B:4@10.04/11:00",
            {"e0": "f0 f1", "e1": "f2"}, id="the larger one first",
        ),
        pytest.param(
            "10@10.05/10:31", "4@10.04/10:31 6@9.9/10:32 6@10.057/10:33", {"e0": "f0 f2"}, id="those around its price",
        ),
        pytest.param("10@10/10:31", "4@9/10:31 6@11/10:31 5@10/12:00 5@10/12:01", {"e0": "f2 f3"}, id="its own price"),
        pytest.param("0.3@60000/10:31", "0.1@60000/10:31 0.2@60000/10:32", {"e0": "f0 f1"}, id="coins"),
        pytest.param("10@10/10:31[7]", "10@10/10:40[8] 10@10/10:50[7]", {"e0": "f1"}, id="its ticket"),
        pytest.param("10@10.0502/10:31", "10@10.0503/10:31:12", {"e0": "f0"}, id="a rounded price"),
    ],
)  # fmt: skip
def test_which_fills_an_entry_is(entries, fills, expected):
    assert parts(entries, fills) == expected


LINES = st.lists(
    st.tuples(
        st.sampled_from(["", "", "A:", "B:"]), st.integers(1, 6), st.integers(9, 11), st.integers(0, 59)
    ).map(lambda one: "{}{}@{}/10:{}".format(*one)),
    max_size=7,
).map(" ".join)  # fmt: skip


@given(entries=LINES, fills=LINES, seed=st.randoms())
def test_an_entry_is_fills_that_nobody_else_is_whatever_the_order(entries, fills, seed):
    said, done = lines(entries, "e"), lines(fills, "f")
    found = find_parts(said, done)
    by_key = {one.key: one for one in (*said, *done)}
    taken = [key for keys in found.values() for key in keys]
    assert len(taken) == len(set(taken))
    for key, keys in found.items():
        own = [by_key[one] for one in keys]
        assert sum(one.quantity for one in own) == by_key[key].quantity
        assert own == sorted(own, key=lambda one: one.at)
    seed.shuffle(said)
    seed.shuffle(done)
    assert find_parts(said, done) == found


@given(st.lists(st.lists(st.integers(1, 50), min_size=1, max_size=4), min_size=1, max_size=5))
def test_what_was_entered_of_each_order_is_found(orders):
    """Each order has a price of its own, so that none can be another one."""
    entries, fills = [], []
    for number, quantities in enumerate(orders):
        price, name = 10 + number, "ABCDE"[number]
        entries.append(f"{sum(quantities)}@{price}/10:{number}")
        fills += [f"{name}:{one}@{price}/11:{number}" for one in quantities]
    found = parts(" ".join(entries), " ".join(fills))
    assert len(found) == len(orders)
    assert sum(len(keys.split()) for keys in found.values()) == sum(map(len, orders))


# -- the table of docs/domain.md

TABLE = re.search(
    r"\| entered .*?\n\n", (Path(__file__).parents[3] / "docs/domain.md").read_text(), re.DOTALL
)
ROWS = [line.strip("| ").split(" | ") for line in TABLE[0].strip().splitlines()[2:]]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: " and ".join(row[:2]))
def test_the_documented_table(row):
    entries, fills, left = row
    said, done = lines(entries.replace("`", ""), "e"), lines(fills.replace("`", ""), "f")
    booked = len(said) - len(find_parts(said, done)) + len(done)
    assert booked == int(left)


def test_the_table_is_there():
    assert len(ROWS) > 4
