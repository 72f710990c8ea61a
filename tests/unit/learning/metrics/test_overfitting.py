from itertools import combinations

import numpy as np
import pytest

from learning.domain.figures import Reason
from learning.domain.metrics.disposition import Counts, disposition
from learning.domain.metrics.excursions import excursion_metrics
from learning.domain.metrics.overfitting import backtest_overfitting


def by_hand(weekly, blocks):
    """The definition, split by split."""
    parts = np.array_split(np.arange(len(weekly)), blocks)
    lost = total = 0
    for chosen in combinations(range(blocks), blocks // 2):
        inside = np.concatenate([parts[i] for i in chosen])
        outside = np.setdiff1d(np.arange(len(weekly)), inside)
        best = (weekly[inside].mean(0) / weekly[inside].std(0)).argmax()
        ratios = weekly[outside].mean(0) / weekly[outside].std(0)
        rank = (ratios < ratios[best]).sum() + 1
        lost += rank / (weekly.shape[1] + 1) <= 0.5
        total += 1
    return lost / total


def test_it_is_what_the_definition_says():
    for seed in range(5):
        weekly = np.random.default_rng(seed).normal(0, 1, (60, 7))
        assert backtest_overfitting(weekly, 6).value == pytest.approx(by_hand(weekly, 6))


def test_one_that_is_really_better_is_not_luck():
    weekly = np.random.default_rng(1).normal(0, 1, (100, 20))
    weekly[:, 3] += 1.0
    assert backtest_overfitting(weekly).value == 0


def test_what_is_the_same_is_no_better_than_luck():
    column = np.random.default_rng(1).normal(0, 1, (40, 1))
    assert backtest_overfitting(np.tile(column, 5)).value == 1.0


def test_what_does_not_vary_is_told():
    weekly = np.zeros((40, 3))
    weekly[:, 1] = 0.1
    assert backtest_overfitting(weekly).value == 0.0
    assert backtest_overfitting(np.zeros((40, 3))).value == 1.0


def test_it_asks_for_two_settings_and_eight_weeks():
    assert backtest_overfitting(np.zeros((40, 1))).least == 2
    few = backtest_overfitting(np.random.default_rng(0).normal(size=(7, 4)))
    assert (few.reason, few.least) == (Reason.TOO_FEW, 8)
    assert backtest_overfitting(np.random.default_rng(0).normal(size=(8, 4)), 10).value is not None
    with pytest.raises(ValueError, match="odd"):
        backtest_overfitting(np.zeros((40, 3)), 7)


def test_excursions_leave_out_what_has_no_path():
    nan = np.nan
    figures = excursion_metrics(
        np.array([1.0, 0.5, nan]), np.array([-0.25, -0.5, -1]), np.array([0.5, -0.25, 1])
    )
    assert figures["mfe"].value == 0.75
    assert figures["mae"].value == -0.375
    assert figures["edge_ratio"].value == 2
    assert figures["exit_efficiency"].value == pytest.approx(0.25 / 1.5)
    assert {one.n for one in figures.values()} == {2}
    none = excursion_metrics(np.array([nan]), np.array([nan]), np.array([1.0]))
    assert {one.reason for one in none.values()} == {Reason.NO_PATH}
    one = excursion_metrics(np.array([1.0]), np.array([0.0]), np.array([1.0]))
    assert one["edge_ratio"].least == 2
    never = excursion_metrics(np.zeros(3), np.zeros(3), -np.ones(3))
    assert never["edge_ratio"].reason is Reason.NO_DRAWDOWN
    assert never["exit_efficiency"].reason is Reason.NO_WINNERS


def test_disposition_asks_for_ten_in_every_cell():
    told = disposition(Counts(30, 30, 20, 60))
    assert told.value == 0.25
    few = disposition(Counts(30, 9, 20, 60))
    assert (few.reason, few.least) == (Reason.TOO_FEW, 10)
