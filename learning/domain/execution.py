"""What execution cost: each fill against the mid when it was decided (Perold 1988; docs/learning.md).

Positive is a cost. `price improvement left` is the same thing said of a limit order: what was paid beyond the mid.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from learning.domain.figures import Figure, Interval, Reason, Unit
from learning.domain.resampling import mean_interval
from learning.domain.trades import Flags, Floats, Ints

INTERVAL_FROM = 10
QUANTILES_FROM = 20
_LEAST = 1e-9  # below it a risk, a premium or a spread is none


class Stage(StrEnum):
    ENTRY = "entry"
    EXIT = "exit"


@dataclass(frozen=True, slots=True)
class Fills:
    """A row per fill (of a structure: its net price). Unknown is NaN.

    `side` is 1 for bought and -1 for sold; `bid` and `ask` are those at the decision; `limit` is the plan's;
    `risk` is the trade's at entry and `premium` its credit or debit, both money; `is_entry` tells entry from exit.
    """

    side: Floats
    price: Floats
    bid: Floats
    ask: Floats
    quantity: Floats
    multiplier: Floats
    risk: Floats
    premium: Floats
    limit: Floats
    is_entry: Flags
    week: Ints

    @property
    def mid(self) -> Floats:
        """NaN where a side is missing or bid and ask are crossed."""
        sound = (self.bid <= self.ask) & np.isfinite(self.bid) & np.isfinite(self.ask)
        return np.asarray(np.where(sound, (self.bid + self.ask) / 2, np.nan))

    @property
    def width(self) -> Floats:
        return np.asarray(np.where(np.isfinite(self.mid), self.ask - self.bid, np.nan))

    def __len__(self) -> int:
        return len(self.side)


@dataclass(frozen=True, slots=True)
class Shortfall:
    """Columns, NaN where not known. `spread_share`: 0 at the mid, 0.5 where the whole half spread was paid.

    `against_limit` is money against the plan's limit, and needs no quote.
    """

    money: Floats
    r: Floats
    premium_share: Floats
    spread_share: Floats
    against_limit: Floats


def shortfall(fills: Fills) -> Shortfall:
    """side x (fill - mid) x quantity x multiplier, and what share that is of the risk and of the premium."""
    size = np.abs(fills.quantity) * fills.multiplier
    worse = fills.side * (fills.price - fills.mid)
    money = worse * size
    return Shortfall(
        money,
        _over(money, fills.risk),
        _over(money, np.abs(fills.premium)),
        _over(worse, fills.width),
        fills.side * (fills.price - fills.limit) * size,
    )


def _over(amounts: Floats, base: Floats) -> Floats:
    sound = np.isfinite(base) & (base > _LEAST)
    return np.asarray(np.where(sound, amounts / np.where(sound, base, 1.0), np.nan))


def execution_figures(fills: Fills, rng: np.random.Generator) -> dict[str, Figure]:
    """Means with intervals over weeks, and the distribution in R, of entries, of exits and of both.

    Where no quote was known at the decision, the figure says no_quote; where no risk was, risk_missing.
    """
    told = shortfall(fills)
    quoted = np.isfinite(told.money)
    out = {"quoted": Figure(float(np.count_nonzero(quoted)), len(fills), Unit.COUNT)}
    stages = {
        "": np.ones(len(fills), dtype=bool),
        "entry_": fills.is_entry,
        "exit_": ~fills.is_entry,
    }
    for prefix, rows in stages.items():
        out[f"{prefix}money"] = _mean(told.money, rows, quoted, fills.week, Unit.MONEY, rng)
        out[f"{prefix}r"] = _mean(told.r, rows, quoted, fills.week, Unit.R, rng)
        out[f"{prefix}premium_share"] = _mean(
            told.premium_share, rows, quoted, fills.week, Unit.FRACTION, rng
        )
        out[f"{prefix}spread_share"] = _mean(
            told.spread_share, rows, quoted, fills.week, Unit.FRACTION, rng
        )
    everything = stages[""]
    out["against_limit"] = _mean(
        told.against_limit, everything, everything, fills.week, Unit.MONEY, rng
    )
    r = told.r[np.isfinite(told.r)]
    for share in (10, 50, 90):
        out[f"r_{share}"] = (
            Figure(float(np.quantile(r, share / 100)), len(r), Unit.R)
            if len(r) >= QUANTILES_FROM
            else Figure.absent(Reason.TOO_FEW, len(r), Unit.R, least=QUANTILES_FROM)
        )
    return out


def usual_slippage(fills: Fills) -> Figure:
    """The median cost of an entry and that of an exit together, in R, at least 0; n counts what was quoted.

    An exit of which no quote is known is taken to cost what an entry does.
    """
    r = shortfall(fills).r
    entries, exits = (r[np.isfinite(r) & rows] for rows in (fills.is_entry, ~fills.is_entry))
    n = len(entries) + len(exits)
    if len(entries) < QUANTILES_FROM:
        return Figure.absent(Reason.TOO_FEW, n, Unit.R, least=QUANTILES_FROM)
    entry = float(np.median(entries))
    leaving = float(np.median(exits)) if len(exits) >= QUANTILES_FROM else entry
    return Figure(max(0.0, entry + leaving), n, Unit.R)


def _mean(
    amounts: Floats, rows: Flags, quoted: Flags, week: Ints, unit: Unit, rng: np.random.Generator
) -> Figure:
    known = rows & np.isfinite(amounts)
    n = int(np.count_nonzero(known))
    if not n:
        if not np.any(rows):
            return Figure.absent(Reason.NO_TRADES, 0, unit)
        has_quote = np.any(rows & quoted) and unit is Unit.R
        return Figure.absent(Reason.RISK_MISSING if has_quote else Reason.NO_QUOTE, 0, unit)
    ci: Interval | None = None
    if n >= INTERVAL_FROM:
        ci = mean_interval(amounts[known], week[known], rng)
    return Figure(float(amounts[known].mean()), n, unit, ci)


@dataclass(frozen=True, slots=True)
class Group:
    """Fills of one kind: their mean shortfall in R as it is, and drawn to the mean of all as far as luck explains."""

    code: int
    raw: Figure
    shrunk: Figure


def by_group(fills: Fills, codes: Ints, rng: np.random.Generator) -> tuple[Group, ...]:
    """By symbol, hour, order type or band of the spread; -1 is unknown and left out.

    Shrunk by the method of moments (DerSimonian, Laird 1986), with one variance within for all groups.
    """
    r = shortfall(fills).r
    known = np.isfinite(r) & (codes >= 0)
    if not np.any(known):
        return ()
    r, kinds, week = r[known], codes[known], fills.week[known]
    groups, place = np.unique(kinds, return_inverse=True)
    n = np.bincount(place)
    means = np.bincount(place, weights=r) / n
    shrunk = _shrink(means, n, r, place)
    out = []
    for position, code in enumerate(groups):
        rows = place == position
        size = int(n[position])
        ci = mean_interval(r[rows], week[rows], rng) if size >= INTERVAL_FROM else None
        raw = Figure(float(means[position]), size, Unit.R, ci)
        out.append(Group(int(code), raw, Figure(float(shrunk[position]), size, Unit.R)))
    return tuple(out)


def _shrink(means: Floats, n: Ints, r: Floats, place: Ints) -> Floats:
    spare = len(r) - len(means)
    if spare < 1 or len(means) < 2:
        return np.full(len(means), r.mean())
    within = float(np.sum((r - means[place]) ** 2)) / spare
    if within <= 0:
        return means
    weights = n / within
    centre = np.average(means, weights=weights)
    excess = float(np.sum(weights * (means - centre) ** 2)) - (len(means) - 1)
    scale = float(weights.sum() - np.sum(weights**2) / weights.sum())
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    if between == 0:
        return np.full(len(means), centre)
    middle = np.average(means, weights=1 / (between + 1 / weights))
    keep = between / (between + 1 / weights)
    return np.asarray(middle + keep * (means - middle))


def spread_bands(fills: Fills) -> Ints:
    """0, 1, 2 for narrow, middling and wide spreads, as shares of the mid, by the account's own thirds; -1 unknown."""
    share = _over(fills.width, np.abs(fills.mid))
    known = np.isfinite(share)
    if not np.any(known):
        return np.full(len(fills), -1, dtype=np.int64)
    edges = np.quantile(share[known], [1 / 3, 2 / 3])
    return np.where(known, np.searchsorted(edges, share, side="left"), -1).astype(np.int64)
