import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.domain.parameters.candidates import NEVER
from learning.domain.parameters.maturity import closing_shares, matured, mean_r, win_rate


def test_shares_are_those_of_kaplan_and_meier():
    """Four trades held 2, 3 (open), 4, 6: S = 3/4, 3/4, 3/8, 0."""
    opened = np.array([0, 7, 0, 0])
    closed = np.array([2, NEVER, 4, 6])
    shares, left = closing_shares(opened, closed, 10)
    assert shares == pytest.approx([0.25, 0.0, 0.375, 0.375])
    assert left == pytest.approx(0.0)


def test_with_nothing_open_it_is_the_plain_share():
    opened = np.arange(20)
    shares, _ = closing_shares(opened, opened + 5, 1_000)
    assert shares == pytest.approx(np.full(20, 0.05))
    won = np.arange(20) < 13
    figure = win_rate(won, opened, opened + 5, 1_000)
    assert figure.value == pytest.approx(0.65)
    z2 = 1.6448536269514722**2
    half = np.sqrt(z2 * (0.65 * 0.35 / 20 + z2 / 1_600)) / (1 + z2 / 20)
    assert figure.ci.low == pytest.approx((0.65 + z2 / 40) / (1 + z2 / 20) - half)
    assert mean_r(won * 1.0, opened, opened + 5, 1_000).value == pytest.approx(0.65)


def test_what_closed_later_is_open_now_whatever_the_column_says():
    opened = np.zeros(12, np.int64)
    closed = np.arange(1, 13)
    truncated = np.where(closed <= 6, closed, NEVER)
    for known in (closed, truncated):
        shares, left = closing_shares(opened, known, 6)
        assert left == pytest.approx(0.5)
        assert (shares[6:] == 0).all()


def test_it_refuses_what_is_undecided_or_few():
    opened = np.zeros(12, np.int64)
    nobody = np.full(12, NEVER)
    won = np.zeros(12, np.bool_)
    assert win_rate(won, opened, nobody, 10).reason is Reason.NOT_MATURED
    half = np.where(np.arange(12) < 6, 5, NEVER)
    assert win_rate(won, opened, half, 10).reason is Reason.NOT_MATURED
    few = win_rate(won[:4], opened[:4], np.full(4, 5), 10)
    assert (few.reason, few.least) == (Reason.TOO_FEW, 10)
    assert win_rate(won[:0], opened[:0], nobody[:0], 10).n == 0


def test_all_winners_leave_room_for_a_loss():
    figure = win_rate(np.ones(12, np.bool_), np.zeros(12, np.int64), np.arange(1, 13), 20)
    assert figure.value == pytest.approx(1.0)
    assert figure.ci.low < 0.85


def test_a_cohort_is_old_enough():
    assert list(matured(np.array([0, 50, 60]), 100, 50)) == [True, True, False]
