import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from learning.domain.claims.gates import INSIGHT, SIZING, SYMBOL, Sample, upper_half
from learning.domain.claims.grades import Grade, grade, likelihood, visible_gap


def test_grades():
    assert grade(0.5, is_confirmed=True) is Grade.A
    assert grade(0.99, is_confirmed=True, benefit=-0.1) is Grade.B
    assert grade(0.5, is_raised=True) is Grade.B
    assert [grade(p) for p in (0.95, 0.94, 0.80, 0.79)] == [Grade.B, Grade.C, Grade.C, Grade.D]


@given(st.floats(0, 1), st.floats(0, 1), st.booleans(), st.booleans())
def test_more_evidence_never_lowers_a_grade(one, other, is_raised, is_confirmed):
    low, high = sorted((one, other))
    assert grade(high) <= grade(low)
    assert grade(low, is_raised=is_raised, is_confirmed=is_confirmed) <= grade(low)


@pytest.mark.parametrize(
    ("probability", "word"),
    [
        (0.99, "very likely"),
        (0.80, "likely"),
        (0.65, "leaning"),
        (0.5, "can't tell"),
        (0.35, "can't tell"),
        (0.3, "leaning"),
        (0.01, "very likely"),
    ],
)
def test_words(probability, word):
    assert likelihood(probability) == word


def test_six_trades_can_only_show_a_wide_gap():
    assert visible_gap(0.45 / np.sqrt(6)) == pytest.approx(0.46, abs=0.005)


def test_gates_say_what_is_missing():
    sample = Sample(n=45, smaller_arm=6, winners=43, losers=2, weeks=9)
    assert INSIGHT.lacking(sample) == {"smaller_arm": 2, "losers": 3}
    assert SYMBOL.is_open(sample)
    assert not SIZING.is_open(sample)


def test_samples_are_counted_from_results():
    result = np.array([1, 1, 0, -1, 1])
    arm = upper_half(np.array([3.0, 1, 2, 5, 4]))
    assert list(arm) == [0, 0, 0, 1, 1]
    assert Sample.of(result, np.array([1, 1, 2, 2, 2]), arm) == Sample(5, 2, 3, 1, 2)
    assert list(upper_half(np.array([0.0, 1, 1, 1]))) == [0, 1, 1, 1]
