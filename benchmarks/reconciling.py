"""A full cycle of reconciliation for many accounts against a bare bulk insert of its snapshot rows; and one account
against the time that its broker takes to answer.

    python -m benchmarks.child reconciling ACCOUNTS

The brokers are replaced by one that answers from memory: at once for the many, after 300 ms for the one. Everything
else is the application's own: reading, storing, comparing with the book, lives of differences, guards, log.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import median, quantiles

from django.db import connection, transaction
from django_scopes import scope

from accounts.services.people import create_user
from accounts.services.workspaces import create_workspace
from journal.brokers.base import InstrumentRow
from journal.brokers.live import Ability, AccountReading, Holding
from journal.domain.values import AssetClass
from journal.models import BrokerAccount, BrokerInstrument, Connection, Instrument, OpenLot
from journal.services.contract_words import contract_key
from reconciliation.models import Divergence, RunOutcome, Snapshot, SnapshotPosition
from reconciliation.services import cycle

POSITIONS = 20
ROUNDS = 5
SINGLES = 60
ANSWER_SECONDS = 0.3
PRICE = Decimal("101.25")


class Broker:
    def __init__(self, rows: list[InstrumentRow], seconds: float) -> None:
        self.rows = rows
        self.seconds = seconds
        self.took: list[float] = []

    @contextmanager
    def open(self, _connection: Connection) -> Iterator[Broker]:
        yield self

    def read(self, number: str) -> AccountReading:
        started = time.perf_counter()
        if self.seconds:
            time.sleep(self.seconds)
        now = datetime.now(UTC)
        holdings = tuple(
            Holding(row, "", Decimal(100 + place), PRICE, PRICE + 1, now, Decimal(100 + place))
            for place, row in enumerate(self.rows)
        )
        cash = {"USD": Decimal("25000.50")}
        reading = AccountReading(
            number,
            now,
            "USD",
            holdings,
            (),
            Decimal("250000.25"),
            Decimal("247810.25"),
            cash,
            Decimal(40_000),
        )
        self.took.append(time.perf_counter() - started)
        return reading


def instruments_of(workspace: int, rows: list[InstrumentRow]) -> list[Instrument]:
    made = Instrument.objects.bulk_create(
        Instrument(
            workspace_id=workspace, key=contract_key(row), asset_class=row.asset_class, symbol=row.symbol,
            currency="USD", tick_size=Decimal("0.01"),
        )
        for row in rows
    )  # fmt: skip
    BrokerInstrument.objects.bulk_create(
        BrokerInstrument(
            workspace_id=workspace, instrument=one, broker="ibkr", broker_id=row.broker_id
        )
        for one, row in zip(made, rows, strict=True)
    )
    return made


def hold(workspace: int, accounts: list[BrokerAccount], instruments: list[Instrument]) -> None:
    opened_at = datetime.now(UTC) - timedelta(days=30)
    OpenLot.objects.bulk_create(
        [
            OpenLot(
                workspace_id=workspace, account_id=account.pk, instrument_id=instrument.pk, leg_id=0,
                signed_quantity=Decimal(100 + place), price=PRICE, fee=Decimal(1), opened_at=opened_at,
                cost_known=True,
            )
            for account in accounts
            for place, instrument in enumerate(instruments)
        ],
        batch_size=5_000,
    )  # fmt: skip


def prepare(count: int) -> tuple[int, list[BrokerAccount], list[InstrumentRow]]:
    """Accounts whose books have just the positions that the broker has."""
    user = create_user("bench@example.org", password="as long as it takes")
    workspace = create_workspace(user, name="Bench", base_currency="USD").workspace_id
    rows = [
        InstrumentRow(f"bench-{n}", AssetClass.STOCK, f"SYM{n}", "USD", Decimal(1))
        for n in range(POSITIONS)
    ]
    with scope(workspace=workspace):
        accounts = BrokerAccount.objects.bulk_create(
            BrokerAccount(
                workspace_id=workspace, broker="ibkr", broker_id=f"U{n:07}", base_currency="USD"
            )
            for n in range(count)
        )
        hold(workspace, accounts, instruments_of(workspace, rows))
        for start in range(0, count, 50):
            numbers = [account.broker_id for account in accounts[start : start + 50]]
            Connection.objects.create(
                workspace_id=workspace,
                fetcher="ibkr_flex",
                name=f"bench {start}",
                account_numbers=numbers,
            )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return workspace, accounts, rows


def cycle_seconds(accounts: list[BrokerAccount], rows: list[InstrumentRow]) -> float:
    broker = Broker(rows, 0)
    started = time.perf_counter()
    runs = cycle.run_accounts(accounts, source="bench", opener=broker.open)
    seconds = time.perf_counter() - started
    assert all(run.outcome != RunOutcome.UNKNOWN and "positions" in run.compared for run in runs)
    assert not any(run.found for run in runs)
    return seconds


def insert_seconds(count: int) -> float:
    """The snapshot rows of the latest cycle once more, by bulk_create, with nothing around it."""
    snapshots = list(Snapshot.objects.order_by("-id")[:count])
    lines = list(SnapshotPosition.objects.filter(snapshot__in=snapshots))
    assert len(lines) == count * POSITIONS
    places = {one.pk: place for place, one in enumerate(snapshots)}
    places = {line.pk: places[line.snapshot_id] for line in lines}
    order = [places[line.pk] for line in lines]
    for row in (*snapshots, *lines):
        row.pk = None
        row._state.adding = True
    started = time.perf_counter()
    with transaction.atomic():
        Snapshot.objects.bulk_create(snapshots)
        for line, place in zip(lines, order, strict=True):
            line.snapshot_id = snapshots[place].pk
        SnapshotPosition.objects.bulk_create(lines)
    seconds = time.perf_counter() - started
    with transaction.atomic():
        SnapshotPosition.objects.filter(pk__in=[line.pk for line in lines]).delete()
        Snapshot.objects.filter(pk__in=[one.pk for one in snapshots]).delete()
    return seconds


def many(accounts: list[BrokerAccount], rows: list[InstrumentRow]) -> dict[str, float]:
    """Cycle and insert in turns; the first turn only warms up."""
    cycles, inserts = [], []
    for _ in range(ROUNDS + 1):
        cycles.append(cycle_seconds(accounts, rows))
        inserts.append(insert_seconds(len(accounts)))
    ratios = [one / other for one, other in zip(cycles[1:], inserts[1:], strict=True)]
    return {
        "cycle": median(cycles[1:]),
        "insert": median(inserts[1:]),
        "ratio": round(median(ratios), 2),
    }


def single(accounts: list[BrokerAccount], rows: list[InstrumentRow]) -> dict[str, float]:
    """Whole runs of one account, and the broker's own answers in them."""
    broker = Broker(rows, ANSWER_SECONDS)
    times = []
    for place in range(SINGLES + 3):
        started = time.perf_counter()
        cycle.run_accounts([accounts[place % len(accounts)]], source="bench", opener=broker.open)
        times.append(time.perf_counter() - started)
    p95 = quantiles(times[3:], n=20)[-1]
    answer = median(broker.took[3:])
    return {"p95": p95, "answer": answer, "ratio": round(p95 / answer, 3)}


def main() -> None:
    workspace, accounts, rows = prepare(int(sys.argv[1]))
    cycle.abilities_of = lambda _connection: frozenset({Ability.READ_POSITIONS})
    with scope(workspace=workspace):
        found = {"many": many(accounts, rows), "single": single(accounts, rows)}
        assert not Divergence.objects.exists()
    print(json.dumps(found))


if __name__ == "__main__":
    main()
