"""From evidence to settings: one parameter, one notch, a pause, and a review that was agreed before.

Every step is a function of what was proposed by a moment and of the history of moves: nothing is remembered elsewhere
(docs/learning.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

import numpy as np

from learning.domain.parameters.candidates import Candidates
from learning.domain.parameters.choice import LEAST_CHANGED, Standing
from learning.domain.parameters.evidence import Evidence, evidence_for
from learning.domain.parameters.paired import Paired, pair
from learning.domain.parameters.seed import SeedRule, seed_rule
from learning.domain.parameters.settings import Parameter, Settings
from learning.domain.parameters.surface import PRIOR
from learning.domain.trades import Trades

COOL_DOWN = 30
"""Matured proposals after a move before the next one of any parameter, and after a refusal of that one again."""
LOOKS = (60, 120, 180, 240, 300, 360)
"""Matured proposals after a move at which it is reviewed: at the first where it changed enough, at the last anyway."""


class Policy(StrEnum):
    EVIDENCE = "evidence"
    SEED = "seed"
    OFF = "off"


class Verdict(StrEnum):
    PENDING = "pending"
    KEPT = "kept"
    REVERTED = "reverted"
    VOID = "void"
    """A later step on the way of one that was reverted, or one that a person undid."""


@dataclass(frozen=True, slots=True)
class Move:
    """One notch of one parameter, in the version that it made. `at` is in seconds since 1970 UTC.

    It is kept if it made no less than nothing on the proposals after it, which is agreed when it is made: `made` is
    that sum in R and `judged` of how many proposals, None until then, and `settled_at` when that was.
    """

    parameter: str
    before: float
    after: float
    at: int
    version: int
    verdict: Verdict = Verdict.PENDING
    made: float | None = None
    judged: int | None = None
    settled_at: int | None = None


@dataclass(frozen=True, slots=True)
class State:
    """Settings of a version, and all moves that led there, oldest first."""

    settings: Settings
    version: int = 1
    moves: tuple[Move, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one run decided: the state after it, what it stands on, and which parameters were changed, by what."""

    state: State
    evidence: Mapping[str, Evidence]
    changed: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    cooling: int = 0
    """Matured proposals that are still to come before the next move."""
    refused: Mapping[str, int] = field(default_factory=dict)
    """The same of parameters of which somebody refused a move."""


def advance(  # noqa: PLR0913 - a function of all that it depends on
    candidates: Candidates,
    state: State,
    parameters: Mapping[str, Parameter],
    *,
    as_of: int,
    rng: np.random.Generator,
    prior: float = PRIOR,
    may_move: bool = True,
    refused: Mapping[str, int] | None = None,
    tried: int = 0,
) -> Step:
    """One run of the policy `evidence` as of a moment: reviews what is due, then moves at most one parameter a notch,
    if this run may: looking more often than was agreed would be asking until the answer is yes, and so would be
    proposing again what somebody has `refused` (when, by parameter). `tried` is how many settings had been looked at
    before.

    Run twice at the same moment it changes nothing the second time: what was moved is cooling.
    """
    known = candidates.known_by(as_of)
    reviewed = review(known, state, parameters, as_of=as_of)
    evidence = {
        name: evidence_for(
            known, parameters[name], reviewed.settings, parameters, rng, prior=prior, tried=tried
        )
        for name in sorted(reviewed.settings)
        if name in parameters
    }
    cooling = still_cooling(known, reviewed)
    left = {name: _left(known, at) for name, at in sorted((refused or {}).items())}
    waits = {name: count for name, count in left.items() if count}
    open_to = {name: one for name, one in evidence.items() if name not in waits}
    moved = reviewed if cooling or not may_move else move_one(reviewed, open_to, as_of)
    changed = {
        name: (value, moved.settings[name])
        for name, value in state.settings.items()
        if moved.settings[name] != value
    }
    return Step(moved, evidence, changed, cooling, waits)


def grade_of(name: str, step: Step) -> str:
    """A where the last judged move of the parameter was kept and nothing speaks against it; else B to D."""
    judged = [one for one in step.state.moves if one.parameter == name and one.judged is not None]
    evidence = step.evidence[name]
    if judged and judged[-1].verdict is Verdict.KEPT and evidence.standing is Standing.KEEP:
        return "A"
    return evidence.grade


def matured_since(known: Candidates, moment: int) -> int:
    """How many proposals have become known to have ended after a moment."""
    return int((known.matured & (known.known_at > moment)).sum())


