from datetime import UTC, datetime

import numpy as np
import pytest

from learning.domain.trades import Trades, held_for, weeks_of


def seconds(*days: str) -> np.ndarray:
    return np.array(
        [int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) for day in days]
    )


def test_weeks_begin_on_monday():
    weeks = weeks_of(
        seconds(
            "2026-11-15T23:59:59",
            "2026-11-16T00:00:00",
            "2026-11-22T23:59:59",
            "2026-11-23T00:00:00",
        )
    )
    assert list(weeks - weeks[0]) == [0, 1, 1, 2]


def test_nothing_is_known_before_its_time():
    known = seconds("2026-01-05", "2026-01-07", "2026-01-09")
    trades = Trades(
        key=np.arange(3),
        opened=known - 86_400,
        closed=known,
        known_at=known,
        pnl=np.array([1.0, -1.0, 2.0]),
        r=np.array([0.1, -0.1, np.nan]),
        result=np.array([1, -1, 1]),
        week=weeks_of(known - 86_400),
        groups={"symbol": np.array([0, 1, 0])},
        words={"symbol": ("SPY", "QQQ")},
        features={"iv_rank": np.array([60.0, np.nan, 30.0])},
    )
    seen = trades.known_by(int(known[1]))
    assert list(seen.key) == [0, 1]
    assert list(seen.groups["symbol"]) == [0, 1]
    assert len(trades.where(trades.result > 0)) == 2


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "up to an hour"),
        (3_600, "up to an hour"),
        (3_601, "up to a day"),
        (7 * 86_400, "up to a week"),
        (7 * 86_400 + 1, "up to a month"),
        (400 * 86_400, "for longer"),
    ],
)
def test_how_long_a_trade_was_held_in_words(seconds, words):
    assert held_for(seconds) == words
