"""L10 and L11: walks without drift, on which no exit is better than another, and a replay that would invent one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from benchmarks.learning.proposals import BEGINNING, DAY
from benchmarks.learning.worlds import Effort, generator
from benchmarks.results import Result, at_least, at_most
from learning.domain.exits.choice import choose_exit, gains_over
from learning.domain.exits.paths import Paths
from learning.domain.exits.replay import Fills, NotReplayable, Rule
from learning.domain.trades import Ints, weeks_of

OBSERVATIONS = 60
STEP = 0.10
"""Deviation of R from one observation to the next."""
CURRENT = Rule(stop=1.0, target=0.5)
RULES = tuple(
    Rule(stop=stop / 10, target=target / 10) for stop in range(2, 26, 2) for target in range(1, 13)
)
"""Twelve stops by twelve targets."""


def walks(rng: np.random.Generator, n: int) -> Paths:
    """Two observations a day from an entry at 0, five trades a week, three to six weeks long."""
    steps = rng.normal(0, STEP, (n, OBSERVATIONS))
    steps[:, 0] = 0.0
    count = rng.integers(OBSERVATIONS // 2, OBSERVATIONS + 1, n)
    marks = np.where(np.arange(OBSERVATIONS) < count[:, None], steps.cumsum(axis=1), np.nan)
    opened = BEGINNING + 5 * DAY + (np.arange(n) // 5) * 7 * DAY + (np.arange(n) % 5) * DAY
    at = opened[:, None] + np.arange(OBSERVATIONS) * DAY // 2
    return Paths(marks, at, count, weeks_of(opened))


def at_trigger(paths: Paths, rule: Rule, decided: Ints) -> Fills:
    """What must be refused: filled at the limit itself, at once."""
    r = paths.marks[np.arange(len(paths)), decided]
    stop = -rule.stop if rule.stop is not None else -np.inf
    target = rule.target if rule.target is not None else np.inf
    return Fills(decided, decided, np.clip(r, stop, target))


def lives(effort: Effort, n: int) -> Iterator[tuple[Paths, np.random.Generator]]:
    for number in range(effort.repetitions(400 if n < 1_000 else 200)):
        rng = generator("exits", n, number)
        yield walks(rng, n), rng


def none_is_better(effort: Effort) -> Iterable[Result]:
    """L10: how often an exit is recommended where none is better, and what gain is shown for the best of 144."""
    for n in (50, 200, 1_000):
        found, shown, hindsight = [], [], []
        for paths, rng in lives(effort, n):
            choice = choose_exit(paths, RULES, CURRENT, rng)
            found.append(choice.rule is not None)
            shown.append(choice.shown.value or 0.0)
            hindsight.append(float(choice.gains.max()))
        yield at_most(
            f"L10 n {n}: exits recommended falsely", round(float(np.mean(found)), 4), 0.07
        )
        yield at_most(
            f"L10 n {n}: |bias of shown gain|", round(abs(float(np.mean(shown))), 4), 0.03, " R"
        )
        told = f"{np.mean(hindsight):+.3f} R"
        yield Result(f"L10 n {n}: gain of the best in hindsight", "", told, None)


def invented_fills(effort: Effort) -> Iterable[Result]:
    """L11: fills at the trigger's own price, put into the replay, are refused."""
    refused = []
    for n in (50, 200, 1_000):
        for paths, _ in lives(Effort(effort.share / 4), n):
            try:
                gains_over(paths, RULES[:12], CURRENT, at_trigger)
            except NotReplayable:
                refused.append(True)
            else:
                refused.append(False)
    yield at_least(
        "L11 replays with invented fills that are refused",
        round(100 * float(np.mean(refused)), 2),
        100,
        " %",
    )


BENCHES = {"L10": none_is_better, "L11": invented_fills}