def still_cooling(known: Candidates, state: State) -> int:
    """How many more proposals must mature before the next move; 0 when it may be made. What a person undid cools too:
    else the same step would be taken again at the next look."""
    last = max((max(one.at, one.settled_at or 0) for one in state.moves), default=None)
    return 0 if last is None else _left(known, last)


def _left(known: Candidates, since: int) -> int:
    return max(0, COOL_DOWN - matured_since(known, since))


def move_one(state: State, evidence: Mapping[str, Evidence], as_of: int) -> State:
    """The one notch that is worth most, of those that the evidence is sure of; the same state where there is none."""
    sure = {name: one for name, one in evidence.items() if one.moves}
    if not sure:
        return state
    name = max(sorted(sure), key=lambda one: sure[one].delta.value or 0.0)
    found = sure[name]
    after = found.parameter.notch_towards(found.current, found.target)
    move = Move(name, state.settings[name], after, as_of, state.version + 1)
    return State({**state.settings, name: after}, state.version + 1, (*state.moves, move))


def review(
    known: Candidates, state: State, parameters: Mapping[str, Parameter], *, as_of: int
) -> State:
    """Settles every move whose time has come, oldest first: kept where it made no less than nothing, else undone."""
    for at, move in enumerate(state.moves):
        if state.moves[at].verdict is not Verdict.PENDING or move.parameter not in parameters:
            continue
        settled = judge(after_move(known, state, parameters, move), move, as_of)
        if settled.verdict is Verdict.PENDING:
            continue
        moves = [*state.moves[:at], settled, *state.moves[at + 1 :]]
        if settled.verdict is Verdict.KEPT:
            state = replace(state, moves=tuple(moves))
            continue
        later = [
            replace(one, verdict=Verdict.VOID, settled_at=as_of)
            if one.parameter == move.parameter and one.verdict is Verdict.PENDING
            else one
            for one in moves[at + 1 :]
        ]
        settings = {**state.settings, move.parameter: move.before}
        state = State(settings, state.version + 1, (*moves[: at + 1], *later))
    return state


def after_move(
    known: Candidates, state: State, parameters: Mapping[str, Parameter], move: Move
) -> Paired:
    """What was proposed after a move and has ended, judged against the setting before it."""
    fresh = known.where(known.opened > move.at)
    return pair(
        fresh,
        parameters[move.parameter],
        {**state.settings, move.parameter: move.before},
        parameters,
    )


def judge(fresh: Paired, move: Move, as_of: int) -> Move:
    """The move with its verdict, pending until the first look at which it changed enough to be judged."""
    difference = fresh.differences(fresh.parameter.nearest(move.after))
    order = np.lexsort((fresh.opened, fresh.closed))
    changes = fresh.changes((fresh.parameter.nearest(move.after),))[0][fresh.cell] != 0
    for look in LOOKS:
        if len(fresh) < look:
            return move
        rows = order[:look]
        if changes[rows].sum() >= LEAST_CHANGED or look == LOOKS[-1]:
            made = float(difference[rows].sum())
            verdict = Verdict.KEPT if made >= 0 else Verdict.REVERTED
            return replace(move, verdict=verdict, made=made, judged=look, settled_at=as_of)
    return move


@dataclass(frozen=True, slots=True)
class Answer:
    """What a scanner is told: thresholds, symbols to leave and to look at first, and which version says so."""

    policy: Policy
    version: int
    effective: Mapping[str, float]
    blacklist: tuple[str, ...]
    favoured: tuple[str, ...]


def answer(
    policy: Policy,
    state: State,
    trades: Trades,
    *,
    start: Settings,
    blacklist: tuple[str, ...] = (),
    favoured: tuple[str, ...] = (),
) -> tuple[Answer, SeedRule]:
    """The effective settings under a policy, and what the simple rules say either way.

    `start` are the scanner's own settings, from which the simple rules step and which `off` leaves as they are;
    `blacklist` and `favoured` are what the evidence says of symbols (paper only, favoured).
    """
    simple = seed_rule(trades, start)
    if policy is Policy.OFF:
        return Answer(policy, state.version, dict(start), (), ()), simple
    if policy is Policy.SEED:
        effective = {**start, **simple.effective}
        return Answer(policy, state.version, effective, simple.blacklist, simple.favoured), simple
    return Answer(policy, state.version, dict(state.settings), blacklist, favoured), simple


def score_of_advice(moves: tuple[Move, ...]) -> Mapping[str, float]:
    """How past moves fared: counts of kept, reverted, pending, and the sum of R that the judged ones made."""
    counts = {
        verdict.value: float(sum(one.verdict is verdict for one in moves)) for verdict in Verdict
    }
    return {**counts, "made": sum(one.made or 0.0 for one in moves)}
