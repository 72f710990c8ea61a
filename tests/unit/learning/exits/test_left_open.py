"""Winners that are taken by hand, beside what is left open on the same day."""

import numpy as np

from learning.domain.exits.left_open import counted_days
from learning.domain.exits.paths import Paths
from learning.domain.metrics.disposition import Counts, disposition
from learning.domain.seconds import DAY

NOON = DAY // 2


def followed(days: list[tuple[int, int]], marks: list[list[float]]):
    """Trades from one day to another, marked at each noon."""
    at = [
        np.array([day * DAY + NOON for day in range(begin, begin + len(each))])
        for (begin, _), each in zip(days, marks, strict=True)
    ]
    paths = Paths.of([np.array(each) for each in marks], at, np.zeros(len(days), np.int64))
    return paths, np.array([end * DAY + NOON for _, end in days])


def test_what_is_closed_by_hand_is_held_against_what_is_left_open_that_day():
    days = [(0, 2), (0, 5), (1, 5), (0, 1), (3, 5)]
    marks = [
        [0.0, 0.2, 0.5],  # taken by hand on day 2, at a gain
        [0.0, 0.1, -0.4, 0.9, 0.9, 0.9],  # behind that evening, a gain only later
        [0.0, 0.3, 0.3, 0.3, 0.3],  # ahead that evening
        [0.0, -1.0],  # was over by then
        [0.0, 0.1, 0.1],  # not there yet
    ]
    paths, closed = followed(days, marks)
    made = np.array([0.5, 0.9, 0.3, -1.0, 0.1])
    by_hand = np.array([True, False, False, False, False])
    assert counted_days(paths, closed, made, by_hand) == Counts(1, 1, 0, 1)


def test_without_a_close_by_hand_there_is_no_day_to_count():
    paths, closed = followed([(0, 2)], [[0.0, 0.2, 0.5]])
    found = counted_days(paths, closed, np.array([0.5]), np.array([False]))
    assert found == Counts(0, 0, 0, 0)
    assert disposition(found).least == 10


def test_who_takes_winners_and_keeps_losers_sells_winners_sooner():
    """Of pairs opened each day one is ahead: it is taken the next day, the other is kept for thirty."""
    days = [pair for day in range(40) for pair in ((day, day + 1), (day, day + 30))]
    marks = [each for _ in range(40) for each in ([0.0, 0.5], [0.0, *[-0.5] * 30])]
    paths, closed = followed(days, marks)
    made = np.array([0.5, -0.5] * 40)
    told = counted_days(paths, closed, made, np.ones(80, np.bool_))
    assert (told.realised_gains, told.realised_losses) == (40, 40)
    assert told.paper_losses > 400
    # A gain of the day before is always taken; few are left open.
    assert disposition(Counts(40, 40, 40, told.paper_losses)).value > 0.3
