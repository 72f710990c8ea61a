from dataclasses import replace

import numpy as np
import pytest

from benchmarks.learning.proposals import threshold_world
from benchmarks.learning.worlds import generator
from learning.domain.figures import Reason
from learning.domain.parameters.candidates import Fate, Mark
from learning.domain.parameters.selection import (
    Basis,
    both_values,
    clustered_mean,
    management,
    picking,
    scanner_quality,
)
from learning.domain.parameters.settings import PARAMETERS


@pytest.fixture
def picked():
    """Of a week's five, those that make more are taken: 0.1 R of picking, and 0.05 R is added by management."""
    world = threshold_world("flat", 1_000, generator("picked"))
    taken = np.arange(1_000) % 5 < 2
    return replace(
        world,
        r_plan=world.r_plan + 0.1 * taken,
        r_actual=np.where(taken, world.r_plan + 0.15, np.nan),
        fate=np.where(taken, Fate.EXECUTED, Fate.IGNORED),
        shadow=np.zeros(1_000, np.bool_),
    )


def test_each_skill_is_told_apart(picked):
    quality, skill, managed = scanner_quality(picked), picking(picked), management(picked)
    assert quality.value == pytest.approx(picked.r_plan.mean())
    assert quality.n == 1_000
    assert skill.ci.low < 0.1 < skill.ci.high
    assert skill.value > 0.05
    assert managed.value == pytest.approx(0.05)
    assert managed.n == 400


def test_what_only_its_trade_says_is_no_picking(picked):
    """What the hands on a trade made of it is not what its plan came to."""
    mark = np.where(picked.executed, Mark.ITS_TRADE, Mark.QUOTE)
    found = picking(replace(picked, mark=mark, r_plan=picked.r_plan + 3.0 * picked.executed))
    assert (found.value, found.n) == (None, 0)


def test_shadow_proposals_are_not_the_scanners_offer(picked):
    hidden = replace(picked, shadow=np.arange(1_000) % 2 == 0)
    assert scanner_quality(hidden).n == 500


def test_picking_needs_weeks_with_both(picked):
    assert picking(replace(picked, fate=np.full(1_000, Fate.EXECUTED))).reason is Reason.TOO_FEW
    assert picking(picked.where(np.zeros(1_000, np.bool_))).reason is Reason.NOT_MATURED


def test_executed_alone_is_labelled(picked):
    everything, executed = both_values(picked, PARAMETERS["iv_rank_min"], 30.0, 50.0)
    assert everything.basis is Basis.ALL
    assert not everything.confounded
    assert executed.basis is Basis.EXECUTED
    assert executed.confounded
    assert everything.figure.n == 1_000
    assert executed.figure.n == 400


def test_weeks_are_the_sample():
    one_result_a_week = np.repeat(generator("weeks").normal(size=20), 10)
    figure = clustered_mean(one_result_a_week, np.repeat(np.arange(20), 10))
    alone = clustered_mean(one_result_a_week[::10], np.arange(20))
    assert figure.ci.low == pytest.approx(alone.ci.low)
    assert clustered_mean(np.ones(3), np.array([1, 1, 2])).ci is None
    assert clustered_mean(np.ones(0), np.zeros(0, np.int64)).reason is Reason.NOT_MATURED
