"""All that is said of what is open in one currency: Greeks, stress, correlated bets, concentration, as JSON."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from learning.domain.exposure.bets import (
    Correlations,
    correlations,
    effective_bets,
    portfolio_deviation,
)
from learning.domain.exposure.daily import SESSIONS, Daily, columns
from learning.domain.exposure.portfolio import Holding, by_bucket, delta_money, portfolio_greeks
from learning.domain.exposure.stress import Concentration, concentration, stress
from learning.domain.figures import Figure, Reason, Unit

NAMES_MOST = 30
"""So many underlyings have a place in the matrix: those of the largest delta."""

Bucket = Callable[[Holding], str | None]
BUCKETS: dict[str, Bucket] = {
    "underlying": lambda one: one.underlying,
    "expiry": lambda one: one.expiry,
    "sector": lambda one: one.sector,
}


def read_exposure(
    holdings: Sequence[Holding], daily: Daily, index_price: float | None
) -> dict[str, Any]:
    """`daily` has the returns of underlyings where bars of them are kept; money is in one currency."""
    return {
        "figures": _json(portfolio_greeks(holdings, index_price)),
        "buckets": {name: _buckets(holdings, bucket) for name, bucket in BUCKETS.items()},
        "stress": [
            {
                "sigmas": one.scenario.sigmas, "points": one.scenario.points, "days": one.scenario.days,
                "change": one.change.as_json(), "unknown": one.unknown,
            }
            for one in stress(holdings)
        ],
        "concentration": {name: _concentration(holdings, bucket) for name, bucket in BUCKETS.items()},
        "bets": _bets(holdings, daily),
    }  # fmt: skip


def _json(figures: dict[str, Figure]) -> dict[str, Any]:
    return {name: figure.as_json() for name, figure in figures.items()}


def _buckets(holdings: Sequence[Holding], bucket: Bucket) -> list[dict[str, Any]]:
    """The largest delta first, what is unknown last."""
    found = by_bucket(holdings, bucket)

    def size(name: str | None) -> tuple[float, str]:
        delta = found[name]["delta"].value if "delta" in found[name] else None
        return (0.0 if delta is None else -abs(delta)), name or ""

    return [
        {"name": name, "figures": _json(found[name])}
        for name in sorted(found, key=lambda one: (one is None, *size(one)))
    ]


def _concentration(holdings: Sequence[Holding], bucket: Bucket) -> dict[str, Any]:
    told = concentration(holdings, bucket)
    if isinstance(told, Concentration):
        shares = sorted(told.shares.items(), key=lambda one: (-one[1], one[0] or ""))
        return {
            "largest": told.bucket,
            "share": told.share.as_json(),
            "equal_to": told.equal_to.as_json(),
            "shares": [{"name": name, "share": share} for name, share in shares],
        }
    return {"largest": None, "share": told.as_json(), "equal_to": told.as_json(), "shares": []}


def _bets(holdings: Sequence[Holding], daily: Daily) -> dict[str, Any]:
    """One deviation of a day per underlying, in money, and how far they are one and the same bet."""
    risks = _risks(holdings)
    missing = sorted({one.underlying for one in holdings} - set(risks))
    ranked = sorted(risks, key=lambda name: (-abs(risks[name]), name))
    names = [name for name in ranked if name in daily.names][:NAMES_MOST]
    told: dict[str, Any] = {
        "names": names,
        "missing": missing,
        "without_bars": len(risks) - len(names),
    }
    found = correlations(columns(daily, names)) if names else None
    if not isinstance(found, Correlations):
        why = found or Figure.absent(
            Reason.NO_QUOTE if holdings else Reason.NO_TRADES, 0, Unit.COUNT
        )
        return {**told, "why": why.as_json(), "matrix": [], "risks": []}
    own = np.array([risks[name] for name in names])
    return {
        **told,
        "why": None,
        "days": found.n,
        "shrinkage": found.shrinkage,
        "matrix": np.round(found.matrix, 4).tolist(),
        "risks": own.tolist(),
        "effective": effective_bets(own, found.matrix).as_json(),
        "deviation": portfolio_deviation(own, found.matrix).as_json(),
        "alone": float(np.abs(own).sum()),
    }


def _risks(holdings: Sequence[Holding]) -> dict[str, float]:
    """By underlying: delta in money times one deviation of a day, signed; without those of which either is unknown."""
    sums: dict[str, float] = {}
    unknown = set()
    for one in holdings:
        money = delta_money(one)
        if money is None or one.volatility is None:
            unknown.add(one.underlying)
        else:
            daily = one.volatility / float(np.sqrt(SESSIONS))
            sums[one.underlying] = sums.get(one.underlying, 0.0) + money * daily
    return {name: risk for name, risk in sums.items() if name not in unknown}
