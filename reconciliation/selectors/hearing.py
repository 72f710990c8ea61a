"""How the broker was heard last, account by account: what is known of it now, and since when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import OuterRef, QuerySet, Subquery

from common.sql import fetch
from journal.models import BrokerAccount
from reconciliation.models import Heard, PositionSnapshot, ReconciliationRun, Snapshot

_HEARDNESS = """
SELECT a.id, whole.as_of, whole.received_at, first.began_at, whole.heard
FROM unnest(%(accounts)s::bigint[]) AS a (id)
LEFT JOIN LATERAL (
    SELECT s.as_of, s.received_at, s.heard FROM reconciliation_snapshot s
    WHERE s.account_id = a.id AND s.lacking = '{}' ORDER BY s.as_of DESC, s.id DESC LIMIT 1
) whole ON true
LEFT JOIN LATERAL (
    SELECT r.began_at FROM reconciliation_reconciliationrun r WHERE r.account_id = a.id
    ORDER BY r.began_at, r.id LIMIT 1
) first ON true
"""


class Freshness(StrEnum):
    """UNKNOWN: no complete answer ever came. Neither that nor STALE says that an account is flat."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"


# How old what was last heard whole may become before an account is called stale: by pages, the API and the difference
# STALE_FEED alike. A statement is of the day before, and nobody sends one over a weekend with a holiday beside it.
PATIENCE = {
    Heard.ASKED: timedelta(minutes=10),
    Heard.PUSHED: timedelta(minutes=10),
    Heard.STATEMENT: timedelta(days=5),
}


@dataclass(frozen=True, slots=True)
class Hearing:
    """`snapshot` is the latest complete one, as old as `age`; `worth` what came of the latest attempt to read (which
    may have failed), `run` the latest comparison."""

    account: BrokerAccount
    snapshot: Snapshot | None
    worth: PositionSnapshot | None
    run: ReconciliationRun | None
    freshness: Freshness
    age: timedelta | None

    @property
    def failed(self) -> PositionSnapshot | None:
        """The latest attempt, if it failed."""
        return self.worth if self.worth is not None and self.worth.error else None

    @property
    def is_known(self) -> bool:
        return self.freshness is Freshness.FRESH


def accounts_in_use() -> QuerySet[BrokerAccount]:
    return BrokerAccount.objects.filter(archived_at=None, erasure_asked_at=None).order_by(
        "broker", "broker_id"
    )


def hearings(accounts: QuerySet[BrokerAccount], *, now: datetime) -> list[Hearing]:
    """In the order of the accounts, in four statements however many there are."""
    complete = Snapshot.objects.filter(lacking=[])
    found = list(
        accounts.annotate(
            latest_snapshot=_latest(complete, "-as_of"),
            latest_worth=_latest(PositionSnapshot.objects.all(), "-created_at"),
            latest_run=_latest(ReconciliationRun.objects.all(), "-began_at"),
        )
    )
    snapshots = Snapshot.objects.in_bulk(_ids(found, "latest_snapshot"))
    worths = PositionSnapshot.objects.in_bulk(_ids(found, "latest_worth"))
    runs = ReconciliationRun.objects.in_bulk(_ids(found, "latest_run"))
    return [
        _hearing(
            account,
            snapshots.get(account.latest_snapshot),
            worths.get(account.latest_worth),
            runs.get(account.latest_run),
            now,
        )
        for account in found
    ]


def _latest(rows: QuerySet[Any], order: str) -> Subquery:
    own = rows.filter(account=OuterRef("pk")).order_by(order, "-id")
    return Subquery(own.values("pk")[:1])


def _ids(accounts: Sequence[BrokerAccount], name: str) -> list[int]:
    return [id_ for account in accounts if (id_ := getattr(account, name)) is not None]


def _hearing(
    account: BrokerAccount,
    snapshot: Snapshot | None,
    worth: PositionSnapshot | None,
    run: ReconciliationRun | None,
    now: datetime,
) -> Hearing:
    if snapshot is None:
        return Hearing(account, None, worth, run, Freshness.UNKNOWN, None)
    age = now - snapshot.as_of
    is_late = age > PATIENCE[Heard(snapshot.heard)]
    freshness = Freshness.STALE if is_late else Freshness.FRESH
    return Hearing(account, snapshot, worth, run, freshness, age)


class Heardness(NamedTuple):
    """`as_of` and `heard_at` are of the latest whole answer, by the broker's clock and by ours, `heard` is how it came;
    `began_at` is when the account was first tried."""

    as_of: datetime | None
    heard_at: datetime | None
    began_at: datetime | None
    heard: str | None


def heardness_of(account_ids: Sequence[int]) -> dict[int, Heardness]:
    rows = fetch(_HEARDNESS, {"accounts": list(account_ids)})
    return {account_id: Heardness(*said) for account_id, *said in rows}
