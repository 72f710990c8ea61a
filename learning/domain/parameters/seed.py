"""The simple rules that the specification asks for, exactly: they can be chosen, and are always shown beside.

Below 50 % wins raise the floor under the IV rank by ten, from 70 % lower it by ten ("Excellent win rate (70%)" is the
specification's own case at exactly 70 %); a symbol with two trades or more is judged by its win rate. Where the
winners' IV rank is ten or more above the losers', the floor goes to theirs, rounded down to ten, as in its example.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from learning.domain.trades import Flags, Floats, Trades

POOR, EXCELLENT = 0.50, 0.70
STEP = 10.0
TELLING_GAP = 10.0
LEAST_OF_SYMBOL = 2
FAVOURED = 0.60


@dataclass(frozen=True, slots=True)
class Contrast:
    """The mean of a feature over winners and over losers; None where there are none with it."""

    winners: float | None
    losers: float | None


@dataclass(frozen=True, slots=True)
class Record:
    """One symbol's, strategy's or close reason's trades: `win_rate` from 0 to 1, `average` in money."""

    name: str
    trades: int
    win_rate: float
    average: float


@dataclass(frozen=True, slots=True)
class SeedRule:
    """What the simple rules see and would set. `effective` holds only what they would change or aim at.

    `recommendations` are (code, sentence) in the specification's words.
    """

    trades: int
    win_rate: float | None
    iv_rank: Contrast
    dte: Contrast
    symbols: tuple[Record, ...]
    close_reasons: tuple[Record, ...]
    strategies: tuple[Record, ...]
    effective: Mapping[str, float]
    blacklist: tuple[str, ...]
    favoured: tuple[str, ...]
    recommendations: tuple[tuple[str, str], ...]


def win_rate_step(floor: float, win_rate: float) -> float:
    """The floor under the IV rank after the rule of the win rate, kept within 0 and 100."""
    step = STEP if win_rate < POOR else -STEP if win_rate >= EXCELLENT else 0.0
    return min(100.0, max(0.0, floor + step))


def seed_rule(trades: Trades, settings: Mapping[str, float]) -> SeedRule:
    """The simple rules on closed trades, from the settings that stand.

    Reads the features iv_rank and dte, and the groups symbol, strategy and close_reason.
    """
    wins = trades.result > 0
    rate = float(wins.mean()) if len(trades) else None
    iv_rank, dte = contrast(trades, "iv_rank"), contrast(trades, "dte")
    symbols = records(trades, "symbol", LEAST_OF_SYMBOL)
    favoured = tuple(one.name for one in symbols if one.win_rate >= FAVOURED and one.average > 0)
    blacklist = tuple(one.name for one in symbols if one.win_rate < POOR)
    reasons = records(trades, "close_reason", 1)
    found = SeedRule(
        trades=len(trades),
        win_rate=rate,
        iv_rank=iv_rank,
        dte=dte,
        symbols=symbols,
        close_reasons=reasons,
        strategies=records(trades, "strategy", 1),
        effective=effective(rate, iv_rank, dte, settings),
        blacklist=blacklist,
        favoured=favoured,
        recommendations=(),
    )
    sentences = recommendations(found, settings)
    return SeedRule(
        **{
            **{name: getattr(found, name) for name in SeedRule.__slots__},
            "recommendations": sentences,
        }
    )


def contrast(trades: Trades, feature: str) -> Contrast:
    numbers = trades.features.get(feature)
    if numbers is None:
        return Contrast(None, None)
    return Contrast(mean_of(numbers, trades.result > 0), mean_of(numbers, trades.result < 0))


def mean_of(numbers: Floats, rows: Flags) -> float | None:
    known = numbers[rows & np.isfinite(numbers)]
    return float(known.mean()) if len(known) else None


def records(trades: Trades, group: str, least: int) -> tuple[Record, ...]:
    """Every value of a group with at least `least` trades: most trades first, then by name."""
    codes = trades.groups.get(group)
    if codes is None:
        return ()
    found = []
    for code, word in enumerate(trades.words[group]):
        rows = codes == code
        if (count := int(rows.sum())) >= max(least, 1):
            wins = float((trades.result[rows] > 0).mean())
            found.append(Record(word, count, wins, float(trades.pnl[rows].mean())))
    return tuple(sorted(found, key=lambda one: (-one.trades, one.name)))


def learned_floor(iv_rank: Contrast) -> float | None:
    """Where the winners' IV rank puts the floor; None unless it is far enough above the losers'."""
    if (
        iv_rank.winners is None
        or iv_rank.losers is None
        or iv_rank.winners - iv_rank.losers < TELLING_GAP
    ):
        return None
    return float(iv_rank.winners // STEP * STEP)


def effective(
    win_rate: float | None, iv_rank: Contrast, dte: Contrast, settings: Mapping[str, float]
) -> dict[str, float]:
    """What it would be set to: the floor by the winners' IV rank, else by the win rate; DTE by the winners'."""
    told = dict[str, float]()
    floor = learned_floor(iv_rank)
    if floor is not None and floor > settings["iv_rank_min"]:
        told["iv_rank_min"] = floor
    elif win_rate is not None:
        told["iv_rank_min"] = win_rate_step(settings["iv_rank_min"], win_rate)
    if dte.winners is not None:
        told["target_dte"] = float(round(dte.winners))
    return told


def recommendations(rule: SeedRule, settings: Mapping[str, float]) -> tuple[tuple[str, str], ...]:
    """The specification's sentences for what was seen."""
    told: list[tuple[str, str]] = []
    floor = learned_floor(rule.iv_rank)
    if floor is not None and floor > settings["iv_rank_min"]:
        told.append(("iv_rank", f"Increase min_iv_rank threshold to {floor:.0f}%"))
    if rule.win_rate is not None and rule.win_rate < POOR:
        raised = win_rate_step(settings["iv_rank_min"], rule.win_rate)
        told.append(
            (
                "poor",
                f"Low win rate ({rule.win_rate:.0%}) - Consider: increase min_iv_rank to {raised:.0f}%",
            )
        )
    elif rule.win_rate is not None and rule.win_rate >= EXCELLENT:
        lowered = win_rate_step(settings["iv_rank_min"], rule.win_rate)
        sentence = f"Excellent win rate ({rule.win_rate:.0%}) - Consider: lower min_iv_rank to {lowered:.0f}%"
        told.append(("excellent", f"{sentence} (find more opportunities)"))
    if rule.favoured:
        told.append(("favour", f"Focus on {_listed(rule.favoured)} (proven winners)"))
    if rule.blacklist:
        told.append(("blacklist", f"Avoid {_listed(rule.blacklist)} (underperforming)"))
    best = max(rule.close_reasons, key=lambda one: (one.average, one.trades), default=None)
    if best is not None and best.average > 0:
        told.append(("close_reason", f"Continue following {best.name}"))
    return tuple(told)


def _listed(symbols: Sequence[str]) -> str:
    *first, last = symbols
    return f"{', '.join(first)} and {last}" if first else last
