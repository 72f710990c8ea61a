import numpy as np
import pytest

from learning.domain.claims.luck import Slices, gain_of_dropping, luck_lines, worst_dropped

from .worlds import spreads


def rng():
    return np.random.default_rng(1)


def noise(n=200, reports=8, seed=2):
    random = np.random.default_rng(seed)
    return spreads(random, n), {str(at): random.integers(0, 5, n) for at in range(reports)}


def test_a_bucket_that_means_something_leaves_the_line():
    r, reports = noise()
    r = r - 0.6 * (reports["3"] == 2)
    lines = luck_lines(r, reports, np.arange(200), rng())
    line = lines["3"]
    assert line.means[2] < line.low[2]
    assert line.p_worst < 0.01
    assert lines["1"].p_best > 0.05
    assert line.means[2] == pytest.approx(r[reports["3"] == 2].mean())
    assert list(line.counts) == [int(np.sum(reports["3"] == code)) for code in range(5)]


def test_the_line_of_all_slices_is_wider_than_that_of_one_and_of_small_buckets_than_of_large():
    r, reports = noise()
    reports["3"] = np.where(np.arange(200) < 10, 0, 1)
    together = luck_lines(r, reports, np.arange(200), rng())["3"]
    alone = luck_lines(r, reports, np.arange(200), rng(), together=False)["3"]
    assert (together.high > alone.high).all()
    assert together.high[0] > together.high[1]


def test_buckets_under_five_trades_and_unknown_ones_are_not_judged():
    codes = np.array([0] * 4 + [1] * 10 + [-1] * 6 + [2] * 10)
    slices = Slices.of({"x": codes})
    assert list(slices.codes) == [1, 2]
    assert luck_lines(np.ones(30), {"x": codes}, np.arange(30), rng()) == {}
    assert luck_lines(np.arange(30.0), {"x": np.zeros(30, int)}, np.arange(30), rng()) == {}
    assert luck_lines(np.empty(0), {}, np.empty(0, int), rng()) == {}


def test_a_search_drops_the_worst_then_the_worst_of_what_is_left():
    member = np.repeat(np.eye(3), 6, axis=0)
    rows = np.repeat([[-1.0, -0.5, 1.0]], 6, axis=1).reshape(3, 6).T.reshape(1, -1)
    rows = np.repeat([-1.0, -0.5, 1.0], 6)[None, :]
    found = worst_dropped(rows, member, 2)
    assert found.buckets.tolist() == [[0, 1]]
    assert found.mean_kept[0] == pytest.approx(1.0)
    assert worst_dropped(rows, member, 3).mean_kept[0] == pytest.approx(1.0)


def test_the_gain_of_dropping_what_is_really_bad_remains():
    r, reports = noise(400)
    r = r - 0.7 * (reports["3"] == 2)
    gain = gain_of_dropping(r, reports, [("3", 2)], np.arange(400), rng())
    assert gain.raw == pytest.approx(r[reports["3"] != 2].mean() - r.mean())
    assert gain.adjusted == pytest.approx(gain.raw - gain.luck)
    assert gain.interval.low > 0.02
    assert gain.p < 0.01
    assert gain.kept == np.sum(reports["3"] != 2)


def test_nothing_dropped_or_nothing_left_is_no_gain():
    r, reports = noise(60, 1)
    weeks = np.arange(60)
    assert gain_of_dropping(r, reports, [], weeks, rng()) is None
    everything = [("0", code) for code in range(5)]
    assert gain_of_dropping(r, reports, everything, weeks, rng()) is None
    assert gain_of_dropping(np.ones(60), reports, [("0", 1)], weeks, rng()) is None
