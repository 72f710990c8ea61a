"""L24 and L27: no result colours what is said of a decision, and no sentence claims more than was found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import numpy as np

from benchmarks.learning.worlds import Effort, generator
from benchmarks.results import Result as Line
from benchmarks.results import at_most
from learning.domain.claims.behaviour import Contrast
from learning.domain.claims.grades import Grade, grade
from learning.domain.claims.life import Claim, Outcome, Progress, State
from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.insights.bet import Odds
from learning.domain.insights.card import Decision, Insight, Result, read_insight
from learning.domain.insights.classic import Facts
from learning.domain.insights.process import Check
from learning.domain.insights.taught import Belief
from learning.domain.words.bans import banned_in
from learning.domain.words.behaviour import tell_contrast, tell_rule
from learning.domain.words.claims import Counts, Statement, ground_of, next_of, tell
from learning.domain.words.habits import HABITS, RULES
from learning.domain.words.regime import regime_sentence

_RULES = (
    "side",
    "written_first",
    "in_time",
    "size",
    "stop_not_widened",
    "exit_at_stop",
    "exit_as_planned",
)


def resulting(effort: Effort) -> Iterable[Line]:
    changed = 0
    for number in range(effort.repetitions(10_000, 500)):
        rng = generator("L24", number)
        decision, result = _decision(rng), _result(rng)
        flipped = result._replace(
            r=None if result.r is None else -result.r,
            comparable=-result.comparable,
            facts=result.facts._replace(result=-result.facts.result),
        )
        one, other = read_insight(decision, result), read_insight(decision, flipped)
        changed += json.dumps(one.as_json()["process"]) != json.dumps(other.as_json()["process"])
    return [at_most("L24 process texts that change with the sign of the outcome", changed, 0)]


def _decision(rng: np.random.Generator) -> Decision:
    kept = (True, False, None)
    checks = [
        Check(rule, kept[rng.integers(3)], f"{rule} {rng.integers(100)}", bool(rng.integers(2)))
        for rule in _RULES
        if rng.random() < 0.6
    ]
    return Decision(bool(rng.integers(2)), checks, _odds(rng))


def _odds(rng: np.random.Generator) -> Odds:
    n = int(rng.integers(0, 500))
    if n < 10:
        none = Figure.absent(Reason.TOO_FEW, n, Unit.R, least=10)
        return Odds(none, none, none, "nothing")
    mean = rng.normal(0, 0.2)
    ci = Interval(mean - rng.uniform(0, 0.3), mean + rng.uniform(0, 0.3))
    win, even = (Figure(share, n, Unit.PROBABILITY) for share in rng.uniform(0, 1, 2))
    return Odds(Figure(mean, n, Unit.R, ci), win, even, f"{n} trades of put spreads")


def _result(rng: np.random.Generator) -> Result:
    outcome = None if rng.random() < 0.1 else float(rng.normal(0, 0.5))
    facts = Facts(
        int(np.sign(outcome or 0)), "SPY", float(rng.uniform(0, 100)), float(rng.integers(0, 90)),
        float(rng.uniform(-200, 100)), str(rng.choice(["stop", "target", "manual", "expiry"])),
        int(rng.integers(0, 9)), 1,
    )  # fmt: skip
    beliefs = tuple(
        Belief(
            about,
            Figure(float(rng.normal(0, 0.2)), 40, Unit.R),
            Figure(float(rng.normal(0, 0.2)), 41, Unit.R),
        )
        for about in ("IV rank ≥ 60", "SPY", "put spread")[: rng.integers(0, 4)]
    )
    return Result(facts, outcome, rng.normal(0, 0.5, rng.integers(0, 200)), beliefs)


def insight_sentences(insight: Insight) -> list[str]:
    shown = [
        *insight.process.sentences,
        insight.bet.sentence,
        insight.luck.sentence,
        insight.taught.sentence,
    ]
    return [*shown, *(chip.fact for chip in insight.chips)]


def random_insight(rng: np.random.Generator) -> Insight:
    return read_insight(_decision(rng), _result(rng))


def random_statement(rng: np.random.Generator) -> Statement:
    n = int(rng.integers(0, 3_000))
    won = int(rng.integers(0, n + 1))
    mean, half = rng.normal(0, 0.2), rng.uniform(0, 0.4)
    effect = Figure.absent(Reason.RISK_MISSING, n, Unit.R)
    if rng.random() < 0.9 and n:
        effect = Figure(mean, n, Unit.R, Interval(mean - half, mean + half) if n >= 10 else None)
    chance = float(rng.uniform(0.3, 1)) if rng.random() < 0.9 else None
    claim, progress = _claim(rng, n), Progress(int(rng.integers(0, 60)), 60)
    confirmed = claim is not None and claim.state is State.CONFIRMED
    known = grade(chance or 0.0, is_raised=claim is not None, is_confirmed=confirmed)
    inside = int(rng.integers(0, n + 1)) if rng.random() < 0.5 else None
    counts = Counts(n, won, n - won, int(rng.integers(0, 60)), inside)
    subject = str(
        rng.choice(["IV rank of 60 and more", "AMD", "Tuesday", "put spread", "closed by its stop"])
    )
    why = ground_of(claim, progress, probability=chance)
    return Statement(
        subject,
        known,
        counts,
        effect,
        chance,
        why,
        next_of(claim, progress),
        float(rng.uniform(0, 1)),
    )


def _claim(rng: np.random.Generator, n: int) -> Claim | None:
    if rng.random() < 0.3:
        return None
    state = list(State)[rng.integers(len(State))]
    raised = 1_700_000_000 + int(rng.integers(0, 60_000_000))
    return Claim("feature:x", Outcome.R, 1, 0.1, raised, n, state=state, since=raised + 9_000_000)


def random_contrast(rng: np.random.Generator) -> Contrast:
    events, baseline = int(rng.integers(0, 200)), int(rng.integers(0, 900))
    gap = max(0, 20 - min(events, baseline))
    mean, half = rng.normal(0, 0.3), rng.uniform(0, 0.4)
    unit = (Unit.R, Unit.RATIO, Unit.DAYS, Unit.FRACTION)[rng.integers(4)]
    few = Figure.absent(Reason.TOO_FEW, events, unit, least=20)
    chance = float(rng.uniform(0.5, 1))
    known = Figure(mean, events, unit, Interval(mean - half, mean + half) if events >= 10 else None)
    return Contrast(
        name=str(rng.choice([*HABITS, "something_else"])),
        events=events,
        baseline=baseline,
        lacking={"smaller_arm": gap} if gap else {},
        effect=few if gap else known,
        likely=few if gap else Figure(chance, events, Unit.PROBABILITY),
        visible=few if gap else Figure(half, events, unit),
        p=None if gap else float(rng.random()),
        q=None if gap else float(rng.random()),
        grade=Grade.D if gap else grade(chance, is_raised=bool(rng.integers(2))),
    )


def random_rule(rng: np.random.Generator) -> str:
    broken = int(rng.integers(0, 30))
    cost = Figure.absent(Reason.NO_TRADES, 0, Unit.R)
    if rng.random() < 0.7 and broken:
        mean, half = rng.normal(0, 3), rng.uniform(0, 3)
        cost = Figure(mean, broken, Unit.R, Interval(mean - half, mean + half))
    return tell_rule(str(rng.choice([*RULES, "own_rule"])), int(rng.integers(0, 300)), broken, cost)


def random_change(rng: np.random.Generator) -> dict[str, Any]:
    n = int(rng.integers(0, 900))
    told: dict[str, Any] = {
        "n": n, "looked_at": n // 40 * 40, "least": 40, "newest": 300, "unit": str(rng.choice(["R", "fraction"])),
        "change": None, "is_alarm": False, "since": None,
    }  # fmt: skip
    if n < 40 or rng.random() < 0.1:
        return told
    change = {"before": rng.uniform(0, 1), "after": rng.uniform(-1, 1), "p": rng.uniform(0.0025, 1)}
    return told | {"change": change, "is_alarm": change["p"] < 0.1, "since": "2026-03-02"}


def language(effort: Effort) -> Iterable[Line]:
    """Ten thousand sentences of every kind: half of claims; the rest of habits, rules, changes and closed trades."""
    sentences = effort.repetitions(10_000, 1_000)
    banned = lacking = told = 0
    for number in range(sentences // 2):
        said = random_statement(generator("L27", number))
        text = tell(said)
        told += 1
        banned += bool(banned_in(text, is_confirmed=said.grade is Grade.A))
        wanted = [f"{said.counts.n:,} trade", f"Grade {said.grade}:"]
        if said.effect.ci is not None:
            wanted.append(" … ")
        lacking += not all(part in text for part in wanted)
    for number in range(sentences // 8):
        rng = generator("L27", "habit", number)
        contrast = random_contrast(rng)
        text = tell_contrast(contrast)
        counts = f"against {contrast.baseline:,}"
        lacking += counts not in text or f"Grade {contrast.grade}:" not in text
        others = [text, random_rule(rng), regime_sentence(random_change(rng))]
        told += len(others)
        banned += sum(bool(banned_in(one)) for one in others)
    number = 0
    while told < sentences:
        shown = insight_sentences(random_insight(generator("L27", "trade", number)))
        told += len(shown)
        banned += sum(bool(banned_in(sentence)) for sentence in shown)
        number += 1
    return [
        at_most(f"L27 banned words in {told:,} sentences", banned, 0),
        at_most(
            f"L27 claims and habits without n, interval or grade, of {sentences // 2 + sentences // 8:,}",
            lacking,
            0,
        ),
    ]


BENCHES = {"L24": resulting, "L27": language}
