"""From asking the brokers to what came of it: read, store, compare, carry over, watch, tell.

Brokers are asked before any transaction begins. What was heard of a chunk of accounts is then stored and compared in
one transaction of a fixed number of statements: all of it is there, or none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django_scopes import scope

from journal.brokers.live import Ability, AccountReading
from journal.models import BrokerAccount, Connection
from journal.services.desks.opening import abilities_of, open_desk
from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.domain.feed import Feed, judge_feed
from reconciliation.domain.parts import lies_within, part_of
from reconciliation.models import Divergence, Heard, ReconciliationRun
from reconciliation.selectors.connections import connections_of, is_left_alone
from reconciliation.selectors.runs import Heardness, heardness_of, words_unknown
from reconciliation.services import resolving, running
from reconciliation.services.comparing import compare_all, may_miss
from reconciliation.services.guards.watching import watch
from reconciliation.services.guards.worth import worths_of
from reconciliation.services.lives import Carried, Found, hold_accounts
from reconciliation.services.reading import SECONDS, Opener, Word, judged, read_accounts, unheard
from reconciliation.services.running import Pass
from reconciliation.services.showing import seen_of, worths_before
from reconciliation.services.snapshots import know_instruments, store_snapshots, store_worths

# Read side by side and stored together: enough to be quick, and no transaction is long.
CHUNK = 250
# How long a broker may not be heard whole before its feed is called stale.
PATIENCE = {
    Heard.ASKED: timedelta(minutes=10),
    Heard.PUSHED: timedelta(minutes=10),
    Heard.STATEMENT: timedelta(hours=40),
}


def run_accounts(
    accounts: Sequence[BrokerAccount],
    *,
    source: str,
    asked_by_id: int | None = None,
    clock: Clock = SYSTEM,
    opener: Opener = open_desk,
    seconds: float = SECONDS,
) -> list[ReconciliationRun]:
    """Ask the brokers of all these accounts, and hold their books against what they say. In the order given.

    A broker that does not answer, or not wholly, makes a run with the outcome UNKNOWN, and nothing is concluded.
    """
    runs: dict[int, ReconciliationRun] = {}
    for workspace_id, own in _by_workspace(accounts).items():
        with scope(workspace=workspace_id):
            usable = connections_of(own, fits=_can_read)
            for chunk in (own[place : place + CHUNK] for place in range(0, len(own), CHUNK)):
                now = clock.now()
                words = _ask(chunk, usable, now, opener, clock, seconds)
                for run in take_words(
                    workspace_id, words, source=source, asked_by_id=asked_by_id, clock=clock
                ):
                    runs[run.account_id] = run
    return [runs[account.pk] for account in accounts]


def take_reading(
    account: BrokerAccount,
    connection: Connection | None,
    reading: AccountReading,
    *,
    heard: Heard,
    source: str,
    clock: Clock = SYSTEM,
) -> ReconciliationRun:
    """What came by itself: pushed by a bridge, or with a statement. The same from there on."""
    with scope(workspace=account.workspace_id):
        at = clock.now()
        latest = {id_: one.as_of for id_, one in heardness_of([account.pk]).items() if one.as_of}
        oldest = None if heard == Heard.STATEMENT else PATIENCE[heard]
        word = Word(account, connection, heard, at, at, reading=reading)
        word = judged(word, oldest=oldest, latest=latest)
        return take_words(account.workspace_id, [word], source=source, clock=clock)[0]


def take_words(
    workspace_id: int,
    words: Sequence[Word],
    *,
    source: str,
    asked_by_id: int | None = None,
    clock: Clock = SYSTEM,
) -> list[ReconciliationRun]:
    """Of accounts of one workspace, within its scope."""
    with transaction.atomic():
        hold_accounts(word.account.pk for word in words)
        now = clock.now()
        passes = [
            Pass(id_, word)
            for id_, word in zip(running.reserve_runs(len(words)), words, strict=True)
        ]
        known = know_instruments(workspace_id, words)
        heardness = heardness_of([word.account.pk for word in words])
        snapshots = store_snapshots(workspace_id, words, known)
        compared = compare_all(workspace_id, words, known, now=now)
        unknown = words_unknown(workspace_id, [word.account.pk for word in words], now=now)
        for one in passes:
            account_id = one.word.account.pk
            one.snapshot_id = snapshots.get(account_id)
            one.judged = compared[account_id]
            feed = _feed(one, heardness.get(account_id), unknown.get(account_id, ()), now)
            one.judged.findings += judge_feed(feed, now)
        carried = Carried([_found(one) for one in passes], now)
        told = carried.told
        for one in passes:
            one.told = told[one.word.account.pk]
        before = worths_before(list(told))
        watch(
            workspace_id,
            [
                seen_of(
                    one.word, one.snapshot_id, before.get(one.word.account.pk), one.judged.fills
                )
                for one in passes
            ],
        )
        synced = {id_: one.heard_at for id_, one in heardness.items() if one.heard_at is not None}
        store_worths(
            workspace_id, words, snapshots, worths=worths_of(list(told)), synced=synced, at=now
        )
        runs = running.store_runs(passes, source=source, asked_by_id=asked_by_id, now=clock.now())
        carried.store()
        running.tell_people(passes)
        running.count(passes, runs)
    resolving.settle_by_rule(workspace_id, [one for each in passes for one in each.told.opened])
    return runs


def list_due() -> dict[int, list[int]]:
    """By workspace the accounts in use of which a broker can be asked, and may be just now. Outside of any scope."""
    accounts = BrokerAccount.objects.filter(archived_at=None, erasure_asked_at=None).order_by("pk")
    now = SYSTEM.now()
    usable = connections_of(
        list(accounts), fits=lambda one: not is_left_alone(one, now) and _can_read(one)
    )
    due: dict[int, list[int]] = defaultdict(list)
    for account in accounts:
        if account.pk in usable:
            due[account.workspace_id].append(account.pk)
    return due


def _by_workspace(accounts: Iterable[BrokerAccount]) -> dict[int, list[BrokerAccount]]:
    found: dict[int, list[BrokerAccount]] = defaultdict(list)
    for account in accounts:
        found[account.workspace_id].append(account)
    return found


def _can_read(connection: Connection) -> bool:
    return Ability.READ_POSITIONS in abilities_of(connection)


def _ask(
    accounts: Sequence[BrokerAccount],
    usable: dict[int, Connection],
    now: datetime,
    opener: Opener,
    clock: Clock,
    seconds: float,
) -> list[Word]:
    asked, silent = [], {}
    for account in accounts:
        connection = usable.get(account.pk)
        if connection is not None and is_left_alone(connection, now):
            silent[account.pk] = unheard(
                account, connection, now, "left_alone", "The connection is paused, or its broker wants peace."
            )  # fmt: skip
        else:
            asked.append((account, connection))
    heard = read_accounts(asked, opener=opener, clock=clock, seconds=seconds, at=now)
    words = silent | {word.account.pk: word for word in heard}
    return [words[account.pk] for account in accounts]


def _found(one: Pass) -> Found:
    said = one.judged

    def missed(divergence: Divergence) -> bool:
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
    heard_at = one.word.received_at if one.word.is_whole else known and known.heard_at
    began = known.began_at if known and known.began_at else now
    return Feed(began, heard_at, PATIENCE[one.word.heard], one.judged.gaps, tuple(unknown))
