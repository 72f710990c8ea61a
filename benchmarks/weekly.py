"""The night and the Monday of the learner, all steps and the report, through its services and its database.

    python -m benchmarks.child weekly prepare TRADERS TRADES USERS
    python -m benchmarks.child weekly run PROCESSES

In the night nothing was learnt of them before: every step is made from the first trade on, and the model of the day
is fitted. On Monday nothing was heard since the night, as where markets were closed: what it said stands, and the
report is made of it, by the task that makes it. The workers have imported what they need, as those that run have; they
hold each one connection.

Traders are told of as a scanner and a bot would: proposals of several strategies with what each came to, half of them
followed, and the trades that followed them, a fifth of which have daily prices. All is booked, measured and judged as
it is for people. Where there are more users than traders, the rows of the traders are copied: every user has a
workspace, a book and dice of his own.
"""

from __future__ import annotations

import json
import sys
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from multiprocessing import get_context
from statistics import median
from time import perf_counter, process_time
from typing import Any

import numpy as np
from django.db import connection, connections
from django_scopes import scope, scopes_disabled

from accounts.services.people import create_user
from accounts.services.workspaces import create_workspace
from benchmarks.copies import copy_workspaces
from benchmarks.learning.worlds import generator, premium_spreads
from benchmarks.measuring import report
from journal.domain.bars import DAY_SECONDS, Bar, bar_end
from journal.models import BrokerAccount, CapturedKind, DecidedVia, Decision, RecommendationOutcome
from journal.services.captures.receiving import Sender
from journal.services.prices.storing import SeriesName, store_bars
from learning import tasks
from learning.models import LearningRun, Report, RunKind, StepFailure, TradeFact
from learning.services import insights, learner, measuring
from learning.services.steps import ORDER, REPORTS

ACCOUNT = "BENCH-1"
SYMBOLS, PRICED = 20, 4
STRATEGIES = ("bull put spread", "bear call spread", "iron condor")
OFFERS = 2
"""Proposals for each one that is followed."""
_DAYS = 1_610
# A Monday to come, as rows are told of now, and what was heard counts from then on.
_SOON = datetime.now(UTC) + timedelta(days=1)
MONDAY = (_SOON + timedelta(days=-_SOON.weekday() % 7)).replace(
    hour=6, minute=0, second=0, microsecond=0
)
if MONDAY < _SOON:
    MONDAY += timedelta(days=7)
NIGHT = MONDAY - timedelta(hours=4)
FIRST = (MONDAY - timedelta(days=_DAYS + 21)).replace(hour=15)
_ENTRY, _RISK, _SIZE = 100, 10, 10
_FATES = ("followed", "shadow", "ignored")


