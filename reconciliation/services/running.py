"""The rows of runs: what each was, what came of it, and the log that people read."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from journal.domain.values import Direction
from journal.models import AlertTopic, BrokerAccount
from journal.services.alerts.telling import News
from journal.services.copying import copy_rows, reserve_ids
from reconciliation.domain.classes import STANDARDS, DivergenceClass, Severity
from reconciliation.models import (
    Divergence,
    LogEvent,
    LogStatus,
    ReconciliationLog,
    ReconciliationRun,
    RunOutcome,
)
from reconciliation.services import tallies
from reconciliation.services.comparing import Judged
from reconciliation.services.lives import Told
from reconciliation.services.reading import Word
from reconciliation.services.telling import tell_all

_LOG = (
    "workspace", "account", "event", "status", "user", "recommendation", "run", "broker_position_id", "symbol",
    "direction", "volume", "entry_price", "target_price", "stop_price", "is_matched", "divergence_reason",
    "close_reason", "message", "created_at",
)  # fmt: skip
_RUN = (
    "id", "workspace", "account", "snapshot", "outcome", "compared", "skipped", "found", "opened", "cleared",
    "error_code", "error_message", "began_at", "took", "asked_by", "source",
)  # fmt: skip
_URGENT = {Severity.CRITICAL}


@dataclass(slots=True)
class Pass:
    """One account in one run, from what was heard to what came of it."""

    run_id: int
    word: Word
    snapshot_id: int | None = None
    judged: Judged = field(default_factory=Judged)
    told: Told = field(default_factory=Told)
    # What went wrong here, and not at the broker.
    failure: str = ""

    @property
    def code(self) -> str:
        return self.word.code or ("comparing_failed" if self.failure else "")

    @property
    def outcome(self) -> RunOutcome:
        if self.failure:
            return RunOutcome.FAILED
        if not self.word.is_whole:
            return RunOutcome.UNKNOWN
        return RunOutcome.PARTIAL if self.judged.skipped else RunOutcome.COMPARED


def reserve_runs(count: int) -> list[int]:
    return reserve_ids(ReconciliationRun, count)


def store_runs(
    passes: Sequence[Pass], *, source: str, asked_by_id: int | None, now: datetime
) -> list[ReconciliationRun]:
    """With a row of the log each, and one for everything that opened. Inside the transaction."""
    runs = [_run(one, source, asked_by_id, now) for one in passes]
    copy_rows(
        ReconciliationRun,
        _RUN,
        [
            (
                run.pk, run.workspace_id, run.account_id, run.snapshot_id, str(run.outcome), tuple(run.compared),
                _json(run.skipped), run.found, run.opened, run.cleared, run.error_code, run.error_message,
                run.began_at, run.took, run.asked_by_id, run.source,
            )
            for run in runs
        ],
    )  # fmt: skip
    rows = [_synced(one, asked_by_id, now) for one in passes]
    rows += [_warned(one, divergence, now) for one in passes for divergence in one.told.opened]
    copy_rows(ReconciliationLog, _LOG, rows)
    return runs


def _json(value: Mapping[str, str]) -> str:
    return json.dumps(value)


def _run(one: Pass, source: str, asked_by_id: int | None, now: datetime) -> ReconciliationRun:
    word = one.word
    return ReconciliationRun(
        pk=one.run_id, workspace_id=word.account.workspace_id, account=word.account, snapshot_id=one.snapshot_id,
        outcome=one.outcome, compared=sorted(one.judged.parts),
        skipped={str(part): why for part, why in sorted(one.judged.skipped.items())}, found=one.told.found,
        opened=len(one.told.opened), cleared=len(one.told.cleared), error_code=one.code[:64],
        error_message=one.word.error or one.failure, began_at=word.began_at, took=max(now - word.began_at, timedelta()),
        asked_by_id=asked_by_id, source=source,
    )  # fmt: skip


def _synced(one: Pass, user: int | None, now: datetime) -> tuple[Any, ...]:
    status = {
        RunOutcome.COMPARED: LogStatus.SUCCESS,
        RunOutcome.PARTIAL: LogStatus.PARTIAL,
    }.get(one.outcome, LogStatus.FAILED)
    is_known = one.outcome in (RunOutcome.COMPARED, RunOutcome.PARTIAL)
    is_matched = one.told.found == 0 if is_known else None
    told = [
        f"{len(some)} {word}"
        for some, word in ((one.told.opened, "new"), (one.told.cleared, "gone"))
        if some
    ]
    count = one.told.found
    found = f"{count} difference{'' if count == 1 else 's'}" if count else "no difference"
    message = one.word.error or one.failure or ", ".join([found, *told])
    return (
        one.word.account.workspace_id, one.word.account.pk, LogEvent.SYNC.value, status.value, user, "", one.run_id, "",
        "", "", None, None, None, None, is_matched, "", "", message, now,
    )  # fmt: skip


def _warned(one: Pass, divergence: Divergence, now: datetime) -> tuple[Any, ...]:
    side = (
        divergence.actual if divergence.actual.get("quantity", "0") != "0" else divergence.expected
    )
    quantity = _number(side.get("quantity"))
    direction = _direction(quantity, side.get("side", "")) if quantity else ""
    return (
        divergence.workspace_id, divergence.account_id, LogEvent.WARNING.value, LogStatus.WARNING.value, None, "",
        one.run_id, side.get("ticket", "")[:64], divergence.symbol, direction,
        None if quantity is None else abs(quantity), _number(side.get("average_price") or side.get("price")),
        _number(side.get("target_price")), _number(side.get("stop_price")), False, divergence.kind, "",
        f"{DivergenceClass(divergence.kind).name} {divergence.key}", now,
    )  # fmt: skip


def _direction(quantity: Decimal, side: str) -> str:
    is_long = side != "sell" if side else quantity > 0
    return str(Direction.LONG if is_long else Direction.SHORT)


def _number(text: str | None) -> Decimal | None:
    return Decimal(text) if text else None


def is_told_at_once(divergence: Divergence) -> bool:
    """Those that a rule settles at once are in the log, and nobody is woken for them."""
    return not divergence.proposal.get("by_rule") or divergence.severity in _URGENT


def tell_people(passes: Sequence[Pass], failing: Collection[int]) -> None:
    """Of what opened, and of accounts of which nothing can be concluded because of a mistake in this program: once, and
    when it works again. `failing`: those of which that was so before."""
    news = [
        news_of(one.word.account, divergence)
        for one in passes
        for divergence in one.told.opened
        if is_told_at_once(divergence)
    ]
    news += [news_of_end(divergence) for one in passes for divergence in one.told.cleared]
    news += [told for one in passes if (told := _news_of_failing(one, failing)) is not None]
    if news:
        tell_all(news)


def tell_left(divergences: Sequence[Divergence]) -> None:
    """Those that a rule was to settle and did not: they wait for a person after all."""
    left = [one for one in divergences if not one.is_over and not is_told_at_once(one)]
    if left:
        tell_all([news_of(one.account, one) for one in left])


def _news_of_failing(one: Pass, failing: Collection[int]) -> News | None:
    account = one.word.account
    was, fails = account.pk in failing, one.outcome is RunOutcome.FAILED
    # What was not heard says nothing of whether it could be compared.
    if was == fails or one.outcome is RunOutcome.UNKNOWN:
        return None
    subject = f"{account} can be compared again"
    lines = ["Its book is held against the broker again."]
    if fails:
        subject = f"{account} cannot be compared"
        lines = [
            one.failure,
            "Guards look at its figures all the same. Until this is mended no difference of it is seen.",
        ]
    return News(
        topic=AlertTopic.FEED.value,
        workspace_id=account.workspace_id,
        account_id=account.pk,
        key=f"run-{'failed' if fails else 'works'}:{one.run_id}",
        subject=subject,
        lines=lines,
        url_path=f"/reconciliation?account={account.pk}",
        urgent=fails,
        event="",
        data={},
    )


def news_of_end(divergence: Divergence) -> News:
    """For programs only: people look at what is open."""
    return News(
        topic="divergence.resolved",
        workspace_id=divergence.workspace_id,
        account_id=divergence.account_id,
        key=f"divergence:{divergence.pk}",
        subject=f"{divergence} is over: {divergence.state}",
        url_path=f"/reconciliation/divergences/{divergence.pk}",
        event="divergence.resolved",
        data={
            "id": divergence.pk, "kind": divergence.kind, "symbol": divergence.symbol, "state": divergence.state,
            "resolution": divergence.resolution,
        },
    )  # fmt: skip


def news_of(account: BrokerAccount, divergence: Divergence) -> News:
    kind = DivergenceClass(divergence.kind)
    is_feed = kind in (DivergenceClass.STALE_FEED, DivergenceClass.GAP, DivergenceClass.SCHEMA)
    lines = [
        f"{name}: book {divergence.expected.get(name, '—')}, broker {divergence.actual.get(name, '—')}"
        for name in sorted(divergence.expected.keys() | divergence.actual.keys())
    ]
    return News(
        topic=(AlertTopic.FEED if is_feed else AlertTopic.DIVERGENCES).value,
        workspace_id=divergence.workspace_id,
        account_id=divergence.account_id,
        key=f"divergence:{divergence.pk}",
        subject=" ".join(filter(None, [str(account), divergence.symbol, kind.replace("_", " ")])),
        lines=lines,
        url_path=f"/reconciliation/divergences/{divergence.pk}",
        urgent=divergence.severity in _URGENT,
        event="divergence.opened",
        data={
            "id": divergence.pk, "kind": divergence.kind, "severity": divergence.severity, "symbol": divergence.symbol,
            "expected": divergence.expected, "actual": divergence.actual,
        },
    )  # fmt: skip


def count(passes: Sequence[Pass], runs: Sequence[ReconciliationRun]) -> None:
    counts: dict[tuple[str, str], float] = defaultdict(float)
    for one in passes:
        if one.word.is_whole:
            counts[tallies.SYNCS, one.word.account.broker] += 1
        for divergence in one.told.opened:
            counts[tallies.DIVERGENCES, divergence.kind] += 1
    for run in runs:
        seconds = run.took.total_seconds()
        counts[tallies.LATENCY, tallies.bucket_of(seconds)] += 1
        counts[tallies.LATENCY, tallies.SUM] += seconds
    # One statement for all of them: each is a commit of its own.
    tallies.add(counts)


def is_safe(divergence: Divergence) -> bool:
    """Whether a rule may settle it: the class allows it, and so does what it is."""
    allowed = STANDARDS[DivergenceClass(divergence.kind)].by_rule
    return allowed and bool(divergence.proposal.get("by_rule"))
