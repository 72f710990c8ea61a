"""The ten trades of the specification's example, as its averages leave them."""

import numpy as np

from learning.domain.trades import Trades

DAY = 86_400


def trades_of(rows, words) -> Trades:
    """Rows of (symbol, result, pnl, iv_rank, dte, close reason)."""
    n = len(rows)
    names = {name: {word: code for code, word in enumerate(known)} for name, known in words.items()}
    column = list(zip(*rows, strict=True)) if rows else [()] * 6
    times = np.arange(n, dtype=np.int64) * DAY
    return Trades(
        key=np.arange(n),
        opened=times,
        closed=times + DAY,
        known_at=times + DAY,
        pnl=np.array(column[2], float),
        r=np.array(column[2], float) / 1_000,
        result=np.array(column[1], np.int64),
        week=times // (7 * DAY),
        groups={
            "symbol": np.array([names["symbol"][one] for one in column[0]], np.int64),
            "close_reason": np.array(
                [names["close_reason"].get(one, -1) for one in column[5]], np.int64
            ),
        },
        words=words,
        features={"iv_rank": np.array(column[3], float), "dte": np.array(column[4], float)},
    )


WORDS = {
    "symbol": ("IWM", "NVDA", "QQQ", "SPY"),
    "close_reason": ("50% profit rule", "Stop loss"),
}
HALF, STOP = "50% profit rule", "Stop loss"
TEN_TRADES = trades_of(
    [
        ("SPY", 1, 500, 68.0, 45, HALF),
        ("SPY", 1, 520, 70.0, 46, HALF),
        ("SPY", 1, 1320, 62.0, 44, ""),
        ("SPY", -1, -260, 42.0, 36, STOP),
        ("QQQ", 1, 500, 65.0, 45, HALF),
        ("QQQ", 1, 955, 64.0, 47, ""),
        ("QQQ", -1, -300, 43.0, 34, STOP),
        ("NVDA", 1, 520, 66.0, 43, HALF),
        ("NVDA", -1, -280, 41.3, 35, STOP),
        ("IWM", 1, 335, 62.1, 45, HALF),
    ],
    WORDS,
)
