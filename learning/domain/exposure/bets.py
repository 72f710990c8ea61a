"""How many bets the open positions really are: correlations shrunk by Ledoit and Wolf, and the effective number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.covariance import LedoitWolf

from learning.domain.figures import Figure, Reason, Unit
from learning.domain.trades import Floats

LEAST = 20


@dataclass(frozen=True, slots=True)
class Correlations:
    """`matrix` in the order of the columns given, from `n` common days; `shrinkage` is 0 for none, 1 for all."""

    matrix: Floats
    volatility: Floats
    n: int
    shrinkage: float


def correlations(returns: Floats) -> Correlations | Figure:
    """Of daily returns, a column per underlying; days that any lacks are left out. A Figure with its reason where fewer
    than 20 days are common or a column never moves (Ledoit, Wolf 2004, by scikit-learn, on standardised columns)."""
    rows = returns[np.isfinite(returns).all(axis=1)] if returns.size else returns
    n = len(rows)
    if n < LEAST or returns.shape[1] == 0:
        return Figure.absent(Reason.TOO_FEW, n, Unit.RATIO, least=LEAST)
    spread = rows.std(axis=0, ddof=1)
    if np.any(spread <= 8 * np.finfo(float).eps * np.abs(rows).max(axis=0) * np.sqrt(n)):
        return Figure.absent(Reason.ZERO_VARIANCE, n, Unit.RATIO)
    fitted = LedoitWolf().fit((rows - rows.mean(axis=0)) / spread)
    root = np.sqrt(np.diag(fitted.covariance_))
    matrix = fitted.covariance_ / np.outer(root, root)
    np.fill_diagonal(matrix, 1.0)
    return Correlations(matrix, spread, n, float(fitted.shrinkage_))


def effective_bets(risks: Floats, matrix: Floats) -> Figure:
    """(Σ|x|)² / x'Cx of standalone risks x, signed, under the correlations C: the diversification ratio squared
    (Choueifaty, Coignard 2008), which is 1/Σw² of the shares where nothing is correlated, and 1 where all is one.

    At most the number of positions: what offsets each other is a hedge and no further bet.
    """
    n = int(np.count_nonzero(risks))
    if n == 0:
        return Figure.absent(Reason.NO_TRADES, 0, Unit.COUNT)
    alone = float(np.abs(risks).sum())
    together = float(risks @ matrix @ risks)
    if together <= 1e-12 * alone**2:
        return Figure.absent(Reason.ZERO_VARIANCE, n, Unit.COUNT)
    return Figure(float(np.clip(alone**2 / together, 1.0, n)), n, Unit.COUNT)


def portfolio_deviation(risks: Floats, matrix: Floats) -> Figure:
    """√(x'Cx): one standard deviation of all positions together, in the unit of `risks`."""
    n = int(np.count_nonzero(risks))
    return Figure(float(np.sqrt(max(0.0, float(risks @ matrix @ risks)))), n, Unit.MONEY)
