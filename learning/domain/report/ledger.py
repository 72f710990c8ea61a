"""The fifth and sixth section: what was learned, what became of recommendations, and how our own advice fared."""

from __future__ import annotations

import numpy as np

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.parameters.candidates import Fate
from learning.domain.parameters.policy import Verdict
from learning.domain.parameters.selection import management, picking, scanner_quality
from learning.domain.report import cells
from learning.domain.report.document import OWN_ADVICE, Cell, Section, Table
from learning.domain.report.material import Move, Offer, candidates_of
from learning.domain.report.reading import Reading
from learning.domain.resampling import total_interval
from learning.domain.words.numbers import counted, in_r, interval_in_r

CLAIMS_MAX = 3
_LEAST_SETTLED = 5
_FATES = (
    ("executed", Fate.EXECUTED), ("ignored", Fate.IGNORED), ("expired", Fate.EXPIRED), ("undecided", Fate.PENDING),
)  # fmt: skip


def learned(reading: Reading) -> Section:
    told = reading.material
    sentences = [one.sentence for one in told.claims[:CLAIMS_MAX]]
    left = len(told.claims) - len(sentences)
    if left > 0:
        sentences.append(f"{counted(left, 'more claim')} changed; they are on the page of claims.")
    if not sentences:
        sentences = [f"Nothing new this {told.period}: no claim was raised, confirmed or dropped."]
    return Section("learned", "What we learned", (*sentences, *told.notes.get("learned", ())))


def recommendations(reading: Reading) -> Section:
    told = reading.material
    own = [one for one in told.offers if told.begins <= one.opened < told.ends]
    sentences = [_fates(own, told.period), *[one.sentence for one in told.proposals]]
    tables = [_estimands(reading)] if told.offers else []
    sentences.append(advice_sentence(told.moves, reading.dice(6)))
    if told.moves:
        tables.append(_moves(told.moves))
    sentences += told.notes.get("recommendations", ())
    title = "Recommendations and our own advice"
    return Section("recommendations", title, tuple(sentences), tuple(tables))


def _fates(own: list[Offer], period: str) -> str:
    shown = [one for one in own if not one.shadow]
    shadow = len(own) - len(shown)
    if not own:
        return f"No recommendation came this {period}."
    parts = [
        f"{number} {word}"
        for word, fate in _FATES
        if (number := sum(1 for one in shown if one.fate == fate))
    ]
    near = f"; {counted(shadow, 'near miss', 'near misses')} only logged" if shadow else ""
    listed = f": {', '.join(parts)}" if parts else ""
    return f"{counted(len(shown), 'recommendation')} shown this {period}{listed}{near}."


def _estimands(reading: Reading) -> Table:
    everything = candidates_of(reading.material.offers)
    rows = tuple(
        (Cell(name), cells.told(figure, formula, interval=True), Cell(f"{figure.n:,}"))
        for name, figure, formula in (
            ("What was recommended, R by plan", scanner_quality(everything), "scanner_quality"),
            ("Your picking: taken less left, same week", picking(everything), "picking"),
            ("Your management: made less by plan", management(everything), "management"),
        )
    )
    return Table("Over 90 days, R per trade", ("", "R", "n"), rows, frozenset({1, 2}))


def advice_of(moves: tuple[Move, ...], rng: np.random.Generator) -> Figure:
    """What settled moves brought; an interval from five of them on."""
    settled = [one for one in moves if one.made is not None]
    if not settled:
        return Figure.absent(Reason.NOT_MATURED, 0, Unit.R)
    made = np.array([one.made for one in settled], dtype=np.float64)
    is_enough = len(settled) >= _LEAST_SETTLED
    ci = total_interval(made, np.arange(len(settled)), rng) if is_enough else None
    return Figure(float(made.sum()), len(settled), Unit.R, ci)


def advice_sentence(moves: tuple[Move, ...], rng: np.random.Generator) -> str:
    if not moves:
        return f"{OWN_ADVICE}: none given, so none to score."
    number = {
        verdict: sum(1 for one in moves if one.verdict == verdict)
        for verdict in (Verdict.KEPT, Verdict.REVERTED, Verdict.VOID, Verdict.PENDING)
    }
    parts = [
        f"{n} {word}"
        for word, n in (
            ("kept", number[Verdict.KEPT]),
            ("taken back", number[Verdict.REVERTED] + number[Verdict.VOID]),
            ("pending", number[Verdict.PENDING]),
        )
        if n
    ]
    total = advice_of(moves, rng)
    sum_ = "no outcome yet"
    if total.value is not None:
        ci = f" ({interval_in_r(total.ci)})" if total.ci is not None else ""
        sum_ = f"together {in_r(total.value)}{ci}"
    return f"{OWN_ADVICE}: {counted(len(moves), 'move')}, {', '.join(parts)}; {sum_}."


def _moves(moves: tuple[Move, ...]) -> Table:
    rows = []
    for one in sorted(moves, key=lambda move: -move.at)[:5]:
        made = Figure.absent(Reason.NOT_MATURED, one.judged or 0, Unit.R)
        if one.made is not None:
            made = Figure(one.made, one.judged or 0, Unit.R)
        name = one.parameter.replace("_", " ")
        rows.append(
            (
                Cell(f"{name} {one.before:g} to {one.after:g}, {cells.short_day(one.at)}"),
                Cell({"reverted": "taken back", "void": "taken back"}.get(one.verdict, one.verdict)),
                cells.told(made, "advice"),
            )
        )  # fmt: skip
    return Table("Our own moves, newest first", ("Move", "Now", "R since"), tuple(rows), frozenset({2}))  # fmt: skip
