"""L7 to L9: is a scanner better off with the floor that the learner chooses, and is it told the truth about it?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.learning.proposals import (
    STATUS_QUO,
    THRESHOLD_WORLDS,
    best_value,
    threshold_world,
    true_values,
)
from benchmarks.learning.worlds import Effort, generator
from benchmarks.results import Result, at_most
from learning.domain.parameters.benefit import benefit, cross_fitted
from learning.domain.parameters.choice import Standing, choose
from learning.domain.parameters.paired import Paired, pair
from learning.domain.parameters.seed import win_rate_step
from learning.domain.parameters.settings import PARAMETERS

PARAMETER = PARAMETERS["iv_rank_min"]
ALONE = {PARAMETER.name: PARAMETER}
NOW = {PARAMETER.name: STATUS_QUO}
SIZES = (50, 100, 200, 500, 1_000, 5_000)
REPETITIONS = 400


def truth(world: str) -> dict[float, float]:
    """R per 100 proposals of every notch."""
    return dict(
        zip(PARAMETER.grid, true_values(world, np.array(PARAMETER.grid)).tolist(), strict=True)
    )


def lives(world: str, n: int, count: int) -> Iterator[tuple[Paired, np.random.Generator]]:
    for number in range(count):
        rng = generator("threshold", world, n, number)
        yield pair(threshold_world(world, n, rng), PARAMETER, NOW, ALONE), rng


def moved_to(paired: Paired, rng: np.random.Generator) -> float:
    choice = choose(paired, rng)
    return choice.threshold if choice.standing is Standing.MOVE else STATUS_QUO


def simple_rule(paired: Paired) -> float:
    """What the simple rule would set: ten points down above 70 % wins of what was taken, ten up below 50 %."""
    taken = paired.parameter.taken_cells(STATUS_QUO)[paired.cell]
    wins = float((paired.r[taken] > 0).mean()) if taken.any() else 0.6
    return win_rate_step(STATUS_QUO, wins)


def cells(effort: Effort) -> Iterator[tuple[str, int, list[float], list[float]]]:
    """For each world and size: what the rule and what the simple rule set, in every life."""
    for world in THRESHOLD_WORLDS:
        for n in SIZES:
            ours, simple = [], []
            for paired, rng in lives(world, n, effort.repetitions(REPETITIONS, least=30)):
                ours.append(moved_to(paired, rng))
                simple.append(simple_rule(paired))
            yield world, n, ours, simple


def worse_than_now(effort: Effort) -> Iterable[Result]:
    """L7: how often the chosen floor is truly worth less than the one that stands."""
    for world, n, ours, simple in cells(effort):
        worth = truth(world)
        worse = [
            np.mean([worth[one] < worth[STATUS_QUO] - 1e-9 for one in chosen])
            for chosen in (ours, simple)
        ]
        yield at_most(f"L7 {world}, n {n}: worse than now", round(float(worse[0]), 4), 0.10)
        yield Result(f"L7 {world}, n {n}: worse than now, simple rule", "", f"{worse[1]:.2f}", None)


def regret(effort: Effort) -> Iterable[Result]:
    """L8: what the chosen floor leaves on the table, in R per 100 proposals, beside what the one that stands leaves."""
    for world, n, ours, simple in cells(effort):
        worth, best = truth(world), best_value(world)
        now = best - worth[STATUS_QUO]
        left = [best - float(np.mean([worth[one] for one in chosen])) for chosen in (ours, simple)]
        yield at_most(
            f"L8 {world}, n {n}: regret beyond now's", round(left[0] - now, 3), 0.15, " R/100"
        )
        yield Result(
            f"L8 {world}, n {n}: regret beyond now's, simple rule",
            "",
            f"{left[1] - now:+.2f} R/100",
            None,
        )
        if n == 5_000 and world != "strong":
            yield at_most(
                f"L8 {world}, n {n}: regret left of now's", round(100 * left[0] / now, 1), 40, " %"
            )


def shown_benefit(effort: Effort) -> Iterable[Result]:
    """L9: the benefit that is shown, by folds that did not choose, against the true one of what is chosen."""
    for world in THRESHOLD_WORLDS:
        worth = truth(world)
        for n in (200, 500, 1_000, 5_000):
            errors, moved, selecting = [], [], []
            for paired, rng in lives(world, n, effort.repetitions(REPETITIONS, least=30)):
                choice = choose(paired, rng)
                target = choice.threshold if choice.standing is Standing.MOVE else STATUS_QUO
                true = worth[target] - worth[STATUS_QUO]
                errors.append((benefit(paired, cross_fitted(paired, rng)).value or 0.0) - true)
                moved.append(target != STATUS_QUO)
                if choice.at is not None and target != STATUS_QUO:
                    selecting.append(float(choice.curve.mean[choice.at]) - true)
            what = f"L9 {world}, n {n}"
            yield at_most(
                f"{what}: |bias of shown benefit|",
                round(abs(float(np.mean(errors))), 3),
                0.3,
                " R/100",
            )
            if any(moved):
                where = np.array(errors)[np.array(moved)].mean()
                told = f"{where:+.2f}, {np.mean(selecting):+.2f} R/100 ({np.mean(moved):.0%})"
                yield Result(
                    f"{what}: bias where it moves; of the posterior that chose", "", told, None
                )


BENCHES = {"L7": worse_than_now, "L8": regret, "L9": shown_benefit}
