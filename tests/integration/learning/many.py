"""Hundreds of closed trades and proposals, written as the book and the scanner would have left them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from journal.models import RecommendationOutcome
from learning.models import TradeFact
from tests import captures
from tests.integration.learning.closes import iso

BEGIN = datetime(2025, 6, 2, 14, tzinfo=UTC)
DAY = timedelta(days=1)


def closed(account, results, *, begin=BEGIN, risk=100, first=1):
    """A trade a day from `begin` on, each of so many R, over after two hours."""
    rows = []
    for number, r in enumerate(results):
        opened = begin + number * DAY
        ended = opened + timedelta(hours=2)
        rows.append(
            TradeFact(
                id=first + number, workspace_id=account.workspace_id, account=account, currency="USD",
                opened_at=opened, closed_at=ended, known_at=ended, pnl=Decimal(str(round(r * risk, 2))),
                risk=Decimal(risk), risk_basis="plan_stop", r=float(r), result=int(np.sign(r)), symbol="ACME",
                asset_class="stock", direction="long", source="bot", digest=f"{number}:{r}",
            )
        )  # fmt: skip
    TradeFact.objects.bulk_create(rows)


def proposals(owner, count, *, begin=BEGIN, slope=2.5, seed=1, first=0, known=True):
    """As many proposals, four a day, with what became of them three days later. `iv_rank` tells wins from losses by
    `slope`; the scanner says 60 % of each."""
    dice = np.random.default_rng(seed)
    account = captures.account_of(owner.workspace)
    records, outcomes = [], []
    for number in range(first, first + count):
        at = begin + (number // 4) * DAY + timedelta(minutes=number % 4)
        strength = dice.normal()
        won = dice.random() < 1 / (1 + np.exp(-(0.4 + slope * strength)))
        records.append(
            {
                "record_id": f"p{number}", "account": captures.ACCOUNT, "symbol": f"S{number % 5}",
                "strategy": ("spread", "condor")[number % 2], "at": iso(at), "probability": "0.6",
                "features": {"iv_rank": f"{50 + 15 * strength:.2f}", "dte": str(30 + number % 20)},
            }
        )  # fmt: skip
        over = at + 3 * DAY
        if known:
            outcomes.append(
                RecommendationOutcome(
                    workspace=owner.workspace, account=account, record_id=f"p{number}", actor="scanner",
                    source="scanner", r_multiple=Decimal("0.4") if won else Decimal(-1), mark_quality="eod_mid",
                    closed_at=over, known_at=over, digest=f"{number}",
                )
            )  # fmt: skip
    for start in range(0, count, 100):
        answer = captures.bot(owner).post(
            "/api/recommendations/batch", {"recommendations": records[start : start + 100]}
        )
        assert answer.status_code < 300, answer.content
    captures.book(owner.workspace)
    RecommendationOutcome.objects.bulk_create(outcomes)
