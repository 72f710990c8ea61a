"""Figures kept up with the book: how long after a close is booked, at so many trades.

    python -m benchmarks.child measuring TRADES CLOSES

Trades are reported by a bot as it would, follow recommendations of several strategies and versions of parameters, and
are booked; each is in six parts of the book that have figures of their own. Timed is `measure`: reading the trade anew
from the book, its fact, the figures and a point of each part, in one committed transaction.
"""

from __future__ import annotations

import json
import random
import sys
import time
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Any

from django.db import connection
from django_scopes import scope

from accounts.services.people import create_user
from accounts.services.workspaces import create_workspace
from journal.models import BrokerAccount, CapturedKind
from journal.services.captures import booking
from journal.services.captures.receiving import Sender, receive_records
from learning.models import MetricState, TradeFact
from learning.services import measuring

ACCOUNT = "BENCH-1"
FIRST = datetime(2021, 1, 4, 14, tzinfo=UTC)
# Twenty-one trades a week: 5,000 of them are four and a half years.
EVERY = timedelta(hours=8)
SYMBOLS = 40
PROPOSALS = 60
AT_ONCE = 1_000
LATE = 30


def fills(number: int, at: datetime, chance: random.Random) -> list[dict[str, Any]]:
    entry = chance.randint(90, 110)
    end = entry + chance.choice([-3, -2, -1, 1, 1, 2, 3])
    named = {
        "account": ACCOUNT, "symbol": f"SYM{number % SYMBOLS}",
        "currency": "USD", "quantity": "10", "recommendation_id": f"rec-{number % PROPOSALS}",
    }  # fmt: skip
    return [
        {**named, "record_id": f"o{number}", "side": "buy", "price": str(entry), "executed_at": at.isoformat()},
        {**named, "record_id": f"c{number}", "side": "sell", "price": str(end),
         "executed_at": (at + timedelta(minutes=20)).isoformat()},
    ]  # fmt: skip


def proposal(number: int) -> dict[str, Any]:
    return {
        "record_id": f"rec-{number}",
        "account": ACCOUNT,
        "symbol": f"SYM{number % SYMBOLS}",
        "strategy": f"strategy {number % 5}",
        "parameters": {"version": f"v{number % 3}"},
        "features": {"iv_rank": str(number)},
        "stop_price": "80",
        "at": "2021-01-01T00:00:00Z",
    }


def report(sender: Sender, kind: CapturedKind, records: list[dict[str, Any]]) -> None:
    for start in range(0, len(records), AT_ONCE):
        receive_records(sender, kind, records[start : start + AT_ONCE])
    while booking.book_captured(sender.workspace_id):
        pass


def prepare(trades: int) -> tuple[Sender, random.Random]:
    user = create_user("bench@example.org", password="as long as it takes")
    workspace = create_workspace(user, name="Bench", base_currency="USD").workspace_id
    sender, chance = Sender(workspace_id=workspace, user_id=None), random.Random(26)
    with scope(workspace=workspace):
        BrokerAccount.objects.create(
            workspace_id=workspace,
            broker="ibkr",
            broker_id=ACCOUNT,
            base_currency="USD",
            zone="UTC",
        )
        proposals = [proposal(number) for number in range(PROPOSALS)]
        report(sender, CapturedKind.RECOMMENDATION, proposals)
        records = [one for n in range(trades) for one in fills(n, FIRST + n * EVERY, chance)]
        report(sender, CapturedKind.EXECUTION, records)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return sender, chance


def timed(sender: Sender, records: list[dict[str, Any]]) -> float:
    report(sender, CapturedKind.EXECUTION, records)
    began = time.perf_counter()
    done = measuring.measure(sender.workspace_id)
    seconds = time.perf_counter() - began
    assert done.facts >= 1
    return seconds


def main() -> None:
    trades, closes = int(sys.argv[1]), int(sys.argv[2])
    sender, chance = prepare(trades)
    with scope(workspace=sender.workspace_id):
        began = time.perf_counter()
        measuring.measure(sender.workspace_id)
        whole = time.perf_counter() - began
        assert TradeFact.objects.count() == trades
        parts = MetricState.objects.count()
        last = FIRST + trades * EVERY
        after = [timed(sender, fills(trades + n, last + n * EVERY, chance)) for n in range(closes)]
        late = []
        for n in range(LATE):
            at = FIRST + chance.randrange(trades) * EVERY + timedelta(minutes=45)
            late.append(timed(sender, fills(trades + closes + n, at, chance)))
        assert MetricState.objects.get(part="all").n == trades + closes + LATE
    found = {
        "whole": whole,
        "parts": parts,
        "close": {"median": median(after), "p95": quantiles(after, n=20)[-1]},
        "late": {"median": median(late), "p95": quantiles(late, n=20)[-1]},
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
