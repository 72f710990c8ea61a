"""Claims over time: raised by a run, looked at on trades that closed later, and told of as they stand.

Applied in the order of their moments. A run as of an earlier moment than the latest that was applied changes nothing:
what it could have raised would have been looked at already.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np

from learning.domain.claims.features import FeatureFinding, Signal, agrees, feature_findings
from learning.domain.claims.grades import Grade
from learning.domain.claims.groups import Breakdown, GroupFinding, breakdown
from learning.domain.claims.life import (
    Claim,
    Outcome,
    Progress,
    State,
    advance,
    progress,
    raise_claim,
    weaken,
)
from learning.domain.claims.statements import of_feature, of_group
from learning.domain.claims.what_works import WhatWorks
from learning.domain.figures import Figure
from learning.domain.plain import plain
from learning.domain.seconds import moment_of, second_within
from learning.domain.trades import Floats, Trades
from learning.domain.words.claims import Statement, ground_of, statement_from_json, tell
from learning.domain.words.subjects import OUTCOMES, split_subject, subject_label
from learning.models import Claim as Row
from learning.models import ClaimEvent, ClaimState, Trial, TrialKind
from learning.models.claims import OVER
from learning.models.facts import TAG, WITHOUT
from learning.services.trials import note_trial

# Families are tested once a week: who looks every day finds more by luck.
_BETWEEN = timedelta(days=6, hours=12)
_RUN = "what works, week of "


class Found(NamedTuple):
    """What a run says of one subject, and the number that it is about, per trade."""

    signal: Signal | None
    effect: Figure
    finding: FeatureFinding | GroupFinding
    column: str

    def statement(self, claim: Claim | None, seen: Progress | None) -> Statement:
        if isinstance(self.finding, FeatureFinding):
            return of_feature(self.finding, claim, seen)
        return of_group(self.column, self.finding, claim, seen)


def findings_of(run: WhatWorks) -> dict[str, Found]:
    """By subject of a claim. How a trade ended is no subject: nobody can go by it at the entry."""
    return _findings(run.features, run.breakdowns)


def _findings(
    features: Sequence[FeatureFinding], breakdowns: Sequence[Breakdown]
) -> dict[str, Found]:
    found = {
        f"feature:{one.name}": Found(one.signal, one.effect, one, "feature") for one in features
    }
    for column in breakdowns:
        if column.name in OUTCOMES:
            continue
        for group in column.groups:
            if column.name.startswith(TAG) and group.word == WITHOUT:
                # What is said of trades with a tag is all that there is to say of it.
                continue
            one = Found(group.signal, group.beside, group, column.name)
            found[f"{column.name}:{group.word}"] = one
    return found


def numbers_of(subject: str, trades: Trades) -> Floats:
    """The number that a subject is about, per trade; NaN where it is not known."""
    kind, word = split_subject(subject)
    if kind == "feature":
        return trades.features.get(word, np.full(len(trades), np.nan))
    codes, words = trades.groups.get(kind), trades.words.get(kind, ())
    if codes is None:
        return np.full(len(trades), np.nan)
    code = words.index(word) if word in words else -2
    return np.where(codes >= 0, (codes == code).astype(np.float64), np.nan)


def live_on(
    workspace_id: int,
    trades: Trades,
    run: WhatWorks,
    as_of: datetime,
    *,
    afterwards: Collection[str] = (),
) -> None:
    """Every claim that is not over is looked at on what is known by `as_of`; then, once a week, new ones are raised.
    Nothing counts of columns that were filled in `afterwards`: they know the outcome. To be called with a lock on the
    workspace's learner."""
    rows = Row.objects.filter(workspace_id=workspace_id)
    if rows.filter(told_at__gt=as_of).exists():
        return
    groups = {name: codes for name, codes in trades.groups.items() if name not in afterwards}
    trades, moment = replace(trades, groups=groups), second_within(as_of)
    findings = {
        subject: one for subject, one in findings_of(run).items() if one.column not in afterwards
    }
    for row in rows.exclude(state__in=OVER).order_by("pk"):
        x = numbers_of(row.subject, trades)
        _store(row, advance(claim_of(row), trades, x, moment), trades, findings, as_of)
    if _is_time(workspace_id, as_of):
        _raise_new(workspace_id, trades, findings, as_of)
        note_trial(
            workspace_id, TrialKind.TEST, f"{_RUN}{as_of:%Y-%m-%d}", as_of, count=max(1, run.tests)
        )


def _is_time(workspace_id: int, as_of: datetime) -> bool:
    looks = Trial.objects.filter(
        workspace_id=workspace_id, kind=TrialKind.TEST, name__startswith=_RUN
    )
    return not looks.filter(first_at__gt=as_of - _BETWEEN).exists()


def _raise_new(
    workspace_id: int, trades: Trades, findings: dict[str, Found], as_of: datetime
) -> None:
    """What a family raises and nothing contradicts: winners that are told apart by what earns less are no claim."""
    rows = Row.objects.filter(workspace_id=workspace_id)
    standing = set(rows.exclude(state__in=OVER).values_list("subject", flat=True))
    ended = dict(
        rows.filter(state__in=OVER).order_by("since", "pk").values_list("subject", "since")
    )
    anew = _Since(trades)
    for subject, found in sorted(findings.items()):
        if subject in standing or not _may_raise(found):
            continue
        one = found if subject not in ended else anew.of(subject, ended[subject])
        if one is None or not _may_raise(one) or (signal := one.signal) is None:
            continue
        effect = one.effect.value
        claim = raise_claim(
            subject, signal.outcome, signal.z[signal.outcome], effect or 0.0,
            one.finding.sample.n, second_within(as_of),
        )  # fmt: skip
        row = Row(workspace_id=workspace_id, subject=subject, effect=effect)
        _store(row, claim, trades, findings, as_of)


