"""What other parts of the learner had said by a moment, in the words of a report."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from common.sql import fetch
from learning.domain.exposure.worst import worst_of
from learning.domain.figures import Figure
from learning.domain.parameters.codec import state_from_json
from learning.domain.parameters.policy import Verdict
from learning.domain.report.material import Move, Told
from learning.domain.words.numbers import counted, in_r, interval_in_r, percent
from learning.domain.words.subjects import subject_label
from learning.models import (
    ClaimEvent,
    ClaimGrade,
    ClaimState,
    ExposureReading,
    LearningRun,
    ParameterVersion,
    RunKind,
)
from learning.selectors.parameters import in_force

_RESULTS = """
SELECT asked.kind, newest.result FROM unnest(%(kinds)s::text[]) AS asked (kind) CROSS JOIN LATERAL (
    SELECT run.result FROM learning_learningrun run
    WHERE run.workspace_id = %(workspace)s AND run.account_id IS NULL AND run.kind = asked.kind
        AND run.as_of <= %(as_of)s
    ORDER BY run.as_of DESC, run.id DESC LIMIT 1
) newest
"""
_CLAIMS_PATH = "/learning/claims"
_FRESH = timedelta(days=3)
_GREEKS = {
    "delta": "delta", "beta_delta": "beta-weighted delta", "vega": "vega", "theta": "theta a day",
}  # fmt: skip
_NO_PRICES = "Greeks, stress and effective bets are not known: no prices of what is open were read in these days."


def claims_since(workspace_id: int, since: datetime, as_of: datetime) -> tuple[Told, ...]:
    """Claims that came into their state after `since`, the newest first."""
    events = ClaimEvent.objects.filter(workspace_id=workspace_id, at__gt=since, at__lte=as_of)
    newest = events.order_by("claim_id", "-at", "-id").distinct("claim_id").select_related("claim")
    changed = [one for one in newest if one.looks == 0 or one.state != ClaimState.RAISED]
    changed.sort(key=lambda one: (-one.at.timestamp(), one.pk))
    return tuple(_claim(one, as_of) for one in changed)


def _claim(event: ClaimEvent, as_of: datetime) -> Told:
    claim = event.claim
    state = str(ClaimState(event.state).label)
    if claim.told_at <= as_of:
        confirmed = claim.grade == ClaimGrade.A
        return Told(f"{state}: {claim.sentence}", confirmed, _CLAIMS_PATH)
    # It was told of otherwise since: of then, only what its life says.
    return Told(f"{subject_label(claim.subject)}. {event.words}.", href=_CLAIMS_PATH)


def moves_by(workspace_id: int, as_of: datetime) -> tuple[Move, ...]:
    """All moves of settings by then, as they stood then."""
    version = in_force(workspace_id).filter(as_of__lte=as_of).first()
    if version is None:
        return ()
    return tuple(
        Move(one.parameter, one.before, one.after, one.at, one.verdict.value, one.made, one.judged)
        for one in state_from_json(version.state).moves
    )


def results_by(workspace_id: int, kinds: Collection[RunKind], as_of: datetime) -> dict[str, Any]:
    """Of the latest run of each kind by then, by kind; without those that never ran."""
    asked = {"workspace": workspace_id, "kinds": [one.value for one in kinds], "as_of": as_of}
    return {kind: orjson.loads(result) for kind, result in fetch(_RESULTS, asked)}


def proposals_since(
    workspace_id: int, since: datetime, as_of: datetime, newest: Any
) -> tuple[Told, ...]:
    """Settings that runs after `since` moved, took back, or proposed where somebody has to approve: most steps are
    taken on some night of the week, and not by the `newest` run before the report."""
    versions = ParameterVersion.objects.filter(
        workspace_id=workspace_id, run__kind=RunKind.PARAMETERS, run__as_of__gt=since, run__as_of__lte=as_of
    )  # fmt: skip
    proposed: dict[int, set[str]] = {}
    for run_id, number, changed in versions.values_list("run_id", "number", "changed"):
        names = proposed.setdefault(run_id or 0, set())
        if number is None:
            names |= set(changed)
    runs = LearningRun.objects.filter(pk__in=proposed).order_by("as_of", "pk")
    found = [one for run in runs for one in _changes(orjson.loads(run.result), proposed[run.pk])]
    return tuple(found) or proposals_of(newest)


def proposals_of(told: Any) -> tuple[Told, ...]:
    """Settings that one run moved, with their benefit on weeks that did not choose them."""
    if told is None:
        return ()
    n = told["matured"]
    none = f"No setting was moved: {counted(n, 'recommendation')} with an outcome give no sure reason to."
    return tuple(_changes(told, set())) or (Told(none),)


def _changes(told: Any, proposed: Collection[str]) -> Iterator[Told]:
    """`proposed`: settings that were not moved, for somebody has to approve it."""
    for name, (before, after) in told["changed"].items():
        undone = _undone(told["state"]["moves"], name, after)
        if undone is not None:
            yield Told(_taken_back(undone, before))
            continue
        one = told["evidence"].get(name)
        towards = _towards(one, after)
        lead = "Proposed, for somebody to approve" if name in proposed else "Moved"
        words = f"{lead}: {name.replace('_', ' ')} from {before:g} to {after:g}{towards}."
        if one is not None:
            benefit = _benefit(Figure.from_json(one["holdout"]), is_notch=bool(towards))
            words += f" {benefit} Grade {one['grade']}."
        yield Told(words)


def _undone(moves: list[dict[str, Any]], name: str, after: float) -> dict[str, Any] | None:
    """The move that a review undid, where that is why a setting is `after` now; None where it was moved there."""
    own = [one for one in moves if one["parameter"] == name]
    if own and own[-1]["verdict"] == Verdict.PENDING and own[-1]["after"] == after:
        return None
    undone = [one for one in own if one["verdict"] == Verdict.REVERTED and one["before"] == after]
    return max(undone, key=lambda one: one["settled_at"], default=None)


def _taken_back(move: dict[str, Any], before: float) -> str:
    """As was agreed when it was made; later steps on its way go with it."""
    name = str(move["parameter"]).replace("_", " ")
    beyond = ", with the steps after it" if before != move["after"] else ""
    return (
        f"Taken back: {name} from {before:g} to {move['before']:g}. The step to {move['after']:g} made "
        f"{in_r(move['made'])} on {counted(move['judged'], 'later recommendation')}, and what made less than nothing "
        f"is undone{beyond}."
    )


def _towards(one: Any, after: float) -> str:
    """What was chosen, where the step is a notch on the way to it."""
    target = None if one is None else one["target"]
    return "" if target is None or target == after else f", a notch towards {target:g}"


def _benefit(figure: Figure, *, is_notch: bool) -> str:
    """On weeks that did not choose; `is_notch`: of going all the way, and not of the step that was taken."""
    if figure.value is None:
        return "Its benefit on weeks that did not choose it is not known yet."
    ci = f" ({interval_in_r(figure.ci)})" if figure.ci is not None else ""
    whole = "All the way there is worth " if is_notch else ""
    return f"{whole}{in_r(figure.value)}{ci} per 100 recommendations on weeks that did not choose it, n {figure.n:,}."


def rules_note(told: Any) -> tuple[str, ...]:
    """PBO and the deflated Sharpe ratio of what each setting is judged by."""
    lines = []
    for name, one in sorted((told or {}).get("evidence", {}).items()):
        pbo, deflated = one["pbo"]["value"], one["deflated_sharpe"]["value"]
        if pbo is None and deflated is None:
            continue
        parts = [
            f"{words} {percent(value)}"
            for words, value in (("backtest overfitting (PBO)", pbo), ("deflated Sharpe ratio", deflated))
            if value is not None
        ]  # fmt: skip
        title = name.replace("_", " ").capitalize()
        lines.append(f"{title} at {one['current']:g}: {', '.join(parts)}, n {one['n']:,}.")
    return tuple(lines)


def regime_note(told: Any) -> tuple[str, ...]:
    if told is None or told["n"] < told["least"]:
        return ()
    looked = (
        f"looked at after {counted(told['looked_at'], 'trade')}, next after {told['next_look']:,}"
    )
    if told["is_alarm"]:
        return (
            (
                f"Results have got worse since about {told['since']} ({looked}). "
                "Estimates weigh what came before it less."
            ),
        )
    return (f"No change for the worse that luck would not make ({looked}).",)


def calibration_note(told: Any) -> tuple[str, ...]:
    if told is None:
        return ()
    if "reason" in told:
        return (
            f"{told['n']:,} recommendations with an outcome; {told['needs']:,} would do for a first look.",
        )
    state = "is used"
    if not told["is_deployed"]:
        state = "is not used: it does not beat the base rate surely enough"
    return (
        (
            f"The model of win probability ({told['candidate']}, n {told['n']:,}) {state}. "
            "Its reliability is on its page."
        ),
    )


def exposure_by(workspace_id: int, as_of: datetime) -> ExposureReading | None:
    """The look on the day of the report, or shortly before it, where there was one."""
    looks = ExposureReading.objects.filter(workspace_id=workspace_id, taken_at__lte=as_of)
    reading = looks.order_by("-taken_at").first()
    return None if reading is None or as_of - reading.taken_at > _FRESH else reading


def exposure_note(reading: ExposureReading | None, currency: str) -> tuple[str, ...]:
    book = _book_of(reading, currency)
    told = _exposed(book, currency) if book is not None else ""
    if reading is None or not told:
        return (_NO_PRICES,)
    day = reading.taken_at.astimezone(UTC)
    return (f"At {day:%H:%M} UTC on {day.day} {day:%b}: {told}",)


def standing_by(
    reading: ExposureReading | None, currency: str
) -> dict[int, tuple[str, float | None]]:
    """By open trade: what closing it would have brought, exact, and what share that is of the most it can make."""
    book = _book_of(reading, currency) or {}
    return {one["trade"]: (one["profit"], one["of_maximum"]) for one in book.get("trades", [])}


def _book_of(reading: ExposureReading | None, currency: str) -> dict[str, Any] | None:
    if reading is None:
        return None
    return next((one for one in reading.result["books"] if one["currency"] == currency), None)


def _exposed(book: dict[str, Any], currency: str) -> str:
    """Each where it is known."""
    parts = []
    for name, words in _GREEKS.items():
        figure = book["figures"].get(name)
        if figure is not None and figure["value"] is not None:
            parts.append(f"{words} {figure['value']:,.0f} {currency}")
    worst = worst_of(book["stress"])
    if worst is not None:
        number = counted(len(book["stress"]), "stress", "stresses")
        parts.append(f"the worst of {number} {worst:,.0f} {currency}")
    bets = book["bets"].get("effective") or {}
    if bets.get("value") is not None:
        parts.append(f"{bets['value']:.1f} effective bets")
    unpriced = book["figures"].get("unquoted")
    if parts and unpriced is not None and unpriced["value"]:
        of = counted(unpriced["n"], "position")
        parts.append(
            f"{unpriced['value']:,.0f} of {of} without a price or volatility are in none of it"
        )
    return f"{'; '.join(parts)}." if parts else ""
