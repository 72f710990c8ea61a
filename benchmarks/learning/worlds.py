"""What every invented world needs: its own random numbers, and how often it is lived through."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

import numpy as np


@dataclass(frozen=True, slots=True)
class Effort:
    """`share` of the repetitions that a benchmark names: 1 in `make bench-learning`, less in the tests. `is_full`: also
    what takes an hour."""

    share: float = 1.0
    is_full: bool = False

    def repetitions(self, full: int, least: int = 20) -> int:
        return max(least, round(full * self.share))


def generator(*names: object) -> np.random.Generator:
    """Random numbers that depend on the names alone: the same in every process and on every day."""
    told = "/".join(map(str, names)).encode()
    return np.random.default_rng(int.from_bytes(blake2b(told, digest_size=8).digest()))


def premium_spreads(rng: np.random.Generator, wins: np.ndarray) -> np.ndarray:
    """R of credit spreads: a win keeps 0.15 to 0.50 R, a loss costs 0.20 to 1 R; break-even is at 64.9 % wins."""
    won = rng.uniform(0.15, 0.50, wins.shape)
    lost = rng.uniform(0.20, 1.00, wins.shape)
    return np.where(wins, won, -lost)


def short_strangles(rng: np.random.Generator, wins: np.ndarray) -> np.ndarray:
    """R of sold strangles: a win keeps 0.10 to 0.30 R, a loss costs 0.5 to 3 R. Usually 92 % are won."""
    return np.where(wins, rng.uniform(0.10, 0.30, wins.shape), -rng.uniform(0.5, 3.0, wins.shape))


def long_premium(rng: np.random.Generator, wins: np.ndarray) -> np.ndarray:
    """R of bought options: a win brings 2 R on average, a loss costs 0.3 to 1 R. Usually 30 % are won."""
    return np.where(
        wins, 0.2 + rng.exponential(1.8, wins.shape), -rng.uniform(0.3, 1.0, wins.shape)
    )