def _may_raise(one: Found) -> bool:
    signal = one.signal
    return signal is not None and signal.is_raised and agrees(one.effect, signal.direction)


class _Since:
    """What the trades that closed since a claim was over say of its subject: those that it was looked at on have
    had their say."""

    def __init__(self, trades: Trades) -> None:
        self._trades = trades
        self._found: dict[datetime, dict[str, Found]] = {}

    def of(self, subject: str, since: datetime) -> Found | None:
        if since not in self._found:
            moment = second_within(since)
            trades = self._trades
            later = trades.where((trades.closed > moment) & (trades.known_at > moment))
            self._found[since] = _findings(
                feature_findings(later),
                tuple(breakdown(later, name, None) for name in later.groups),
            )
        return self._found[since].get(subject)


def weaken_all(workspace_id: int, as_of: datetime, *, before: datetime) -> int:
    """After an alarm: what was confirmed `before` it has to hold again. Says how many were weakened."""
    found = 0
    rows = Row.objects.filter(
        workspace_id=workspace_id, state=ClaimState.CONFIRMED, told_at__lte=as_of
    )
    for row in rows.filter(since__lt=before).order_by("pk"):
        _write(row, weaken(claim_of(row), second_within(as_of)))
        _tell_weakened(row)
        row.told_at = as_of
        row.save()
        _event(row, as_of, "Weakened: the results changed for the worse, so it has to hold again")
        found += 1
    return found


def _tell_weakened(row: Row) -> None:
    """What was told of it last, as the hint that it is now."""
    row.grade = Grade.C.value
    if not row.told:
        return
    told = statement_from_json(row.told)
    hint = Grade.D if told.grade is Grade.D else Grade.C
    why = ground_of(claim_of(row), None, probability=told.probability)
    said = told._replace(grade=hint, why=why, following="")
    row.grade, row.sentence, row.told = hint.value, tell(said), plain(said)


def claim_of(row: Row) -> Claim:
    return Claim(
        subject=row.subject,
        outcome=Outcome(row.outcome),
        direction=row.direction,
        effect=row.effect or 0.0,
        raised_at=second_within(row.raised_at),
        n_at_raising=row.n_at_raising,
        state=State(row.state),
        looks=row.looks,
        looked_at=second_within(row.looked_at),
        p=row.p,
        since=second_within(row.since),
    )


def _write(row: Row, claim: Claim) -> None:
    row.outcome, row.direction = claim.outcome.value, claim.direction
    row.raised_at, row.n_at_raising = moment_of(claim.raised_at), claim.n_at_raising
    row.state, row.since = claim.state.value, moment_of(claim.since)
    row.looks, row.looked_at, row.p = claim.looks, moment_of(claim.looked_at), claim.p


def _store(
    row: Row, claim: Claim, trades: Trades, findings: dict[str, Found], as_of: datetime
) -> None:
    """The row as the claim now is, and an event for each step that it took."""
    before = (row.state, row.looks) if row.pk else None
    seen = progress(claim, trades, numbers_of(row.subject, trades))
    statement = _statement(claim, seen, findings.get(row.subject))
    _write(row, claim)
    row.new, row.next_look = seen.new, seen.next_look
    if statement is not None:
        row.grade, row.sentence = statement.grade.value, tell(statement)
        row.told = plain(statement)
    elif not row.sentence:
        row.sentence = subject_label(row.subject)
    row.told_at = as_of
    row.save()
    if before is None:
        # Of a claim that was not there before: nothing to look up.
        _new_event(row, as_of, "Raised: from here on only trades that close later count").save()
    elif before != (row.state, row.looks):
        _event(row, as_of, _step(before, claim))


def _statement(claim: Claim, seen: Progress, found: Found | None) -> Statement | None:
    """None where the run says nothing of the subject any more; what was told last stands."""
    if found is None:
        return None
    return found.statement(claim, seen)


def _step(before: tuple[str, int], claim: Claim) -> str:
    if before[0] == claim.state.value:
        return f"Look {claim.looks} of 3: not decided yet"
    return {
        State.CONFIRMED: "Confirmed: it held on trades that closed after it was raised",
        State.FADED: "Faded: it did not hold on later trades",
        State.RETIRED: "Retired: too few later trades came in 180 days",
        State.WEAKENED: "Weakened: the newest trades point the other way",
        State.RAISED: "Raised",
    }[claim.state]


def _new_event(row: Row, at: datetime, words: str) -> ClaimEvent:
    return ClaimEvent(
        workspace_id=row.workspace_id,
        claim=row,
        at=at,
        state=row.state,
        looks=row.looks,
        new=row.new,
        p=row.p,
        words=words,
    )


def _event(row: Row, at: datetime, words: str) -> None:
    ClaimEvent.objects.get_or_create(
        workspace_id=row.workspace_id,
        claim=row,
        at=at,
        state=row.state,
        looks=row.looks,
        defaults={"new": row.new, "p": row.p, "words": words},
    )
