"""Any entries and fills, in any order, undone or not."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.doors import undo
from tests.effort import examples
from tests.integration.journal.entered_orders.files import (
    ENTRY,
    PIECES,
    book,
    bot,
    entry,
    flex,
    take,
)
from tests.integration.journal.test_many_sources import new_workspace

PRICES = ("10", "10.05", "10.1")
FILLS = st.tuples(
    st.sampled_from(["A", "B", ""]), st.sampled_from(["+", "-"]), st.integers(1, 4), st.sampled_from(PRICES),
    st.sampled_from(["093112", "103140", "200001", "235959", "3;000001", "3;103100"]),
)  # fmt: skip
ENTRIES = st.tuples(
    st.sampled_from(["", "", "A:"]), st.sampled_from(["+", "-"]), st.integers(1, 8), st.sampled_from(PRICES),
    st.sampled_from(["09:31", "10:31", "23:59"]),
).map(lambda one: "{}{}{}@{} {}".format(*one))  # fmt: skip


@st.composite
def worlds(draw) -> tuple[list[str], list[int], list[int]]:
    fills = [
        f"{number}:{order}:{sign}{units}@{price} {clock}"
        for number, (order, sign, units, price, clock) in enumerate(
            draw(st.lists(FILLS, min_size=1, max_size=6)), 1
        )
    ]
    cut = draw(st.integers(0, len(fills)))
    files = [flex(*some) for some in (fills[:cut], fills[cut:]) if some]
    told = [one for one in fills if draw(st.booleans())]
    if told:
        files.append(bot(*told))
    entered = draw(st.lists(ENTRIES, min_size=1, max_size=3))
    files += [entry(one) for one in entered]
    order = draw(st.permutations(range(len(files))))
    undone = draw(st.sets(st.integers(0, len(files) - 1), max_size=2))
    return files, list(order), sorted(undone)


def after(files: Sequence[str], order: Sequence[int], undone: Sequence[int] = ()):
    workspace = new_workspace()
    batches = {number: take(workspace, files[number]) for number in order}
    for number in undone:
        undo(workspace, batches[number])
    return book(workspace)


@settings(
    max_examples=examples(15),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds())
@example(world=([PIECES, ENTRY, entry("+4@10.04 10:32")], [1, 2, 0], [0]))
@example(
    world=(
        [
            flex(
                "1:A:-2@10 093112", "2:A:+1@10 093112", "3:A:+1@10 093112", "4:A:-2@10 200001",
                "5:A:+1@10 093112", "6:A:+1@10 093112",
            ),
            bot("3:A:+1@10 093112"), entry("+1@10 09:31"), entry("-4@10 09:31"), entry("+1@10 09:31"),
        ],
        [4, 0, 1, 3, 2],
        [],
    )
)  # fmt: skip
def test_the_book_follows_from_what_is_left(db, world):
    files, order, undone = world
    left = [number for number in range(len(files)) if number not in undone]
    assert after(files, order, undone) == after(files, left)


@settings(
    max_examples=examples(10),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(world=worlds())
def test_no_fill_of_a_statement_is_lost_to_an_entry(db, world):
    files, order, _ = world
    stated = [number for number in order if files[number][0] == "<"]
    assert not after(files, stated) - after(files, order)
