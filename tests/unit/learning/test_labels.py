"""Names of points in a plot."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from learning.charts import labels

SHARE = st.floats(0, 1)


def test_a_name_stands_towards_the_middle():
    assert labels.sides_of([(0.2, 0.5), (0.8, 0.5)], ["one", "two"]) == [
        "middle right", "middle left",
    ]  # fmt: skip


def test_two_beside_each_other_are_named_on_different_sides():
    left, right = labels.sides_of([(0.6, 0.5), (0.7, 0.47)], ["iron condor", "bull put spread"])
    assert (left, right) == ("middle left", "bottom center")


def test_of_those_in_one_place_one_is_named():
    crowd = [(0.5, 0.5)] * 9
    assert labels.sides_of(crowd, ["strategy"] * 9).count(None) == 8


@given(st.lists(st.tuples(SHARE, SHARE, st.text("abc", min_size=1, max_size=20)), max_size=12))
def test_no_name_lies_upon_another_or_beyond_the_plot(drawn):
    points, names = [(x, y) for x, y, _ in drawn], [name for _, _, name in drawn]
    sides = labels.sides_of(points, names)
    boxes = [
        labels._box(x, y, side, len(name) * labels._LETTER)
        for (x, y), name, side in zip(points, names, sides, strict=True)
        if side
    ]
    for at, one in enumerate(boxes):
        assert one.left >= 0
        assert one.right <= 1
        assert not any(one.meets(other) for other in boxes[:at])
