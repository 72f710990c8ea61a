"""Ridge logistic regression by Newton's method, as scikit-learn's `LogisticRegression(C=c)` fits it (a test holds them
together): a walk forward makes fifty fits of a few hundred rows, where the library's checks take most of the time."""

from __future__ import annotations

import numpy as np
from scipy.linalg.lapack import dposv
from scipy.special import expit

from learning.domain.trades import Floats

_STEPS = 60


def fit_logistic(
    x: Floats, won: Floats, c: float, begin: Floats | None = None
) -> tuple[Floats, float]:
    """Minimises ½ |w|² + c Σ log-loss over weights and intercept; the intercept is not shrunk. Returns both.

    `begin` is where to start from: weights of a neighbouring fit, the intercept last.
    """
    design = np.column_stack([x, np.ones(len(x))])
    ridge = np.append(np.full(x.shape[1], 1 / c), 0.0)
    if begin is None:
        rate = (won.sum() + 0.5) / (len(won) + 1)
        begin = np.append(np.zeros(x.shape[1]), np.log(rate / (1 - rate)))
    weights = begin
    diagonal = np.diag(ridge + 1e-10)
    cost = _cost(design, won, weights, ridge)
    for _ in range(_STEPS):
        p = expit(design @ weights)
        slope = design.T @ (p - won) + ridge * weights
        bend = (design * (p * (1 - p))[:, None]).T @ design + diagonal
        _, step, fault = dposv(bend, slope)
        if fault:
            raise np.linalg.LinAlgError("the curvature is not positive")
        share = 1.0
        while (new := _cost(design, won, weights - share * step, ridge)) > cost and share > 1e-6:
            share /= 2
        weights = weights - share * step
        if cost - new <= 1e-12 * (1 + abs(cost)):
            break
        cost = new
    return weights[:-1], float(weights[-1])


def _cost(design: Floats, won: Floats, weights: Floats, ridge: Floats) -> float:
    z = design @ weights
    losses = np.maximum(z, 0) - z * won + np.log1p(np.exp(-np.abs(z)))
    return float(losses.sum() + 0.5 * np.sum(ridge * weights**2))
