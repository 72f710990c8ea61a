"""L21, L23 and L25: what is not known yet, what was known too early, and what is known of some only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from benchmarks.learning.proposals import DAY, MEAN_LOSS, MEAN_WIN, proposals, threshold_world
from benchmarks.learning.thresholds import ALONE, NOW, PARAMETER
from benchmarks.learning.worlds import Effort, generator, premium_spreads
from benchmarks.results import Result, at_least, at_most
from learning.domain.parameters.candidates import NEVER, Candidates, Fate
from learning.domain.parameters.lookahead import changed_features, reads_ahead, suspects
from learning.domain.parameters.maturity import win_rate
from learning.domain.parameters.policy import State, advance
from learning.domain.parameters.selection import both_values

WINS = 0.70
A_DAY = 3


def censored(rng: np.random.Generator, days: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(won, opened, closed) of trades of the last `days`: winners are held 5 to 45 days, losers 29 to 45."""
    n = days * A_DAY
    opened = np.sort(rng.integers(0, days * DAY, n))
    won = rng.random(n) < WINS
    held = np.where(won, rng.uniform(5, 45, n), rng.uniform(29, 45, n)) * DAY
    return won, opened, opened + held.astype(np.int64)


def open_trades(effort: Effort) -> Iterable[Result]:
    """L21: the win rate while the losers are still open."""
    for days in (45, 60, 90, 180, 365):
        ours, naive, refused = [], [], 0
        for number in range(effort.repetitions(2_000, least=200)):
            won, opened, closed = censored(generator("censored", days, number), days)
            ended = closed <= days * DAY
            figure = win_rate(won, opened, closed, days * DAY)
            refused += figure.value is None
            if figure.value is not None:
                ours.append(figure.value - WINS)
            if ended.any():
                naive.append(won[ended].mean() - WINS)
        yield at_most(
            f"L21 day {days}: |bias of the win rate|", round(abs(float(np.mean(ours))), 4), 0.02
        )
        share = refused / (refused + len(ours))
        told = f"{np.mean(naive):+.3f} ({share:.1%})"
        yield Result(
            f"L21 day {days}: bias of closed trades alone (refused by ours)", "", told, None
        )


def ledger(step: object) -> bytes:
    return repr(step).encode()


def run_of_policy(data: Candidates, moment: int) -> bytes:
    step = advance(data, State(NOW), ALONE, as_of=moment, rng=generator("run", moment))
    return ledger((step.state, {name: one.as_json() for name, one in step.evidence.items()}))


def careless_run(data: Candidates, moment: int) -> bytes:
    """What must be found: it scales by the mean of everything, later results among it."""
    return ledger((moment, float(np.nanmean(data.r_plan))))


def leaking(world: Candidates, kind: str, moment: int, rng: np.random.Generator) -> np.ndarray:
    """A column that knows the future, as it stands at a moment."""
    seen = world.known_by(moment)
    r = world.r_plan[: len(seen)]
    if kind == "outcome":
        return r + rng.normal(0, 0.15, len(r))
    if kind == "filled in later":
        return np.where(seen.matured, r, 0.0)
    if kind == "mean of all":
        return seen.features["iv_rank"] - seen.features["iv_rank"].mean()
    if kind == "mean around it":
        return np.convolve(seen.features["iv_rank"], np.ones(5) / 5, "same")
    return np.where(r > 0, rng.uniform(0, 1, len(r)), np.nan)


KINDS = ("outcome", "filled in later", "mean of all", "mean around it", "known of winners only")


