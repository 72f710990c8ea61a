"""Closed trades as facts, written without a book: what the learner reads, many at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import numpy as np

from accounts.models import Workspace
from journal.models import BrokerAccount
from learning.models import TradeFact
from learning.selectors.book import digest_of
from tests import captures

START = datetime(2026, 1, 5, 15, tzinfo=UTC)
SYMBOLS = ("SPY", "QQQ", "IWM", "AMD")


def invent(
    workspace: Workspace,
    n: int,
    *,
    seed: int = 1,
    slope: float = 0.0,
    first: int = 0,
    a_week: int = 10,
) -> list[TradeFact]:
    """`n` trades from the `first`th on, `a_week` of them; `slope` is how much the chance to win rises over IV ranks
    from 0 to 100, around a half."""  # fmt: skip
    account = captures.account_of(workspace)
    rng = np.random.default_rng(seed)
    facts = [_one(workspace, account, rng, first + number, slope, a_week) for number in range(n)]
    TradeFact.objects.bulk_create(facts)
    return facts


def _one(
    workspace: Workspace,
    account: BrokerAccount,
    rng: np.random.Generator,
    number: int,
    slope: float,
    a_week: int,
) -> TradeFact:
    week, place = divmod(number, a_week)
    opened = START + timedelta(weeks=week, days=place * 4 // a_week, minutes=place)
    closed = opened + timedelta(days=2)
    iv = float(rng.uniform(0, 100))
    won = rng.random() < 0.5 + slope * (iv - 50) / 100
    r = float(rng.uniform(0.15, 1.0)) * (1 if won else -1)
    fact = TradeFact(
        id=9_000_000 + number, workspace=workspace, account=account, currency="USD", opened_at=opened,
        closed_at=closed, known_at=closed, pnl=Decimal(f"{r * 200:.2f}"), risk=Decimal(200), r=r, result=1 if won else -1,
        symbol=SYMBOLS[int(rng.integers(len(SYMBOLS)))], asset_class="option", direction="short",
        strategy="put spread", structure="vertical", close_reason="target" if won else "stop", source="file",
        features={"iv_rank": iv, "dte": float(rng.integers(20, 60)), "hour": float(rng.integers(9, 16))},
    )  # fmt: skip
    fact.digest = digest_of(fact)
    return fact


def after(facts: Sequence[TradeFact]) -> datetime:
    """A moment at which all of them are known."""
    return max(one.known_at for one in facts) + timedelta(hours=1)
