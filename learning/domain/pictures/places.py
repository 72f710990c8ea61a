"""Where groups stand between winning often and winning much."""

from __future__ import annotations

from typing import Any

import numpy as np

from learning.domain.trades import Trades

LEAST = 10


def places(trades: Trades, group: str, least: int = LEAST) -> list[dict[str, Any]]:
    """Per word of a group with `least` trades with R and at least one winner and one loser: its win rate, its payoff
    W̄/L̄ and its mean R. Above payoff = (1 − p)/p a mean is above nothing. The largest first.
    """
    codes, words = trades.groups.get(group), trades.words.get(group, ())
    if codes is None:
        return []
    found = []
    for code, word in enumerate(words):
        r = trades.r[(codes == code) & np.isfinite(trades.r)]
        won, lost = r[r > 0], r[r < 0]
        if len(r) < least or not len(won) or not len(lost):
            continue
        found.append(
            {
                "word": word,
                "n": len(r),
                "rate": round(len(won) / (len(won) + len(lost)), 4),
                "payoff": round(float(won.mean() / -lost.mean()), 4),
                "mean": round(float(r.mean()), 4),
            }
        )
    return sorted(found, key=lambda one: (-one["n"], one["word"]))
