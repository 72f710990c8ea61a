import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.learning.exits import RULES, at_trigger, walks
from benchmarks.learning.worlds import generator
from learning.domain.exits.paths import Paths, Resolution
from learning.domain.exits.replay import (
    Fills,
    NotReplayable,
    Rule,
    Watch,
    at_next_quote,
    audit,
    decisions,
    replay,
)

HOUR, DAY = 3_600, 86_400


def paths_of(
    *marks: list[float], resolution: Resolution = Resolution.INTRADAY, every: int = HOUR
) -> Paths:
    return Paths.of(
        [np.array(one) for one in marks],
        [np.arange(len(one)) * every for one in marks],
        np.arange(len(marks)),
        resolution,
    )


def test_a_rule_is_filled_at_the_quote_after_its_decision():
    paths = paths_of([0.0, -0.4, -1.1, -1.3, 0.5], [0.0, 0.3, 0.6, 0.4], [0.0, 0.1, 0.2])
    rule = Rule(stop=1.0, target=0.5)
    assert list(decisions(paths, rule)) == [2, 2, 2]
    assert list(replay(paths, rule)) == [-1.3, 0.4, 0.2]


def test_what_acts_at_the_last_moment_is_filled_there():
    assert list(replay(paths_of([0.0, 0.1, 0.7]), Rule(target=0.5))) == [0.7]
    assert list(replay(paths_of([0.0]), Rule(target=0.5))) == [0.0]


def test_a_limit_of_time():
    paths = paths_of([0.0, 0.1, 0.2, 0.3, 0.4])
    assert list(replay(paths, Rule(seconds=2 * HOUR))) == [0.3]
    assert list(replay(paths, Rule())) == [0.4]


def test_a_rule_that_watches_the_close_does_not_see_the_day():
    paths = paths_of([0.0, -2.0, 0.1, 0.2, -1.2, -1.5], every=DAY // 2)
    assert list(replay(paths, Rule(stop=1.0))) == [0.1]
    assert list(decisions(paths, Rule(stop=1.0, watch=Watch.CLOSE))) == [1]
    calm = paths_of([0.0, 0.1, -2.0, 0.2, -0.5, -1.5, -1.6], every=DAY // 2)
    assert list(decisions(calm, Rule(stop=1.0, watch=Watch.CLOSE))) == [5]


def test_one_price_a_day_does_not_decide_a_stop_within_it():
    daily = paths_of([0.0, -1.2, 0.3], resolution=Resolution.DAILY, every=DAY)
    with pytest.raises(NotReplayable, match="one price a day"):
        replay(daily, Rule(stop=1.0))
    assert list(replay(daily, Rule(stop=1.0, watch=Watch.CLOSE))) == [0.3]
    assert list(replay(daily, Rule(seconds=DAY))) == [0.3]


def test_fills_at_the_trigger_are_refused():
    with pytest.raises(NotReplayable, match="at the moment of their decision"):
        replay(walks(generator("trigger"), 60), RULES[50], at_trigger)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda one: Fills(one.decided, one.filled, one.r + 0.01), "not quoted"),
        (lambda one: Fills(one.decided, one.filled + 99, one.r), "nobody observed"),
        (lambda one: Fills(one.decided - 1, one.filled, one.r), "does not support"),
        (lambda one: Fills(one.decided, one.decided, one.r), "before it"),
        (lambda one: Fills(one.decided, one.filled, one.r * np.nan), "without a price"),
    ],
)
def test_each_way_to_make_up_a_fill_is_told(spoil, told):
    paths, rule = walks(generator("audit"), 40), RULES[40]
    honest = at_next_quote(paths, rule, decisions(paths, rule))
    assert audit(paths, rule, honest) is None
    assert told in (audit(paths, rule, spoil(honest)) or "")


@given(st.integers(0, 143), st.integers(0, 30))
def test_no_fill_comes_before_its_decision(which, seed):
    paths = walks(np.random.default_rng(seed), 20)
    fills = at_next_quote(paths, RULES[which], decisions(paths, RULES[which]))
    assert audit(paths, RULES[which], fills) is None
    assert (fills.filled < paths.count).all()


def test_paths_are_whole():
    with pytest.raises(ValueError, match="without gaps"):
        paths_of([0.0, np.nan, 0.2])
    with pytest.raises(ValueError, match="different lengths"):
        Paths(np.zeros((2, 3)), np.zeros((2, 3), np.int64), np.full(2, 3), np.zeros(3, np.int64))
    with pytest.raises(ValueError, match="above 0"):
        Rule(stop=0.0)
