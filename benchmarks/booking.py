"""How fast booking is, and whether it stays so: fills a second, from a thousand to a million.

Run it alone with `python -m benchmarks.booking`.
"""

from __future__ import annotations

import gc
import random
import time
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from journal.domain.booking import book
from journal.domain.values import AssetClass, Contract, Fill, LotMethod, Side

SIZES = (1_000, 10_000, 100_000, 1_000_000)
LEAST_FILLS_TIMED = 100_000
START = datetime(2026, 1, 5, 14, 30, tzinfo=UTC)
CONTRACTS = {1: Contract(1, AssetClass.STOCK, "USD")}


def stream(size: int, *, seed: int = 0) -> list[Fill]:
    """Scaling in and out, closes in one, reversals through zero, odd fees: a restless trader in one stock."""
    dice = random.Random(seed)
    fills, held, cents = [], 0, 10_000
    for number in range(1, size + 1):
        cents = max(100, cents + dice.randint(-20, 20))
        lots = dice.choice((1, 1, 2, 3, 5, 10))
        buys = dice.random() < 0.5
        if held and dice.random() < 0.55:
            buys = held < 0
            lots = abs(held) if dice.random() < 0.5 else lots
        held += lots if buys else -lots
        fills.append(
            Fill(
                id=number,
                instrument_id=1,
                executed_at=START + timedelta(seconds=7 * number),
                sequence=number,
                side=Side.BUY if buys else Side.SELL,
                quantity=Decimal(lots * 100),
                price=Decimal(cents) / 100,
                fee=Decimal(100 + lots) / 100,
            )
        )
    return fills


def fills_per_second(fills: list[Fill], method: LotMethod) -> int:
    """The best of three runs, or of as many as it takes to have booked enough fills to trust the clock."""
    best = 0.0
    for _ in range(max(3, LEAST_FILLS_TIMED // len(fills))):
        gc.collect()
        started = time.perf_counter()
        booking = book(fills, contracts=CONTRACTS, method=method)
        best = max(best, len(fills) / (time.perf_counter() - started))
        assert booking.matches
    return round(best)


def measure(method: LotMethod = LotMethod.FIFO) -> dict[str, object]:
    """`linear` is the rate at the largest size over the rate at the smallest: 1 when booking is linear."""
    rates = {size: fills_per_second(stream(size), method) for size in SIZES}
    return {"fills_per_second": rates, "linear": round(rates[SIZES[-1]] / rates[SIZES[0]], 2)}


if __name__ == "__main__":
    for each in LotMethod:
        print(each.value, measure(each))