def early_knowledge(effort: Effort) -> Iterable[Result]:
    """L23: the same bytes with and without what came later, and planted columns of the future found."""
    runs, wrong, careless = 0, 0, 0
    for number in range(effort.repetitions(40, least=2)):
        world = threshold_world("step", 300, generator("early", number))
        moments = [int(world.opened[at]) for at in (0, 60, 120, 180, 240, 299)]
        wrong += len(reads_ahead(run_of_policy, world, moments))
        careless += len(reads_ahead(careless_run, world, moments[1:5]))
        runs += len(moments)
    yield at_most(f"L23 runs that change without their future, of {runs}", wrong, 0)
    yield at_least("L23 careless runs found", round(100 * careless / (runs * 4 / 6), 2), 100, " %")
    planted, found, false = 0, 0, 0
    for number in range(effort.repetitions(100, least=5)):
        world = threshold_world("strong", 200, generator("leak", number))
        moments = [int(world.opened[at]) for at in (50, 100, 150, 199)]
        for kind in KINDS:

            def observe(
                moment: int, kind: str = kind, world: Candidates = world, number: int = number
            ) -> Candidates:
                column = leaking(world, kind, moment, generator("noise", number))
                seen = world.known_by(moment)
                return replace(seen, features={**seen.features, "planted": column})

            last = world.known_by(int(world.known_at.max()))
            column = leaking(world, kind, int(world.known_at.max()), generator("noise", number))
            flagged = {one.feature for one in changed_features(observe, moments)}
            flagged |= {
                one.feature for one in suspects({**last.features, "planted": column}, last.result)
            }
            planted, found, false = (
                planted + 1,
                found + ("planted" in flagged),
                false + ("iv_rank" in flagged),
            )
    yield at_least(
        f"L23 columns of the future flagged, of {planted}",
        round(100 * found / planted, 2),
        100,
        " %",
    )
    yield at_most("L23 honest columns flagged", false, 0)


def picked_by_hand(n: int, rng: np.random.Generator) -> Candidates:
    """A hidden quality makes a proposal better; it is taken by that, the more so the lower its IV rank is."""
    iv_rank, hidden = rng.uniform(0, 100, n), rng.normal(0, 1, n)
    chance = np.clip(0.60 + 0.16 * (iv_rank >= 50) + 0.10 * hidden, 0.02, 0.98)
    world = proposals(rng, iv_rank, premium_spreads(rng, rng.random(n) < chance))
    taken = hidden > (100 - iv_rank) / 100 - 0.2
    return replace(
        world,
        fate=np.where(taken, Fate.EXECUTED, Fate.IGNORED),
        r_actual=np.where(taken, world.r_plan, np.nan),
        actual_at=np.where(taken, world.closed, NEVER),
        shadow=np.zeros(n, np.bool_),
    )


def true_value_of_move() -> float:
    """R per 100 proposals of a floor of 50 instead of 30 in that world: what lies between is not taken any more."""
    hidden = generator("hidden").normal(0, 1, 2_000_000)
    chance = np.clip(0.60 + 0.10 * hidden, 0.02, 0.98).mean()
    return -100 * 0.20 * float((MEAN_WIN + MEAN_LOSS) * chance - MEAN_LOSS)


def picking_by_quality(effort: Effort) -> Iterable[Result]:
    """L25: the value of a setting on all proposals, and on the executed alone with its label."""
    true, everything, executed, labels, count = true_value_of_move(), [], [], 0, 0
    for number in range(effort.repetitions(4_000, least=400)):
        world = picked_by_hand(500, generator("picked", number))
        on_all, on_executed = both_values(world, PARAMETER, 30.0, 50.0)
        everything.append((on_all.figure.value or 0.0) - true)
        executed.append((on_executed.figure.value or 0.0) - true)
        labels += on_executed.confounded and not on_all.confounded
        count += 1
    yield at_most(
        "L25 |bias| on all proposals", round(abs(float(np.mean(everything))), 3), 0.1, " R/100"
    )
    yield Result("L25 bias on executed ones alone", "", f"{np.mean(executed):+.2f} R/100", None)
    yield at_least(
        "L25 figures of executed ones with their label", round(100 * labels / count, 2), 100, " %"
    )


BENCHES = {"L21": open_trades, "L23": early_knowledge, "L25": picking_by_quality}
