import numpy as np
import pytest

from learning.domain.intervals.sequences import (
    TUNED_FOR,
    confidence_sequence,
    edge_seen,
    half_width,
    interval_now,
)


def test_it_shrinks_as_trades_come():
    n = np.array([20.0, 100, 500, 5000])
    widths = half_width(n, np.ones(4))
    assert (np.diff(widths) < 0).all()


def test_it_costs_half_as_much_again_as_one_look():
    ratio = half_width(np.array([TUNED_FOR * 1.0]), np.ones(1))[0] / (1.96 / TUNED_FOR**0.5)
    assert 1.4 < ratio < 1.7


def test_it_is_tuned_where_it_says():
    at = np.array([100.0])
    here = half_width(at, np.ones(1), tuned_for=100)
    for other in (20, 50, 200, 500):
        assert here < half_width(at, np.ones(1), tuned_for=other)


def test_the_band_is_the_interval_of_each_moment():
    values = np.random.default_rng(0).normal(0.3, 1, 60) + 1e6
    band = confidence_sequence(values)
    assert list(band.n) == list(range(20, 61))
    for n in (20, 37, 60):
        now = interval_now(n, values[:n].mean(), values[:n].var(ddof=1))
        assert band.low[n - 20] == pytest.approx(now.low)
        assert band.high[n - 20] == pytest.approx(now.high)
    assert interval_now(19, 0.0, 1.0) is None
    assert len(confidence_sequence(values[:5]).n) == 0
    assert len(confidence_sequence(values[:0]).n) == 0


def test_an_edge_is_seen_when_it_is_there():
    rng = np.random.default_rng(1)
    assert edge_seen(rng.normal(1, 1, 200)) <= 60
    assert edge_seen(rng.normal(-1, 1, 200)) is None


def test_no_edge_is_seen_before_losses_are():
    won = np.full(60, 0.2) + np.linspace(0, 0.01, 60)
    assert (confidence_sequence(won).low > 0).all()
    assert edge_seen(won) is None
    assert edge_seen(np.append(won, [-0.1] * 5)) == 65
