"""From asking the brokers to what came of it: read, store, compare, carry over, watch, tell.

Brokers are asked before any transaction begins. What was heard of a chunk of accounts is then stored and compared in
one (`reconciliation.services.passing`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django_scopes import scope

from journal.brokers.live import Ability, AccountReading
from journal.models import BrokerAccount, Connection
from journal.services.desks.opening import abilities_of, open_desk
from journal.services.pulls.clock import SYSTEM, Clock
from reconciliation.models import Heard, ReconciliationRun
from reconciliation.selectors.connections import connections_of, is_left_alone
from reconciliation.selectors.hearing import PATIENCE, heardness_of
from reconciliation.services.passing import take_words
from reconciliation.services.reading import SECONDS, Opener, Word, judged, read_accounts, unheard

# Read side by side and stored together: enough to be quick, and no transaction is long.
CHUNK = 250


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
            usable = connections_of(own, fits=can_read)
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


def list_due() -> dict[int, list[int]]:
    """By workspace the accounts in use of which a broker can be asked, and may be just now. Outside of any scope."""
    accounts = BrokerAccount.objects.filter(archived_at=None, erasure_asked_at=None).order_by("pk")
    now = SYSTEM.now()
    usable = connections_of(
        list(accounts), fits=lambda one: not is_left_alone(one, now) and can_read(one)
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


def can_read(connection: Connection) -> bool:
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
