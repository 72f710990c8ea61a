from dataclasses import replace

import numpy as np
import pytest

from benchmarks.learning.exits import CURRENT, RULES, walks
from benchmarks.learning.worlds import generator
from learning.domain.exits.choice import choose_exit, gains_over
from learning.domain.exits.paths import Resolution
from learning.domain.exits.replay import Rule
from learning.domain.figures import Reason


def drifting(n: int, drift: float):
    """Walks that are pulled down once they are 0.3 R up: an early target is worth having."""
    paths = walks(generator("drifting"), n)
    up = np.maximum.accumulate(np.nan_to_num(paths.marks), axis=1) >= 0.3
    return replace(paths, marks=paths.marks - np.cumsum(up, axis=1) * drift)


def test_an_exit_that_is_better_is_found_and_its_gain_shown_on_other_weeks():
    choice = choose_exit(drifting(600, 0.02), RULES, Rule(stop=1.0, target=1.2), generator("c"))
    assert choice.rule is not None
    assert choice.rule.target <= 0.5
    assert choice.shown.ci.low > 0
    assert choice.shown.value <= choice.gains.max() + 0.01


def test_gains_are_paired_with_the_current_rule():
    paths = walks(generator("paired"), 50)
    assert (gains_over(paths, [CURRENT], CURRENT) == 0).all()
    assert gains_over(paths, [], CURRENT).shape == (50, 0)


@pytest.mark.parametrize("count", [0, 1, 2, 39])
def test_few_paths_do_not_tell(count):
    choice = choose_exit(walks(generator("few"), count), RULES, CURRENT, generator("c"))
    assert choice.rule is None
    assert choice.best is None
    assert choice.shown.reason is (Reason.TOO_FEW if count else Reason.NO_PATH)


def test_rules_that_a_price_a_day_cannot_decide_are_not_offered():
    daily = replace(walks(generator("daily"), 60), resolution=Resolution.DAILY)
    by_day = Rule(seconds=10 * 86_400)
    choice = choose_exit(daily, (*RULES, by_day), Rule(), generator("c"))
    assert choice.rules == (by_day,)


def test_a_rule_that_never_cost_anything_is_not_recommended():
    """Its losses have not been seen yet: there must be some on both sides."""
    paths = walks(generator("one side"), 200)
    lifted = replace(paths, marks=np.where(paths.marks >= 0.4, paths.marks + 5.0, paths.marks))
    choice = choose_exit(
        lifted, (Rule(target=5.0), Rule(target=5.1)), Rule(target=0.01), generator("c")
    )
    gains = gains_over(lifted, choice.rules, Rule(target=0.01))
    one_sided = ((gains > 0).sum(axis=0) < 8) | ((gains < 0).sum(axis=0) < 8)
    assert (choice.luck[one_sided] == 1.0).all()


def test_same_inputs_give_the_same_bytes():
    paths = walks(generator("same"), 80)
    one, other = (choose_exit(paths, RULES, CURRENT, generator("dice")) for _ in range(2))
    assert one.luck.tobytes() == other.luck.tobytes()
    assert one.shown == other.shown
