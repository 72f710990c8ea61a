import numpy as np
import pytest

from learning.domain.claims.regime import (
    LEAST_SIDE,
    NEWEST,
    Split,
    steepest_fall,
    weights_since,
)

NILE = np.array(
    [
        "1120",
        "1160",
        "963",
        "1210",
        "1160",
        "1160",
        "813",
        "1230",
        "1370",
        "1140",
        "995",
        "935",
        "1110",
        "994",
        "1020",
        "960",
        "1180",
        "799",
        "958",
        "1140",
        "1100",
        "1210",
        "1150",
        "1250",
        "1260",
        "1220",
        "1030",
        "1100",
        "774",
        "840",
        "874",
        "694",
        "940",
        "833",
        "701",
        "916",
        "692",
        "1020",
        "1050",
        "969",
        "831",
        "726",
        "456",
        "824",
        "702",
        "1120",
        "1100",
        "832",
        "764",
        "821",
        "768",
        "845",
        "864",
        "862",
        "698",
        "845",
        "744",
        "796",
        "1040",
        "759",
        "781",
        "865",
        "845",
        "944",
        "984",
        "897",
        "822",
        "1010",
        "771",
        "676",
        "649",
        "846",
        "812",
        "742",
        "801",
        "1040",
        "860",
        "874",
        "848",
        "890",
        "744",
        "749",
        "838",
        "1050",
        "918",
        "986",
        "797",
        "923",
        "975",
        "815",
        "1020",
        "906",
        "901",
        "1170",
        "912",
        "746",
        "919",
        "718",
        "714",
        "740",
    ],
    dtype=float,
)
"""Annual flow 1871 to 1970."""


def rng():
    return np.random.default_rng(1)


def test_the_nile_changed_after_1898():
    split = steepest_fall(NILE, np.arange(100), rng())
    assert 1871 + split.first - 1 == 1898
    assert split.is_alarm()
    assert (split.before, split.after) == pytest.approx((1097.75, 849.97), abs=0.01)


def test_a_rise_is_no_alarm():
    assert not steepest_fall(NILE[::-1].copy(), np.arange(100), rng()).is_alarm()


def test_only_the_newest_are_looked_at_and_positions_count_from_the_first():
    values = np.append(np.full(500, 5.0), NILE)
    values[:500] += np.random.default_rng(2).normal(0, 1, 500)
    split = steepest_fall(values[-NEWEST - 50 :], np.arange(NEWEST + 50), rng())
    assert split.first >= 50 + LEAST_SIDE


def test_more_of_the_weaker_strategy_is_no_change_of_regime():
    random = np.random.default_rng(3)
    strategy = np.append(np.zeros(100, int), np.ones(100, int))
    strategy[::7] = 1 - strategy[::7]
    values = np.where(strategy == 0, 0.5, -0.2) + random.normal(0, 0.1, 200)
    weeks = np.arange(200)
    assert steepest_fall(values, weeks, rng()).is_alarm()
    assert not steepest_fall(values, weeks, rng(), strata=strategy).is_alarm()


def test_one_bad_week_is_not_a_regime():
    values = np.random.default_rng(4).normal(0.1, 0.2, 120)
    values[95:] -= 1.0
    weeks = np.append(np.arange(95) // 5, np.full(25, 19))
    as_single = steepest_fall(values, np.arange(120), rng())
    assert as_single.is_alarm()
    assert not steepest_fall(values, weeks, rng()).is_alarm()


def test_too_few_or_the_same_throughout():
    assert steepest_fall(np.arange(2.0 * LEAST_SIDE - 1), np.arange(39), rng()) is None
    assert steepest_fall(np.full(100, 0.3), np.arange(100), rng()) is None
    two = np.tile([0, 1], 50)
    assert steepest_fall(two * 1.0, np.arange(100), rng(), strata=two) is None


def test_the_same_dice_give_the_same_answer():
    assert steepest_fall(NILE, np.arange(100), rng()) == steepest_fall(NILE, np.arange(100), rng())


def test_after_a_change_earlier_trades_count_for_less():
    known_at = np.array([10, 20, 30, 40])
    assert list(weights_since(known_at, 30)) == [0.3, 0.3, 1, 1]
    assert weights_since(known_at, None) is None
    assert not Split(1, 0, 0, 0, 0.005).is_alarm()