def world(trader: int, trades: int) -> dict[str, Any]:
    """Proposals in the order of time: a high IV rank wins more often, and the last symbol hardly ever."""
    dice = generator("weekly", trader, trades)
    count = trades * OFFERS
    rank = dice.uniform(5, 95, count)
    # In turn, so that none is bought again before it was sold.
    symbol = np.arange(count) // OFFERS * 7 % SYMBOLS
    longest = min(12 * 24, 0.9 * SYMBOLS * _DAYS * 24 / trades)
    strategy = dice.integers(0, len(STRATEGIES), count)
    chance = 0.62 + 0.003 * (rank - 40) - 0.2 * (symbol == SYMBOLS - 1)
    return {
        "at": [FIRST + timedelta(days=_DAYS * n / count) for n in range(count)],
        "hours": dice.uniform(2, longest, count),
        "rank": rank,
        "dte": dice.integers(25, 55, count),
        "delta": dice.uniform(0.1, 0.4, count),
        "symbol": symbol,
        "strategy": strategy,
        "r": premium_spreads(dice, dice.random(count) < chance).round(4),
        "fate": [
            _FATES[0] if n % OFFERS == 0 else _FATES[1 + n // OFFERS % 2] for n in range(count)
        ],
    }


def proposal(told: dict[str, Any], n: int) -> dict[str, Any]:
    symbol = int(told["symbol"][n])
    return {
        "record_id": f"rec-{n}",
        "account": ACCOUNT,
        "symbol": f"SYM{symbol}",
        "strategy": STRATEGIES[told["strategy"][n]],
        "scanner": "spreads",
        "parameters": {"version": f"v{n % 3}", "min_iv_rank": "5"},
        "features": {
            "iv_rank": f"{told['rank'][n]:.2f}",
            "dte": str(told["dte"][n]),
            "delta": f"{told['delta'][n]:.3f}",
            "term": ("contango", "flat", "backwardation")[n % 3],
        },
        "probability": "0.68",
        "entry_price": str(_ENTRY),
        "stop_price": str(_ENTRY - _RISK),
        "expected_loss": str(_RISK * _SIZE),
        "pool": "shadow" if told["fate"][n] == "shadow" else "shown",
        "at": told["at"][n].isoformat(),
    }


def fills(told: dict[str, Any], n: int) -> list[dict[str, Any]]:
    opened = told["at"][n] + timedelta(minutes=5)
    named = {
        "account": ACCOUNT, "symbol": f"SYM{told['symbol'][n]}", "currency": "USD", "quantity": str(_SIZE),
        "recommendation_id": f"rec-{n}",
    }  # fmt: skip
    end = _ENTRY + _RISK * Decimal(str(told["r"][n]))
    closed = opened + timedelta(hours=told["hours"][n])
    return [
        {**named, "record_id": f"o{n}", "side": "buy", "price": str(_ENTRY), "executed_at": opened.isoformat()},
        {**named, "record_id": f"c{n}", "side": "sell", "price": str(end), "executed_at": closed.isoformat()},
    ]  # fmt: skip


def tell(trader: int, trades: int) -> int:
    """A trader's workspace, booked, measured and judged; its number."""
    user = create_user(f"trader{trader}@example.org", password="as long as it takes")
    workspace = create_workspace(user, name=f"Trader {trader}", base_currency="USD").workspace
    told, sender = world(trader, trades), Sender(workspace_id=workspace.pk, user_id=None)
    with scope(workspace=workspace.pk):
        account = BrokerAccount.objects.create(
            workspace_id=workspace.pk, broker="ibkr", broker_id=ACCOUNT, base_currency="USD", zone="UTC"
        )  # fmt: skip
        every = range(trades * OFFERS)
        report(sender, CapturedKind.RECOMMENDATION, [proposal(told, n) for n in every])
        followed = [n for n in every if told["fate"][n] == "followed"]
        records = [one for n in followed for one in fills(told, n)]
        report(sender, CapturedKind.EXECUTION, records)
        say_what_came(account, told)
        for symbol in range(PRICED):
            store_bars(workspace.pk, SeriesName(f"SYM{symbol}", DAY_SECONDS, "bench"), days(trader))
        measuring.measure(workspace.pk)
        while insights.write_insights(workspace.pk).is_more:
            pass
        assert TradeFact.objects.count() == trades
    return workspace.pk


def say_what_came(account: BrokerAccount, told: dict[str, Any]) -> None:
    own = {"workspace_id": account.workspace_id, "account": account, "actor": "scanner"}
    outcomes, decisions = [], []
    for n, at in enumerate(told["at"]):
        over = at + timedelta(hours=told["hours"][n])
        about = {**own, "record_id": f"rec-{n}"}
        outcomes.append(
            RecommendationOutcome(
                **about, source="scanner", r_multiple=Decimal(str(told["r"][n])), mark_quality="intraday_quote",
                closed_at=over, known_at=over, digest=str(n),
            )
        )  # fmt: skip
        if told["fate"][n] == "ignored":
            decided_at = at + timedelta(hours=1)
            decisions.append(
                Decision(**about, verdict="ignored", via=DecidedVia.API, decided_at=decided_at)
            )
    RecommendationOutcome.objects.bulk_create(outcomes)
    Decision.objects.bulk_create(decisions)


def days(trader: int) -> list[Bar]:
    """Of a price that wanders about what everything is bought at."""
    dice = generator("weekly prices", trader)
    level = _ENTRY + 4 * np.sin(np.arange(_DAYS + 60) / 9) + dice.normal(0, 0.5, _DAYS + 60)
    found = []
    for n, close in enumerate(level):
        opened = FIRST.replace(hour=0) + timedelta(days=n)
        low, high = (Decimal(str(round(close + one, 2))) for one in (-6, 6))
        price = Decimal(str(round(close, 2)))
        over = bar_end(opened, DAY_SECONDS, UTC)  # type: ignore[arg-type]
        found.append(Bar(opened, over, price, high, low, price))
    return found


STEPS = [kind for kind in ORDER if kind not in REPORTS]


def learn(workspace_id: int) -> dict[str, float]:
    """Seconds of the steps of one user: by the clock, and of this process alone."""
    began, own = perf_counter(), process_time()
    with scope(workspace=workspace_id):
        runs = learner.learn(workspace_id, as_of=NIGHT, kinds=STEPS)
    assert len(runs) == len(STEPS), f"only {[one.kind for one in runs]}"
    return {"seconds": perf_counter() - began, "cpu": process_time() - own}


def tell_monday(workspace_id: int) -> dict[str, float]:
    began, own = perf_counter(), process_time()
    tasks.learn_and_report(workspace_id, RunKind.WEEKLY.value, MONDAY.isoformat())
    return {"seconds": perf_counter() - began, "cpu": process_time() - own}


def prepare(traders: int, trades: int, users: int) -> dict[str, Any]:
    began = perf_counter()
    ids = [tell(number, trades) for number in range(traders)]
    copy_workspaces(ids, users // traders - 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with scopes_disabled():
        found = list(TradeFact.objects.order_by().values_list("workspace_id").distinct())
    return {"users": len(found), "seconds": perf_counter() - began}


def warm() -> None:
    """A worker that runs has imported all that it needs."""
    with scopes_disabled():
        assert not StepFailure.objects.exists()


def run(processes: int) -> dict[str, Any]:
    with scopes_disabled():
        rows = TradeFact.objects.order_by("workspace_id").values_list("workspace_id", flat=True)
        ids = sorted(set(rows.distinct()))
        LearningRun.objects.count()
    connections.close_all()
    # By its own name: what runs as a script is another module than the one that workers know.
    own = import_module("benchmarks.weekly")
    with ProcessPoolExecutor(processes, mp_context=get_context("fork")) as pool:
        for waiting in [pool.submit(own.warm) for _ in range(processes)]:
            waiting.result()
        night = _timed(pool, own.learn, ids)
        monday = _timed(pool, own.tell_monday, ids)
    with scopes_disabled():
        trades, failures = TradeFact.objects.count(), StepFailure.objects.count()
        reports = Report.objects.filter(run__as_of=MONDAY).count()
        steps = LearningRun.objects.exclude(kind__in=REPORTS)
        assert not failures
        assert reports == len(ids), f"{reports} reports of {len(ids)}"
        assert not steps.exclude(as_of=NIGHT).exists(), "what the night said was made again"
    return {"users": len(ids), "trades": trades, "night": night, "monday": monday}


def _timed(pool: ProcessPoolExecutor, work: Any, ids: list[int]) -> dict[str, float]:
    began = perf_counter()
    took = list(pool.map(work, ids, chunksize=1))
    seconds = perf_counter() - began
    return {
        "seconds": seconds,
        "median": median(one["seconds"] for one in took),
        "median_cpu": median(one["cpu"] for one in took),
    }


def main() -> None:
    what, *numbers = sys.argv[1:]
    work = {"prepare": prepare, "run": run}[what]
    print(json.dumps(work(*map(int, numbers))))


if __name__ == "__main__":
    main()
