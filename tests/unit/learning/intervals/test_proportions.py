import pytest
from statsmodels.stats.proportion import proportion_confint

from learning.domain.intervals.proportions import clopper_pearson, jeffreys, wilson

# Newcombe 1998, Table I.
PUBLISHED = [
    (wilson, 81, 263, 0.2553, 0.3662),
    (wilson, 15, 148, 0.0624, 0.1605),
    (wilson, 0, 20, 0.0, 0.1611),
    (wilson, 1, 29, 0.0061, 0.1718),
    (clopper_pearson, 81, 263, 0.2527, 0.3676),
    (clopper_pearson, 15, 148, 0.0578, 0.1617),
    (clopper_pearson, 0, 20, 0.0, 0.1684),
    (clopper_pearson, 1, 29, 0.0009, 0.1776),
]


@pytest.mark.parametrize(("method", "count", "n", "low", "high"), PUBLISHED)
def test_intervals_of_newcombe(method, count, n, low, high):
    interval = method(count, n, 0.95)
    assert (interval.low, interval.high) == (
        pytest.approx(low, abs=5e-5),
        pytest.approx(high, abs=5e-5),
    )


@pytest.mark.parametrize(
    ("method", "name"), [(wilson, "wilson"), (jeffreys, "jeffreys"), (clopper_pearson, "beta")]
)
def test_intervals_of_statsmodels(method, name):
    for n in (1, 2, 7, 40):
        for count in range(1, n):
            interval = method(count, n, 0.90)
            low, high = proportion_confint(count, n, alpha=0.1, method=name)
            assert (interval.low, interval.high) == (pytest.approx(low), pytest.approx(high))
            assert interval.level == 0.90


@pytest.mark.parametrize("method", [wilson, jeffreys, clopper_pearson])
def test_none_and_all_reach_the_ends(method):
    for n in (1, 5, 1000):
        assert method(0, n).low == 0.0
        assert method(n, n).high == 1.0
