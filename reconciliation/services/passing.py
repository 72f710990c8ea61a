"""What was heard of a chunk of accounts, stored and compared in one transaction of a fixed number of statements: all of
it is there, or none.

Whatever goes wrong with one account, guards look at every other, and at that one as far as its answer goes: what fails
is tried again by halves, and one account alone with less and less done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import IntEnum

import structlog
from django.db import InterfaceError, OperationalError, transaction

from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.domain.feed import Feed, judge_feed
from reconciliation.domain.parts import lies_within, part_of
from reconciliation.models import Divergence, Heard, ReconciliationRun
from reconciliation.selectors.hearing import PATIENCE, Heardness, heardness_of
from reconciliation.selectors.runs import failing_before, words_unknown
from reconciliation.services import resolving, running
from reconciliation.services.comparing import Judged, compare_all, describe_failure, may_miss
from reconciliation.services.guards.watching import watch
from reconciliation.services.guards.worth import worths_of
from reconciliation.services.lives import Carried, Found, hold_accounts
from reconciliation.services.reading import Word
from reconciliation.services.running import Pass
from reconciliation.services.showing import seen_of, worths_before
from reconciliation.services.snapshots import (
    Known,
    know_instruments,
    store_snapshots,
    store_worths,
)

logger = structlog.get_logger(__name__)


class Depth(IntEnum):
    """How much is done with an answer. Each does what those below it do, but that TRIED shows guards no figures."""

    COMPARED = 4
    STORED = 3
    WATCHED = 2
    TRIED = 1
    NOTED = 0


def take_words(
    workspace_id: int,
    words: Sequence[Word],
    *,
    source: str,
    asked_by_id: int | None = None,
    clock: Clock = SYSTEM,
) -> list[ReconciliationRun]:
    """Of accounts of one workspace, within its scope. The run of an account with which something went wrong is
    FAILED."""

    taken = _Taking(workspace_id, source, asked_by_id, clock).take_safely(words)
    opened = [divergence for one, _ in taken for divergence in one.told.opened]
    settled = resolving.settle_by_rule(workspace_id, opened)
    over = {one.pk for one in settled if one.is_over}
    running.tell_left([one for one in opened if one.pk not in over])
    return [run for _, run in taken]


@dataclass(frozen=True, slots=True)
class _Taking:
    workspace_id: int
    source: str
    asked_by_id: int | None
    clock: Clock
    depth: Depth = Depth.COMPARED
    failure: str = ""

    def take_safely(self, words: Sequence[Word]) -> list[tuple[Pass, ReconciliationRun]]:
        """By halves where it fails; and where it fails with one account, with less done."""
        try:
            return self.take(words)
        except (OperationalError, InterfaceError):
            # The database, and no account.
            raise
        except Exception as error:
            ids = [one.account.pk for one in words]
            logger.exception("reconciliation_failed", accounts=ids, depth=self.depth.name)
            if len(words) > 1:
                middle = len(words) // 2
                return [*self.take_safely(words[:middle]), *self.take_safely(words[middle:])]
            if self.depth == Depth.NOTED:
                raise
            failure = self.failure or describe_failure(error)
            less = replace(self, depth=Depth(self.depth - 1), failure=failure)
            return less.take_safely(words)

    @transaction.atomic
    def take(self, words: Sequence[Word]) -> list[tuple[Pass, ReconciliationRun]]:
        hold_accounts(word.account.pk for word in words)
        now = self.clock.now()
        passes = [
            Pass(id_, self._fit(word), failure=self.failure)
            for id_, word in zip(running.reserve_runs(len(words)), words, strict=True)
        ]
        words = [one.word for one in passes]
        heardness = heardness_of([word.account.pk for word in words])
        known = Known({})
        if self.depth >= Depth.STORED:
            known = know_instruments(self.workspace_id, words)
            snapshots = store_snapshots(self.workspace_id, words, known)
            for one in passes:
                one.snapshot_id = snapshots.get(one.word.account.pk)
        carried = None
        if self.depth >= Depth.COMPARED:
            carried = self._compare(passes, known, heardness, now)
        if self.depth >= Depth.TRIED:
            self._watch(passes)
        if self.depth != Depth.WATCHED:
            self._value(passes, heardness, now)
        failing = failing_before([one.word.account.pk for one in passes])
        runs = running.store_runs(
            passes, source=self.source, asked_by_id=self.asked_by_id, now=self.clock.now()
        )
        if carried is not None:
            carried.store()
        running.tell_people(passes, failing)
        running.count(passes, runs)
        return list(zip(passes, runs, strict=True))

    def _fit(self, word: Word) -> Word:
        """Where it comes to that, the answer is as if there had been none."""
        if self.depth > Depth.TRIED:
            return word
        return replace(word, reading=None, code="unusable_answer", error=self.failure)

    def _compare(
        self, passes: Sequence[Pass], known: Known, heardness: Mapping[int, Heardness], now: datetime
    ) -> Carried:  # fmt: skip
        words = [one.word for one in passes]
        compared = compare_all(self.workspace_id, words, known, now=now)
        unknown = words_unknown(self.workspace_id, [word.account.pk for word in words], now=now)
        for one in passes:
            account_id = one.word.account.pk
            one.judged = compared[account_id]
            one.failure = one.judged.failure
            feed = _feed(one, heardness.get(account_id), unknown.get(account_id, ()), now)
            one.judged.findings += judge_feed(feed, now)
        carried = Carried([_found(one) for one in passes], now)
        for one in passes:
            one.told = carried.told[one.word.account.pk]
        return carried

    def _watch(self, passes: Sequence[Pass]) -> None:
        """What is older than what is known already is no silence: guards have seen better."""
        news = [one for one in passes if not one.word.is_late]
        before = worths_before([one.word.account.pk for one in news])
        watch(
            self.workspace_id,
            [
                seen_of(
                    one.word, one.snapshot_id, before.get(one.word.account.pk), one.judged.fills
                )
                for one in news
            ],
        )

    def _value(
        self, passes: Sequence[Pass], heardness: Mapping[int, Heardness], now: datetime
    ) -> None:
        synced = {id_: one.heard_at for id_, one in heardness.items() if one.heard_at is not None}
        store_worths(
            self.workspace_id,
            [one.word for one in passes],
            {one.word.account.pk: one.snapshot_id for one in passes if one.snapshot_id is not None},
            worths=worths_of([one.word.account.pk for one in passes]),
            synced=synced,
            at=now,
        )


def _found(one: Pass) -> Found:
    said: Judged = one.judged

    def missed(divergence: Divergence) -> bool:
        if one.failure:
            return False
        part = part_of(divergence.key)
        if part is None:
            return True
        sides = (divergence.expected, divergence.actual)
        return may_miss(said, divergence.kind, part) and (
            said.window is None or lies_within(divergence.key, sides, said.window)
        )

    return Found(one.word.account, one.run_id, said.findings, missed)


def _feed(
    one: Pass, known: Heardness | None, unknown: Sequence[tuple[str, int]], now: datetime
) -> Feed:
    reading = one.word.reading if one.word.is_whole else None
    said_at = reading.as_of if reading is not None else known and known.as_of
    began = known.began_at if known and known.began_at else now
    # Whoever only gets statements is not late because somebody asked for a comparison in between.
    by_now = known and reading is None and known.heard
    patience = PATIENCE[Heard(by_now or one.word.heard)]
    return Feed(began, said_at, patience, one.judged.gaps, tuple(unknown))
